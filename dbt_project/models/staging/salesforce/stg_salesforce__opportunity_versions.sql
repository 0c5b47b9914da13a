with versions as (
    select * from {{ source('raw_salesforce', 'opportunities') }}
),

parsed as (
    select
        entity,
        record_id,
        version,
        is_deleted,
        extracted_at,
        {{ shown_count(
            ['Amount', 'CurrencyIsoCode', 'AccountId', crm_field('opportunity', 'payment_terms')]
        ) }} as content_fields_count,
        coalesce(source_updated_at, extracted_at) as updated_at,
        json_transform(payload, '{
            "AccountId": "VARCHAR",
            "OwnerId": "VARCHAR",
            "{{ crm_field("opportunity", "purchase_order_number") }}": "VARCHAR",
            "StageName": "VARCHAR",
            "CurrencyIsoCode": "VARCHAR",
            "Amount": "DECIMAL(18,2)",
            "IsClosed": "BOOLEAN",
            "IsWon": "BOOLEAN",
            "CloseDate": "DATE",
            "CreatedDate": "TIMESTAMPTZ",
            "{{ crm_field("opportunity", "billing_status") }}": "VARCHAR",
            "{{ crm_field("opportunity", "payment_terms") }}": "VARCHAR"
        }') as opportunity
    from versions
)

select
    entity,
    record_id as opportunity_id,
    version,
    opportunity.accountid as account_id,
    opportunity.ownerid as owner_id,
    nullif(trim(opportunity."{{ crm_field('opportunity', 'purchase_order_number') }}"), '')
        as purchase_order_number,
    opportunity.stagename as stage_name,
    opportunity.currencyisocode as currency,
    nullif(trim(opportunity."{{ crm_field('opportunity', 'billing_status') }}"), '')
        as billing_status,
    nullif(trim(opportunity."{{ crm_field('opportunity', 'payment_terms') }}"), '')
        as payment_terms,
    opportunity.amount,
    opportunity.isclosed as is_closed,
    opportunity.iswon as is_won,
    content_fields_count,
    is_deleted,
    opportunity.closedate as close_date,
    opportunity.createddate as created_at,
    updated_at,
    extracted_at
from parsed
