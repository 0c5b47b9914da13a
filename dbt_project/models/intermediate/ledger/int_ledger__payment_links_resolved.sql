{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ drop_reached(\"'payment'\", 'held.payment_id') }}",
) }}

with documents as {{ 'materialized' if keeps_unreached() else 'not materialized' }} (
    select * from {{ listed_part(
        ref('int_ledger__documents_unioned'), listed_documents(), 'document_type, document_id'
    ) }}
),

payments as (
    select * from {{ listed_part(
        ref('stg_quickbooks__payments'), needed_payments(), 'payment_id'
    ) }}
),

payment_lines as (
    {% if keeps_unreached() %}
        {{ payment_lines_flattened('payments') }}
    {% else %}
        select * from {{ ref('stg_quickbooks__payment_lines') }}
    {% endif %}
),

customers as (
    select * from {{ ref('stg_quickbooks__customers') }}
),

linkable_documents as (
    select * from documents
    where total <> 0 and transaction_type <> 'payment'
),

-- A payment names a journal entry, deposit or cheque only as a whole. Meant are its receivable
-- lines of one customer, which are in one currency, on the side that is larger there.
scopes as (
    select
        entity,
        transaction_type,
        transaction_id,
        currency,
        customer_id,
        min(document_order) as scope_order,
        min(txn_date) as txn_date,
        case when sum(total) < 0 then 'source' else 'target' end as side
    from linkable_documents
    group by all
),

linkable_transactions as (
    select
        entity,
        transaction_type,
        transaction_id,
        currency,
        min_by(customer_id, scope_order) as first_customer_id,
        count(*) > 1 as is_of_several
    from scopes
    group by all
),

shared_scopes as (
    select scopes.*
    from scopes
    inner join linkable_transactions using (entity, transaction_type, transaction_id, currency)
    where linkable_transactions.is_of_several
),

possible_payers as (
    select
        *,
        customer_id as payer_id
    from shared_scopes
    union all by name
    select
        shared_scopes.*,
        customers.parent_customer_id as payer_id
    from shared_scopes
    inner join customers using (entity, customer_id)
    where customers.parent_customer_id is not null
),

-- A payer means its own lines, else those of its first job.
payers_scopes as (
    select
        entity,
        transaction_type,
        transaction_id,
        currency,
        payer_id,
        min_by(customer_id, if(payer_id = customer_id, '', scope_order)) as customer_id
    from possible_payers
    group by entity, transaction_type, transaction_id, currency, payer_id
),

links as (
    select
        payment_lines.entity,
        payment_lines.payment_id,
        payment_lines.line_position,
        payment_lines.link_position,
        payment_lines.linked_transaction_id as transaction_id,
        payments.customer_id as payer_id,
        posted_payments.currency,
        greatest(payments.total_amount, 0) as cash_amount,
        payment_lines.amount,
        payments.txn_date,
        {{ linked_transaction_type('payment_lines.linked_transaction_type') }} as transaction_type
    from payment_lines
    inner join payments using (entity, payment_id)
    inner join documents as posted_payments
        on
            payments.entity = posted_payments.entity
            and payments.payment_id = posted_payments.document_id
            and posted_payments.document_type = 'payment'
    where payment_lines.amount > 0
),

scoped_links as (
    select
        links.*,
        scopes.customer_id as scope_customer_id,
        scopes.scope_order,
        scopes.txn_date as linked_date,
        scopes.side
    from links
    inner join linkable_transactions
        using (entity, transaction_type, transaction_id, currency)
    left join payers_scopes
        using (entity, transaction_type, transaction_id, currency, payer_id)
    inner join scopes
        on
            links.entity = scopes.entity
            and links.transaction_type = scopes.transaction_type
            and links.transaction_id = scopes.transaction_id
            and coalesce(payers_scopes.customer_id, linkable_transactions.first_customer_id)
            = scopes.customer_id
),

