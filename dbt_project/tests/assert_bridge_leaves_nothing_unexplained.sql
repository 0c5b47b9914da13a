{#- The identity holds for the company, and for whatever its contributions are broken down by. -#}
{%- set cuts = ['deal_id', 'segment', 'region', 'product', 'rep', 'lead_source'] -%}
with contributions as (
    select * from {{ ref('bridge_contributions') }}
),

residuals as (
    {% for cut in cuts %}
        select
            entity,
            month,
            section,
            '{{ cut }}' as cut,
            {{ cut }} as member,
            sum(case when category = 'closing' then amount_home else -amount_home end) as residual
        from contributions
        group by all
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

unexplained as (
    select
        entity,
        month,
        section,
        'company' as cut,
        cast(null as varchar) as member,
        amount_home as residual
    from {{ ref('pipeline_to_cash_bridge') }}
    where category = 'unexplained'
),

unioned as (
    select * from residuals
    union all by name
    select * from unexplained
)

select *
from unioned
where residual <> 0
