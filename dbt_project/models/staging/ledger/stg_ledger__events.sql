with events as (
    select
        *,
        json_transform(
            detail,
            '{
                "wanted_total": "VARCHAR", "total": "VARCHAR", "document_number": "VARCHAR",
                "mode": "VARCHAR", "code": "VARCHAR", "message": "VARCHAR", "why": "VARCHAR",
                "answered": "VARCHAR", "reason": "VARCHAR", "changed": "BOOLEAN"
            }'
        ) as told,
        case
            when target_system = 'quickbooks' and payload <> ''
                then
                    json_transform(
                        payload,
                        '{"CurrencyRef": {"value": "VARCHAR"}, "ExchangeRate": "DECIMAL(20, 8)"}'
                    )
        end as document
    from {{ source('raw_ledger', 'events') }}
)

select
    sequence || '-' || left(hash, 8) as event_id,
    sequence,
    hash,
    target_system,
    entity,
    object,
    key,
    operation,
    generation,
    attempt,
    state,
    before as previous_state,
    marker,
    request_id,
    payload_hash,
    remote_id,
    told.document_number,
    document.currencyref.value as currency,
    document.exchangerate as exchange_rate,
    cast(told.wanted_total as decimal(18, 2)) as wanted_total,
    cast(told.total as decimal(18, 2)) as total,
    told.mode,
    told.code,
    coalesce(told.message, told.why, told.answered, told.reason) as reason,
    coalesce(told.changed, false) as is_changed,
    actor,
    run_id,
    happened_at,
    vendor_at,
    extracted_at
from events
