with latest as (
    {{ latest_versions(source('raw_salesforce', 'opportunities'), keeps_deleted=true) }}
),

parsed as (
    select
        entity,
        record_id,
        is_deleted,
        extracted_at,
        {{ custom_fields_shown('payload', 'opportunity', [
            'quickbooks_invoice_ids', 'quickbooks_invoice_numbers', 'invoice_status',
            'invoice_link', 'invoiced_amount', 'invoice_balance', 'invoice_paid_date',
            'invoice_note',
        ]) }} as custom_fields,
        {{ fields_as_shown('payload', [
            'Id', 'Amount', 'CurrencyIsoCode', 'AccountId',
            crm_field('opportunity', 'payment_terms'),
        ]) }} as reviewed_fields,
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
                "delivery_status", "payment_terms", "invoice_status", "invoice_link", "invoice_note",
            ] -%}
            "{{ crm_field("opportunity", name) }}": "VARCHAR",
            {% endfor -%}
            "{{ crm_field("opportunity", "billing_closed_date") }}": "DATE",
            "{{ crm_field("opportunity", "invoiced_amount") }}": "DECIMAL(18,2)",
            "{{ crm_field("opportunity", "invoice_balance") }}": "DECIMAL(18,2)",
            "{{ crm_field("opportunity", "invoice_paid_date") }}": "DATE"
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
    {% for name in [
        'entity', 'purchase_order_number', 'billing_status', 'delivery_status', 'payment_terms',
        'invoice_status', 'invoice_link', 'invoice_note',
    ] -%}
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
    {% for name in ['invoiced_amount', 'invoice_balance', 'invoice_paid_date'] -%}
        opportunity."{{ crm_field('opportunity', name) }}" as {{ name }},
    {% endfor -%}
    opportunity.createddate as created_at,
    custom_fields,
    reviewed_fields,
    extracted_at
from parsed
