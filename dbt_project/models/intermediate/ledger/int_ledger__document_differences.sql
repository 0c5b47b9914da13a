with open_amounts as (
    select * from {{ ref('int_ledger__open_amounts') }}
    where open_amount <> 0
),

documents as (
    select * from {{ ref('int_ledger__documents_unioned') }}
),

payments as (
    select * from {{ ref('stg_quickbooks__payments') }}
),

unplaced_links as (
    select * from {{ ref('int_ledger__payment_links_unplaced') }}
),

aged_receivable_details as (
    select * from {{ ref('stg_quickbooks__aged_receivable_details') }}
),

controlled_dates as (
    select * from {{ ref('int_ledger__controlled_dates') }}
    where measure = 'aged_receivables'
),

entities as (
    select * from {{ ref('int_ledger__entities') }}
),

detailed_dates as (
    select
        entity,
        as_of_date
    from controlled_dates
    where is_foreign
),

-- Without a report of documents a payment's own record is the witness, and only for the present.
undetailed_dates as (
    select
        controlled_dates.entity,
        controlled_dates.as_of_date
    from controlled_dates
    inner join entities
        on
            controlled_dates.entity = entities.entity
            and controlled_dates.as_of_date = entities.extraction_date
    anti join detailed_dates
        on
            controlled_dates.entity = detailed_dates.entity
            and controlled_dates.as_of_date = detailed_dates.as_of_date
),

ours_in_detail as (
    select
        documents.entity,
        detailed_dates.as_of_date,
        documents.currency,
        documents.customer_id,
        documents.transaction_id,
        open_amounts.open_amount as ours
    from open_amounts
    inner join documents using (entity, document_type, document_id)
    inner join detailed_dates
        on
            open_amounts.entity = detailed_dates.entity
            and open_amounts.holds_from_date <= detailed_dates.as_of_date
            and open_amounts.holds_until_date > detailed_dates.as_of_date
),

theirs_in_detail as (
    select
        aged_receivable_details.entity,
        aged_receivable_details.report_date as as_of_date,
        coalesce(aged_receivable_details.currency, entities.home_currency) as currency,
        coalesce(aged_receivable_details.customer_id, 'unnamed') as customer_id,
        aged_receivable_details.transaction_id,
        case
            when aged_receivable_details.currency <> entities.home_currency
                then aged_receivable_details.open_amount
            else aged_receivable_details.open_amount_home
        end as theirs
    from aged_receivable_details
    inner join entities using (entity)
    inner join detailed_dates
        on
            aged_receivable_details.entity = detailed_dates.entity
            and aged_receivable_details.report_date = detailed_dates.as_of_date
    where aged_receivable_details.transaction_id is not null
),

payments_at_present as (
    select
        documents.entity,
        undetailed_dates.as_of_date,
        documents.currency,
        documents.customer_id,
        documents.transaction_id,
        coalesce(open_amounts.open_amount, 0) as ours,
        -payments.unapplied_amount as theirs
    from payments
    -- What is wrong with a link is an exception of its own.
    anti join unplaced_links using (entity, payment_id)
    inner join documents
        on
            payments.entity = documents.entity
            and documents.document_type = 'payment'
            and payments.payment_id = documents.document_id
    inner join undetailed_dates
        on
            payments.entity = undetailed_dates.entity
            and payments.txn_date <= undetailed_dates.as_of_date
    left join open_amounts
        on
            documents.entity = open_amounts.entity
            and documents.document_type = open_amounts.document_type
            and documents.document_id = open_amounts.document_id
            and open_amounts.holds_until_date = date '9999-12-31'
    where payments.unapplied_amount is not null
),

both_sides as (
    select * from ours_in_detail
    union all by name
    select * from theirs_in_detail
    union all by name
    select * from payments_at_present
)

select
    entity,
    as_of_date,
    currency,
    customer_id,
    transaction_id,
    cast(coalesce(sum(ours), 0) as decimal(18, 2)) as ours,
    cast(coalesce(sum(theirs), 0) as decimal(18, 2)) as theirs
from both_sides
group by all
having coalesce(sum(ours), 0) <> coalesce(sum(theirs), 0)
