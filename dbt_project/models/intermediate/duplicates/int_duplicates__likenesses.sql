{#-
    What only the texts of two records say: how alike each of their parts is, from nothing in common
    upwards; null is unsaid. Of names it is one number for each word of the left one, in the order of
    the alphabet: 1 if the right one has the word, 0.9 if it has one like it, else 0.
    A pair is kept for as long as neither of its records changes.
-#}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ drop_outdated_likenesses() }}",
) }}
with traits as (
    select * from {{ ref('int_duplicates__traits') }}
),

pairs as (
    select
        left_key,
        right_key
    from {{ ref('int_duplicates__pairs') }}
    {% if is_incremental() %}
        anti join {{ this }} using (left_key, right_key)
    {% endif %}
),

likenesses as (
    select
        pairs.left_key,
        pairs.right_key,
        l.content_hash as left_hash,
        r.content_hash as right_hash,
        {% for left_name in ['name', 'legal'] %}
            {% for right_name in ['name', 'legal'] %}
                {{ words_met('l.' ~ left_name ~ '_words', 'r.' ~ right_name ~ '_words') }}
                    as {{ left_name }}_in_{{ right_name }},
            {% endfor %}
        {% endfor %}
        l.name_text <> '' and l.name_text = r.name_text as has_same_letters,
        coalesce(l.initials = r.name_text or r.initials = l.name_text, false) as is_acronym,
        case
            when l.postal_code = r.postal_code then 2
            when {{ is_one_edit_away('l.postal_code', 'r.postal_code') }} then 1
            when l.postal_code <> r.postal_code then 0
        end as postal_code,
        case
            when l.city = r.city then 2
            when jaro_winkler_similarity(l.city, r.city) >= 0.9 then 1
            when l.city <> r.city then 0
        end as city,
        case
            when l.phone = r.phone then 3
            when
                length(l.phone) >= 9 and length(r.phone) >= 9
                and (ends_with(l.phone, r.phone) or ends_with(r.phone, l.phone))
                then 3
            when right(l.phone, 7) = right(r.phone, 7) then 2
            when {{ is_one_edit_away('right(l.phone, 9)', 'right(r.phone, 9)') }} then 1
            when l.phone <> r.phone then 0
        end as phone,
        case
            when l.tax_id = r.tax_id then 2
            when length(l.tax_id) >= 6 and {{ is_one_edit_away('l.tax_id', 'r.tax_id') }} then 1
            when l.tax_id <> r.tax_id then 0
        end as tax_id,
        case
            when l.mailbox = r.mailbox then 2
            when list_has_any(l.hosts, r.hosts) then 1
            when len(l.hosts) > 0 and len(r.hosts) > 0 then 0
            when len(l.hosts) = 0 and len(r.hosts) = 0 and l.mailbox <> r.mailbox then 0
        end as mail,
        l.house_number = r.house_number as has_same_house,
        levenshtein(coalesce(l.house_number, ''), coalesce(r.house_number, '')) <= 1
            as has_near_house,
        list_contains(l.street_words, 'pobox') <> list_contains(r.street_words, 'pobox')
            as has_only_one_box,
        list_sum({{ words_met('l.street_words', 'r.street_words') }}) as streets_met,
        greatest(len(l.street_words), len(r.street_words)) as streets_most,
        least(len(l.street_words), len(r.street_words)) as streets_least
    from pairs
    inner join traits as l on pairs.left_key = l.record_key
    inner join traits as r on pairs.right_key = r.record_key
)

select
    * exclude (
        has_same_house, has_near_house, has_only_one_box, streets_met, streets_most, streets_least
    ),
    case
        when coalesce(streets_least, 0) = 0 then null
        -- A post office box says nothing of the street.
        when has_only_one_box then null
        when has_same_house and streets_met >= 0.85 * streets_most then 6
        when has_same_house and streets_met >= 0.8 * streets_least then 5
        when has_same_house and streets_met >= 0.4 * streets_least then 4
        when streets_met >= 0.8 * streets_least and has_near_house then 3
        when streets_met >= 0.8 * streets_least then 2
        when has_same_house then 1
        else 0
    end as street
from likenesses
