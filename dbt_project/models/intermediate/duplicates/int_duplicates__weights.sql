{#-
    What each level of each comparison tells, learned from the company's own records without labels:
    expectation and maximisation over the patterns that occur. Pairs with nothing telling in common are
    two for certain, and show what two records are like. After twenty rounds hardly anything moves.
-#}
{%- set rounds = 20 -%}
{%- set comparisons = duplicate_comparisons() -%}
with recursive patterns as (
    select * from {{ ref('int_duplicates__patterns') }}
),

levels as (
    {% for comparison in comparisons %}
        select
            pattern,
            pairs_count,
            has_nothing_telling,
            '{{ comparison }}' as comparison,
            cast({{ comparison }} as bigint) as level
        from patterns
        where {{ comparison }} is not null
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

ladders as (
    select
        comparison,
        max(level) as top_level,
        unnest(range(0, max(level) + 1)) as level
    from levels
    group by comparison
),

learned as (
    select
        cast(0 as bigint) as round,
        comparison,
        level,
        (level + 1.0) ^ 2 / sum((level + 1.0) ^ 2) over ladder as match_share,
        (top_level - level + 1.0) ^ 2 / sum((top_level - level + 1.0) ^ 2) over ladder
            as other_share,
        cast(0.1 as double) as match_rate
    from ladders
    window ladder as (partition by comparison)
    union all
    select * from (
        with weighed as (
            select
                levels.pattern,
                any_value(levels.pairs_count) as pairs_count,
                any_value(learned.round) as round,
                if(any_value(levels.has_nothing_telling), 0, any_value(levels.pairs_count))
                / (1 + exp(-(
                    ln(any_value(learned.match_rate) / (1 - any_value(learned.match_rate)))
                    + {{ exactly_added('ln(learned.match_share / learned.other_share)') }}
                ))) as matches
            from levels
            inner join learned using (comparison, level)
            group by levels.pattern
        ),

        counted as (
            select
                levels.comparison,
                levels.level,
                {{ exactly_added('weighed.matches') }} + 0.5 as matches,
                {{ exactly_added('weighed.pairs_count - weighed.matches') }} + 0.5
                    as others
            from levels
            inner join weighed using (pattern)
            group by all
        ),

        whole as (
            select
                any_value(round) as round,
                {{ exactly_added('matches') }} / sum(pairs_count) as match_rate
            from weighed
        )

        select
            whole.round + 1 as round,
            counted.comparison,
            counted.level,
            counted.matches / sum(counted.matches) over ladder as match_share,
            counted.others / sum(counted.others) over ladder as other_share,
            whole.match_rate
        from counted
        cross join whole
        where whole.round < {{ rounds }}
        window ladder as (
            partition by counted.comparison
            order by counted.level
            rows between unbounded preceding and unbounded following
        )
    )
)

select
    comparison,
    level,
    ln(match_share / other_share) as weight,
    ln(match_rate / (1 - match_rate)) as prior_weight
from learned
where round = {{ rounds }}
