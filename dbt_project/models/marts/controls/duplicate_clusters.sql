with pairs as (
    select * from {{ ref('int_duplicates__shown_pairs') }}
    where verdict = 'duplicate'
),

clusters as (
    select * from {{ ref('int_duplicates__clusters') }}
),

records as (
    select * from {{ ref('int_duplicates__records') }}
    where is_active
),

survivors as (
    select * from {{ ref('int_duplicates__survivors') }}
),

figures as (
    select * from {{ ref('int_duplicates__customer_figures') }}
),

members as (
    select
        clusters.cluster_id,
        records.system,
        records.entity,
        records.record_key,
        records.record_id,
        records.name,
        records.created_at,
        survivors.survivor_id
    from clusters
    inner join records using (record_key)
    inner join survivors using (record_key)
),

reasoned as (
    select
        cluster_id,
        left_system as system,
        left_entity as entity,
        case
            when count(*) = 1 then any_value(reasons)
            else
                string_agg(
                    left_name || ' (' || left_id || ') and ' || right_name || ' (' || right_id
                    || '): ' || reasons,
                    '. ' order by left_key, right_key
                )
        end as reasons
    from pairs
    group by all
),

described as (
    select
        cluster_id,
        system,
        entity,
        count(*) as records_count,
        string_agg(name, ', ' order by name, record_id) as names,
        first(record_id order by created_at nulls last, record_key) as oldest_id,
        any_value(survivor_id) as survivor_id,
        any_value(name) filter (where record_id = survivor_id) as survivor_name
    from members
    group by all
),

customers_joined as (
    select
        members.cluster_id,
        members.system,
        members.entity,
        sum(figures.charges_home) as charges_home,
        sum(figures.overdue_home) as overdue_home,
        sum(figures.sales_last_12_months_home) as sales_last_12_months_home,
        max(figures.credit_limit_home) as credit_limit_home,
        sum(figures.charges_home - figures.credits_home) as balance_home,
        max(figures.charges_home - figures.credits_home) as largest_balance_home,
        string_agg(
            distinct figures.terms_name, ', ' order by figures.terms_name
        ) as terms,
        count(distinct figures.terms_name) > 1 as has_differing_terms,
        count(distinct figures.is_taxable) > 1 as has_differing_tax_status
    from members
    inner join figures using (record_key)
    group by members.cluster_id, members.system, members.entity
),

-- What one record holds unapplied while the others owe.
credits_beside_charges as (
    select
        members.cluster_id,
        members.system,
        members.entity,
        sum(least(figures.credits_home, customers_joined.charges_home - figures.charges_home))
            as unapplied_home
    from members
    inner join figures using (record_key)
    inner join customers_joined
        on
            members.cluster_id = customers_joined.cluster_id
            and members.entity = customers_joined.entity
    group by members.cluster_id, members.system, members.entity
)

select
    described.cluster_id,
    described.system,
    described.entity,
    cast(described.records_count as integer) as records_count,
    described.names,
    described.oldest_id,
    described.survivor_id,
    described.survivor_name,
    cast(coalesce(customers_joined.charges_home, 0) as decimal(18, 2)) as money_at_risk_home,
    cast(coalesce(customers_joined.overdue_home, 0) as decimal(18, 2)) as overdue_home,
    cast(coalesce(customers_joined.sales_last_12_months_home, 0) as decimal(18, 2))
        as sales_last_12_months_home,
    customers_joined.credit_limit_home,
    case
        when customers_joined.largest_balance_home <= customers_joined.credit_limit_home
            then
                cast(
                    greatest(customers_joined.balance_home - customers_joined.credit_limit_home, 0)
                    as decimal(18, 2)
                )
    end as above_credit_limit_joined_home,
    cast(coalesce(credits_beside_charges.unapplied_home, 0) as decimal(18, 2))
        as unapplied_beside_charges_home,
    customers_joined.terms,
    coalesce(customers_joined.has_differing_terms, false) as has_differing_terms,
    coalesce(customers_joined.has_differing_tax_status, false) as has_differing_tax_status,
    reasoned.reasons
from described
inner join reasoned using (cluster_id, system, entity)
left join customers_joined using (cluster_id, system, entity)
left join credits_beside_charges using (cluster_id, system, entity)
