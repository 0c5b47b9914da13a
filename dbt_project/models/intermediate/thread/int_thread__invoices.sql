{#- What an invoice that we wrote says in the first line of its private note. -#}
{%- set marker = "'^q2c:([^:\\s]+):([^:\\s]+):([^:\\s]+):([^:\\s]+):(\\d+)\\s*$'" -%}
with documents as (
    select * from {{ ref('int_ledger__documents_unioned') }}
    where document_type = 'invoice' and total <> 0
),

invoices as (
    select * from {{ ref('stg_quickbooks__invoices') }}
),

noted as (
    select
        *,
        regexp_extract(
            split_part(coalesce(private_note, ''), chr(10), 1),
            {{ marker }},
            ['entity', 'crm_system', 'deal_id', 'instalment_id', 'generation']
        ) as marker,
        list_filter(
            coalesce(custom_fields, []),
            lambda field: trim(field.stringvalue) <> '' and list_contains(
                {{ text_list(var('purchase_order_fields') | map('lower') | list) }},
                lower(trim(field.name))
            )
        ) as purchase_order_fields
    from invoices
)

select
    documents.entity,
    documents.document_id as invoice_id,
    documents.customer_id,
    noted.estimate_ids as linked_estimate_ids,
    nullif(noted.marker.deal_id, '') as marker_deal_id,
    nullif(nullif(noted.marker.instalment_id, ''), '-') as marker_instalment_id,
    case
        when noted.marker.deal_id <> ''
            then
                noted.marker.crm_system || ':' || noted.marker.deal_id || ':'
                || noted.marker.instalment_id
    end as marker_billing_key,
    documents.document_number,
    trim(noted.purchase_order_fields[1].stringvalue) as purchase_order_number,
    noted.private_note,
    noted.customer_memo,
    noted.email_status,
    documents.currency,
    documents.exchange_rate,
    documents.total as total_amount,
    coalesce(noted.tax_amount, 0) as tax_amount,
    cast(documents.total - coalesce(noted.tax_amount, 0) as decimal(18, 2)) as net_amount,
    documents.txn_date,
    documents.due_date,
    noted.created_at,
    noted.delivered_at
from documents
inner join noted
    on documents.entity = noted.entity and documents.document_id = noted.invoice_id
