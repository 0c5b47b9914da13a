{#- The longest text that a text field of the CRM takes. -#}
{%- set text_max = 255 -%}
with written_invoices as (
    select * from {{ ref('int_billing__written_invoices') }}
),

deals as (
    select * from {{ ref('int_crm__deals') }}
    where crm_system = 'salesforce' and not is_deleted
),

-- An invoice that was voided or deleted says something only while nothing else was billed instead.
told_invoices as (
    select
        *,
        state = 'live' as is_live,
        state = 'live' and open_amount > 0 and due_date < {{ as_of_date() }} as is_overdue
    from written_invoices
    where crm_system = 'salesforce' and is_newest
),

summed as (
    select
        deal_id,
        list(invoice_id order by {{ document_order('invoice_id') }}) filter (where is_live)
            as invoice_ids,
        list(document_number order by {{ document_order('invoice_id') }})
        filter (where is_live and document_number is not null) as invoice_numbers,
        arg_max(invoice_id, (is_live, {{ document_order('invoice_id') }})) as newest_invoice_id,
        arg_max(state, (is_live, {{ document_order('invoice_id') }})) as newest_state,
        bool_or(is_live) as has_live,
        bool_or(is_overdue) as has_overdue,
        coalesce(sum(total_amount), 0) as invoiced_amount,
        coalesce(sum(open_amount), 0) as invoice_balance,
        max(paid_date) as last_paid_date,
        list(distinct currency) filter (where is_live) as currencies,
        string_agg(note, ' ' order by {{ document_order('invoice_id') }}) as note
    from told_invoices
    group by deal_id
),

joined as (
    select
        summed.*,
        deals.crm_entity,
        deals.deal_name,
        deals.quickbooks_invoice_ids as known_ids,
        deals.quickbooks_invoice_numbers as known_numbers,
        coalesce(summed.currencies, [deals.currency]) = [deals.currency] as has_figures
    from summed
    inner join deals using (deal_id)
),

-- What a person or another system wrote beside ours stays.
wished as (
    select
        crm_entity,
        deal_id,
        deal_name,
        {% for list in ['ids', 'numbers'] -%}
            list_concat(
                known_{{ list }},
                list_filter(
                    coalesce(invoice_{{ list }}, []),
                    lambda ours: not list_contains(known_{{ list }}, ours)
                )
            ) as quickbooks_invoice_{{ list }},
        {% endfor -%}
        case
            when not has_live then newest_state
            when invoice_balance = 0 then 'paid'
            when has_overdue then 'overdue'
            when invoice_balance < invoiced_amount then 'partially_paid'
            else 'open'
        end as invoice_status,
        'https://app.qbo.intuit.com/app/invoice?txnId=' || newest_invoice_id as invoice_link,
        case when has_figures then cast(invoiced_amount as decimal(18, 2)) end as invoiced_amount,
        case when has_figures then cast(invoice_balance as decimal(18, 2)) end as invoice_balance,
        case when has_live and invoice_balance = 0 then last_paid_date end as invoice_paid_date,
        left(note, {{ text_max }}) as invoice_note
    from joined
),

compared as (
    select
        wished.*,
        deals.extracted_at,
        {{ differing_fields('opportunity', 'deals', {
            'quickbooks_invoice_ids': (
                'wished.quickbooks_invoice_ids',
                json_text("array_to_string(wished.quickbooks_invoice_ids, ', ')"),
            ),
            'quickbooks_invoice_numbers': (
                'wished.quickbooks_invoice_numbers',
                json_text("array_to_string(wished.quickbooks_invoice_numbers, ', ')"),
            ),
            'invoice_status': ('wished.invoice_status', json_text('wished.invoice_status')),
            'invoice_link': ('wished.invoice_link', json_text('wished.invoice_link')),
            'invoiced_amount': (
                'wished.invoiced_amount', 'cast(wished.invoiced_amount as varchar)'
            ),
            'invoice_balance': (
                'wished.invoice_balance', 'cast(wished.invoice_balance as varchar)'
            ),
            'invoice_paid_date': (
                'wished.invoice_paid_date', json_text('wished.invoice_paid_date')
            ),
            'invoice_note': ('wished.invoice_note', json_text('wished.invoice_note')),
        }) }} as payload
    from wished
    inner join deals using (crm_entity, deal_id)
),

wanted as (
    select
        'salesforce' as system,
        compared.crm_entity as entity,
        'Opportunity' as object,
        'update' as operation,
        compared.deal_id as key,
        compared.deal_id as marker,
        1 as generation,
        compared.payload,
        cast(null as varchar) as content_fingerprint,
        cast(null as varchar) as preconditions_hash,
        cast(null as varchar) as depends_on,
        compared.deal_id as remote_id,
        cast(null as varchar) as evaluated,
        cast(null as decimal(18, 2)) as total_amount,
        'Deal ' || coalesce(compared.deal_name, compared.deal_id)
        || ' does not say yet what became of its invoices: ' || compared.invoice_status || '.'
            as reason,
        compared.extracted_at as due_at,
        compared.extracted_at as evaluated_at
    from compared
    where compared.payload <> '{}'
)

{{ outbox_rows('wanted') }}
