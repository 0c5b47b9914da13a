with deals as (
    select * from {{ ref('int_thread__deals') }}
    where won_date is not null and not is_deleted
),

deal_lines as (
    select * from {{ ref('int_thread__deal_lines') }}
),

instalments as (
    select * from {{ ref('int_crm__instalments') }}
),

invoices as (
    select * from {{ ref('int_thread__invoices') }}
    where txn_date <= {{ as_of_date() }}
),

billing_lines as (
    select * from {{ ref('int_thread__billing_lines') }}
    where deal_id is not null
),

billed as (
    select
        billing_lines.entity,
        billing_lines.deal_id,
        cast(sum(billing_lines.net_amount) as decimal(18, 2)) as billed_amount,
        count(billing_lines.deal_line_id) as matched_lines_count,
        count(distinct billing_lines.invoice_id) as invoices_count,
        max(invoices.txn_date) as last_invoice_date,
        bool_and(invoices.currency = deals.currency) as is_one_currency
    from billing_lines
    inner join invoices using (entity, invoice_id)
    inner join deals using (entity, deal_id)
    group by all
),

lines_billed as (
    select
        billing_lines.entity,
        billing_lines.deal_line_id,
        sum(billing_lines.quantity) as quantity,
        sum(billing_lines.net_amount) as net_amount
    from billing_lines
    semi join invoices using (entity, invoice_id)
    where billing_lines.deal_line_id is not null
    group by all
),

-- A line is billed by its quantity; where that was billed for less money, by parts, by its amount.
line_rests as (
    select
        deal_lines.entity,
        deal_lines.deal_id,
        case
            when lines_billed.quantity is null then deal_lines.line_amount
            when
                lines_billed.quantity > deal_lines.quantity
                and lines_billed.net_amount < deal_lines.line_amount
                then deal_lines.line_amount - lines_billed.net_amount
            when lines_billed.quantity < deal_lines.quantity
                then
                    deal_lines.line_amount
                    * (deal_lines.quantity - lines_billed.quantity) / deal_lines.quantity
            else 0
        end as unbilled_amount
    from deal_lines
    left join lines_billed using (entity, deal_line_id)
),

unbilled_by_line as (
    select
        entity,
        deal_id,
        cast(round(sum(unbilled_amount), 2) as decimal(18, 2)) as unbilled_amount
    from line_rests
    group by all
),

last_instalments as (
    select
        crm_entity,
        deal_id,
        max(instalment_date) as last_instalment_date
    from instalments
    group by all
)

select
    deals.entity,
    deals.deal_id,
    coalesce(billed.billed_amount, 0) as billed_amount,
    cast(
        case
            when billed.deal_id is null then deals.amount
            when not billed.is_one_currency then 0
            when billed.matched_lines_count > 0 then unbilled_by_line.unbilled_amount
            else greatest(deals.amount - billed.billed_amount, 0)
        end as decimal(18, 2)
    ) as unbilled_amount,
    coalesce(billed.invoices_count, 0) as invoices_count,
    greatest(
        deals.won_date, last_instalments.last_instalment_date, billed.last_invoice_date
    ) as last_sign_date
from deals
left join billed using (entity, deal_id)
left join unbilled_by_line using (entity, deal_id)
left join last_instalments using (crm_entity, deal_id)
