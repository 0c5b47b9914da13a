{#- Category, what it is in home currency, what it is in another, and which that is. -#}
{%- set causes = [
    ('from_backlog', 'from_backlog_home', 'from_backlog_amount', 'currency'),
    ('scope', 'scope_home', 'scope_amount', 'currency'),
    ('pricing', 'pricing_home', 'pricing_amount', 'currency'),
    ('churn', 'churn_home', 'churn_amount', 'currency'),
    ('tax', 'tax_home', 'tax_amount', 'document_currency'),
    ('fx', 'fx_home', 'cast(null as decimal(18, 2))', 'cast(null as varchar)'),
    ('closing', 'gross_home', 'gross_amount', 'document_currency'),
] -%}
{%- set unlinked_causes = [
    ('unlinked', 'net_amount_home', 'net_amount'),
    ('tax', 'tax_amount_home', 'tax_amount'),
    ('closing', 'gross_amount_home', 'gross_amount'),
] -%}
with deals as (
    select * from {{ ref('int_thread__deals') }}
    where won_date is not null and not is_deleted
),

movements as (
    select * from {{ ref('int_bridge__backlog_movements') }}
),

shares as (
    select * from {{ ref('int_bridge__invoice_shares') }}
    where deal_id is null and txn_date <= {{ as_of_date() }}
),

invoices as (
    select * from {{ ref('int_thread__invoices') }}
),

bookings as (
    select
        entity,
        deal_id,
        customer_id,
        currency,
        amount,
        {{ money_in_home('amount', 'booked_rate') }} as amount_home,
        won_date
    from deals
),

left_when_booked as (
    select
        entity,
        deal_id,
        sum(from_backlog_amount) as amount,
        sum(from_backlog_home) as amount_home
    from movements
    where is_in_booked_month
    group by all
),

contributions as (
    select
        entity,
        won_date as contribution_date,
        'opening' as category,
        deal_id,
        'deal' as document_type,
        cast(null as varchar) as document_id,
        customer_id,
        amount_home,
        amount,
        currency
    from bookings
    union all
    select
        bookings.entity,
        bookings.won_date as contribution_date,
        'to_backlog' as category,
        bookings.deal_id,
        'deal' as document_type,
        cast(null as varchar) as document_id,
        bookings.customer_id,
        coalesce(left_when_booked.amount_home, 0) - bookings.amount_home as amount_home,
        coalesce(left_when_booked.amount, 0) - bookings.amount as amount,
        bookings.currency
    from bookings
    left join left_when_booked using (entity, deal_id)
    {% for category, amount_home, amount, currency in causes %}
        union all
        select
            entity,
            movement_date as contribution_date,
            '{{ category }}' as category,
            deal_id,
            document_type,
            document_id,
            customer_id,
            {{ amount_home }} as amount_home,
            {{ amount }} as amount,
            {{ currency }} as currency
        from movements
        {{ 'where not is_in_booked_month' if category == 'from_backlog' }}
    {% endfor %}
    {% for category, amount_home, amount in unlinked_causes %}
        union all
        select
            shares.entity,
            shares.txn_date as contribution_date,
            '{{ category }}' as category,
            shares.deal_id,
            'invoice' as document_type,
            shares.invoice_id as document_id,
            invoices.customer_id,
            shares.{{ amount_home }} as amount_home,
            shares.{{ amount }} as amount,
            shares.currency
        from shares
        inner join invoices using (entity, invoice_id)
    {% endfor %}
)

select
    entity,
    cast(date_trunc('month', contribution_date) as date) as month,
    'B' as section,
    category,
    deal_id,
    document_type,
    document_id,
    customer_id,
    cast(amount_home as decimal(18, 2)) as amount_home,
    cast(amount as decimal(18, 2)) as amount,
    currency
from contributions
where amount_home <> 0
