with written_invoices as (
    select * from {{ ref('int_billing__written_invoices') }}
),

marked_invoices as (
    select * from {{ ref('int_billing__marked_invoices') }}
),

invoices as (
    select * from {{ ref('int_thread__invoices') }}
    where marker_billing_key is not null
),

deals as (
    select * from {{ ref('int_thread__deals') }}
),

record_states as (
    select * from {{ ref('stg_quickbooks__record_states') }}
    where object = 'invoices'
),

-- Whatever was billed anew, or is not to be billed any more, needs nobody.
watched as (
    select
        written_invoices.*,
        coalesce(deals.deal_name, written_invoices.deal_id) as deal_name,
        written_invoices.first_total_amount as amount_at_stake,
        coalesce(written_invoices.exchange_rate, deals.booked_rate, 1) as rate
    from written_invoices
    left join deals using (entity, deal_id)
    where
        written_invoices.is_newest
        and coalesce(deals.is_won and not deals.is_deleted, true)
        and deals.closed_for_billing is distinct from 'cancelled'
),

ended as (
    select
        *,
        'written_invoice_' || state as type,
        state as root_cause,
        'high' as severity,
        'billing_clerk' as owner_role,
        note || ' It billed ' || deal_name || ', and nothing bills that now.' as message,
        'If the deal is still to be billed, have it approved again in the CRM; the next run then'
        || ' writes a new invoice. Else say in the CRM that its billing is cancelled.' as remedy
    from watched
    where state <> 'live'
),

edited as (
    select
        *,
        'written_invoice_edited' as type,
        split_part(changes, ', ', 1) as root_cause,
        if(starts_with(changes, 'total'), 'high', 'medium') as severity,
        'accountant' as owner_role,
        note || ' It bills ' || deal_name || '.' as message,
        'Compare the invoice with the deal. If the edit is right, correct the deal in the CRM too;'
        || ' else put the invoice back as it was. Nothing is overwritten.' as remedy
    from watched
    where changes is not null
),

retied as (
    select
        *,
        'written_invoice_retied' as type,
        'private_note' as root_cause,
        'high' as severity,
        'billing_clerk' as owner_role,
        note || ' It was written for ' || deal_name || '.' as message,
        'Put the first line of the private note back in QuickBooks, or, if the invoice bills'
        || ' something else now, decide in the policy which deal it belongs to.' as remedy
    from watched
    where is_retied
),

copies as (
    select
        invoices.entity,
        invoices.invoice_id,
        'written_invoice_copied' as type,
        'marker_repeated' as root_cause,
        'high' as severity,
        'billing_clerk' as owner_role,
        invoices.total_amount as amount_at_stake,
        invoices.exchange_rate as rate,
        'Invoice ' || coalesce(invoices.document_number, invoices.invoice_id)
        || ' bears the note of another invoice that we wrote, '
        || coalesce(originals.document_number, originals.invoice_id)
        || '; it was probably copied from it and bills the same twice.' as message,
        'Void the copy in QuickBooks, or, if it bills something else, take the first line out of'
        || ' its private note.' as remedy
    from invoices
    anti join marked_invoices using (entity, invoice_id)
    inner join written_invoices as originals
        on
            invoices.entity = originals.entity
            and invoices.marker_billing_key = originals.billing_key
            and originals.is_newest
),

oddities as (
    {% for rule in ['ended', 'edited', 'retied', 'copies'] %}
        select * from {{ rule }}
        {% if not loop.last %}union all by name{% endif %}
    {% endfor %}
)

select
    oddities.entity,
    oddities.type,
    oddities.root_cause,
    'quickbooks' as subject_system,
    'invoice' as subject_type,
    oddities.invoice_id as subject_id,
    cast(null as varchar) as subject_detail,
    abs({{ money_in_home('oddities.amount_at_stake', 'oddities.rate') }}) as amount_home,
    oddities.severity,
    oddities.owner_role,
    oddities.message,
    oddities.remedy,
    record_states.extracted_at
from oddities
left join record_states
    on
        oddities.entity = record_states.entity
        and oddities.invoice_id = record_states.record_id
