{%- set policy = var('billing') -%}
{%- set period_rules = [
    {
        'when': 'book_close_date >= ' ~ as_of_date(),
        'code': "'period_closed'",
        'message': "'would be invoiced on ' || " ~ as_of_date() ~ " || ', and the books are closed up to '"
            ~ " || book_close_date || '.'",
        'remedy': "'Wait for the next period, or open the books in QuickBooks.'",
    },
] -%}
{%- set pilot_scope_rules = [
    {
        'when': 'not is_in_pilot_scope',
        'code': "'outside_pilot_scope'",
        'message': "'is outside the scope that the policy has switched on.'",
        'remedy': "'Invoice it by hand, or widen pilot_scope in the policy.'",
    },
] -%}
{%- set not_billed_yet_rules = [
    {
        'when': 'not has_books',
        'code': "'no_books'",
        'status': "'not_configured'",
        'message': "'belongs to no QuickBooks company that is read.'",
        'remedy': "'Connect the QuickBooks company that bills it.'",
        'role': "'system_owner'",
    },
    {
        'when': 'live_invoice_id is not null',
        'code': "'already_invoiced'",
        'message': "'is invoiced by QuickBooks invoice ' || live_invoice_id || '.'",
        'remedy': "'Nothing.'",
    },
    {
        'when': 'amount_before < billed_by_others or amount > unbilled_amount',
        'code': "'billed_already'",
        'message': "'is invoiced, at least in part: ' || billed_by_others || ' ' || currency || ' of its'"
            ~ " || ' deal is on invoices that others wrote.'",
        'remedy': "'Nothing, if so. Else reject the link in the policy, deal_links.'",
    },
    {
        'when': 'closed_for_billing is not null',
        'code': "'closed_for_billing'",
        'message': "'is not to be invoiced: the CRM says that billing is ' || closed_for_billing || '.'",
        'remedy': "'Nothing, if so. Else correct the billing status of the deal.'",
    },
    {
        'when': 'similar_invoice is not null',
        'code': "'possible_duplicate_invoice'",
        'message': "'may be invoiced already: ' || similar_invoice || ' is over the same amount.'",
        'remedy': "'If that invoice bills it, confirm the link in the policy, deal_links; else tie the"
            ~ " invoice to its own deal there.'",
    },
    {
        'when': 'likely_part is not null',
        'code': "'possible_part_invoice'",
        'message': "'may be invoiced in part: ' || likely_part || ' bills what this deal sold, and"
            ~ " nothing says which deal it bills.'",
        'remedy': "'If that invoice bills it, confirm the link in the policy, deal_links; else reject it"
            ~ " there, or tie the invoice to its own deal.'",
    },
] -%}

with units as (
    select * from {{ ref('int_billing__units') }}
),

deals as (
    select * from {{ ref('int_thread__deals') }}
),

entities as (
    select * from {{ ref('int_thread__entities') }}
),

preferences as (
    select * from {{ ref('stg_quickbooks__preferences') }}
),

marked_invoices as (
    select * from {{ ref('int_billing__marked_invoices') }}
    where is_live
),

deals_billed as (
    select * from {{ ref('int_thread__deals_billed') }}
),

invoices as (
    select * from {{ ref('int_thread__invoices') }}
),

invoice_links as (
    select * from {{ ref('int_thread__invoice_links') }}
),

link_candidates as (
    select * from {{ ref('int_thread__link_candidates') }}
),

billing_lines as (
    select * from {{ ref('int_thread__billing_lines') }}
    where deal_id is not null
),

-- A deal that moved to another company was billed by the first one.
live_invoices as (
    select
        billing_key,
        min(invoice_id) as invoice_id
    from marked_invoices
    group by all
),

billed_by_hand as (
    select
        billing_lines.entity,
        billing_lines.deal_id,
        sum(billing_lines.net_amount) as amount
    from billing_lines
    inner join invoices using (entity, invoice_id)
    where invoices.marker_billing_key is null
    group by all
),

units_marked as (
    select
        units.*,
        deals.closed_for_billing,
        deals.amount as deal_amount,
        coalesce(deals_billed.unbilled_amount, deals.amount) as unbilled_by_quantity,
        coalesce(billed_by_hand.amount, 0) as by_hand_amount,
        live_invoices.invoice_id as live_invoice_id
    from units
    inner join deals using (entity, deal_id)
    left join deals_billed using (entity, deal_id)
    left join billed_by_hand using (entity, deal_id)
    left join live_invoices using (billing_key)
),

