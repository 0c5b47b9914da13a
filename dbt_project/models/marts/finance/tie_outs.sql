with open_items as (
    select * from {{ ref('ar_open_items') }}
),

entities as (
    select * from {{ ref('int_ledger__entities') }}
),

controlled_dates as (
    select * from {{ ref('int_ledger__controlled_dates') }}
),

control_balances as (
    select * from {{ ref('int_ledger__control_balances') }}
),

open_amounts as (
    select * from {{ ref('int_ledger__open_amounts') }}
),

documents as (
    select * from {{ ref('int_ledger__documents_unioned') }}
),

customers as (
    select * from {{ ref('int_ledger__customers') }}
),

document_differences as (
    select * from {{ ref('int_ledger__document_differences') }}
),

waivers as (
    {{ waivers_in_force() }}
),

controlled_items as (
    select
        open_items.entity,
        open_items.as_of_date,
        controlled_dates.measure,
        open_items.customer_id,
        open_items.currency,
        entities.home_currency,
        open_items.open_amount,
        open_items.open_amount_home,
        open_items.bucket,
        controlled_dates.is_foreign,
        case
            when open_items.currency = entities.home_currency then 0
            else open_items.application_count
        end as rounded_count
    from open_items
    inner join entities using (entity)
    inner join controlled_dates
        on
            open_items.entity = controlled_dates.entity
            and open_items.as_of_date = controlled_dates.as_of_date
            and controlled_dates.measure <> 'customer_balance'
    where not controlled_dates.is_foreign or open_items.currency <> entities.home_currency
),

ours_in_home_currency as (
    select
        entity,
        as_of_date,
        measure,
        home_currency as currency,
        customer_id,
        sum(open_amount_home) as ours,
        {{ sum_by_bucket('open_amount_home') }},
        sum(rounded_count) as rounded_count
    from controlled_items
    where not is_foreign
    group by grouping sets (
        (entity, as_of_date, measure, home_currency, customer_id),
        (entity, as_of_date, measure, home_currency)
    )
),

ours_in_foreign_currency as (
    select
        entity,
        as_of_date,
        measure,
        currency,
        customer_id,
        sum(open_amount) as ours,
        0 as rounded_count
    from controlled_items
    where is_foreign
    group by grouping sets (
        (entity, as_of_date, measure, currency, customer_id),
        (entity, as_of_date, measure, currency)
    )
),

-- Customer.Balance is a present value: documents dated after the as-of date are in it.
present_items as (
    select
        documents.entity,
        controlled_dates.as_of_date,
        controlled_dates.measure,
        documents.currency,
        documents.customer_id,
        open_amounts.open_amount
    from open_amounts
    inner join documents using (entity, document_type, document_id)
    inner join controlled_dates
        on
            documents.entity = controlled_dates.entity
            and controlled_dates.measure = 'customer_balance'
    where open_amounts.holds_until_date = date '9999-12-31'
),

ours_at_present as (
    select
        entity,
        as_of_date,
        measure,
        currency,
        customer_id,
        sum(open_amount) as ours,
        0 as rounded_count
    from present_items
    group by grouping sets (
        (entity, as_of_date, measure, currency, customer_id),
        (entity, as_of_date, measure, currency)
    )
),

ours as (
    select * from ours_in_home_currency
    where measure <> 'ar_control_account' or customer_id is null
    union all by name
    select * from ours_in_foreign_currency
    union all by name
    select * from ours_at_present
),

