with lines as (
    select
        * exclude (lines),
        unnest(lines) as line,
        generate_subscripts(lines, 1) as line_position
    from {{ ref('stg_quickbooks__journal_entries') }}
)

select
    entity,
    journal_entry_id,
    coalesce(line.id, cast(line_position - 1 as varchar)) as line_id,
    line.journalentrylinedetail.accountref.value as account_id,
    line.journalentrylinedetail.entity.entityref.value as party_id,
    line.journalentrylinedetail.entity.type as party_type,
    line.journalentrylinedetail.entity.entityref.name as party_name,
    document_number,
    line.journalentrylinedetail.postingtype as posting_type,
    currency,
    exchange_rate,
    line.amount,
    txn_date,
    extracted_at
from lines