-- What invoices without our marker bill of a deal is taken to be its first instalments. Of what we
-- billed the amounts are known, which quantities may tell otherwise.
consumed as (
    select
        *,
        case
            when count(live_invoice_id) over of_deal > 0 then by_hand_amount
            else deal_amount - unbilled_by_quantity
        end as billed_by_others,
        case
            when count(live_invoice_id) over of_deal > 0
                then
                    deal_amount - by_hand_amount - coalesce(
                        sum(amount) filter (where live_invoice_id is not null) over of_deal, 0
                    )
            else unbilled_by_quantity
        end as unbilled_amount,
        coalesce(
            sum(amount) filter (where live_invoice_id is null) over earlier_of_deal, 0
        ) as amount_before
    from units_marked
    window
        of_deal as (partition by entity, deal_id),
        earlier_of_deal as (
            partition by entity, deal_id
            order by instalment_date nulls first, billing_key
            rows between unbounded preceding and 1 preceding
        )
),

-- An invoice that is known to bill something else is no second one of this.
similar_invoices as (
    select
        units.entity,
        units.billing_key,
        string_agg(
            'invoice ' || coalesce(invoices.document_number, invoices.invoice_id) || ' of '
            || invoices.txn_date,
            ', ' order by invoices.txn_date, invoices.invoice_id
        ) as similar_invoice
    from units
    inner join invoices
        on
            units.entity = invoices.entity
            and units.customer_id = invoices.customer_id
            and units.currency = invoices.currency
            and units.amount in (invoices.net_amount, invoices.total_amount)
            and abs(invoices.txn_date - {{ as_of_date() }})
            <= {{ policy['duplicate_invoice_days'] }}
    left join invoice_links
        on
            invoices.entity = invoice_links.entity
            and invoices.invoice_id = invoice_links.invoice_id
    where
        coalesce(invoices.marker_billing_key, units.billing_key) = units.billing_key
        and coalesce(invoice_links.deal_id, units.deal_id) = units.deal_id
    group by all
),

-- Too unlike to count as billed, and too alike to bill beside it.
likely_parts as (
    select
        units.entity,
        units.billing_key,
        string_agg(
            'invoice ' || coalesce(invoices.document_number, invoices.invoice_id) || ' of '
            || invoices.txn_date || ' over ' || invoices.net_amount || ' ' || invoices.currency,
            ', ' order by invoices.txn_date, invoices.invoice_id
        ) as likely_part
    from units
    inner join link_candidates using (entity, deal_id)
    inner join invoices
        on
            link_candidates.entity = invoices.entity
            and link_candidates.invoice_id = invoices.invoice_id
            and units.won_date <= invoices.txn_date
    anti join invoice_links
        on
            invoices.entity = invoice_links.entity
            and invoices.invoice_id = invoice_links.invoice_id
    where link_candidates.score is not null or link_candidates.verdict = 'ambiguous'
    group by all
),

facts as (
    select
        consumed.*,
        coalesce(entities.has_books, false) as has_books,
        preferences.book_close_date,
        similar_invoices.similar_invoice,
        likely_parts.likely_part,
        {% for part, column in {
            'entities': 'entity', 'regions': 'region', 'segments': 'segment',
        }.items() %}
            {% set switched_on = text_list(policy['pilot_scope'][part] | map('lower') | list) %}
            len({{ switched_on }}) = 0
            or list_contains({{ switched_on }}, lower(consumed.{{ column }})) as is_in_{{ part }},
        {% endfor %}
        is_in_entities and is_in_regions and is_in_segments as is_in_pilot_scope
    from consumed
    left join entities on consumed.entity = entities.entity
    left join preferences on consumed.entity = preferences.entity
    left join similar_invoices
        on
            consumed.entity = similar_invoices.entity
            and consumed.billing_key = similar_invoices.billing_key
    left join likely_parts
        on
            consumed.entity = likely_parts.entity
            and consumed.billing_key = likely_parts.billing_key
)

{{ findings('period', 'facts', 'accountant', period_rules) }}
union all
{{ findings('pilot_scope', 'facts', 'billing_clerk', pilot_scope_rules) }}
union all
{{ findings('not_billed_yet', 'facts', 'billing_clerk', not_billed_yet_rules) }}
