{#- Invoices of so many days before the as-of date are set beside previews. -#}
{%- set days = 180 -%}
with invoices as (
    select * from {{ ref('int_thread__invoices') }}
    where
        marker_billing_key is null
        and txn_date > {{ as_of_date() }} - {{ days }}
        and txn_date <= {{ as_of_date() }}
),

billing_lines as (
    select * from {{ ref('int_thread__billing_lines') }}
    where deal_id is not null
),

units as (
    select * from {{ ref('int_billing__units') }}
),

billed as (
    select
        billing_lines.entity,
        billing_lines.deal_id,
        billing_lines.invoice_id,
        invoices.txn_date,
        cast(sum(billing_lines.net_amount) as decimal(18, 2)) as net_amount
    from billing_lines
    inner join invoices using (entity, invoice_id)
    group by all
)

-- Of a deal's units an invoice bills the one that comes nearest to it by amount, then by date.
select
    billed.entity,
    billed.invoice_id,
    billed.deal_id,
    arg_min(
        units.billing_key,
        (
            abs(units.amount - billed.net_amount),
            abs(coalesce(units.instalment_date, units.won_date) - billed.txn_date),
            units.billing_key
        )
    ) as billing_key
from billed
inner join units using (entity, deal_id)
group by all
