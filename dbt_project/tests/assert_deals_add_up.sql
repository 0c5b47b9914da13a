with deals as (
    select * from {{ ref('deals') }}
),

contributions as (
    select * from {{ ref('int_bridge__bookings_to_billings') }}
    where deal_id is not null
),

settled_shares as (
    select * from {{ ref('int_bridge__invoice_shares_settled') }}
),

open_items as (
    select * from {{ ref('ar_open_items') }}
    where document_type = 'invoice' and as_of_date = {{ as_of_date() }}
),

bridged as (
    select
        entity,
        deal_id,
        {% for category in ['opening', 'scope', 'pricing', 'churn', 'tax', 'fx', 'closing'] %}
            coalesce(sum(amount_home) filter (where category = '{{ category }}'), 0)
                as {{ category }}_home,
        {% endfor %}
        -coalesce(
            sum(amount_home) filter (where category in ('to_backlog', 'from_backlog')), 0
        ) as backlog_home
    from contributions
    group by all
),

open_by_shares as (
    select
        entity,
        invoice_id,
        sum(open_amount) as open_amount,
        sum(open_amount_home) as open_amount_home
    from settled_shares
    group by all
)

select
    deals.entity,
    deals.deal_id as subject_id,
    'what was booked and what became of it is not what was billed' as finding
from deals
where
    deals.booked_home + deals.scope_home + deals.pricing_home + deals.churn_home + deals.tax_home
    + deals.fx_home - deals.backlog_home <> deals.billed_home
    or deals.billed - deals.credited - deals.collected <> deals.open
    or deals.billed_home - deals.credited_home - deals.collected_home <> deals.open_home
union all
select
    deals.entity,
    deals.deal_id as subject_id,
    'the bridge says something else of it' as finding
from deals
left join bridged using (entity, deal_id)
where
    deals.booked_home <> coalesce(bridged.opening_home, 0)
    or deals.billed_home <> coalesce(bridged.closing_home, 0)
    or deals.backlog_home <> coalesce(bridged.backlog_home, 0)
    {% for variance in ['scope', 'pricing', 'churn', 'tax', 'fx'] %}
        or deals.{{ variance }}_home <> coalesce(bridged.{{ variance }}_home, 0)
    {% endfor %}
union all
select
    coalesce(open_by_shares.entity, open_items.entity) as entity,
    coalesce(open_by_shares.invoice_id, open_items.document_id) as subject_id,
    'its deals are not open with what the invoice is' as finding
from open_by_shares
full join open_items
    on
        open_by_shares.entity = open_items.entity
        and open_by_shares.invoice_id = open_items.document_id
where
    coalesce(open_by_shares.open_amount, 0) <> coalesce(open_items.open_amount, 0)
    or coalesce(open_by_shares.open_amount_home, 0) <> coalesce(open_items.open_amount_home, 0)
