with latest as (
    {{ latest_versions(source('raw_salesforce', 'opportunities'), keeps_deleted=true) }}
),

parsed as (
    select
        entity,
        record_id,
        is_deleted,
        extracted_at,
        json_transform(
            payload, '{
            "AccountId": "VARCHAR",
            "OwnerId": "VARCHAR",
            "Name": "VARCHAR",
            "StageName": "VARCHAR",
            "Type": "VARCHAR",
            "LeadSource": "VARCHAR",
            "CurrencyIsoCode": "VARCHAR",
            "Amount": "DECIMAL(18,2)",
            "Probability": "DECIMAL(9,4)",
            "IsClosed": "BOOLEAN",
            "IsWon": "BOOLEAN",
            "CloseDate": "DATE",
            "CreatedDate": "TIMESTAMPTZ",
            {% for name in [
                "entity", "purchase_order_number", "quickbooks_invoice_ids",
                "quickbooks_invoice_numbers", "quickbooks_estimate_ids", "billing_status",
            ] -%}
            "{{ crm_field("opportunity", name) }}": "VARCHAR",
            {% endfor -%}
            "{{ crm_field("opportunity", "billing_closed_date") }}": "DATE"
        }') as opportunity
    from latest
)

select
    entity,
    record_id as opportunity_id,
    opportunity.accountid as account_id,
    opportunity.ownerid as owner_id,
    opportunity.name as opportunity_name,
    opportunity.stagename as stage_name,
    opportunity.type as opportunity_type,
    opportunity.leadsource as lead_source,
    {% for name in ['entity', 'purchase_order_number', 'billing_status'] -%}
        nullif(trim(opportunity."{{ crm_field('opportunity', name) }}"), '')
            as {{ 'stated_entity' if name == 'entity' else name }},
    {% endfor -%}
    {% for name in [
        'quickbooks_invoice_ids', 'quickbooks_invoice_numbers', 'quickbooks_estimate_ids',
    ] -%}
        regexp_extract_all(
            coalesce(opportunity."{{ crm_field('opportunity', name) }}", ''), '[^;,\s]+'
        ) as {{ name }},
    {% endfor -%}
    opportunity.currencyisocode as currency,
    opportunity.amount,
    opportunity.probability as probability_percent,
    opportunity.isclosed as is_closed,
    opportunity.iswon as is_won,
    is_deleted,
    opportunity.closedate as close_date,
    opportunity."{{ crm_field('opportunity', 'billing_closed_date') }}" as billing_closed_date,
    opportunity.createddate as created_at,
    extracted_at
from parsed
