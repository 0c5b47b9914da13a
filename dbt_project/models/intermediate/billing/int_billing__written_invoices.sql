with marked_invoices as (
    select
        *,
        split_part(billing_key, ':', 1) as crm_system,
        split_part(billing_key, ':', 2) as deal_id,
        generation = max(generation) over (partition by entity, billing_key) as is_newest
    from {{ ref('int_billing__marked_invoices') }}
),

invoice_versions as (
    select * from {{ ref('stg_quickbooks__invoice_versions') }}
),

documents as (
    select * from {{ ref('int_ledger__documents_unioned') }}
    where document_type = 'invoice'
),

open_amounts as (
    select * from {{ ref('int_ledger__open_amounts') }}
    where
        document_type = 'invoice'
        and holds_from_date <= {{ as_of_date() }}
        and holds_until_date > {{ as_of_date() }}
),

entities as (
    select * from {{ ref('int_thread__entities') }}
),

-- Only what was read more than once can have changed.
versions as (
    select
        invoice_versions.entity,
        invoice_versions.invoice_id,
        invoice_versions.version,
        invoice_versions.document_number,
        invoice_versions.customer_id,
        invoice_versions.txn_date,
        invoice_versions.total_amount,
        {{ line_contents('invoice_versions.lines') }} as lines,
        nullif(regexp_extract(invoice_versions.private_note, 'q2c:\S+'), '') as marker,
        not invoice_versions.is_deleted as is_there,
        not invoice_versions.is_deleted and invoice_versions.total_amount <> 0 as is_live,
        invoice_versions.updated_at
    from invoice_versions
    semi join marked_invoices using (entity, invoice_id)
),

seen_first as (
    select *
    from versions
    where marker is not null
    qualify row_number() over (partition by entity, invoice_id order by version) = 1
),

seen_last as (
    select *
    from versions
    qualify row_number() over (partition by entity, invoice_id order by version desc) = 1
),

compared as (
    select
        entity,
        invoice_id,
        seen_first.document_number,
        seen_first.total_amount as first_total_amount,
        seen_last.is_there,
        seen_last.updated_at,
        seen_last.is_live and (seen_last.marker is distinct from seen_first.marker) as is_retied,
        case
            when seen_last.is_live
                then concat_ws(
                    ', ',
                    case
                        when (seen_last.total_amount is distinct from seen_first.total_amount)
                            then 'total'
                    end,
                    case
                        when (seen_last.lines is distinct from seen_first.lines)
                            then 'lines'
                    end,
                    case
                        when (seen_last.customer_id is distinct from seen_first.customer_id)
                            then 'customer'
                    end,
                    case
                        when (seen_last.txn_date is distinct from seen_first.txn_date)
                            then 'date'
                    end
                )
        end as changes
    from seen_first
    inner join seen_last using (entity, invoice_id)
),

described as (
    select
        marked_invoices.*,
        coalesce(documents.document_number, compared.document_number) as document_number,
        documents.customer_id,
        documents.currency,
        documents.exchange_rate,
        documents.txn_date,
        documents.due_date,
        coalesce(open_amounts.open_amount, 0) as open_amount,
        open_amounts.holds_from_date,
        coalesce(compared.first_total_amount, marked_invoices.total_amount) as first_total_amount,
        nullif(compared.changes, '') as changes,
        coalesce(compared.is_retied, false) as is_retied,
        case
            when marked_invoices.is_live then 'live'
            when coalesce(compared.is_there, documents.document_id is not null) then 'voided'
            else 'deleted'
        end as state,
        cast(
            timezone(
                entities.time_zone, coalesce(marked_invoices.ended_at, compared.updated_at)
            ) as date
        ) as last_change_date
    from marked_invoices
    inner join entities using (entity)
    left join documents
        on
            marked_invoices.entity = documents.entity
            and marked_invoices.invoice_id = documents.document_id
    left join open_amounts
        on
            marked_invoices.entity = open_amounts.entity
            and marked_invoices.invoice_id = open_amounts.document_id
    left join compared
        on
            marked_invoices.entity = compared.entity
            and marked_invoices.invoice_id = compared.invoice_id
)

select
    entity,
    marker,
    billing_key,
    crm_system,
    deal_id,
    generation,
    is_newest,
    invoice_id,
    document_number,
    customer_id,
    currency,
    exchange_rate,
    txn_date,
    due_date,
    case when is_live then total_amount end as total_amount,
    case when is_live then open_amount end as open_amount,
    case when is_live and open_amount = 0 then holds_from_date end as paid_date,
    first_total_amount,
    state,
    changes,
    is_retied,
    case
        when state <> 'live' or is_retied or changes is not null
            then
                'Invoice ' || coalesce(document_number, invoice_id)
                || case
                    when state <> 'live'
                        then ' was ' || state || ' in QuickBooks on ' || last_change_date || '.'
                    when changes is not null
                        then
                            ' was edited in QuickBooks on ' || last_change_date || ': '
                            || changes
                            || if(
                                starts_with(changes, 'total'),
                                '; it came to ' || first_total_amount || ' and comes to '
                                || total_amount, ''
                            )
                            || '.'
                    else
                        ' does not name the deal any more that it was written for, since '
                        || last_change_date || '.'
                end
    end as note
from described
