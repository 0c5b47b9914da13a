{{ config(tags=['constant']) }}

{#- In the order in which a bridge is read; opening and closing are what the categories explain. -#}
{%- set categories = [
    ('A', 'opening', none),
    ('A', 'opened_in_month', 'timing'),
    ('A', 'pulled_in', 'timing'),
    ('A', 'slipped', 'timing'),
    ('A', 'lost', 'churn'),
    ('A', 'scope', 'scope_changes'),
    ('A', 'pricing', 'pricing_adjustments'),
    ('A', 'fx', 'other'),
    ('A', 'closing', none),
    ('B', 'opening', none),
    ('B', 'to_backlog', 'timing'),
    ('B', 'from_backlog', 'timing'),
    ('B', 'scope', 'scope_changes'),
    ('B', 'churn', 'churn'),
    ('B', 'pricing', 'pricing_adjustments'),
    ('B', 'unlinked', 'other'),
    ('B', 'tax', 'other'),
    ('B', 'fx', 'other'),
    ('B', 'closing', none),
    ('C', 'opening', none),
    ('C', 'still_open', 'timing'),
    ('C', 'collected_from_prior', 'timing'),
    ('C', 'unapplied_cash', 'timing'),
    ('C', 'credit_notes', 'pricing_adjustments'),
    ('C', 'write_offs', 'churn'),
    ('C', 'refunds', 'other'),
    ('C', 'cash_sales', 'other'),
    ('C', 'fx', 'other'),
    ('C', 'closing', none),
] -%}
{% for section, category, rollup in categories -%}
    select
        '{{ section }}' as section,
        '{{ category }}' as category,
        cast({{ "'" ~ rollup ~ "'" if rollup else 'null' }} as varchar) as rollup,
        {{ loop.index }} as position
    {% if not loop.last %}union all{% endif %}
{% endfor %}
