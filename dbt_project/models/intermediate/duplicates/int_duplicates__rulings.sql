{#-
    What is known of two records whatever their likeness says, the first that holds: what a person
    decided, what the systems themselves say, and what tells different customers that look alike.
-#}
{#- Deeper than anybody nests, so that records in a ring do not name one another all. -#}
{%- set generations_max = 10 -%}
with recursive records as (
    select * from {{ ref('int_duplicates__records') }}
),

traits as (
    select * from {{ ref('int_duplicates__traits') }}
),

comparisons as (
    select * from {{ ref('int_duplicates__comparisons') }}
    where not has_nothing_telling
),

likenesses as (
    select * from {{ ref('int_duplicates__likenesses') }}
),

decisions as (
    {{ decided_duplicates() }}
),

known_links as (
    select
        least(customer_key, account_key) as left_key,
        greatest(customer_key, account_key) as right_key
    from (
        select
            'quickbooks:' || entity || ':' || customer_id as customer_key,
            crm_system || ':' || crm_entity || ':' || crm_account_id as account_key
        from {{ ref('int_matching__customer_accounts') }}
    ) as customer_accounts
),

families as (
    select
        record_key,
        parent_key as ancestor_key,
        1 as generation
    from records
    where parent_key is not null
    union all
    select
        families.record_key,
        records.parent_key as ancestor_key,
        families.generation + 1 as generation
    from families
    inner join records on families.ancestor_key = records.record_key
    where records.parent_key is not null and families.generation < {{ generations_max }}
),

children as (
    select
        record_key,
        parent_key
    from records
    where parent_key is not null
),

-- A number of the street is none of the name.
numbered as (
    select
        record_key,
        name_words,
        list_filter(
            name_words,
            lambda word: regexp_full_match(word, '\d+')
            and word <> coalesce(house_number, '')
            and not list_contains(street_words, word)
        ) as numbers
    from traits
    where regexp_matches(name_text, '\d')
),

taxed as (
    select
        record_key,
        {{ letters_of('name') }} as letters
    from records
    where tax_id is not null
),

compared as (
    select
        comparisons.left_key,
        comparisons.right_key,
        comparisons.name = 0 as has_other_name,
        comparisons.name >= 7 as has_same_words,
        not list_has_all(left_numbers.name_words, right_numbers.numbers)
        and not list_has_all(right_numbers.name_words, left_numbers.numbers) as has_other_number,
        left_children.parent_key = right_children.parent_key as has_same_parent,
        comparisons.tax_id = 2 as has_same_tax_id,
        likenesses.tax_id = 0 and left_taxed.letters <> right_taxed.letters as has_other_tax_id,
        coalesce(likenesses.phone = 3, false) or coalesce(likenesses.mail = 2, false)
            as has_same_contact,
        coalesce(likenesses.mail >= 1, false) as has_same_host,
        comparisons.area = 0 and coalesce(comparisons.street, 0) < 5 as is_in_another_place
    from comparisons
    inner join likenesses
        on
            comparisons.left_key = likenesses.left_key
            and comparisons.right_key = likenesses.right_key
    {% for side in ['left', 'right'] %}
        {% for what in ['numbers', 'children', 'taxed'] %}
            {% set source = 'numbered' if what == 'numbers' else what %}
            left join {{ source }} as {{ side }}_{{ what }}
                on comparisons.{{ side }}_key = {{ side }}_{{ what }}.record_key
        {% endfor %}
    {% endfor %}
),

told_apart as (
    select
        left_key,
        right_key,
        case
            when has_same_parent and not coalesce(has_same_words, false) then 'siblings'
            when has_other_number then 'other_number'
            when has_same_tax_id then 'same_tax_id'
            when not has_same_contact and is_in_another_place then 'other_place'
            when has_other_name and not has_same_host
                then if(has_same_contact, 'other_name_at_one_phone', 'other_name')
            when has_other_tax_id then 'other_tax_id'
        end as rule
    from compared
),

stated as (
    select
        left_key,
        right_key,
        if(decision = 'same', 'same', 'different') as ruling,
        'decided' as rule,
        1 as precedence
    from decisions
    union all
    select
        left_key,
        right_key,
        'same' as ruling,
        'known_link' as rule,
        2 as precedence
    from known_links
    union all
    select
        least(record_key, ancestor_key) as left_key,
        greatest(record_key, ancestor_key) as right_key,
        'different' as ruling,
        'parent' as rule,
        3 as precedence
    from families
    where record_key <> ancestor_key
),

rulings as (
    select stated.*
    from stated
    inner join records as lefts on stated.left_key = lefts.record_key
    inner join records as rights on stated.right_key = rights.record_key
    union all
    select
        left_key,
        right_key,
        case rule
            when 'same_tax_id' then 'same'
            when 'other_name_at_one_phone' then 'review'
            when 'other_tax_id' then 'review'
            else 'different'
        end as ruling,
        rule,
        4 as precedence
    from told_apart
    where rule is not null
)

select
    left_key,
    right_key,
    ruling,
    rule
from rulings
qualify row_number() over (partition by left_key, right_key order by precedence) = 1
