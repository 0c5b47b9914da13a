{%- set policy = var('billing') -%}
{%- set approval_rules = [
    {
        'when': 'not knows_approvals',
        'code': "'approvals_not_shown'",
        'status': "'not_configured'",
        'message': "'Salesforce shows no approval process, so nobody can have approved.'",
        'remedy': "'Let the integration user read ProcessInstance, and set up an approval process"
            ~ " for opportunities.'",
        'role': "'system_owner'",
    },
    {
        'when': 'not knows_people',
        'code': "'people_not_shown'",
        'status': "'not_configured'",
        'message': "'Salesforce does not show department and title of its users, so nobody is known"
            ~ " to be an approver.'",
        'remedy': "'Let the integration user read Department and Title of users.'",
        'role': "'system_owner'",
    },
    {
        'when': 'approval_id is null',
        'code': "'not_submitted'",
        'message': "'was never submitted for approval.'",
        'remedy': "'Submit it for approval in the CRM.'",
        'role': "'sales_operations'",
    },
    {
        'when': "approval_status = 'Pending'",
        'code': "'approval_pending'",
        'message': "'waits for approval.'",
        'remedy': "'Approve or reject it in the CRM.'",
    },
    {
        'when': "approval_status = 'Rejected'",
        'code': "'approval_rejected'",
        'message': "'was not approved: the newest request was rejected.'",
        'remedy': "'Mend what it was rejected for and submit it again.'",
        'role': "'sales_operations'",
    },
    {
        'when': 'not is_approved',
        'code': "'approval_recalled'",
        'message': "'has no approval: the newest request is ' || lower(approval_status) || '.'",
        'remedy': "'Submit it for approval again.'",
        'role': "'sales_operations'",
    },
    {
        'when': 'not is_active',
        'code': "'approver_inactive'",
        'message': "'was approved by ' || approver || ', who is no active user.'",
        'remedy': "'Have it approved by somebody who is.'",
    },
    {
        'when': 'not may_approve',
        'code': "'approver_without_power'",
        'message': "'was approved by ' || approver || ', whom the policy does not let approve.'",
        'remedy': "'Have it approved by one of the policy''s approvers.'",
    },
    {
        'when': 'deal_amount_home > amount_home_max',
        'code': "'above_approvers_limit'",
        'message': "'is worth ' || deal_amount_home || ' at home, and ' || approver || ' may approve up'"
            ~ " || ' to ' || amount_home_max || '.'",
        'remedy': "'Have it approved by somebody with a higher limit.'",
    },
    {
        'when': 'approved_at <= invoice_ended_at',
        'code': "'voided_since_approval'",
        'message': "'was invoiced; the invoice was voided or deleted after the approval.'",
        'remedy': "'If it is to be billed again, have it approved again.'",
    },
] -%}
{%- set no_approval = {
    'when': 'not is_approved',
    'code': "'no_approval'",
    'status': "'not_configured'",
    'message': "'has no approval that could be judged.'",
    'remedy': "'See the approval.'",
} -%}
{%- set segregation_rules = [
    no_approval,
    {
        'when': 'owner_id is null or submitted_by_id is null or approved_by_id is null',
        'code': "'people_not_named'",
        'message': "'does not name its owner, who submitted it and who approved it.'",
        'remedy': "'Give the deal an owner and have it approved again.'",
    },
    {
        'when': 'approved_by_id = owner_id or has_approver_owned_it',
        'code': "'approver_is_owner'",
        'message': "'was approved by ' || approver || ', its owner now or before.'",
        'remedy': "'Have it approved by somebody else.'",
    },
    {
        'when': 'approved_by_id = submitted_by_id',
        'code': "'approver_is_submitter'",
        'message': "'was approved by who submitted it, ' || approver || '.'",
        'remedy': "'Have it approved by somebody else.'",
    },
    {
        'when': 'may_write_off and coalesce(has_long_terms, true)',
        'code': "'approver_may_write_off'",
        'message': "'has terms of ' || terms_name || ', approved by ' || approver || ', who may write'"
            ~ " || ' off.'",
        'remedy': "'Have it approved by somebody who may not write off.'",
    },
] -%}
{%- set as_approved_rules = [
    no_approval,
    {
        'when': "content_reason = 'changed_after_approval'",
        'code': "'changed_after_approval'",
        'message': "'was changed after it was approved: ' || content_differences || '.'",
        'remedy': "'Have it approved as it is now, or put back what was changed.'",
    },
    {
        'when': "content_reason = 'not_provable' or content_fingerprint is null",
        'code': "'not_provable'",
        'message': "'cannot be shown to be as approved: '"
            ~ " || coalesce(content_differences, 'nothing was read since') || '.'",
        'remedy': "'Have it approved again and leave it as it is until the next run has read it.'",
    },
] -%}
{%- set discount_rules = [
    {
        'when': 'discount_percent > ' ~ policy['discount_percent_max'] ~ ' and (not may_approve or'
            ~ ' discount_percent > discount_percent_max)',
        'code': "'discount_above_level'",
        'message': "'gives a discount of ' || cast(discount_percent as decimal(9, 2)) || ' %, more than'"
            ~ " || ' the policy''s " ~ policy['discount_percent_max'] ~ " % and its approver''s level.'",
        'remedy': "'Have it approved by somebody who may grant it, or lower the discount.'",
    },
] -%}
{%- set terms_rules = [
    {
        'when': 'terms_days is null',
        'code': "'terms_not_in_books'",
        'message': "'has terms ' || terms_name || ', which QuickBooks does not have.'",
        'remedy': "'Set the account''s or the deal''s terms to an active term of QuickBooks.'",
        'role': "'sales_operations'",
    },
    {
        'when': 'has_long_terms and (not may_approve or terms_days > terms_days_max)',
        'code': "'terms_above_level'",
        'message': "'has terms of ' || terms_name || ', longer than the standard and its approver''s'"
            ~ " || ' level.'",
        'remedy': "'Have it approved by somebody who may grant them, or shorten the terms.'",
    },
] -%}

