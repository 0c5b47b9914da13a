{%- set variances = ['scope', 'pricing', 'churn', 'tax', 'fx'] -%}
{%- set settlements = ['credited', 'collected', 'open'] -%}
with deals as (
    select * from {{ ref('int_thread__deals') }}
    where (is_won or is_open) and not is_deleted
),

movements as (
    select * from {{ ref('int_bridge__backlog_movements') }}
),

settled_shares as (
    select * from {{ ref('int_bridge__invoice_shares_settled') }}
    where deal_id is not null
),

invoices as (
    select * from {{ ref('int_thread__invoices') }}
),

links as (
    select * from {{ ref('int_thread__invoice_links') }}
),

instalments as (
    select * from {{ ref('int_crm__instalments') }}
),

moved as (
    select
        entity,
        deal_id,
        sum(from_backlog_amount) as left_amount,
        sum(from_backlog_amount) filter (where document_type = 'invoice') as left_by_billing,
        sum(from_backlog_home) as left_home,
        {% for variance in variances %}
            sum({{ variance }}_home) as {{ variance }}_home,
        {% endfor %}
        sum(gross_amount) as billed,
        sum(gross_home) as billed_home,
        count(*) filter (where document_type = 'invoice') as invoices_count,
        max(movement_date) filter (where document_type = 'invoice') as last_invoice_date,
        bool_and(document_type = 'deal' or document_currency = currency) as is_one_currency
    from movements
    group by all
),

settled as (
    select
        settled_shares.entity,
        settled_shares.deal_id,
        {% for settlement in settlements %}
            sum(settled_shares.{{ settlement }}_amount) as {{ settlement }},
            sum(settled_shares.{{ settlement }}_amount_home) as {{ settlement }}_home,
        {% endfor %}
        min(struct_pack(
            due_date := invoices.due_date,
            document_order := {{ document_order('invoices.invoice_id') }},
            document_number := coalesce(invoices.document_number, invoices.invoice_id)
        )) filter (where settled_shares.open_amount > 0) as next_due
    from settled_shares
    inner join invoices using (entity, invoice_id)
    group by all
),

kinds as (
    select
        links.entity,
        links.deal_id,
        string_agg(distinct links.link_kind, ', ' order by links.link_kind) as link_kinds
    from links
    inner join invoices using (entity, invoice_id)
    where invoices.txn_date <= {{ as_of_date() }}
    group by all
),

instalment_dates as (
    select
        crm_entity,
        deal_id,
        instalment_date
    from instalments
    group by all
),

numbered_instalments as (
    select
        *,
        row_number() over (
            partition by crm_entity, deal_id order by instalment_date
        ) as instalment_number
    from instalment_dates
),

measured as (
    select
        deals.*,
        {{ money_in_home('deals.amount', 'deals.booked_rate') }} as amount_home,
        deals.won_date is not null as is_booked,
        {% for amount in ['left_amount', 'left_by_billing', 'left_home', 'billed_home'] %}
            coalesce(moved.{{ amount }}, 0) as {{ amount }},
        {% endfor %}
        {% for variance in variances %}
            coalesce(moved.{{ variance }}_home, 0) as {{ variance }}_home,
        {% endfor %}
        {% for settlement in settlements %}
            coalesce(settled.{{ settlement }}_home, 0) as {{ settlement }}_home,
            case
                when coalesce(moved.is_one_currency, true)
                    then coalesce(settled.{{ settlement }}, 0)
            end as {{ settlement }},
        {% endfor %}
        case
            when coalesce(moved.is_one_currency, true) then coalesce(moved.billed, 0)
        end as billed,
        coalesce(moved.invoices_count, 0) as invoices_count,
        moved.last_invoice_date,
        settled.next_due,
        kinds.link_kinds,
        numbered_instalments.instalment_date as next_instalment_date
    from deals
    left join moved using (entity, deal_id)
    left join settled using (entity, deal_id)
    left join kinds using (entity, deal_id)
    -- The instalment after as many as there are invoices is the next to be billed.
    left join numbered_instalments
        on
            deals.crm_entity = numbered_instalments.crm_entity
            and deals.deal_id = numbered_instalments.deal_id
            and coalesce(moved.invoices_count, 0) + 1 = numbered_instalments.instalment_number
),

booked as (
    select
        *,
        if(is_booked, amount, 0) as booked,
        if(is_booked, amount_home, 0) as booked_home,
        if(is_booked, amount, 0) - left_amount as backlog,
        if(is_booked, amount_home, 0) - left_home as backlog_home,
        {{ as_of_date() }} - next_due.due_date as days_late
    from measured
)

select
    entity,
    deal_id,
    deal_name,
    crm_account_id,
    customer_id,
    stage,
    segment,
    region,
    product,
    rep,
    lead_source,
    currency,
    amount as pipeline_amount,
    amount_home as pipeline_amount_home,
    cast(booked as decimal(18, 2)) as booked,
    cast(booked_home as decimal(18, 2)) as booked_home,
    cast(scope_home as decimal(18, 2)) as scope_home,
    cast(pricing_home as decimal(18, 2)) as pricing_home,
    cast(churn_home as decimal(18, 2)) as churn_home,
    cast(tax_home as decimal(18, 2)) as tax_home,
    cast(fx_home as decimal(18, 2)) as fx_home,
    cast(backlog as decimal(18, 2)) as backlog,
    cast(backlog_home as decimal(18, 2)) as backlog_home,
    cast(billed as decimal(18, 2)) as billed,
    cast(billed_home as decimal(18, 2)) as billed_home,
    cast(credited as decimal(18, 2)) as credited,
    cast(credited_home as decimal(18, 2)) as credited_home,
    cast(collected as decimal(18, 2)) as collected,
    cast(collected_home as decimal(18, 2)) as collected_home,
    cast(open as decimal(18, 2)) as open,
    cast(open_home as decimal(18, 2)) as open_home,
    case
        when booked <> 0 then cast(100 * left_by_billing / booked as decimal(18, 2))
    end as billed_percent,
    cast(case when backlog <> 0 then {{ as_of_date() }} - won_date end as integer)
        as backlog_age_days,
    cast({{ as_of_date() }} - last_invoice_date as integer) as days_since_last_invoice,
    cast(invoices_count as integer) as invoices_count,
    link_kinds,
    case
        when not is_booked and invoices_count > 0 then 'win the deal, which is billed already'
        when not is_booked and close_date < {{ as_of_date() }}
            then 'settle the close date, which has passed'
        when not is_booked then 'win the deal'
        when not has_amount then 'state the amount'
        when backlog <> 0 and next_instalment_date <= {{ as_of_date() }}
            then 'bill instalment of ' || next_instalment_date
        when backlog <> 0 and next_instalment_date is null and invoices_count > 0
            then 'bill the rest'
        when backlog <> 0 and next_instalment_date is null then 'bill the deal'
        when days_late > 0
            then
                'collect invoice ' || next_due.document_number || ', ' || days_late
                || if(days_late = 1, ' day late', ' days late')
        when backlog <> 0 then 'bill instalment of ' || next_instalment_date
        when days_late <= 0
            then
                'await payment of invoice ' || next_due.document_number || ', due '
                || next_due.due_date
        else 'closed'
    end as next_step,
    is_booked as is_won,
    won_date,
    close_date,
    {{ as_of_date() }} as as_of_date
from booked
