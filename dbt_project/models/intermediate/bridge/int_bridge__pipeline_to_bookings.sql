with deal_months as (
    select * from {{ ref('int_bridge__deal_months') }}
    where was_expected or month_outcome = 'won'
),

deals as (
    select * from {{ ref('int_thread__deals') }}
),

quantities_changed as (
    select * from {{ ref('int_bridge__quantities_changed') }}
),

rates as (
    select * from {{ ref('int_thread__exchange_rates') }}
),

valued as (
    select
        deal_months.entity,
        deal_months.month,
        deal_months.deal_id,
        deals.customer_id,
        deal_months.was_expected,
        deal_months.month_outcome,
        deal_months.month_outcome = 'won' and deal_months.was_open as is_changed,
        deal_months.month_outcome = 'won' and not deal_months.was_open as is_new,
        deal_months.amount,
        deal_months.currency,
        deals.amount as booked_amount,
        deals.currency as booked_currency,
        coalesce(quantities_changed.scope_amount, 0) as scope_amount,
        {{ money_in_home('deal_months.amount', 'coalesce(rates_before.exchange_rate, 1)') }}
            as opening_home,
        {{ money_in_home('deal_months.amount', 'coalesce(rates_of_close.exchange_rate, 1)') }}
            as opening_home_at_close,
        {{ money_in_home('coalesce(quantities_changed.scope_amount, 0)', 'deals.booked_rate') }}
            as scope_home,
        {{ money_in_home('deals.amount', 'deals.booked_rate') }} as booked_home
    from deal_months
    inner join deals using (entity, deal_id)
    left join quantities_changed
        on
            deal_months.entity = quantities_changed.entity
            and deal_months.deal_id = quantities_changed.deal_id
    asof left join rates as rates_before
        on
            deal_months.entity = rates_before.entity
            and deal_months.currency = rates_before.currency
            and deal_months.month > rates_before.holds_from_date
    asof left join rates as rates_of_close
        on
            deal_months.entity = rates_of_close.entity
            and deal_months.currency = rates_of_close.currency
            and deals.won_date >= rates_of_close.holds_from_date
),

contributions as (
    {%- set opened = ('amount', 'currency') %}
    {%- set left = ('-amount', 'currency') %}
    {%- set booked = ('booked_amount', 'booked_currency') %}
    {%- set nothing = ('cast(null as decimal(18, 2))', 'cast(null as varchar)') %}
    {%- set repriced = (
        'if(currency = booked_currency, booked_amount - amount - scope_amount, null)',
        'if(currency = booked_currency, currency, null)',
    ) %}
    {%- set scoped = ('scope_amount', 'currency') %}
    {% for category, condition, amount_home, amounts in [
        ('opening', 'was_expected', 'opening_home', opened),
        ('pulled_in', 'is_changed and not was_expected', 'opening_home', opened),
        ('opened_in_month', 'is_new', 'booked_home', booked),
        ('slipped', "month_outcome = 'open'", '-opening_home', left),
        ('lost', "month_outcome = 'lost'", '-opening_home', left),
        ('scope', 'is_changed', 'scope_home', scoped),
        ('pricing', 'is_changed', 'booked_home - opening_home_at_close - scope_home', repriced),
        ('fx', 'is_changed', 'opening_home_at_close - opening_home', nothing),
        ('closing', "month_outcome = 'won'", 'booked_home', booked),
    ] %}
        select
            entity,
            month,
            '{{ category }}' as category,
            deal_id,
            customer_id,
            {{ amount_home }} as amount_home,
            {{ amounts[0] }} as amount,
            {{ amounts[1] }} as currency
        from valued
        where {{ condition }} and {{ amount_home }} <> 0
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select
    entity,
    month,
    'A' as section,
    category,
    deal_id,
    cast(null as varchar) as document_type,
    cast(null as varchar) as document_id,
    customer_id,
    cast(amount_home as decimal(18, 2)) as amount_home,
    cast(amount as decimal(18, 2)) as amount,
    currency
from contributions
