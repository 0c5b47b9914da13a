{{ config(tags=['constant']) }}

{#-
    Name of a measure, its unit, and why it is null where nothing of its kind happened; a sum is
    then 0 and gives no reason. Where the whole company has no such figure, only parts of it, the
    measure has no row for a period without one.
-#}
{%- set monthly = [
    ('invoice_cycle_hours_median', 'hours', 'no won deal was first invoiced in the month'),
    ('invoice_cycle_hours_p90', 'hours', 'no won deal was first invoiced in the month'),
    ('approval_to_invoice_hours_median', 'hours', 'no approved deal was first invoiced in the month'),
    ('approval_to_invoice_hours_p90', 'hours', 'no approved deal was first invoiced in the month'),
    ('opened_to_won_days_median', 'days', 'no deal was won in the month'),
    ('opened_to_won_days_p90', 'days', 'no deal was won in the month'),
    ('won_to_invoiced_days_median', 'days', 'no won deal was first invoiced in the month'),
    ('won_to_invoiced_days_p90', 'days', 'no won deal was first invoiced in the month'),
    ('invoiced_to_paid_days_median', 'days', 'no deal was paid in full in the month'),
    ('invoiced_to_paid_days_p90', 'days', 'no deal was paid in full in the month'),
    ('quote_to_cash_days_median', 'days', 'no deal was paid in full in the month'),
    ('quote_to_cash_days_p90', 'days', 'no deal was paid in full in the month'),
    ('billing_error_rate_count', 'percent', 'no invoice is dated in the month'),
    ('billing_error_rate_amount', 'percent', 'no invoice is dated in the month'),
    ('first_pass_acceptance', 'percent', 'no invoice of the month is 30 days old'),
    ('billable_completeness', 'percent', 'no deal was approved in the month'),
    ('bookings', 'home currency', none),
    ('billings', 'home currency', none),
    ('bookings_billings_gap', 'home currency', none),
    ('pipeline_to_bill_conversion', 'percent', 'no deal with an amount was won in the month'),
    ('billed_backlog', 'home currency', none),
    ('unbilled_backlog', 'home currency', none),
    ('revenue_leakage_amount', 'home currency', none),
    ('revenue_leakage_count', 'count', none),
    ('weighted_pipeline', 'home currency', none),
    ('pipeline_forecast_wape', 'percent', 'nothing was booked in the month'),
    ('pipeline_forecast_bias', 'percent', 'nothing was booked in the month'),
    ('sales_concentration_top_1', 'percent', 'nothing was sold in the month'),
    ('sales_concentration_top_5', 'percent', 'nothing was sold in the month'),
    ('sales_concentration_top_10', 'percent', 'nothing was sold in the month'),
    ('sales_concentration_hhi', 'points', 'nothing was sold in the month'),
    ('ar_concentration_top_1', 'percent', 'nothing was owed at the end of the month'),
    ('ar_concentration_top_5', 'percent', 'nothing was owed at the end of the month'),
    ('ar_concentration_top_10', 'percent', 'nothing was owed at the end of the month'),
    ('ar_concentration_hhi', 'points', 'nothing was owed at the end of the month'),
    ('margin', 'percent', 'no item with a known cost was sold in the month'),
    ('cash_margin', 'percent', 'no cash came in for items with a known cost'),
    ('collection_rate', 'percent', 'nothing fell due in the month'),
    ('collected_within_terms_amount', 'percent', 'nothing fell due in the month'),
    ('collected_within_terms_count', 'percent', 'nothing fell due in the month'),
    ('past_due_share', 'percent', 'credits covered all receivables'),
    ('ageing_roll_rate', 'percent', 'no charge was open when the month began'),
    ('undeposited_funds_amount', 'home currency', none),
    ('undeposited_funds_count', 'count', none),
    ('undeposited_funds_oldest_days', 'days', 'no receipt was waiting'),
    ('hours_saved_estimated', 'hours', none),
] -%}
{%- set monthly_in_parts = [
    ('cash_forecast_wape', 'percent', 'nothing was collected within the horizon'),
    ('cash_forecast_bias', 'percent', 'nothing was collected within the horizon'),
] -%}
{%- set unresolved = 'when exceptions are resolved is not recorded' -%}
{%- set weekly = [
    ('duplicate_creation_rate', 'percent', 'no customer was entered in the week'),
    ('exception_volume', 'count', none),
    ('exception_sla_attainment', 'percent', unresolved),
    ('exception_resolution_hours_median', 'hours', unresolved),
    ('exception_resolution_hours_p90', 'hours', unresolved),
] -%}
{%- set names = (monthly + monthly_in_parts + weekly) | map('first') | list -%}
{%- for name in var('measures') if execute and name not in names -%}
    {{ exceptions.raise_compiler_error(
        'The policy gives a goal to ' ~ name ~ ', which is no measure. These are: '
        ~ names | join(', ') ~ '.'
    ) }}
{%- endfor -%}

with catalogue as (
    {% for grain, measures, has_whole in [
        ('month', monthly, true), ('month', monthly_in_parts, false), ('week', weekly, true),
    ] %}
        {% set is_last = loop.last %}
        {% for name, unit, empty_reason in measures %}
            select
                '{{ name }}' as measure,
                '{{ grain }}' as grain,
                '{{ unit }}' as unit,
                {{ has_whole }} as has_whole,
                cast({{ "'" ~ empty_reason ~ "'" if empty_reason else 'null' }} as varchar)
                    as empty_reason
            {% if not (is_last and loop.last) %}union all{% endif %}
        {% endfor %}
    {% endfor %}
)

select
    measure,
    grain,
    unit,
    has_whole,
    empty_reason is null as is_sum,
    empty_reason
from catalogue
