{#-
    The kinds of operational measures. Facts go in, one row per case with `entity`, `period` and a
    column for each dimension that it is broken down by, none of them null; out comes a row for the
    whole company and one for each member of each dimension.
-#}

{% macro dimension_and_segment(dimensions) -%}
    case
        {%- for dimension in dimensions %}
        when grouping({{ dimension }}) = 0 then '{{ dimension }}'
        {%- endfor %}
        when true then 'segment'
    end as dimension,
    coalesce({% for dimension in dimensions %}{{ dimension }}, {% endfor %}'all') as segment
{%- endmacro %}

{% macro whole_and_members(dimensions) -%}
    grouping sets (
        (entity, period)
        {%- for dimension in dimensions %}, (entity, period, {{ dimension }}){% endfor %}
    )
{%- endmacro %}

{#- Sums of the facts' `numerator` by those of their `denominator`, in percent. -#}
{% macro measured_shares(measure, facts, dimensions, notes=none) -%}
    select
        entity,
        period,
        {{ dimension_and_segment(dimensions) }},
        '{{ measure }}' as measure,
        {{ percentage('sum(numerator)', 'sum(denominator)') }} as value,
        cast(sum(numerator) as decimal(18, 2)) as numerator,
        cast(sum(denominator) as decimal(18, 2)) as denominator,
        {{ reason(notes) if notes else 'cast(null as varchar)' }} as reason
    from {{ facts }}
    group by {{ whole_and_members(dimensions) }}
{%- endmacro %}

{#- An aggregate of the facts that members add up to, such as a sum. -#}
{% macro measured_totals(measure, facts, total, dimensions) -%}
    select
        entity,
        period,
        {{ dimension_and_segment(dimensions) }},
        '{{ measure }}' as measure,
        cast({{ total }} as decimal(18, 2)) as value,
        cast(null as decimal(18, 2)) as numerator,
        cast(null as decimal(18, 2)) as denominator,
        cast(null as varchar) as reason
    from {{ facts }}
    group by {{ whole_and_members(dimensions) }}
{%- endmacro %}

{#-
    Median and 90th percentile of a duration of the facts, between cases where none stands there;
    the denominator says how many cases.
-#}
{% macro measured_durations(measure, facts, duration, dimensions) -%}
    select
        entity,
        period,
        dimension,
        segment,
        '{{ measure }}_' || unnest(['median', 'p90']) as measure,
        cast(unnest(durations) as decimal(18, 2)) as value,
        cast(null as decimal(18, 2)) as numerator,
        cast(case_count as decimal(18, 2)) as denominator,
        cast(null as varchar) as reason
    from (
        select
            entity,
            period,
            {{ dimension_and_segment(dimensions) }},
            quantile_cont({{ duration }}, [0.5, 0.9]) as durations,
            count(*) as case_count
        from {{ facts }}
        where {{ duration }} is not null
        group by {{ whole_and_members(dimensions) }}
    ) as distributions
{%- endmacro %}

{#-
    How much of a positive amount the largest customers hold, by the end of the measure's name: the
    shares of the first 1, 5 and 10 in percent, and the Herfindahl-Hirschman index, 10,000 points
    where one customer holds all. `amounts` has `entity, period, customer_id, amount`.
-#}
{% macro measured_concentration(measure, amounts) -%}
    select
        entity,
        period,
        'segment' as dimension,
        'all' as segment,
        '{{ measure }}_' || unnest(['top_1', 'top_5', 'top_10', 'hhi']) as measure,
        cast(unnest([
            100 * top_1 / whole, 100 * top_5 / whole, 100 * top_10 / whole, 10000 * squares
        ]) as decimal(18, 2)) as value,
        cast(unnest([top_1, top_5, top_10, null]) as decimal(18, 2)) as numerator,
        cast(unnest([whole, whole, whole, null]) as decimal(18, 2)) as denominator,
        cast(null as varchar) as reason
    from (
        select
            entity,
            period,
            {% for count in [1, 5, 10] %}
                sum(amount) filter (where rank <= {{ count }}) as top_{{ count }},
            {% endfor %}
            sum((cast(amount as double) / whole) ** 2) as squares,
            any_value(whole) as whole
        from (
            select
                entity,
                period,
                amount,
                row_number() over (
                    partition by entity, period order by amount desc, customer_id
                ) as rank,
                sum(amount) over (partition by entity, period) as whole
            from {{ amounts }}
            where amount > 0
        ) as ranked
        group by entity, period
    ) as held
{%- endmacro %}
