with documents as (
    select * from {{ ref('int_ledger__documents_unioned') }}
    where total > 0
),

applications as (
    select * from {{ ref('int_ledger__applications') }}
),

invoices as (
    select
        entity,
        'invoice' as document_type,
        invoice_id as document_id,
        created_at
    from {{ ref('stg_quickbooks__invoices') }}
),

payments as (
    select * from {{ ref('stg_quickbooks__payments') }}
),

entities as (
    select * from {{ ref('int_ledger__entities') }}
),

segments as (
    select * from {{ ref('int_collection__customer_segments') }}
),

-- What was entered later than it is dated was not known on its date.
charges as (
    select
        documents.*,
        segments.segment,
        greatest(
            documents.txn_date,
            cast(invoices.created_at at time zone entities.time_zone as date)
        ) as known_from_date
    from documents
    inner join entities using (entity)
    left join segments using (entity, customer_id)
    left join invoices using (entity, document_type, document_id)
),

movements as (
    select
        entity,
        document_type,
        document_id,
        total as movement,
        cast(null as date) as effective_date,
        false as is_cash,
        known_from_date as movement_date
    from charges
    union all by name
    select
        applications.entity,
        charges.document_type,
        charges.document_id,
        -applications.applied_amount as movement,
        applications.effective_date,
        applications.is_cash,
        greatest(
            applications.effective_date,
            charges.known_from_date,
            cast(payments.created_at at time zone entities.time_zone as date)
        ) as movement_date
    from applications
    inner join charges
        on
            applications.entity = charges.entity
            and applications.target_document_type = charges.document_type
            and applications.target_document_id = charges.document_id
    inner join entities on applications.entity = entities.entity
    left join payments
        on
            applications.entity = payments.entity
            and applications.payment_id = payments.payment_id
),

daily_movements as (
    select
        entity,
        document_type,
        document_id,
        sum(movement) as movement,
        max(effective_date) as effective_date,
        -- The day's last settlement decides what kind of settlement it was.
        coalesce(bool_or(is_cash) filter (where effective_date is not null), false) as is_cash,
        movement_date
    from movements
    group by all
),

spans as (
    select
        entity,
        document_type,
        document_id,
        cast(sum(movement) over so_far as decimal(18, 2)) as open_amount,
        max(effective_date) over so_far as settled_date,
        is_cash,
        movement_date as known_from_date,
        lead(movement_date, 1, date '9999-12-31') over so_far as known_until_date
    from daily_movements
    window so_far as (
        partition by entity, document_type, document_id
        order by movement_date
        rows between unbounded preceding and current row
    )
)

select
    spans.entity,
    spans.document_type,
    spans.document_id,
    charges.document_number,
    charges.customer_id,
    charges.segment,
    charges.currency,
    charges.exchange_rate,
    charges.txn_date,
    charges.due_date,
    spans.open_amount,
    case when spans.open_amount <= 0 then spans.settled_date end as settled_date,
    spans.open_amount <= 0 and spans.is_cash as is_paid,
    spans.known_from_date,
    spans.known_until_date
from spans
inner join charges using (entity, document_type, document_id)
