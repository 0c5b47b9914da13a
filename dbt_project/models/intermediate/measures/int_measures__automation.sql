with invoices as (
    select * from {{ ref('int_thread__invoices') }}
    where marker_billing_key is not null and txn_date <= {{ as_of_date() }}
),

segments as (
    select * from {{ ref('int_collection__customer_segments') }}
),

written as (
    select
        invoices.entity,
        cast(date_trunc('month', invoices.txn_date) as date) as period,
        segments.segment,
        cast({{ var('minutes_per_invoice') }} as decimal(9, 1)) as minutes
    from invoices
    inner join segments using (entity, customer_id)
)

{{ measured_totals('hours_saved_estimated', 'written', 'sum(minutes) / 60', ['segment']) }}
