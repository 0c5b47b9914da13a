{#- A view: lists of structs are slow to write, and one model reads it. -#}
{{ config(materialized='view') }}
{%- set kinds = {
    'deal': {
        'amount': 'amount', 'currency': 'currency', 'account_id': 'account',
        'payment_terms': 'terms',
    },
    'line': {
        'product_id': 'product', 'quantity': 'quantity', 'sales_price': 'price',
        'discount_percent': 'discount', 'total_amount': 'total',
    },
    'instalment': {
        'revenue_amount': 'amount', 'quantity': 'quantity', 'schedule_date': 'date',
    },
    'account': {
        'account_name': 'name', 'legal_name': 'legal name', 'billing_street': 'street',
        'billing_city': 'city', 'billing_postal_code': 'postal code', 'billing_state': 'state',
        'billing_country': 'country', 'payment_terms': 'terms', 'tax_status': 'tax status',
        'tax_certificate': 'tax certificate',
    },
} -%}
{%- if var('billing')['bill_to'] == 'parent' -%}
    {%- do kinds['account'].update({'parent_account_id': 'parent account'}) -%}
{%- endif -%}
with deals as (
    select
        *,
        opportunity_id as record_id,
        null as record_name
    from {{ ref('stg_salesforce__opportunity_versions') }}
),

lines as (
    select
        *,
        opportunity_line_item_id as record_id,
        line_item_name as record_name
    from {{ ref('stg_salesforce__opportunity_line_item_versions') }}
),

deals_of_lines as (
    select
        entity,
        opportunity_line_item_id,
        arg_max(opportunity_id, version) as opportunity_id
    from lines
    group by all
),

instalments as (
    select
        schedules.*,
        deals_of_lines.opportunity_id,
        schedules.opportunity_line_item_schedule_id as record_id,
        null as record_name
    from {{ ref('stg_salesforce__opportunity_line_item_schedule_versions') }} as schedules
    inner join deals_of_lines using (entity, opportunity_line_item_id)
),

accounts as (
    select
        *,
        null as opportunity_id,
        account_id as record_id,
        account_name as record_name
    from {{ ref('stg_salesforce__account_versions') }}
),

{% for kind, fields in kinds.items() %}
    {{ kind }}_contents as (
        select
            entity as crm_entity,
            '{{ kind }}' as record_kind,
            opportunity_id as deal_id,
            record_id,
            version,
            record_name,
            content_fields_count,
            [
                {% for column, label in fields.items() %}
                    {
                        'field': '{{ label }}', 'value': cast({{ column }} as varchar)
                    }{{ ',' if not loop.last }}
                {% endfor %}
            ] as content,
            is_deleted,
            created_at,
            updated_at,
            {{ version_moment('record_id') }} as seen_at,
            extracted_at
        from {{ kind }}s
    ),
{% endfor %}

contents as (
    {% for kind in kinds %}
        select * from {{ kind }}_contents
        {% if not loop.last %}union all by name{% endif %}
    {% endfor %}
)

-- A deletion without a stamp happened, for all that is known, when it was noticed.
select
    crm_entity,
    record_kind,
    deal_id,
    record_id,
    version,
    record_name,
    content,
    content_fields_count,
    is_deleted,
    created_at,
    if(is_deleted, seen_at, updated_at) as changed_at,
    extracted_at
from contents
