{%- set fields = ['customer_id', 'term_id', 'total_amount', 'lines'] -%}

with versions as (
    select * from {{ ref('stg_quickbooks__invoice_versions') }}
    where not is_deleted
),

entities as (
    select * from {{ ref('int_thread__entities') }}
),

compared as (
    select
        *,
        {% for field in fields %}
            lag({{ field }}) over by_version as previous_{{ field }},
        {% endfor %}
        row_number() over by_version > 1 as has_previous
    from versions
    window by_version as (partition by entity, invoice_id order by version)
)

select
    compared.entity,
    compared.invoice_id,
    compared.version,
    cast(timezone(entities.time_zone, compared.updated_at) as date) as revised_date
from compared
inner join entities using (entity)
where
    compared.has_previous
    and (
        {% for field in fields %}
            compared.{{ field }} is distinct from compared.previous_{{ field }}
            {{ 'or' if not loop.last }}
        {% endfor %}
    )
