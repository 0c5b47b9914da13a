{% for system in ['quickbooks', 'salesforce'] %}
    select
        '{{ system }}' as system,
        entity,
        object,
        run_id,
        ours,
        theirs,
        ours - theirs as difference,
        counted_at
    from {{ ref('stg_' ~ system ~ '__counts') }}
    {% if not loop.last %}union all by name{% endif %}
{% endfor %}
