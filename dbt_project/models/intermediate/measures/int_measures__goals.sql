{{ config(tags=['constant']) }}

{%- set goals = var('measures') -%}

with goals as (
    {% for measure in goals %}
        select
            '{{ measure }}' as measure,
            cast({{ goals[measure]['baseline'] or 'null' }} as decimal(18, 2)) as baseline,
            cast({{ goals[measure]['target'] or 'null' }} as decimal(18, 2)) as target
        union all
    {% endfor %}
    select
        cast(null as varchar) as measure,
        cast(null as decimal(18, 2)) as baseline,
        cast(null as decimal(18, 2)) as target
)

select
    measure,
    baseline,
    target
from goals
where measure is not null
