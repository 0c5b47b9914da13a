{#- Twins whose open charges come to so much at home are worth a day's haste. -#}
{%- set high_amount_min = 10000 -%}
with clusters as (
    select * from {{ ref('duplicate_clusters') }}
),

pairs as (
    select * from {{ ref('duplicate_customers') }}
    where verdict = 'review'
),

records as (
    select record_key
    from {{ ref('int_duplicates__records') }}
),

decisions as (
    {{ decided_duplicates() }}
),

readings as (
    {% for system in ['quickbooks', 'salesforce'] %}
        select
            '{{ system }}' as system,
            entity,
            record_id,
            extracted_at
        from {{ ref('stg_' ~ system ~ '__record_states') }}
        where object = '{{ 'customers' if system == 'quickbooks' else 'accounts' }}'
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

newest_readings as (
    select max(extracted_at) as extracted_at from readings
),

entered_twice as (
    select
        entity,
        'duplicate_customer' as type,
        if(system = 'quickbooks', 'customer_entered_twice', 'account_entered_twice') as root_cause,
        system,
        oldest_id as record_id,
        cluster_id as subject_detail,
        money_at_risk_home as amount_home,
        case
            when money_at_risk_home >= {{ high_amount_min }} then 'high'
            when money_at_risk_home > 0 then 'medium'
            else 'low'
        end as severity,
        records_count || ' records are probably one customer: ' || rtrim(names, '.') || '. '
        || upper(left(reasons, 1)) || substr(reasons, 2) || '.'
        || if(
            above_credit_limit_joined_home > 0,
            ' Together they are ' || above_credit_limit_joined_home || ' above the credit limit.',
            ''
        )
        || if(
            unapplied_beside_charges_home > 0,
            ' ' || unapplied_beside_charges_home
            || ' is unapplied on one while another owes.',
            ''
        )
        || if(has_differing_terms, ' Their terms differ: ' || terms || '.', '')
        || if(has_differing_tax_status, ' One is taxable and another is not.', '') as message,
        'Merge them into ' || survivor_name || ' (' || survivor_id || '), or say in policy.yml,'
        || ' duplicate_decisions, that they are different.' as remedy
    from clusters
),

alike as (
    select
        left_entity as entity,
        'possible_duplicate_customer' as type,
        if(left_system = 'quickbooks', 'customers_look_alike', 'accounts_look_alike')
            as root_cause,
        left_system as system,
        left_id as record_id,
        right_id as subject_detail,
        money_at_risk_home as amount_home,
        'low' as severity,
        left_name || ' (' || left_id || ') and ' || right_name || ' (' || right_id
        || ') may be one customer: ' || reasons || '.' as message,
        'Look at both, and say in policy.yml, duplicate_decisions, whether they are the same.'
            as remedy
    from pairs
),

decided_records as (
    {% for side in ['left', 'right'] %}
        select
            {{ side }}_key as record_key,
            decided_by
        from decisions
        {{ 'union' if not loop.last }}
    {% endfor %}
),

decided_in_vain as (
    select
        split_part(record_key, ':', 2) as entity,
        'decision_without_record' as type,
        'record_not_read' as root_cause,
        split_part(record_key, ':', 1) as system,
        split_part(record_key, ':', 3) as record_id,
        cast(null as varchar) as subject_detail,
        cast(null as decimal(18, 2)) as amount_home,
        'low' as severity,
        'policy.yml, duplicate_decisions, names ' || replace(record_key, ':', '/')
        || ', which nobody has read. What ' || string_agg(decided_by, ', ' order by decided_by)
        || ' decided about it does nothing.' as message,
        'Correct the record in the policy: the realm or organisation, and the id as the system'
        || ' shows it, of 18 characters in Salesforce.' as remedy
    from decided_records
    where record_key not in (select records.record_key from records)
    group by record_key
),

found as (
    select * from entered_twice
    union all by name
    select * from alike
    union all by name
    select * from decided_in_vain
)

select
    found.entity,
    found.type,
    found.root_cause,
    found.system as subject_system,
    if(found.system = 'quickbooks', 'customer', 'account') as subject_type,
    found.record_id as subject_id,
    found.subject_detail,
    found.amount_home,
    found.severity,
    if(found.system = 'quickbooks', 'billing_clerk', 'sales_operations') as owner_role,
    found.message,
    found.remedy,
    coalesce(readings.extracted_at, newest_readings.extracted_at) as extracted_at
from found
cross join newest_readings
left join readings using (system, entity, record_id)
