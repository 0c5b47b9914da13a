{#- A field that the CRM does not have cannot be asked for. -#}
{%- set required = var('required_deal_fields') | list -%}
{%- if not var('crm_fields')['opportunity']['purchase_order_number'] -%}
    {%- set required = required | reject('equalto', 'purchase_order_number') | list -%}
{%- endif -%}
{%- set presence = {
    'purchase_order_number': 'purchase_order_number is not null',
    'amount': 'coalesce(amount, 0) <> 0',
    'account': 'crm_account_id is not null',
    'lines': 'has_lines',
} -%}
{%- set dimensions = ['segment', 'rep'] -%}

with approvals as (
    select * from {{ ref('int_crm__approvals') }}
),

deals as (
    select * from {{ ref('int_thread__deals') }}
    where not is_deleted
),

entities as (
    select * from {{ ref('int_thread__entities') }}
),

deal_versions as (
    select * from {{ ref('int_crm__deal_versions') }}
),

line_states as (
    select * from {{ ref('int_crm__deal_line_states') }}
),

first_approvals as (
    select
        crm_entity,
        deal_id,
        min(approved_at) as approved_at
    from approvals
    group by all
),

-- A line was there when it had been made and no version of that time says it was gone.
lines_then as (
    select
        first_approvals.crm_entity,
        first_approvals.deal_id,
        line_states.deal_line_id
    from first_approvals
    inner join line_states using (crm_entity, deal_id)
    where line_states.created_at <= first_approvals.approved_at
    group by all
    having
        not coalesce(
            bool_or(line_states.is_deleted) filter (
                where
                line_states.valid_from <= first_approvals.approved_at
                and line_states.valid_until > first_approvals.approved_at
            ),
            false
        )
),

deals_with_lines as (
    select
        crm_entity,
        deal_id
    from lines_then
    group by all
),

approved as (
    select
        deals.entity,
        deals.segment,
        deals.rep,
        cast(
            date_trunc('month', timezone(entities.time_zone, first_approvals.approved_at)) as date
        ) as period,
        versions.deal_id is not null as is_seen_then,
        if(versions.deal_id is not null, versions.amount, if(deals.has_amount, deals.amount, null))
            as amount,
        if(
            versions.deal_id is not null,
            versions.purchase_order_number,
            deals.purchase_order_number
        ) as purchase_order_number,
        if(versions.deal_id is not null, versions.crm_account_id, deals.crm_account_id)
            as crm_account_id,
        deals_with_lines.deal_id is not null as has_lines
    from first_approvals
    inner join deals using (crm_entity, deal_id)
    inner join entities on deals.entity = entities.entity
    left join deal_versions as versions
        on
            first_approvals.crm_entity = versions.crm_entity
            and first_approvals.deal_id = versions.deal_id
            and first_approvals.approved_at >= versions.valid_from
            and first_approvals.approved_at < versions.valid_until
    left join deals_with_lines
        on
            first_approvals.crm_entity = deals_with_lines.crm_entity
            and first_approvals.deal_id = deals_with_lines.deal_id
),

judged as (
    select
        entity,
        period,
        {{ dimensions | join(', ') }},
        if(
            {% for field in required %}
                {{ presence[field] }}{{ ' and' if not loop.last }}
            {% else %}
                true
            {% endfor %},
            1, 0
        ) as numerator,
        1 as denominator,
        is_seen_then
    from approved
)

{{ measured_shares('billable_completeness', 'judged', dimensions, notes={
    'not bool_and(is_seen_then)':
        'deals not read before a later change are judged as they stand now',
}) }}
