{%- set amounts = [
    'net_amount', 'tax_amount', 'gross_amount', 'net_amount_home', 'gross_amount_home',
    'gross_share',
] -%}
with invoices as (
    select * from {{ ref('int_thread__invoices') }}
),

billing_lines as (
    select * from {{ ref('int_thread__billing_lines') }}
),

nets as (
    select
        entity,
        invoice_id,
        deal_id,
        sum(net_amount) as net_amount
    from billing_lines
    group by all
),

-- Deals end to end, so that each takes the difference between two roundings.
net_so_far as (
    select
        nets.entity,
        nets.invoice_id,
        nets.deal_id,
        invoices.currency,
        invoices.exchange_rate,
        invoices.txn_date,
        invoices.total_amount,
        cast(sum(nets.net_amount) over deals_so_far as decimal(18, 2)) as net_amount,
        -- Where lines cancel out, their tax has no base and goes to the first deal.
        cast(
            case
                when invoices.net_amount = 0 then invoices.tax_amount
                else round(
                    invoices.tax_amount
                    * cast(sum(nets.net_amount) over deals_so_far as decimal(18, 2))
                    / invoices.net_amount,
                    2
                )
            end as decimal(18, 2)
        ) as tax_amount
    from nets
    inner join invoices using (entity, invoice_id)
    window deals_so_far as (
        partition by nets.entity, nets.invoice_id
        order by nets.deal_id nulls last
        rows between unbounded preceding and current row
    )
),

so_far as (
    select
        *,
        net_amount + tax_amount as gross_amount,
        {{ money_in_home('net_amount', 'exchange_rate') }} as net_amount_home,
        {{ money_in_home('(net_amount + tax_amount)', 'exchange_rate') }} as gross_amount_home,
        cast((net_amount + tax_amount) / total_amount as decimal(20, 8)) as gross_share
    from net_so_far
),

shares as (
    select
        {% for amount in amounts %}
            {{ amount }} - lag({{ amount }}, 1, 0) over by_deal as {{ amount }},
        {% endfor %}
        entity,
        invoice_id,
        deal_id,
        currency,
        exchange_rate,
        txn_date
    from so_far
    window by_deal as (partition by entity, invoice_id order by deal_id nulls last)
)

select
    entity,
    invoice_id,
    deal_id,
    currency,
    exchange_rate,
    txn_date,
    cast(net_amount as decimal(18, 2)) as net_amount,
    cast(tax_amount as decimal(18, 2)) as tax_amount,
    cast(gross_amount as decimal(18, 2)) as gross_amount,
    cast(gross_share as decimal(20, 8)) as gross_share,
    cast(net_amount_home as decimal(18, 2)) as net_amount_home,
    cast(gross_amount_home - net_amount_home as decimal(18, 2)) as tax_amount_home,
    cast(gross_amount_home as decimal(18, 2)) as gross_amount_home
from shares
