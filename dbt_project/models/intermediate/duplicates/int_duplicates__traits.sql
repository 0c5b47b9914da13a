{#- What of a customer record is compared, in one spelling. -#}
{%- set names = ['name', 'legal_name'] -%}
{%- set compared = [
    'name_words', 'legal_words', 'name_text', 'initials', 'house_number', 'street_words', 'city',
    'postal_code', 'phone', 'tax_id', 'mailbox', 'hosts',
] -%}
with records as (
    select * from {{ ref('int_duplicates__records') }}
),

bare as (
    select
        * exclude (name, legal_name, street),
        regexp_replace(street, {{ door_pattern() }}, ' ', 'gi') as street,
    {% for name in names %}
        regexp_replace(
            if(
                city <> '' and ends_with(lower({{ name }}), ' - ' || lower(city)),
                left({{ name }}, -3 - length(city)),
                {{ name }}
            ),
            {{ notes_pattern() }}, '', 'i'
        ) as {{ name }}{{ ',' if not loop.last }}
    {% endfor %}
    from records
),

spelled as (
    select
        * exclude (name, legal_name, street, city),
        {% for name in names %}
            if(
                strlen({{ name }}) = length({{ name }}),
                {{ spelled(name) }},
                regexp_replace(
                    {{ spelled(name) }}, '{{ unspaced_legal_forms() | join('|') }}', '', 'g'
                )
            ) as {{ name }},
        {% endfor %}
        regexp_replace(
            {{ spelled('street') }},
            ' (?:p ?o|post(?:al)?(?: office)?) box ', ' pobox '
        ) as street,
        nullif(trim({{ spelled('city') }}), '') as city
    from bare
),

shortened as (
    select
        *,
        {% for name in names %}
            {{ without_words(name, legal_forms()) }} as {{ name }}_without_form,
        {% endfor %}
        {{ words_of('street') }} as all_street_words,
        {{ words_of(without_words(
            "regexp_replace(regexp_replace(street, ' (\d+)(?:st|nd|rd|th) ', ' \\1 ', 'g'),"
            ~ " '(\pL{3,})(?:strasse|str) ', '\\1 ', 'g')", street_forms()
        )) }} as street_words
    from spelled
),

written as (
    select
        * exclude (all_street_words),
        {% for name in names %}
            {%- set words = name ~ '_as_written' %}
            list_filter(
                string_split(
                    trim(if({{ name }}_without_form = ' ', {{ name }}, {{ name }}_without_form)),
                    ' '
                ),
                lambda word: word <> ''
            ) as {{ name }}_as_written,
        {% endfor %}
        list_filter(
            all_street_words, lambda word: regexp_matches(word, '^\d+[a-z]?$')
        )[1] as house_number
    from shortened
),

full_words as (
    select
        *,
    {% for name in names %}
        if(
            regexp_matches(
                {{ name }}_without_form, ' (?:{{ abbreviations().keys() | join('|') }}) '
            ),
            list_transform(
                {{ name }}_as_written,
                lambda word: coalesce(
                    {{ text_list(abbreviations().values() | list) }}[
                        list_position({{ text_list(abbreviations().keys() | list) }}, word)
                    ],
                    word
                )
            ),
            {{ name }}_as_written
        ) as {{ name }}_full{{ ',' if not loop.last }}
    {% endfor %}
    from written
),

reached as (
    select
        *,
        lower(regexp_extract(email, '[^\s,;<>"]+@[^\s,;<>"]+\.[^\s,;<>"]+')) as first_mailbox,
        regexp_extract(
            lower(website), '^\s*(?:https?://)?(?:www\.)?([^/:?\s@]+\.[^/:?\s@]+)', 1
        ) as site,
        ltrim(regexp_replace(
            regexp_replace(lower(phone), '\s*(?:ext|extension|x|durchwahl|#)\.?\s*\d+\s*$', ''),
            '\D', '', 'g'
        ), '0') as digits
    from full_words
),

traits as (
    select
        record_key,
        list_sort(list_distinct(name_full)) as name_words,
        nullif(list_sort(list_distinct(legal_name_full)), list_sort(list_distinct(name_full)))
            as legal_words,
        array_to_string(name_full, '') as name_text,
        if(
            len(name_full) > 2,
            array_to_string(list_transform(name_full, lambda word: left(word, 1)), ''),
            null
        ) as initials,
        house_number,
        street_words,
        city,
        nullif(left(regexp_replace(lower(postal_code), '[^\pL\pN]', '', 'g'), 5), '')
            as postal_code,
        if(
            length(digits) >= 7 and replace(right(digits, 7), right(digits, 1), '') <> '',
            digits,
            null
        ) as phone,
        nullif(regexp_replace(lower(tax_id), '[^\pL\pN]', '', 'g'), '') as tax_id,
        nullif(
            if(
                list_contains({{ text_list(role_mailboxes()) }}, split_part(first_mailbox, '@', 1)),
                '',
                first_mailbox
            ),
            ''
        ) as mailbox,
        list_filter(
            list_distinct([site, split_part(first_mailbox, '@', 2)]),
            lambda host: host <> '' and not list_contains({{ text_list(shared_hosts()) }}, host)
        ) as hosts
    from reached
)

select
    *,
    hash({{ compared | join(', ') }}) as content_hash
from traits
