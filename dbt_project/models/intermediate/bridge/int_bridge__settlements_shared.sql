with applications as (
    select * from {{ ref('int_bridge__applications_valued') }}
),

invoice_shares as (
    select * from {{ ref('int_bridge__invoice_shares') }}
),

-- What is applied to a refund settles nothing that was billed, unless an invoice below zero.
charges as (
    select
        entity,
        month,
        payment_id,
        target_document_type as document_type,
        target_document_id as document_id,
        target_customer_id as customer_id,
        case
            when target_kind = 'credit_memo' then 'credit_notes'
            when target_month < month then 'collected_from_prior'
            when target_kind = 'journal_entry' then 'write_offs'
            else 'still_open'
        end as category,
        source_document_type as means_document_type,
        source_document_id as means_document_id,
        source_month as means_month,
        case source_kind
            when 'invoice' then 'credit_notes'
            when 'credit_memo' then 'credit_notes'
            when 'journal_entry' then 'write_offs'
            else source_kind
        end as means_category,
        currency,
        applied_amount,
        target_open_amount as open_amount,
        target_open_home as open_home,
        target_relief_home as relief_home,
        case
            when source_kind in ('unapplied_cash', 'refunds') then source_relief_home
            else target_relief_home
        end as means_home
    from applications
    where target_kind <> 'refunds'
),

invoices_below_zero as (
    select
        entity,
        month,
        payment_id,
        source_document_type as document_type,
        source_document_id as document_id,
        source_customer_id as customer_id,
        if(source_month < month, 'collected_from_prior', 'still_open') as category,
        target_document_type as means_document_type,
        target_document_id as means_document_id,
        target_month as means_month,
        if(target_kind = 'refunds', 'refunds', 'credit_notes') as means_category,
        currency,
        -applied_amount as applied_amount,
        source_open_amount as open_amount,
        source_open_home as open_home,
        -source_relief_home as relief_home,
        -target_relief_home as means_home
    from applications
    where source_kind = 'invoice'
),

settled as (
    select * from charges
    union all by name
    select * from invoices_below_zero
),

-- Each deal's stretch of its invoice, from one fraction of the total to another.
stretch_ends as (
    select
        entity,
        invoice_id,
        deal_id,
        coalesce(
            sum(gross_amount) over so_far / nullif(sum(gross_amount) over whole_invoice, 0), 1
        ) as ends_at,
        coalesce(
            sum(gross_amount_home) over so_far
            / nullif(sum(gross_amount_home) over whole_invoice, 0), 1
        ) as home_ends_at
    from invoice_shares
    window
        whole_invoice as (partition by entity, invoice_id),
        so_far as (
            partition by entity, invoice_id
            order by deal_id
            rows between unbounded preceding and current row
        )
),

stretches as (
    select
        entity,
        'invoice' as document_type,
        invoice_id as document_id,
        deal_id,
        lag(ends_at, 1, 0) over by_deal as starts_at,
        ends_at,
        lag(home_ends_at, 1, 0) over by_deal as home_starts_at,
        home_ends_at
    from stretch_ends
    window by_deal as (partition by entity, invoice_id order by deal_id)
),

placed as (
    select
        settled.*,
        stretches.deal_id,
        coalesce(stretches.starts_at, 0) as starts_at,
        coalesce(stretches.ends_at, 1) as ends_at,
        coalesce(stretches.home_starts_at, 0) as home_starts_at,
        coalesce(stretches.home_ends_at, 1) as home_ends_at
    from settled
    left join stretches using (entity, document_type, document_id)
),

shared as (
    select
        *,
        {{ part_of('(open_amount + applied_amount)', 'starts_at', 'ends_at') }}
        - {{ part_of('open_amount', 'starts_at', 'ends_at') }} as shared_amount,
        {{ part_of('(open_home + relief_home)', 'home_starts_at', 'home_ends_at') }}
        - {{ part_of('open_home', 'home_starts_at', 'home_ends_at') }} as shared_relief_home,
        {{ part_of('(means_home - relief_home)', 'home_starts_at', 'home_ends_at') }}
            as fx_home
    from placed
)

select
    entity,
    month,
    payment_id,
    deal_id,
    document_type,
    document_id,
    customer_id,
    category,
    means_document_type,
    means_document_id,
    means_category,
    currency,
    cast(shared_amount as decimal(18, 2)) as amount,
    cast(shared_relief_home as decimal(18, 2)) as relief_home,
    cast(shared_relief_home + fx_home as decimal(18, 2)) as means_home,
    cast(fx_home as decimal(18, 2)) as fx_home,
    means_category = 'unapplied_cash' and means_month = month as is_cash_of_month
from shared
