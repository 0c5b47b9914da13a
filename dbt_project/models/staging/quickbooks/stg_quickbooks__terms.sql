with latest as (
    {{ latest_versions(source('raw_quickbooks', 'terms')) }}
),

parsed as (
    select
        entity,
        record_id,
        extracted_at,
        json_transform(payload, '{
            "Name": "VARCHAR",
            "Type": "VARCHAR",
            "DueDays": "INTEGER",
            "DayOfMonthDue": "INTEGER",
            "DueNextMonthDays": "INTEGER",
            "Active": "BOOLEAN"
        }') as term
    from latest
)

select
    entity,
    record_id as term_id,
    term.name as term_name,
    term.type as term_type,
    term.duedays as due_days,
    term.dayofmonthdue as day_of_month_due,
    term.duenextmonthdays as due_next_month_days,
    term.active as is_active,
    extracted_at
from parsed
