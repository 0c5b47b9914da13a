{%- set approvers = var('billing')['approvers'] -%}
with deals as (
    select * from {{ ref('int_thread__deals') }}
),

processes as (
    select * from {{ ref('stg_salesforce__process_instances') }}
),

steps as (
    select * from {{ ref('stg_salesforce__process_instance_steps') }}
    where step_status = 'Approved'
),

users as (
    select * from {{ ref('stg_salesforce__users') }}
),

-- What a person may approve, as the policy says it of departments and titles.
powers as (
    {% for approver in approvers %}
        select
            {{ loop.index }} as power_position,
            '{{ approver["department"] | replace("'", "''") }}' as department,
            '{{ approver["title"] | replace("'", "''") }}' as title,
            cast({{ number_or_null(approver['amount_home_max']) }} as decimal(18, 2))
                as amount_home_max,
            cast({{ number_or_null(approver['discount_percent_max']) }} as decimal(9, 4))
                as discount_percent_max,
            cast({{ number_or_null(approver['terms_days_max']) }} as integer) as terms_days_max,
            {{ approver['may_write_off'] | lower }} as may_write_off
        {% if not loop.last %}union all{% endif %}
    {% else %}
        select
            cast(null as integer) as power_position,
            cast(null as varchar) as department,
            cast(null as varchar) as title,
            cast(null as decimal(18, 2)) as amount_home_max,
            cast(null as decimal(9, 4)) as discount_percent_max,
            cast(null as integer) as terms_days_max,
            cast(null as boolean) as may_write_off
        where false
    {% endfor %}
),

powers_by_name as (
    select
        *,
        bool_or(may_write_off) over (
            partition by lower(department), lower(title)
        ) as may_write_off_by_any
    from powers
),

-- One is in force at a time, and the newest says what holds now.
newest_processes as (
    select *
    from processes
    qualify row_number() over (
        partition by entity, target_object_id
        order by submitted_at desc nulls last, process_instance_id desc
    ) = 1
),

final_steps as (
    select
        entity,
        process_instance_id,
        max(created_at) as approved_at,
        arg_max(actor_id, (created_at, process_instance_step_id)) as approved_by_id
    from steps
    group by all
),

decided as (
    select
        newest_processes.entity,
        newest_processes.target_object_id,
        newest_processes.process_instance_id,
        newest_processes.status,
        newest_processes.submitted_by_id,
        newest_processes.submitted_at,
        coalesce(final_steps.approved_by_id, newest_processes.last_actor_id) as approved_by_id,
        coalesce(final_steps.approved_at, newest_processes.completed_at) as approved_at,
        newest_processes.status = 'Approved' as is_approved
    from newest_processes
    left join final_steps using (entity, process_instance_id)
)

select
    deals.entity,
    deals.deal_id,
    decided.process_instance_id as approval_id,
    decided.status,
    coalesce(decided.is_approved and decided.approved_at is not null, false) as is_approved,
    decided.submitted_by_id,
    decided.submitted_at,
    case when decided.is_approved then decided.approved_by_id end as approved_by_id,
    case when decided.is_approved then decided.approved_at end as approved_at,
    users.user_name as approved_by_name,
    users.department,
    users.title,
    coalesce(users.is_active, false) as is_active,
    powers.power_position is not null as may_approve,
    powers.amount_home_max,
    powers.discount_percent_max,
    powers.terms_days_max,
    coalesce(powers.may_write_off_by_any, false) as may_write_off
from decided
inner join deals
    on decided.entity = deals.crm_entity and decided.target_object_id = deals.deal_id
left join users
    on
        decided.is_approved
        and decided.entity = users.entity
        and decided.approved_by_id = users.user_id
left join powers_by_name as powers
    on
        lower(trim(users.department)) = lower(trim(powers.department))
        and lower(trim(users.title)) = lower(trim(powers.title))
qualify
    row_number() over (partition by deals.entity, deals.deal_id order by powers.power_position) = 1
