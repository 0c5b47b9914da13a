{%- set questions = [
    ('delivery', 'opportunities', [crm_field('opportunity', 'delivery_status')]),
    (
        'instalment_delivery',
        'opportunity_line_item_schedules',
        [crm_field('instalment', 'delivery_status')],
    ),
    ('purchase_order', 'opportunities', [crm_field('opportunity', 'purchase_order_number')]),
    ('deal_currency', 'opportunities', ['CurrencyIsoCode']),
    ('deal_terms', 'opportunities', [crm_field('opportunity', 'payment_terms')]),
    ('billing_email', 'accounts', [crm_field('account', 'billing_email')]),
    ('finance_status', 'accounts', [crm_field('account', 'finance_status')]),
    ('tax_status', 'accounts', [crm_field('account', 'tax_status')]),
    ('tax_certificate', 'accounts', [crm_field('account', 'tax_certificate')]),
    ('people', 'users', ['Department', 'Title']),
    ('approvals', 'process_instances', ['Status', 'SubmittedById']),
] -%}
with organisations as (
    select * from {{ ref('int_crm__organisations') }}
),

shown_fields as (
    select * from {{ ref('stg_salesforce__shown_fields') }}
)

select
    {% for name, object, fields in questions %}
        count(*) filter (
            where
            shown_fields.object = '{{ object }}'
            and list_contains({{ text_list(fields) }}, shown_fields.field_name)
        ) = {{ fields | length }} as knows_{{ name }},
    {% endfor %}
    organisations.crm_entity
from organisations
left join shown_fields on organisations.crm_entity = shown_fields.entity
group by organisations.crm_entity
