{#-
    A void note is put before ours, and a person may take ours out; an invoice that ever bore a
    marker stays the unit's.
-#}
{%- set marker = "'q2c:([^:\\s]+):([^:\\s]+):([^:\\s]+):([^:\\s]+):(\\d+)'" -%}
with invoices as (
    select * from {{ ref('stg_quickbooks__invoices') }}
),

invoice_versions as (
    select * from {{ ref('stg_quickbooks__invoice_versions') }}
),

versions as (
    select
        entity,
        invoice_id,
        version,
        private_note,
        sync_token,
        total_amount,
        is_deleted,
        created_at,
        updated_at,
        extracted_at
    from invoice_versions
    union all by name
    select
        invoices.entity,
        invoices.invoice_id,
        invoices.version,
        invoices.private_note,
        invoices.sync_token,
        invoices.total_amount,
        false as is_deleted,
        invoices.created_at,
        invoices.updated_at,
        invoices.extracted_at
    from invoices
    anti join invoice_versions using (entity, invoice_id)
    where invoices.private_note like '%q2c:%'
),

noted as (
    select
        *,
        regexp_extract(
            private_note,
            {{ marker }},
            ['entity', 'crm_system', 'deal_id', 'instalment_id', 'generation']
        ) as parts,
        regexp_extract(private_note, {{ marker }}) as marker,
        not is_deleted and coalesce(total_amount, 0) <> 0 as is_live_then
    from versions
),

marked as (
    select
        entity,
        invoice_id,
        arg_max(marker, version) as marker,
        arg_max(parts, version) as parts
    from noted
    where marker <> ''
    group by all
),

-- Since when an invoice is gone: since the first version after the last that was not.
present as (
    select
        noted.entity,
        noted.invoice_id,
        arg_max(noted.sync_token, noted.version) as sync_token,
        arg_max(noted.total_amount, noted.version) filter (where noted.is_live_then)
            as total_amount,
        arg_max(noted.is_live_then, noted.version) as is_live,
        max(noted.version) filter (where noted.is_live_then) as last_live_version,
        min(coalesce(noted.created_at, noted.updated_at)) as created_at
    from noted
    semi join marked using (entity, invoice_id)
    group by all
),

ends as (
    select
        noted.entity,
        noted.invoice_id,
        arg_min(noted.updated_at, noted.version) as ended_at
    from noted
    inner join present using (entity, invoice_id)
    where noted.version > coalesce(present.last_live_version, 0)
    group by all
)

-- A copy of an invoice bears its marker too; the live one made first is the unit's.
select
    marked.entity,
    marked.marker,
    marked.parts.crm_system || ':' || marked.parts.deal_id || ':' || marked.parts.instalment_id
        as billing_key,
    cast(marked.parts.generation as integer) as generation,
    marked.invoice_id,
    present.sync_token,
    present.total_amount,
    present.is_live,
    ends.ended_at,
    present.created_at
from marked
inner join present using (entity, invoice_id)
left join ends using (entity, invoice_id)
qualify
    row_number() over (
        partition by marked.entity, marked.marker
        order by present.is_live desc, present.created_at, {{ document_order('marked.invoice_id') }}
    ) = 1
