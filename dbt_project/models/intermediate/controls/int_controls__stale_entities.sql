with failures as (
    {% for system in ['quickbooks', 'salesforce'] %}
        select
            '{{ system }}' as system,
            *
        from {{ ref('stg_' ~ system ~ '__failures') }}
        {% if not loop.last %}union all by name{% endif %}
    {% endfor %}
),

last_readings as (
    select
        system,
        entity,
        max(extracted_at) as last_read_at
    from {{ ref('int_controls__completed_readings') }}
    group by all
)

-- A failure counts until a reading is completed after it; each carries the last one before it, for
-- our clock and the vendor's need not agree.
select
    failures.system,
    failures.entity,
    failures.last_read_at,
    min(failures.failed_at) as first_failed_at,
    arg_max(failures.reason, failures.failed_at) as reason
from failures
left join last_readings using (system, entity)
where failures.last_read_at is not distinct from last_readings.last_read_at
group by all
