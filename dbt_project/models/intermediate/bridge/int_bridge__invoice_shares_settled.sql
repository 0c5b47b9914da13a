with shares as (
    select * from {{ ref('int_bridge__invoice_shares') }}
    where txn_date <= {{ as_of_date() }}
),

invoices as (
    select * from {{ ref('int_thread__invoices') }}
),

applications as (
    select * from {{ ref('int_ledger__applications') }}
    where effective_date <= {{ as_of_date() }}
),

-- A negative invoice settles others, as a credit does.
reliefs as (
    select
        entity,
        target_document_id as invoice_id,
        applied_amount as relief,
        is_cash
    from applications
    where target_document_type = 'invoice'
    union all
    select
        entity,
        source_document_id as invoice_id,
        -applied_amount as relief,
        false as is_cash
    from applications
    where source_document_type = 'invoice'
),

settled as (
    select
        entity,
        invoice_id,
        coalesce(sum(relief) filter (where is_cash), 0) as collected,
        coalesce(sum(relief) filter (where not is_cash), 0) as credited
    from reliefs
    group by all
),

so_far as (
    select
        shares.entity,
        shares.invoice_id,
        shares.deal_id,
        shares.exchange_rate,
        invoices.total_amount,
        cast(coalesce(settled.collected, 0) as decimal(18, 2)) as collected,
        cast(coalesce(settled.credited, 0) as decimal(18, 2)) as credited,
        cast(sum(shares.gross_amount) over by_deal as decimal(18, 2)) as gross_so_far
    from shares
    inner join invoices using (entity, invoice_id)
    left join settled using (entity, invoice_id)
    window by_deal as (
        partition by shares.entity, shares.invoice_id
        order by shares.deal_id nulls last
        rows between unbounded preceding and current row
    )
),

parts_so_far as (
    select
        *,
        cast(round(collected * gross_so_far / total_amount, 2) as decimal(18, 2))
            as collected_so_far,
        cast(round(credited * gross_so_far / total_amount, 2) as decimal(18, 2))
            as credited_so_far
    from so_far
),

open_so_far as (
    select
        *,
        gross_so_far - collected_so_far - credited_so_far as open_so_far
    from parts_so_far
),

-- In home currency at the invoice's own rate. Without a credit, all that is not open was collected,
-- to the cent; else the credit is the rest.
home_so_far as (
    select
        entity,
        invoice_id,
        deal_id,
        credited_so_far,
        collected_so_far,
        open_so_far,
        {{ money_in_home('gross_so_far', 'exchange_rate') }} as gross_so_far_home,
        {{ money_in_home('open_so_far', 'exchange_rate') }} as open_so_far_home,
        case
            when credited = 0
                then
                    {{ money_in_home('gross_so_far', 'exchange_rate') }}
                    - {{ money_in_home('open_so_far', 'exchange_rate') }}
            else {{ money_in_home('collected_so_far', 'exchange_rate') }}
        end as collected_so_far_home
    from open_so_far
),

all_so_far as (
    select
        *,
        gross_so_far_home - open_so_far_home - collected_so_far_home as credited_so_far_home
    from home_so_far
)

select
    {% for amount in ['credited', 'collected', 'open'] %}
        {% for suffix in ['', '_home'] %}
            cast(
                {{ amount }}_so_far{{ suffix }}
                - lag({{ amount }}_so_far{{ suffix }}, 1, 0) over by_deal as decimal(18, 2)
            ) as {{ amount }}_amount{{ suffix }},
        {% endfor %}
    {% endfor %}
    entity,
    invoice_id,
    deal_id
from all_so_far
window by_deal as (partition by entity, invoice_id order by deal_id nulls last)