with units as (
    select * from {{ ref('int_billing__units') }}
),

unit_lines as (
    select * from {{ ref('int_billing__unit_lines') }}
),

deals as (
    select * from {{ ref('int_thread__deals') }}
),

deal_lines as (
    select * from {{ ref('int_crm__deal_lines') }}
),

approvals as (
    select * from {{ ref('int_billing__approvals') }}
),

deal_versions as (
    select * from {{ ref('stg_salesforce__opportunity_versions') }}
    where owner_id is not null
),

contents as (
    select * from {{ ref('int_billing__contents') }}
),

known_fields as (
    select * from {{ ref('int_billing__known_fields') }}
),

terms as (
    select * from {{ ref('stg_quickbooks__terms') }}
    where is_active
),

marked_invoices as (
    select * from {{ ref('int_billing__marked_invoices') }}
),

-- A term by the month's days gives at most a whole month and the days that move it to the next.
days_of_terms as (
    select
        entity,
        lower(trim(term_name)) as term_key,
        max(coalesce(due_days, 31 + coalesce(due_next_month_days, 0))) as terms_days
    from terms
    group by all
),

-- Who hands a deal over after approving it has approved their own.
deal_owners as (
    select
        entity as crm_entity,
        opportunity_id as deal_id,
        list(distinct owner_id) as owner_ids
    from deal_versions
    group by all
),

ended_invoices as (
    select
        entity,
        billing_key,
        max(ended_at) as invoice_ended_at
    from marked_invoices
    where not is_live
    group by all
),

-- What a price was lowered by counts, whether the CRM calls it a discount or not; cents do not.
discounts as (
    select
        units.entity,
        units.billing_key,
        cast(
            max(
                greatest(
                    coalesce(deal_lines.discount_percent, 0),
                    100 * (
                        1
                        - (deal_lines.line_amount + 0.01)
                        / nullif(deal_lines.quantity * cast(deal_lines.sales_price as double), 0)
                    )
                )
            ) as decimal(18, 4)
        ) as discount_percent
    from units
    inner join unit_lines using (entity, billing_key)
    inner join deal_lines
        on
            units.crm_entity = deal_lines.crm_entity
            and unit_lines.deal_line_id = deal_lines.deal_line_id
    group by all
),

facts as (
    select
        units.entity,
        units.billing_key,
        units.owner_id,
        units.terms_name,
        {{ money_in_home('deals.amount', 'deals.booked_rate') }} as deal_amount_home,
        approvals.approval_id,
        approvals.status as approval_status,
        coalesce(approvals.is_approved, false) as is_approved,
        approvals.submitted_by_id,
        approvals.approved_by_id,
        approvals.approved_at,
        coalesce(list_contains(deal_owners.owner_ids, approvals.approved_by_id), false)
            as has_approver_owned_it,
        coalesce(approvals.approved_by_name, approvals.approved_by_id, 'nobody') as approver,
        coalesce(approvals.is_active, false) as is_active,
        coalesce(approvals.may_approve, false) as may_approve,
        approvals.amount_home_max,
        approvals.discount_percent_max,
        approvals.terms_days_max,
        coalesce(approvals.may_write_off, false) as may_write_off,
        contents.reason_code as content_reason,
        contents.differences as content_differences,
        contents.content_fingerprint,
        discounts.discount_percent,
        days_of_terms.terms_days,
        days_of_terms.terms_days > {{ policy['standard_terms_days_max'] }} as has_long_terms,
        ended_invoices.invoice_ended_at,
        coalesce(known_fields.knows_approvals, false) as knows_approvals,
        coalesce(known_fields.knows_people, false) as knows_people
    from units
    inner join deals using (entity, deal_id)
    left join known_fields on units.crm_entity = known_fields.crm_entity
    left join approvals on units.entity = approvals.entity and units.deal_id = approvals.deal_id
    left join deal_owners
        on units.crm_entity = deal_owners.crm_entity and units.deal_id = deal_owners.deal_id
    left join contents on units.entity = contents.entity and units.deal_id = contents.deal_id
    left join discounts
        on units.entity = discounts.entity and units.billing_key = discounts.billing_key
    left join days_of_terms
        on
            units.entity = days_of_terms.entity
            and lower(trim(units.terms_name)) = days_of_terms.term_key
    left join ended_invoices
        on units.entity = ended_invoices.entity and units.billing_key = ended_invoices.billing_key
)

{{ findings('approval', 'facts', 'billing_clerk', approval_rules) }}
union all
{{ findings('segregation_of_duties', 'facts', 'billing_clerk', segregation_rules) }}
union all
{{ findings('as_approved', 'facts', 'billing_clerk', as_approved_rules) }}
union all
{{ findings('discount', 'facts', 'billing_clerk', discount_rules) }}
union all
{{ findings('terms', 'facts', 'billing_clerk', terms_rules) }}