paired as (
    select
        coalesce(ours.entity, theirs.entity) as entity,
        coalesce(ours.as_of_date, theirs.as_of_date) as as_of_date,
        coalesce(ours.measure, theirs.measure) as measure,
        coalesce(ours.currency, theirs.currency) as currency,
        coalesce(ours.customer_id, theirs.customer_id) as customer_id,
        cast(coalesce(ours.ours, 0) as decimal(18, 2)) as ours,
        coalesce(theirs.amount, 0) as theirs,
        {% for column in ageing_columns() %}
            coalesce(ours.{{ column }}, 0) - coalesce(theirs.{{ column }}, 0)
                as {{ column }}_difference,
        {% endfor %}
        cast(
            coalesce(ours.rounded_count, 0)
            * cast({{ var('rounding_per_application') }} as decimal(18, 2)) as decimal(18, 2)
        ) as rounding_allowance
    from ours
    full join control_balances as theirs
        on
            ours.entity = theirs.entity
            and ours.as_of_date = theirs.as_of_date
            and ours.measure = theirs.measure
            and ours.currency = theirs.currency
            and coalesce(ours.customer_id, '') = coalesce(theirs.customer_id, '')
),

largest_document_differences as (
    select
        entity,
        as_of_date,
        'aged_receivables' as measure,
        currency,
        customer_id,
        max(abs(ours - theirs)) as largest_document_difference
    from document_differences
    group by grouping sets (
        (entity, as_of_date, currency, customer_id),
        (entity, as_of_date, currency)
    )
),

compared as (
    select
        paired.*,
        paired.ours - paired.theirs as difference,
        case
            when
                paired.measure = 'aged_receivables'
                and paired.currency = entities.home_currency
                and entities.is_aged_by_due_date
                then greatest(
                    {% for column in ageing_columns() %}
                        abs(paired.{{ column }}_difference){% if not loop.last %},{% endif %}
                    {% endfor %}
                )
            else 0
        end as largest_bucket_difference,
        coalesce(documents.largest_document_difference, 0) as largest_document_difference
    from paired
    inner join entities using (entity)
    left join largest_document_differences as documents
        on
            paired.entity = documents.entity
            and paired.as_of_date = documents.as_of_date
            and paired.measure = documents.measure
            and paired.currency = documents.currency
            and coalesce(paired.customer_id, '') = coalesce(documents.customer_id, '')
),

-- Where the total agrees, what is in dispute is where it stands.
disputed as (
    select
        *,
        case
            when abs(difference) > rounding_allowance then difference
            else greatest(
                largest_document_difference,
                if(largest_bucket_difference > rounding_allowance, largest_bucket_difference, 0)
            )
        end as disputed_amount
    from compared
),

-- A waiver covers no more than its amount, wherever that stands.
judged as (
    select
        disputed.*,
        waivers.entity is not null as is_waived
    from disputed
    left join waivers
        on
            disputed.entity = waivers.entity
            and disputed.measure = waivers.measure
            and coalesce(disputed.customer_id, '') = waivers.customer_id
            and disputed.disputed_amount = waivers.amount
            and disputed.largest_bucket_difference
            <= abs(waivers.amount) + disputed.rounding_allowance
            and disputed.largest_document_difference <= abs(waivers.amount)
),

-- A total need not be waived for what its customers' waivers cover already; where it stands is
-- their affair.
unwaived as (
    select
        *,
        case
            when is_waived then false
            when customer_id is not null then disputed_amount <> 0
            else
                abs(
                    difference - coalesce(
                        sum(difference) filter (where is_waived) over (
                            partition by entity, as_of_date, measure, currency
                        ), 0
                    )
                ) > rounding_allowance
        end as is_in_dispute
    from judged
)

select
    unwaived.entity,
    unwaived.as_of_date,
    unwaived.measure,
    unwaived.currency,
    unwaived.customer_id,
    customers.customer_name,
    unwaived.ours,
    unwaived.theirs,
    cast(unwaived.difference as decimal(18, 2)) as difference,
    cast(unwaived.largest_bucket_difference as decimal(18, 2)) as largest_bucket_difference,
    cast(unwaived.largest_document_difference as decimal(18, 2)) as largest_document_difference,
    unwaived.rounding_allowance,
    cast(unwaived.disputed_amount as decimal(18, 2)) as disputed_amount,
    unwaived.disputed_amount = 0 as is_within_rounding,
    unwaived.is_waived,
    unwaived.is_in_dispute and unwaived.measure <> 'customer_balance' as is_blocking
from unwaived
left join customers using (entity, customer_id)
