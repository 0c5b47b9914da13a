with documents as (
    select * from {{ ref('int_ledger__documents_unioned') }}
    where document_type in ('invoice', 'credit_memo') and txn_date <= {{ as_of_date() }}
),

service_lines as (
    select * from {{ ref('int_deferral__service_lines') }}
),

months as (
    select * from {{ ref('deferred_revenue') }}
),

taxes as (
    select
        entity,
        'invoice' as document_type,
        invoice_id as document_id,
        tax_amount as tax
    from {{ ref('stg_quickbooks__invoices') }}
    union all
    select
        entity,
        'credit_memo' as document_type,
        credit_memo_id as document_id,
        -tax_amount as tax
    from {{ ref('stg_quickbooks__credit_memos') }}
),

net_totals as (
    select
        documents.entity,
        sum(
            {{ money_in_home(
                '(documents.total - coalesce(taxes.tax, 0))', 'documents.exchange_rate'
            ) }}
        ) as net_home
    from documents
    inner join taxes using (entity, document_type, document_id)
    where documents.total <> 0
    group by all
),

totals as (
    select
        entity,
        sum(billed_home) as billed_home,
        sum(released_home) as released_home,
        arg_max(balance_home, month) as balance_home
    from months
    group by all
),

still_deferred as (
    select
        months.entity,
        months.month,
        sum(service_lines.amount_home - {{ released_through('last_day(months.month)') }})
            as balance_home
    from months
    inner join service_lines
        on
            months.entity = service_lines.entity
            and last_day(months.month) >= service_lines.txn_date
            and last_day(months.month) < service_lines.ends_on
    where service_lines.txn_date <= {{ as_of_date() }}
    group by all
)

select
    entity,
    cast(null as date) as month,
    net_totals.net_home as expected,
    totals.released_home as found
from net_totals
full join totals using (entity)
where
    net_totals.net_home is distinct from totals.billed_home
    or net_totals.net_home is distinct from totals.released_home
    or totals.balance_home <> 0
union all
select
    entity,
    months.month,
    coalesce(still_deferred.balance_home, 0) as expected,
    months.balance_home as found
from months
left join still_deferred using (entity, month)
where months.balance_home <> coalesce(still_deferred.balance_home, 0)
