{#- Read once, by int_controls__receivable_oddities. -#}
{{ config(materialized='view') }}

with unplaced_links as (
    select * from {{ ref('int_ledger__payment_links_unplaced') }}
),

applications as (
    select * from {{ ref('int_ledger__applications') }}
    where payment_id is not null
),

documents as (
    select * from {{ ref('int_ledger__documents_unioned') }}
),

customers as (
    select * from {{ ref('int_ledger__customers') }}
),

families as (
    select * from {{ ref('int_collection__customer_families') }}
),

payments as (
    select
        *,
        {{ document_name('documents') }} as subject_name
    from documents
    where document_type = 'payment'
),

-- A link that is wrong leaves others of its payment without cover; they mend themselves with it.
causes as (
    select *
    from unplaced_links
    window same_payment as (partition by entity, payment_id)
    qualify reason <> 'not_covered' or bool_and(reason = 'not_covered') over same_payment
),

links_summed as (
    select
        entity,
        payment_id,
        reason,
        linked_transaction_type,
        linked_transaction_id,
        linked_currency,
        sum(amount) as amount
    from causes
    group by all
),

misplaced_links as (
    select
        payments.entity,
        case links_summed.reason
            when 'no_such_receivable' then 'link_to_missing_document'
            when 'another_currency' then 'application_across_currencies'
            else 'applied_beyond_total'
        end as type,
        links_summed.reason as root_cause,
        payments.document_id,
        links_summed.linked_transaction_type || ' ' || links_summed.linked_transaction_id
            as subject_detail,
        {{ money_in_home('links_summed.amount', 'payments.exchange_rate') }} as amount_home,
        'high' as severity,
        payments.subject_name || ' applies ' || links_summed.amount || ' to '
        || links_summed.linked_transaction_type || ' ' || links_summed.linked_transaction_id
        || case links_summed.reason
            when 'no_such_receivable' then ', which is not there, or void'
            when 'another_currency' then ', which is in ' || links_summed.linked_currency
            when 'not_covered' then ', for which the payment has nothing on its other side'
            else ' beyond what that has left'
        end
        || '. That much settles nothing and is carried as not applied.' as message,
        'Open the payment in QuickBooks and apply it to what was paid, or leave it unapplied.'
            as remedy
    from links_summed
    inner join payments
        on
            links_summed.entity = payments.entity
            and links_summed.payment_id = payments.document_id
),

settled_for_others as (
    select
        applications.entity,
        applications.payment_id,
        sources.customer_id as paying_id,
        targets.customer_id as owing_id,
        targets.document_type,
        targets.document_id,
        coalesce(targets.document_number, targets.document_id) as document_number,
        sum(applications.applied_amount) as amount
    from applications
    inner join documents as sources
        on
            applications.entity = sources.entity
            and applications.source_document_type = sources.document_type
            and applications.source_document_id = sources.document_id
    inner join documents as targets
        on
            applications.entity = targets.entity
            and applications.target_document_type = targets.document_type
            and applications.target_document_id = targets.document_id
    where
        sources.customer_id <> targets.customer_id
        and 'unnamed' not in (sources.customer_id, targets.customer_id)
    group by all
),

-- Whoever stands below one customer or CRM account, however deep, is of one family.
settled_for_relatives as (
    select distinct
        settled_for_others.entity,
        settled_for_others.paying_id,
        settled_for_others.owing_id
    from settled_for_others
    inner join families as payers
        on
            settled_for_others.entity = payers.entity
            and settled_for_others.paying_id = payers.member_customer_id
    inner join families as owers
        on
            settled_for_others.entity = owers.entity
            and settled_for_others.owing_id = owers.member_customer_id
            and payers.customer_id = owers.customer_id
),

across_customers as (
    select
        payments.entity,
        'application_across_customers' as type,
        'another_family' as root_cause,
        payments.document_id,
        settled.document_type || ' ' || settled.document_id as subject_detail,
        {{ money_in_home('settled.amount', 'payments.exchange_rate') }} as amount_home,
        'medium' as severity,
        payments.subject_name || ' settles ' || settled.amount || ' of '
        || replace(settled.document_type, '_', ' ') || ' ' || settled.document_number || ' of '
        || owing.customer_name || ' with money or credit of ' || paying.customer_name
        || '; neither is a sub-customer of the other.' as message,
        'Check who paid. If it is right, make one a sub-customer of the other in QuickBooks;'
        || ' otherwise apply it to a document of its own customer.' as remedy
    from settled_for_others as settled
    inner join payments
        on settled.entity = payments.entity and settled.payment_id = payments.document_id
    inner join customers as paying
        on settled.entity = paying.entity and settled.paying_id = paying.customer_id
    inner join customers as owing
        on settled.entity = owing.entity and settled.owing_id = owing.customer_id
    anti join settled_for_relatives
        on
            settled.entity = settled_for_relatives.entity
            and settled.paying_id = settled_for_relatives.paying_id
            and settled.owing_id = settled_for_relatives.owing_id
),

oddities as (
    select * from misplaced_links
    union all by name
    select * from across_customers
)

select
    entity,
    type,
    root_cause,
    'payment' as document_type,
    document_id,
    'payment' as transaction_type,
    document_id as transaction_id,
    subject_detail,
    amount_home,
    severity,
    'accountant' as owner_role,
    message,
    remedy
from oddities
