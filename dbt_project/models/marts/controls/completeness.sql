with record_counts as (
    select * from {{ ref('int_controls__record_counts') }}
),

completed_readings as (
    select * from {{ ref('int_controls__completed_readings') }}
),

entities as (
    select * from {{ ref('int_ledger__entities') }}
),

as_of_dates as (
    select * from {{ ref('int_ledger__as_of_dates') }}
    where is_run_date
),

controlled_dates as (
    select * from {{ ref('int_ledger__controlled_dates') }}
    where not is_foreign
),

report_totals as (
    select
        'quickbooks' as system,
        tie_outs.entity,
        case tie_outs.measure
            when 'ar_control_account' then 'balance_sheets'
            else 'aged_receivables'
        end as object,
        tie_outs.ours,
        tie_outs.theirs,
        tie_outs.difference,
        tie_outs.currency as unit,
        controlled_dates.read_at as checked_at
    from {{ ref('tie_outs') }} as tie_outs
    inner join entities
        on tie_outs.entity = entities.entity and tie_outs.currency = entities.home_currency
    inner join as_of_dates
        on tie_outs.entity = as_of_dates.entity and tie_outs.as_of_date = as_of_dates.as_of_date
    inner join controlled_dates
        on
            tie_outs.entity = controlled_dates.entity
            and tie_outs.as_of_date = controlled_dates.as_of_date
            and tie_outs.measure = controlled_dates.measure
    where tie_outs.customer_id is null and tie_outs.measure <> 'customer_balance'
),

-- A report is kept once however often it is read unchanged: the run is the first that completed
-- with it.
dated_report_totals as (
    select
        report_totals.*,
        completed_readings.run_id
    from report_totals
    inner join completed_readings
        on
            report_totals.system = completed_readings.system
            and report_totals.entity = completed_readings.entity
            and report_totals.checked_at <= completed_readings.extracted_at
    qualify row_number() over (
        partition by report_totals.entity, report_totals.object
        order by completed_readings.extracted_at
    ) = 1
),

checks as (
    select
        entity,
        system,
        object,
        run_id,
        ours,
        theirs,
        difference,
        'records' as unit,
        counted_at as checked_at
    from record_counts
    union all by name
    select * from dated_report_totals
)

select
    entity,
    system,
    object,
    run_id,
    cast(ours as decimal(18, 2)) as ours,
    cast(theirs as decimal(18, 2)) as theirs,
    cast(difference as decimal(18, 2)) as difference,
    unit,
    checked_at
from checks
