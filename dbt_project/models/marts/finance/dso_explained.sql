{%- set part_of_effect = {
    'terms_and_timing': 'charges_not_due_home',
    'late_payment': 'charges_past_due_home',
    'credits': 'credits_home',
    'write_offs': 'journals_home',
} -%}
{%- set effects = (part_of_effect | list) + ['sales'] -%}

with dso as (
    select * from {{ ref('dso') }}
),

weighed as (
    select
        *,
        days_in_period / nullif(sales_home, 0) as days_per_unit
    from dso
),

compared as (
    select
        *,
        lag(dso_standard) over by_month as previous_dso,
        dso_standard - lag(dso_standard) over by_month as change,
        days_per_unit - lag(days_per_unit) over by_month as days_per_unit_change,
        (days_per_unit + lag(days_per_unit) over by_month) / 2 as days_per_unit_mean,
        {% for part in part_of_effect.values() %}
            {{ part }} - lag({{ part }}) over by_month as {{ part }}_change,
        {% endfor %}
        (ar_home + lag(ar_home) over by_month) / 2 as ar_home_mean
    from weighed
    window by_month as (
        partition by entity, segment
        order by month_end
    )
),

-- A product changes by each factor's change at the other's mean: nothing is left.
explained as (
    select
        *,
        [
            {% for part in part_of_effect.values() %}
                {{ part }}_change * days_per_unit_mean,
            {% endfor %}
            days_per_unit_change * ar_home_mean
        ] as exact_effects
    from compared
),

rounded as (
    select
        *,
        list_transform(exact_effects, lambda effect: cast(effect as decimal(18, 2)))
            as rounded_effects,
        list_transform(exact_effects, lambda effect: abs(effect)) as effect_sizes
    from explained
),

completed as (
    select
        *,
        change - list_sum(rounded_effects) as rounding,
        list_position(effect_sizes, list_max(effect_sizes)) as largest_position
    from rounded
),

apportioned as (
    select
        {% for effect in effects %}
            case
                when largest_position = {{ loop.index }}
                    then rounded_effects[{{ loop.index }}] + rounding
                when change is not null then rounded_effects[{{ loop.index }}]
            end as {{ effect }},
        {% endfor %}
        *
    from completed
)

select
    entity,
    month_end,
    segment,
    previous_dso,
    {% for effect in effects %}
        cast({{ effect }} as decimal(18, 2)) as {{ effect }},
    {% endfor %}
    dso_standard,
    change,
    cast(change - ({{ effects | join(' + ') }}) as decimal(18, 2)) as residual,
    cast(rounding as decimal(18, 2)) as rounding,
    {{ reason({
        'dso_standard is null': 'the month has no DSO',
        'previous_dso is null': 'the month before has no DSO',
    }) }} as reason,
    charges_not_due_home,
    charges_past_due_home,
    credits_home,
    journals_home
from apportioned
