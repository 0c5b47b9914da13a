{% for system in ['quickbooks', 'salesforce'] %}
    select
        '{{ system }}' as system,
        entity,
        run_id,
        extracted_at
    from {{ ref('stg_' ~ system ~ '__extractions') }}
    {% if not loop.last %}union all by name{% endif %}
{% endfor %}
