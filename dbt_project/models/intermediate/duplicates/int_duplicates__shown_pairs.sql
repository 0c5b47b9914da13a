{#-
    Pairs that a person should know of, with what speaks for and against, in words. No tax id: it
    tells, and stays here.
-#}
{%- set shown_from = -3 -%}
with verdicts as (
    select * from {{ ref('int_duplicates__verdicts') }}
),

records as (
    select * from {{ ref('int_duplicates__records') }}
),

traits as (
    select * from {{ ref('int_duplicates__traits') }}
),

comparisons as (
    select
        left_key,
        right_key,
        comparisons.name,
        comparisons.area,
        likenesses.street,
        likenesses.phone,
        likenesses.mail
    from {{ ref('int_duplicates__comparisons') }} as comparisons
    inner join {{ ref('int_duplicates__likenesses') }} as likenesses using (left_key, right_key)
),

decisions as (
    {{ decided_duplicates() }}
),

known_links as (
    select
        least(customer_key, account_key) as left_key,
        greatest(customer_key, account_key) as right_key,
        link_kind
    from (
        select
            'quickbooks:' || entity || ':' || customer_id as customer_key,
            crm_system || ':' || crm_entity || ':' || crm_account_id as account_key,
            link_kind
        from {{ ref('int_matching__customer_accounts') }}
    ) as customer_accounts
),

shown as (
    select
        verdicts.*,
        lefts.system as left_system,
        lefts.entity as left_entity,
        lefts.record_id as left_id,
        lefts.name as left_name,
        rights.system as right_system,
        rights.entity as right_entity,
        rights.record_id as right_id,
        rights.name as right_name,
        lower(trim(lefts.legal_name)) as left_legal_name,
        lower(trim(rights.legal_name)) as right_legal_name
    from verdicts
    inner join records as lefts on verdicts.left_key = lefts.record_key
    inner join records as rights on verdicts.right_key = rights.record_key
    where
        lefts.is_active
        and rights.is_active
        and case verdicts.verdict
            when 'different'
                then
                    lefts.system = rights.system
                    and lefts.entity = rights.entity
                    and (verdicts.rule = 'decided' or verdicts.score > {{ shown_from }})
            when 'review' then lefts.system = rights.system and lefts.entity = rights.entity
            else true
        end
),

told as (
    select
        shown.*,
        [
            case
                when decisions.decision is not null
                    then
                        decisions.decided_by || ' decided that they are '
                        || if(decisions.decision = 'same', 'one', 'two') || ': ' || decisions.why
            end,
            case known_links.link_kind
                when 'stored_id' then 'the account stores the customer''s id'
                when 'marker' then 'the customer was made from the account'
                when 'equal_name' then 'only these two have this name'
            end,
            case shown.rule
                when 'parent' then 'one belongs to the other'
                when 'siblings' then 'both belong to one parent, each with a name of its own'
                when 'other_number' then 'the numbers in their names differ'
                when 'other_place' then 'they are in different places'
                when 'same_tax_id' then 'same tax id'
                when 'other_tax_id' then 'tax ids differ'
            end,
            case
                when lower(trim(shown.left_name)) = lower(trim(shown.right_name)) then 'same name'
                when lefts.name_words = rights.name_words
                    then 'names differ only by legal form, spelling or order'
                when shown.left_legal_name = shown.right_legal_name then 'same legal name'
                when
                    shown.left_legal_name = lower(trim(shown.right_name))
                    or shown.right_legal_name = lower(trim(shown.left_name))
                    then 'the name of one is the legal name of the other'
                when comparisons.name >= 5 then 'similar names'
                when comparisons.name > 0 then 'names have something in common'
                when comparisons.name = 0 then 'names have nothing in common'
            end,
            case
                when comparisons.phone = 3 then 'same phone'
                when comparisons.phone = 0 then 'other phone'
            end,
            case
                when comparisons.mail = 2 then 'same mail address'
                when comparisons.mail = 1 then 'same domain'
                when comparisons.mail = 0 then 'other domain'
            end,
            case
                when comparisons.street >= 5 and coalesce(comparisons.area, 4) >= 3
                    then 'same address'
                when comparisons.street >= 5 then 'same street and number'
                when comparisons.street >= 2 then 'similar street'
                when comparisons.street is not null then 'other street'
            end,
            case
                when comparisons.street >= 5 and comparisons.area >= 3 then null
                when comparisons.area >= 3 then 'same place'
                when comparisons.area > 0 then 'similar place'
                when comparisons.area = 0 and coalesce(shown.rule, '') <> 'other_place'
                    then 'other place'
            end,
            if(
                shown.rule is null and comparisons.left_key is null,
                'both are one with a third record',
                null
            )
        ] as findings
    from shown
    inner join traits as lefts on shown.left_key = lefts.record_key
    inner join traits as rights on shown.right_key = rights.record_key
    left join comparisons using (left_key, right_key)
    left join decisions using (left_key, right_key)
    left join known_links using (left_key, right_key)
)

select
    left_key,
    right_key,
    left_system,
    left_entity,
    left_id,
    left_name,
    right_system,
    right_entity,
    right_id,
    right_name,
    score,
    rule,
    verdict,
    cluster_id,
    array_to_string(list_filter(findings, lambda finding: finding is not null), '; ') as reasons
from told
