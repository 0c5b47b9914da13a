{%- set acceptance_days = 30 -%}

with invoices as (
    select * from {{ ref('int_ledger__documents_unioned') }}
    where document_type = 'invoice' and total >= 0 and txn_date <= {{ as_of_date() }}
),

applications as (
    select * from {{ ref('int_ledger__applications') }}
    where
        source_document_type = 'credit_memo'
        and target_document_type = 'invoice'
        and effective_date <= {{ as_of_date() }}
),

revisions as (
    select * from {{ ref('int_measures__invoice_revisions') }}
),

staged as (
    select * from {{ ref('stg_quickbooks__invoices') }}
),

books as (
    select * from {{ ref('int_ledger__entities') }}
),

segments as (
    select * from {{ ref('int_collection__customer_segments') }}
),

credited as (
    select
        entity,
        target_document_id as document_id,
        sum(applied_amount) as credited_amount,
        min(effective_date) as credited_date
    from applications
    group by all
),

revised as (
    select
        entity,
        invoice_id as document_id,
        min(revised_date) as revised_date
    from revisions
    group by all
),

issued as (
    select
        invoices.entity,
        cast(date_trunc('month', invoices.txn_date) as date) as period,
        segments.segment,
        invoices.document_id,
        invoices.txn_date,
        {{ money_in_home('invoices.total', 'invoices.exchange_rate') }} as total_home,
        {{ money_in_home('coalesce(credited.credited_amount, 0)', 'invoices.exchange_rate') }}
            as credited_home,
        credited.credited_date <= invoices.txn_date + {{ acceptance_days }} as is_credited,
        revised.revised_date <= invoices.txn_date + {{ acceptance_days }} as is_revised,
        -- We see revisions of what was made since we read these books.
        staged.created_at >= books.first_extracted_at as is_followed
    from invoices
    inner join segments using (entity, customer_id)
    inner join books using (entity)
    left join staged
        on invoices.entity = staged.entity and invoices.document_id = staged.invoice_id
    left join credited
        on invoices.entity = credited.entity and invoices.document_id = credited.document_id
    left join revised
        on invoices.entity = revised.entity and invoices.document_id = revised.document_id
),

-- A credit memo counts once in a month of invoices, however many of them it mends.
credit_memos as (
    select
        applications.entity,
        issued.period,
        applications.source_document_id,
        arg_min(issued.segment, {{ document_order('issued.document_id') }}) as segment
    from applications
    inner join issued
        on
            applications.entity = issued.entity
            and applications.target_document_id = issued.document_id
    where issued.total_home > 0
    group by all
),

errors_by_count as (
    select
        entity,
        period,
        segment,
        0 as numerator,
        1 as denominator
    from issued
    where total_home > 0
    union all
    select
        entity,
        period,
        segment,
        1 as numerator,
        0 as denominator
    from credit_memos
),

errors_by_amount as (
    select
        entity,
        period,
        segment,
        credited_home as numerator,
        total_home as denominator
    from issued
    where total_home > 0
),

-- A void invoice counts if its amount was taken back so early, for then it had one.
accepted as (
    select
        entity,
        period,
        segment,
        if(coalesce(is_credited, false) or coalesce(is_revised, false), 0, 1) as numerator,
        1 as denominator,
        coalesce(is_followed, false) as is_followed
    from issued
    where
        (total_home > 0 or is_revised)
        and txn_date + {{ acceptance_days }} <= {{ as_of_date() }}
),

measured as (
    {{ measured_shares('billing_error_rate_count', 'errors_by_count', ['segment']) }}
    union all
    {{ measured_shares('billing_error_rate_amount', 'errors_by_amount', ['segment']) }}
    union all
    {{ measured_shares('first_pass_acceptance', 'accepted', ['segment'], notes={
        'not bool_and(is_followed)':
            'invoices from before our first reading are judged by their credits alone',
    }) }}
)

select * from measured
