{#-
    Which record of those that one system holds of one customer is best kept: the one that the other
    system names, then the one that most was sold to or that most deals belong to, then the oldest.
-#}
with clusters as (
    select * from {{ ref('int_duplicates__clusters') }}
),

records as (
    select * from {{ ref('int_duplicates__records') }}
    where is_active
),

customers as (
    select * from {{ ref('int_duplicates__customer_figures') }}
),

links as (
    select
        crm_system || ':' || crm_entity || ':' || crm_account_id as record_key,
        bool_or(link_kind <> 'equal_name') as is_tied
    from {{ ref('int_matching__customer_accounts') }}
    group by all
),

deals as (
    select
        crm_system || ':' || crm_entity || ':' || crm_account_id as record_key,
        count(*) as deals_count
    from {{ ref('int_crm__deals') }}
    where not is_deleted
    group by all
),

weighed as (
    select
        clusters.cluster_id,
        clusters.record_key,
        records.system,
        records.entity,
        records.record_id,
        records.created_at,
        coalesce(customers.crm_link_kind in ('stored_id', 'marker'), links.is_tied, false)
            as is_tied,
        coalesce(customers.sales_last_12_months_home, deals.deals_count, 0) as trade
    from clusters
    inner join records using (record_key)
    left join customers using (record_key)
    left join links using (record_key)
    left join deals using (record_key)
)

select
    cluster_id,
    record_key,
    system,
    entity,
    first_value(record_id) over (
        partition by cluster_id, system, entity
        order by is_tied desc, trade desc, created_at asc nulls last, record_key asc
    ) as survivor_id
from weighed
