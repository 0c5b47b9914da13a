{#- Read once, by int_controls__receivable_oddities. -#}
{{ config(materialized='view') }}
{#- No books of QuickBooks begin before this day; what lies further ahead than this is a slip. -#}
{%- set first_plausible_date = "date '1990-01-01'" -%}
{%- set days_ahead_max = 366 -%}
{%- set days_to_due_max = 1826 -%}

with documents as (
    select * from {{ ref('int_ledger__documents_unioned') }}
    where total <> 0
),

entities as (
    select * from {{ ref('int_ledger__entities') }}
),

invoices as (
    select * from {{ ref('stg_quickbooks__invoices') }}
),

terms as (
    select * from {{ ref('stg_quickbooks__terms') }}
),

customers as (
    select * from {{ ref('stg_quickbooks__customers') }}
),

open_amounts as (
    select * from {{ ref('int_ledger__open_amounts') }}
    where open_amount <> 0 and holds_until_date = date '9999-12-31'
),

described as (
    select
        documents.*,
        entities.home_currency,
        greatest(entities.extraction_date, {{ as_of_date() }}) as present_date,
        abs({{ money_in_home('documents.total', 'documents.exchange_rate') }}) as amount_home,
        {{ document_name('documents') }} as subject_name
    from documents
    inner join entities using (entity)
),

charges as (
    select
        described.*,
        invoices.due_date as own_due_date,
        invoices.deposit_amount as stated_deposit,
        terms.term_name,
        terms.term_id is not null as has_terms,
        customers.term_id is not null as has_customer_terms,
        open_amounts.document_id is not null as is_open
    from described
    inner join invoices
        on described.entity = invoices.entity and described.document_id = invoices.invoice_id
    left join terms
        on invoices.entity = terms.entity and invoices.term_id = terms.term_id
    left join customers
        on described.entity = customers.entity and described.customer_id = customers.customer_id
    left join open_amounts
        on
            described.entity = open_amounts.entity
            and described.document_type = open_amounts.document_type
            and described.document_id = open_amounts.document_id
    where described.document_type = 'invoice' and described.total > 0
),

negative_invoices as (
    select
        *,
        'negative_invoice' as type,
        'negative_total' as root_cause,
        'medium' as severity,
        'billing_clerk' as owner_role,
        ' is negative. It is carried as a credit that ages from its own date.' as finding,
        'Enter it as a credit memo in QuickBooks, apply that, and void the invoice.' as remedy
    from described
    where document_type = 'invoice' and total < 0
),

deposits_beyond_totals as (
    select
        * replace (
            {{ money_in_home('stated_deposit - total', 'exchange_rate') }} as amount_home
        ),
        'applied_beyond_total' as type,
        'deposit_on_invoice' as root_cause,
        'high' as severity,
        'accountant' as owner_role,
        ' states a deposit of ' || stated_deposit || ', more than it comes to. ' || total
        || ' of it count.' as finding,
        'Correct the deposit on the invoice in QuickBooks; enter what was received beyond it as a'
        || ' payment.' as remedy
    from charges
    where stated_deposit > total
),

early_due_dates as (
    select
        *,
        'due_before_document' as type,
        'due_date' as root_cause,
        'medium' as severity,
        'billing_clerk' as owner_role,
        ' is due on ' || due_date || ', before its own date, and ages from that day.' as finding,
        'Open the invoice in QuickBooks and correct its due date or its date.' as remedy
    from charges
    where due_date < txn_date
),

missing_due_dates as (
    select
        *,
        'due_date_missing' as type,
        case when not has_terms then 'due_on_its_date' else 'due_by_terms' end as root_cause,
        case when not has_terms then 'medium' else 'low' end as severity,
        'billing_clerk' as owner_role,
        ' has no due date and counts as due on ' || due_date
        || case
            when not has_terms then ', its own date.' else ', by its terms ' || term_name || '.'
        end
            as finding,
        'Open the invoice in QuickBooks and enter its due date.' as remedy
    from charges
    where own_due_date is null and is_open
),

missing_terms as (
    select
        *,
        'terms_missing' as type,
        case when has_customer_terms then 'customer_has_terms' else 'no_terms_agreed' end
            as root_cause,
        case when due_date > txn_date then 'low' else 'medium' end as severity,
        'billing_clerk' as owner_role,
        ' has no payment terms'
        || case when has_customer_terms then ', though its customer has' else '' end
        || '. It counts as due on ' || due_date || '.' as finding,
        'Open the invoice in QuickBooks, choose its terms and check the due date.' as remedy
    from charges
    where not has_terms and is_open and (has_customer_terms or due_date <= txn_date)
),

missing_rates as (
    select
        *,
        'exchange_rate_missing' as type,
        'rate_of_one' as root_cause,
        'high' as severity,
        'accountant' as owner_role,
        ' has no exchange rate. Like QuickBooks, the figures in ' || home_currency
        || ' count it at 1.' as finding,
        'Open it in QuickBooks, enter the exchange rate of its date and save it.' as remedy
    from described
    where currency <> home_currency and not has_exchange_rate
),

implausible_dates as (
    select
        *,
        'date_out_of_range' as type,
        'document_date' as root_cause,
        'high' as severity,
        'accountant' as owner_role,
        case
            when
                txn_date < {{ first_plausible_date }}
                then ' is dated before there were such books.'
            else ' is dated more than a year ahead, and counts from that day only.'
        end as finding,
        'Open it in QuickBooks and correct its date; the year is probably mistyped.' as remedy
    from described
    where
        txn_date < {{ first_plausible_date }} or txn_date > present_date + {{ days_ahead_max }}
),

implausible_due_dates as (
    select
        *,
        'date_out_of_range' as type,
        'due_date' as root_cause,
        'medium' as severity,
        'billing_clerk' as owner_role,
        ' is due on ' || due_date || ', more than five years after its date; until then it is never'
        || ' past due.' as finding,
        'Open the invoice in QuickBooks and correct its due date; the year is probably mistyped.'
            as remedy
    from charges
    where due_date > txn_date + {{ days_to_due_max }}
),

missing_customers as (
    select
        *,
        'customer_missing' as type,
        'posting_without_customer' as root_cause,
        'high' as severity,
        'accountant' as owner_role,
        ' is on receivables and names no customer, so nobody is asked for it.' as finding,
        'Open it in QuickBooks and name the customer on the line, or move the line to another'
        || ' account.' as remedy
    from described
    where customer_id = 'unnamed'
),

oddities as (
    {% for rule in [
        'negative_invoices', 'deposits_beyond_totals', 'early_due_dates', 'missing_due_dates',
        'missing_terms', 'missing_rates', 'implausible_dates', 'implausible_due_dates',
        'missing_customers',
    ] %}
        select * from {{ rule }}
        {% if not loop.last %}union all by name{% endif %}
    {% endfor %}
)

select
    entity,
    type,
    root_cause,
    document_type,
    document_id,
    transaction_type,
    transaction_id,
    cast(null as varchar) as subject_detail,
    amount_home,
    severity,
    owner_role,
    subject_name || finding as message,
    remedy
from oddities
