with invoices as (
    select * from {{ ref('int_thread__invoices') }}
),

deals as (
    select * from {{ ref('int_thread__deals') }}
    where not is_deleted
),

by_marker as (
    select
        invoices.entity,
        invoices.invoice_id,
        deals.deal_id,
        'marker' as link_kind,
        cast(1 as decimal(5, 4)) as confidence,
        'our marker in the private note names the deal' as reason
    from invoices
    inner join deals
        on invoices.entity = deals.entity and invoices.marker_deal_id = deals.deal_id
),

stored_ids as (
    select
        entity,
        deal_id,
        unnest(quickbooks_invoice_ids) as invoice_id
    from deals
),

by_stored_id as (
    select
        invoices.entity,
        invoices.invoice_id,
        stored_ids.deal_id,
        'stored_id' as link_kind,
        cast(1 as decimal(5, 4)) as confidence,
        'the deal holds the id of the invoice' as reason
    from invoices
    inner join stored_ids using (entity, invoice_id)
    anti join by_marker using (entity, invoice_id)
)

select * from by_marker
union all by name
select * from by_stored_id
