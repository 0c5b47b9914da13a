{#- Read once, by int_controls__deal_oddities. -#}
{{ config(materialized='view') }}
{#- From these home amounts on, what was not billed is worth a day's haste, or two. -#}
{%- set high_amount_min = 10000 -%}
{%- set medium_amount_min = 1000 -%}
with deals as (
    select * from {{ ref('int_thread__deals') }}
    where not is_deleted and (is_won or is_open)
),

entities as (
    select * from {{ ref('int_thread__entities') }}
),

crm_lines as (
    select * from {{ ref('int_crm__deal_lines') }}
),

deal_lines as (
    select * from {{ ref('int_thread__deal_lines') }}
),

deal_states as (
    select * from {{ ref('int_crm__deal_states') }}
),

deals_billed as (
    select * from {{ ref('int_thread__deals_billed') }}
),

link_candidates as (
    select * from {{ ref('int_thread__link_candidates') }}
),

described as (
    select
        deals.*,
        entities.has_books,
        cast(null as varchar) as subject_detail,
        abs({{ money_in_home('deals.amount', 'deals.booked_rate') }}) as amount_home,
        {{ deal_label('deals') }} as subject_name
    from deals
    inner join entities using (entity)
),

amounts_missing as (
    select
        * replace (cast(null as decimal(18, 2)) as amount_home),
        'deal_without_amount' as type,
        if(is_won, 'won', 'open') as root_cause,
        if(is_won, 'high', 'medium') as severity,
        'sales_operations' as owner_role,
        ' has no amount and counts as nothing.' as finding,
        'Enter the amount of the deal in the CRM, or its lines.' as remedy
    from described
    where not has_amount
),

lines_added_up as (
    select
        crm_entity,
        deal_id,
        sum(line_amount) as lines_amount
    from crm_lines
    group by all
),

amounts_unlike_lines as (
    select
        described.* replace (
            abs({{ money_in_home(
                '(described.amount - lines_added_up.lines_amount)', 'described.booked_rate'
            ) }}) as amount_home
        ),
        'deal_amount_unlike_lines' as type,
        'lines_do_not_add_up' as root_cause,
        'medium' as severity,
        'sales_operations' as owner_role,
        ' has lines that add up to ' || lines_added_up.lines_amount
        || '. The amount counts, and the lines explain nothing.' as finding,
        'Correct the lines or the amount in the CRM, so that they agree.' as remedy
    from described
    inner join lines_added_up using (crm_entity, deal_id)
    where described.has_amount and described.amount <> lines_added_up.lines_amount
),

lines_without_item as (
    select
        described.* replace (
            deal_lines.deal_line_id as subject_detail,
            abs({{ money_in_home('deal_lines.line_amount', 'described.booked_rate') }})
                as amount_home
        ),
        'deal_line_without_item' as type,
        'product_not_in_books' as root_cause,
        'low' as severity,
        'billing_clerk' as owner_role,
        ' sells ' || coalesce(deal_lines.product_name, 'something without a name')
        || coalesce(' (' || deal_lines.product_code || ')', '')
        || ', which no item in QuickBooks has as its SKU or name.' as finding,
        'Give the item in QuickBooks the product''s code as its SKU, or create the item.' as remedy
    from described
    inner join deal_lines using (entity, deal_id)
    where described.has_books and deal_lines.item_id is null
),

closed_in_the_future as (
    select
        *,
        'deal_closed_in_future' as type,
        'won_ahead_of_time' as root_cause,
        'medium' as severity,
        'sales_operations' as owner_role,
        ' is won with the close date ' || close_date || ', which has not come. It is booked on that'
        || ' day.' as finding,
        'Set the close date in the CRM to the day on which the deal was won.' as remedy
    from described
    where is_won and close_date > {{ as_of_date() }}
),

states_in_order as (
    select
        crm_entity,
        deal_id,
        valid_from,
        outcome,
        currency,
        lag(outcome) over by_time as outcome_before,
        lag(currency) over by_time as currency_before
    from deal_states
    where not is_deleted
    window by_time as (partition by crm_entity, deal_id order by valid_from)
),

reopenings as (
    select
        crm_entity,
        deal_id,
        max(valid_from) as reopened_at
    from states_in_order
    where outcome_before = 'won' and outcome = 'open'
    group by all
),

reopened as (
    select
        described.*,
        'deal_reopened' as type,
        if(described.is_won, 'won_again', 'open_again') as root_cause,
        if(described.is_won, 'low', 'medium') as severity,
        'sales_operations' as owner_role,
        ' was won and reopened on '
        || strftime(timezone('UTC', reopenings.reopened_at), '%Y-%m-%d') || '. '
        || if(
            described.is_won,
            'It is booked once, on its present close date.',
            'It is not booked any more.'
        ) as finding,
        'Check in the CRM that the deal''s stage and close date are meant.' as remedy
    from described
    inner join reopenings using (crm_entity, deal_id)
),

currency_changes as (
    select
        crm_entity,
        deal_id,
        arg_max(currency_before, valid_from) as former_currency
    from states_in_order
    where currency_before <> currency
    group by all
),

currencies_changed as (
    select
        described.*,
        'deal_currency_changed' as type,
        'entered_in_another' as root_cause,
        'low' as severity,
        'sales_operations' as owner_role,
        ' was in ' || currency_changes.former_currency || ' before. What changed with it counts as'
        || ' pricing.' as finding,
        'Check in the CRM that amount and currency belong together.' as remedy
    from described
    inner join currency_changes using (crm_entity, deal_id)
),

rates_missing as (
    select
        *,
        'exchange_rate_missing' as type,
        'rate_of_one' as root_cause,
        'high' as severity,
        'accountant' as owner_role,
        ' is in a currency without an exchange rate. Figures in ' || home_currency
        || ' count it at 1.' as finding,
        'Enter the exchange rate of its close date in QuickBooks.' as remedy
    from described
    where not has_rate
),

entities_unknown as (
    select
        *,
        'deal_entity_unknown' as type,
        'no_company_named' as root_cause,
        'medium' as severity,
        'sales_operations' as owner_role,
        ' does not say which QuickBooks company bills it. It counts with ' || entity || '.'
            as finding,
        'Name the company on the deal, or a default_entity in the policy.' as remedy
    from described
    where is_entity_guessed
),

-- The policy's status says that nothing more is to be billed.
to_bill as (
    select
        described.* replace (
            {{ money_in_home('deals_billed.unbilled_amount', 'described.booked_rate') }}
                as amount_home
        ),
        deals_billed.unbilled_amount,
        deals_billed.invoices_count,
        deals_billed.last_sign_date
    from described
    inner join deals_billed using (entity, deal_id)
    where
        described.has_books
        and described.closed_for_billing is null
        and deals_billed.unbilled_amount > 0
),

-- Where a person has yet to say whether an invoice bills the deal, that is asked first.
undecided as (
    select distinct
        entity,
        deal_id
    from link_candidates
    where verdict = 'ambiguous'
),

forgotten as (
    select to_bill.*
    from to_bill
    anti join undecided using (entity, deal_id)
    where to_bill.last_sign_date < {{ as_of_date() }} - {{ var('quiet_days') }}
),

leaks as (
    select
        * exclude (unbilled_amount, invoices_count, last_sign_date),
        'revenue_leakage' as type,
        if(invoices_count = 0, 'never_billed', 'partly_billed') as root_cause,
        case
            when amount_home >= {{ high_amount_min }} then 'high'
            when amount_home >= {{ medium_amount_min }} then 'medium'
            else 'low'
        end as severity,
        'billing_clerk' as owner_role,
        ' was won on ' || won_date
        || if(
            invoices_count = 0,
            ' and never billed.',
            '. ' || unbilled_amount || ' of it is not billed, and nothing has been since '
            || last_sign_date || '.'
        ) as finding,
        'Bill what is missing; or say in the CRM that billing is complete or cancelled; or confirm'
        || ' the invoice that bills it in policy.yml, deal_links.' as remedy
    from forgotten
),

ownerless as (
    select * exclude (unbilled_amount, invoices_count, last_sign_date)
    from to_bill
    union all
    select * from described
    where is_open
),

owners_inactive as (
    select
        *,
        'deal_owner_inactive' as type,
        if(is_open, 'open', 'not_billed') as root_cause,
        'low' as severity,
        'sales_operations' as owner_role,
        case
            when rep = 'unassigned' then ' has no owner.'
            else ' belongs to ' || rep || ', who is not active any more.'
        end as finding,
        'Give the deal an active owner in the CRM.' as remedy
    from ownerless
    where not has_active_owner
),

orders_of_customers as (
    select
        *,
        {{ document_key('purchase_order_number') }} as order_key,
        count(*) over same_order as deals_count,
        string_agg(coalesce(deal_name, deal_id), ', ') over same_order as deal_names,
        row_number() over (
            partition by entity, customer_id, {{ document_key('purchase_order_number') }}
            order by close_date, deal_id
        ) as place
    from described
    where customer_id is not null and {{ document_key('purchase_order_number') }} is not null
    window same_order as (
        partition by entity, customer_id, {{ document_key('purchase_order_number') }}
        order by close_date, deal_id
        rows between unbounded preceding and unbounded following
    )
),

orders_repeated as (
    select
        * exclude (order_key, deals_count, deal_names, place) replace (
            order_key as subject_detail,
            cast(null as decimal(18, 2)) as amount_home
        ),
        'purchase_order_repeated' as type,
        'one_order_several_deals' as root_cause,
        'low' as severity,
        'sales_operations' as owner_role,
        ' shares its order number ' || purchase_order_number || ' with other deals of the'
        || ' customer: ' || deal_names
        || '. The number does not say which of them an invoice bills.' as finding,
        'Check the order numbers in the CRM; where one order covers several deals, confirm its'
        || ' invoices in policy.yml, deal_links.' as remedy
    from orders_of_customers
    where deals_count > 1 and place = 1
),

oddities as (
    {% for rule in [
        'amounts_missing', 'amounts_unlike_lines', 'lines_without_item', 'closed_in_the_future',
        'reopened', 'currencies_changed', 'rates_missing', 'entities_unknown', 'leaks',
        'owners_inactive', 'orders_repeated',
    ] %}
        select * from {{ rule }}
        {% if not loop.last %}union all by name{% endif %}
    {% endfor %}
)

select
    entity,
    type,
    root_cause,
    crm_system as subject_system,
    'deal' as subject_type,
    deal_id as subject_id,
    subject_detail,
    amount_home,
    severity,
    owner_role,
    subject_name || finding as message,
    remedy,
    crm_entity as record_entity
from oddities
