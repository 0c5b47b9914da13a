with units as (
    select * from {{ ref('int_billing__units') }}
    where customers_count = 0
),

pairs as (
    select * from {{ ref('int_duplicates__verdicts') }}
    where verdict <> 'different'
),

records as (
    select * from {{ ref('int_duplicates__records') }}
),

accounts_to_create as (
    select distinct
        units.entity,
        units.crm_entity,
        units.bill_to_account_id as crm_account_id,
        records.record_key,
        records.name
    from units
    inner join records
        on
            units.crm_system = records.system
            and units.crm_entity = records.entity
            and units.bill_to_account_id = records.record_id
),

pairs_both_ways as (
    select
        left_key as record_key,
        right_key as other_key
    from pairs
    union all
    select
        right_key as record_key,
        left_key as other_key
    from pairs
),

likely as (
    select
        accounts_to_create.*,
        pairs_both_ways.other_key
    from accounts_to_create
    inner join pairs_both_ways using (record_key)
    union
    -- QuickBooks takes no name twice, whoever bears it.
    select
        accounts_to_create.*,
        records.record_key as other_key
    from accounts_to_create
    inner join records
        on
            lower(trim(accounts_to_create.name)) = lower(trim(records.name))
            and accounts_to_create.record_key <> records.record_key
),

described as (
    select
        likely.entity,
        likely.crm_entity,
        likely.crm_account_id,
        case
            when records.system = 'quickbooks'
                then
                    'QuickBooks customer ' || records.name
                    || if(records.is_active, '', ' (inactive)')
            else 'account ' || records.name
        end as looks_like
    from likely
    inner join records on likely.other_key = records.record_key
    where records.system <> 'quickbooks' or likely.entity = records.entity
)

select
    entity,
    crm_entity,
    crm_account_id,
    string_agg(distinct looks_like, ', ' order by looks_like) as looks_like
from described
group by all