-- One line with a credit and a charge pairs just these two; all else of a payment is one pool.
pooled_links as (
    select
        *,
        if(min(side) over same_line = max(side) over same_line, 0, line_position) as pool
    from scoped_links
    window same_line as (partition by entity, payment_id, line_position)
),

pools as (
    select
        entity,
        payment_id,
        pool,
        coalesce(sum(amount) filter (where side = 'source'), 0)
        + if(pool = 0, any_value(cash_amount), 0) as supply,
        coalesce(sum(amount) filter (where side = 'target'), 0) as demand
    from pooled_links
    group by entity, payment_id, pool
),

-- What a payment cannot pay for, because a credit it names is not there, it does not claim either.
-- The oldest come first.
funded_links as (
    select
        pooled_links.* exclude (amount),
        greatest(
            least(
                pooled_links.amount,
                if(pooled_links.side = 'target', pools.supply, pools.demand)
                + pooled_links.amount
                - sum(pooled_links.amount) over links_so_far
            ),
            0
        ) as amount
    from pooled_links
    inner join pools using (entity, payment_id, pool)
    window links_so_far as (
        partition by
            pooled_links.entity, pooled_links.payment_id, pooled_links.pool, pooled_links.side
        order by
            pooled_links.linked_date,
            pooled_links.scope_order,
            pooled_links.transaction_type,
            pooled_links.line_position,
            pooled_links.link_position
        rows between unbounded preceding and current row
    )
),

link_ranges as (
    select
        *,
        sum(amount) over links_so_far - amount as range_start,
        sum(amount) over links_so_far as range_end
    from funded_links
    window links_so_far as (
        partition by entity, transaction_type, transaction_id, scope_customer_id
        order by
            txn_date, {{ document_order('payment_id') }}, line_position, link_position
        rows between unbounded preceding and current row
    )
),

document_ranges as (
    select
        linkable_documents.entity,
        linkable_documents.transaction_type,
        linkable_documents.transaction_id,
        linkable_documents.customer_id as scope_customer_id,
        linkable_documents.document_type,
        linkable_documents.document_id,
        linkable_documents.document_order,
        linkable_documents.txn_date,
        sum(abs(linkable_documents.total)) over lines_so_far
        - abs(linkable_documents.total) as range_start,
        -- A deposit taken on an invoice comes before any payment.
        sum(abs(linkable_documents.total)) over lines_so_far
        - linkable_documents.deposit_amount as range_end
    from linkable_documents
    inner join scopes
        using (entity, transaction_type, transaction_id, customer_id)
    where (scopes.side = 'source') = (linkable_documents.total < 0)
    window lines_so_far as (
        partition by
            linkable_documents.entity,
            linkable_documents.transaction_type,
            linkable_documents.transaction_id,
            linkable_documents.customer_id
        order by linkable_documents.document_order
        rows between unbounded preceding and current row
    )
),

resolved as (
    select
        link_ranges.entity,
        link_ranges.payment_id,
        link_ranges.line_position,
        link_ranges.link_position,
        link_ranges.pool,
        document_ranges.document_type,
        document_ranges.document_id,
        document_ranges.document_order,
        link_ranges.side,
        cast(
            least(link_ranges.range_end, document_ranges.range_end)
            - greatest(link_ranges.range_start, document_ranges.range_start) as decimal(18, 2)
        ) as amount,
        document_ranges.txn_date
    from link_ranges
    inner join document_ranges
        on
            link_ranges.entity = document_ranges.entity
            and link_ranges.transaction_type = document_ranges.transaction_type
            and link_ranges.transaction_id = document_ranges.transaction_id
            and link_ranges.scope_customer_id = document_ranges.scope_customer_id
            and link_ranges.range_end > document_ranges.range_start
            and link_ranges.range_start < document_ranges.range_end
    where link_ranges.amount > 0
)

select resolved.*
from resolved
{%- if keeps_unreached() %}
    semi join {{ reached_payments() }} as reached using (entity, payment_id)
{%- endif %}
