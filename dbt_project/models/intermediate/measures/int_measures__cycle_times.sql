{%- set dimensions = ['segment', 'rep', 'lead_source'] -%}

with deals as (
    select * from {{ ref('int_thread__deals') }}
    where won_date is not null and not is_deleted
),

entities as (
    select * from {{ ref('int_thread__entities') }}
),

deal_states as (
    select * from {{ ref('int_crm__deal_states') }}
),

approvals as (
    select * from {{ ref('int_crm__approvals') }}
),

shares as (
    select * from {{ ref('int_bridge__invoice_shares') }}
    where deal_id is not null and txn_date <= {{ as_of_date() }}
),

invoices as (
    select * from {{ ref('int_thread__invoices') }}
),

open_amounts as (
    select * from {{ ref('int_ledger__open_amounts') }}
    where
        document_type = 'invoice'
        and holds_from_date <= {{ as_of_date() }} and holds_until_date > {{ as_of_date() }}
),

billing as (
    select * from {{ ref('int_bridge__bookings_to_billings') }}
    where category in ('to_backlog', 'from_backlog')
),

-- Where the CRM's history does not show the step, only the day is known.
steps as (
    select
        crm_entity,
        deal_id,
        valid_from,
        outcome = 'won' and lag(outcome) over by_time <> 'won'
        and lag(evidence) over by_time <> 'present' as is_winning
    from deal_states
    window by_time as (partition by crm_entity, deal_id order by valid_from)
),

winnings as (
    select
        crm_entity,
        deal_id,
        max(valid_from) as won_at
    from steps
    where is_winning
    group by all
),

sent as (
    select
        shares.entity,
        shares.deal_id,
        min(shares.txn_date) as invoiced_date,
        min(coalesce(invoices.delivered_at, invoices.created_at)) as sent_at,
        bool_and(open_amounts.open_amount = 0) as is_settled,
        max(open_amounts.holds_from_date) as settled_date
    from shares
    inner join invoices using (entity, invoice_id)
    inner join open_amounts
        on
            shares.entity = open_amounts.entity
            and shares.invoice_id = open_amounts.document_id
    group by all
),

unbilled as (
    select
        entity,
        deal_id
    from billing
    group by all
    having sum(amount_home) <> 0
),

followed as (
    select
        deals.entity,
        deals.crm_entity,
        deals.deal_id,
        {% for dimension in dimensions %}
            deals.{{ dimension }},
        {% endfor %}
        entities.time_zone,
        cast(timezone(entities.time_zone, deals.created_at) as date) as opened_date,
        deals.won_date,
        coalesce(
            winnings.won_at, timezone(entities.time_zone, cast(deals.won_date as timestamp))
        ) as won_at,
        sent.sent_at,
        sent.invoiced_date,
        -- A deal is paid when all of it is billed and none of its invoices is open.
        case
            when sent.is_settled and unbilled.deal_id is null then sent.settled_date
        end as paid_date
    from deals
    inner join entities using (entity)
    left join winnings using (crm_entity, deal_id)
    left join sent on deals.entity = sent.entity and deals.deal_id = sent.deal_id
    left join unbilled on deals.entity = unbilled.entity and deals.deal_id = unbilled.deal_id
),

-- Of several approvals the last one before the invoice is what was waited for.
approved as (
    select
        followed.entity,
        followed.deal_id,
        max(approvals.approved_at) as approved_at
    from followed
    inner join approvals using (crm_entity, deal_id)
    where approvals.approved_at <= followed.sent_at
    group by all
),

first_sent as (
    select
        followed.entity,
        cast(date_trunc('month', timezone(followed.time_zone, followed.sent_at)) as date) as period,
        {% for dimension in dimensions %}
            followed.{{ dimension }},
        {% endfor %}
        cast(epoch(followed.sent_at - followed.won_at) / 3600 as decimal(18, 2)) as won_hours,
        cast(epoch(followed.sent_at - approved.approved_at) / 3600 as decimal(18, 2))
            as approved_hours
    from followed
    left join approved using (entity, deal_id)
    where followed.sent_at is not null
),

{% for leg, start, stop in [
    ('opened_to_won', 'opened_date', 'won_date'),
    ('won_to_invoiced', 'won_date', 'invoiced_date'),
    ('invoiced_to_paid', 'invoiced_date', 'paid_date'),
    ('quote_to_cash', 'opened_date', 'paid_date'),
] %}
    {{ leg }} as (
        select
            entity,
            cast(date_trunc('month', {{ stop }}) as date) as period,
            {{ dimensions | join(', ') }},
            cast({{ stop }} - {{ start }} as decimal(18, 2)) as days
        from followed
        where {{ stop }} is not null
    ),

{% endfor %}
measured as (
    {{ measured_durations('invoice_cycle_hours', 'first_sent', 'won_hours', dimensions) }}
    union all
    {{ measured_durations(
        'approval_to_invoice_hours', 'first_sent', 'approved_hours', dimensions
    ) }}
    {% for leg in ['opened_to_won', 'won_to_invoiced', 'invoiced_to_paid', 'quote_to_cash'] %}
        union all
        {{ measured_durations(leg ~ '_days', leg, 'days', dimensions) }}
    {% endfor %}
)

select * from measured
