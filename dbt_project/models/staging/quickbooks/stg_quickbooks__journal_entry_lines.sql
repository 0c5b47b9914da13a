with latest as (
    {{ latest_versions(source('raw_quickbooks', 'journal_entries')) }}
),

parsed as (
    select
        entity,
        record_id,
        extracted_at,
        json_transform(payload, '{
            "DocNumber": "VARCHAR",
            "CurrencyRef": {"value": "VARCHAR"},
            "ExchangeRate": "DECIMAL(20,8)",
            "TxnDate": "DATE",
            "Line": [{
                "Id": "VARCHAR",
                "Amount": "DECIMAL(18,2)",
                "JournalEntryLineDetail": {
                    "PostingType": "VARCHAR",
                    "AccountRef": {"value": "VARCHAR"},
                    "Entity": {"Type": "VARCHAR", "EntityRef": {"value": "VARCHAR", "name": "VARCHAR"}}
                }
            }]
        }') as entry
    from latest
),

lines as (
    select
        entity,
        record_id,
        extracted_at,
        entry,
        unnest(entry.line) as line,
        generate_subscripts(entry.line, 1) as line_position
    from parsed
)

select
    entity,
    record_id as journal_entry_id,
    coalesce(line.id, cast(line_position - 1 as varchar)) as line_id,
    line.journalentrylinedetail.accountref.value as account_id,
    line.journalentrylinedetail.entity.entityref.value as party_id,
    line.journalentrylinedetail.entity.type as party_type,
    line.journalentrylinedetail.entity.entityref.name as party_name,
    entry.docnumber as document_number,
    line.journalentrylinedetail.postingtype as posting_type,
    entry.currencyref.value as currency,
    entry.exchangerate as exchange_rate,
    line.amount,
    entry.txndate as txn_date,
    extracted_at
from lines
