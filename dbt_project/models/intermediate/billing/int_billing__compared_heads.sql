with previews as (
    select * from {{ ref('int_billing__previewed_invoices') }}
),

by_people as (
    select * from {{ ref('int_billing__invoices_by_people') }}
),

invoices as (
    select * from {{ ref('int_thread__invoices') }}
),

billing_lines as (
    select * from {{ ref('int_thread__billing_lines') }}
),

lines as (
    select * from {{ ref('int_billing__compared_lines') }}
),

billed_nets as (
    select
        entity,
        invoice_id,
        deal_id,
        sum(net_amount) as net_amount
    from billing_lines
    group by all
),

written as (
    select
        by_people.entity,
        by_people.billing_key,
        list(invoices.invoice_id order by {{ document_order('invoices.invoice_id') }})
            as invoice_ids,
        string_agg(
            coalesce(invoices.document_number, invoices.invoice_id), ', '
            order by {{ document_order('invoices.invoice_id') }}
        ) as invoice_numbers,
        list(distinct invoices.customer_id) as customer_ids,
        list(distinct invoices.currency) as currencies,
        list(distinct invoices.due_date - invoices.txn_date) as days_to_due,
        min(invoices.txn_date) as txn_date,
        cast(sum(invoices.tax_amount) as decimal(18, 2)) as tax_amount,
        cast(sum(billed_nets.net_amount) as decimal(18, 2)) as net_amount
    from by_people
    inner join invoices using (entity, invoice_id)
    inner join billed_nets using (entity, invoice_id, deal_id)
    group by all
),

doubtful_lines as (
    select distinct
        entity,
        billing_key
    from lines
    where verdict <> 'matched'
)

select
    previews.entity,
    previews.billing_key,
    previews.deal_id,
    written.invoice_ids,
    written.invoice_numbers,
    previews.txn_date as preview_date,
    written.txn_date as invoice_date,
    previews.net_amount as preview_amount,
    written.net_amount as invoice_amount,
    nullif(
        concat_ws(
            ', ',
            case
                when written.customer_ids <> [previews.customer_id] then 'customer'
            end,
            case
                when written.currencies <> [coalesce(previews.currency, written.currencies[1])]
                    then 'currency'
            end,
            case
                when written.days_to_due <> [previews.due_date - previews.txn_date] then 'terms'
            end,
            -- Tax on another amount is another tax.
            case
                when
                    previews.net_amount = written.net_amount
                    and previews.total_amount - previews.net_amount <> written.tax_amount
                    then 'tax'
            end,
            -- Nobody may bill before the approval; later, people were only slower.
            case when written.txn_date < previews.approved_date then 'date' end,
            case
                when
                    doubtful_lines.billing_key is null
                    and previews.net_amount <> written.net_amount
                    then 'discount'
            end
        ),
        ''
    ) as reasons
from previews
inner join written using (entity, billing_key)
left join doubtful_lines using (entity, billing_key)
