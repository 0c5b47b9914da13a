{#-
    What a QuickBooks customer would be made of for an account, in each currency of its units; or,
    where there is one, what of it the CRM owns and says otherwise.
-#}
{%- set policy = var('billing') -%}
{%- set owned = policy['owned_customer_fields'] -%}
with units as (
    select distinct
        entity,
        crm_system,
        crm_entity,
        bill_to_account_id as crm_account_id,
        customer_id,
        customers_count,
        currency
    from {{ ref('int_billing__units') }}
    where bill_to_account_id is not null
),

contacts as (
    select * from {{ ref('int_billing__bill_to_contacts') }}
),

settings as (
    select * from {{ ref('int_billing__book_settings') }}
),

customers as (
    select
        *,
        {{ address_words([
            'billing_address.line1', 'billing_address.line2', 'billing_address.line3',
            'billing_address.line4', 'billing_address.line5', 'billing_address.city',
            'billing_address.countrysubdivisioncode', 'billing_address.postalcode',
            'billing_address.country',
        ]) }} as billing_address_words
    from {{ ref('stg_quickbooks__customers') }}
),

customer_accounts as (
    select * from {{ ref('int_matching__customer_accounts') }}
),

accounts as (
    select * from {{ ref('stg_salesforce__accounts') }}
),

terms as (
    {{ active_by_name(ref('stg_quickbooks__terms'), 'term') }}
),

tax_codes as (
    {{ active_by_name(ref('stg_quickbooks__tax_codes'), 'tax_code') }}
),

only_customers as (
    select
        entity,
        crm_entity,
        crm_account_id,
        min(customer_id) as customer_id
    from customer_accounts
    group by all
    having count(*) = 1
),

described as (
    select
        units.*,
        units.crm_system || ':' || units.crm_account_id as customer_key,
        'q2c:' || units.entity || ':customer:' || units.crm_system || ':' || units.crm_account_id
        || ':1' as marker,
        contacts.account_name,
        contacts.company_name,
        contacts.billing_email,
        contacts.stated_billing_email,
        contacts.billing_address,
        contacts.billing_address_words,
        contacts.tax_treatment,
        settings.is_american,
        settings.uses_sales_tax,
        settings.is_multicurrency,
        terms.term_id,
        tax_codes.tax_code_id,
        -- One under another has its currency.
        case when parents.currency = units.currency then parents.customer_id end
            as parent_customer_id,
        customers.sync_token,
        customers.is_active,
        customers.email as customer_email,
        customers.billing_address_words as customer_address_words,
        '{"Account":[' || accounts.reviewed_fields || ']}' as evaluated,
        greatest(accounts.extracted_at, customers.extracted_at) as evaluated_at
    from units
    inner join settings using (entity)
    inner join contacts using (crm_entity, crm_account_id)
    inner join accounts
        on units.crm_entity = accounts.entity and units.crm_account_id = accounts.account_id
    left join terms
        on
            units.entity = terms.entity
            and lower(
                coalesce(
                    accounts.payment_terms,
                    '{{ policy["standard_terms"] | replace("'", "''") }}'
                )
            ) = lower(terms.term_name)
    left join tax_codes
        on
            units.entity = tax_codes.entity
            and lower(tax_codes.tax_code_name)
            = lower({{ policy_tax_code('contacts.tax_treatment') }})
    left join only_customers
        on
            {{ "units.entity = only_customers.entity" if policy['bill_to'] == 'location'
                else 'false' }}
            and units.crm_entity = only_customers.crm_entity
            and accounts.parent_account_id = only_customers.crm_account_id
    left join customers as parents
        on
            only_customers.entity = parents.entity
            and only_customers.customer_id = parents.customer_id
    left join customers
        on units.entity = customers.entity and units.customer_id = customers.customer_id
),

new_customers as (
    select
        *,
        'create' as operation,
        {{ json_record({
            'DisplayName': json_text(
                "left(trim(regexp_replace(account_name, '[:\\s]+', ' ', 'g')), 500)"
            ),
            'CompanyName': json_text("left(company_name, 100)"),
            'ParentRef': json_reference('parent_customer_id'),
            'CurrencyRef': json_reference('case when is_multicurrency then currency end'),
            'SalesTermRef': json_reference('term_id'),
            'PrimaryEmailAddr': "'{\"Address\":' || " ~ json_text('billing_email') ~ " || '}'",
            'BillAddr': 'billing_address',
            'Taxable': (
                "case when uses_sales_tax and is_american"
                ~ " then cast(tax_treatment = 'taxable' as varchar) end"
            ),
            'DefaultTaxCodeRef': json_reference(
                'case when uses_sales_tax and not is_american then tax_code_id end'
            ),
            'Notes': json_text('marker'),
        }) }} as payload
    from described
    where customers_count = 0
),

differing as (
    select
        *,
        {{ 'billing_address_words <> coalesce(customer_address_words, \'\')'
            if 'billing_address' in owned else 'false' }} as has_other_address,
        {{ "not list_contains(
            string_split(regexp_replace(lower(coalesce(customer_email, '')), '\\s', '', 'g'), ','),
            lower(stated_billing_email)
        )" if 'billing_email' in owned else 'false' }} as has_other_email
    from described
    where customer_id is not null and sync_token is not null
    qualify row_number() over (partition by entity, customer_id order by currency) = 1
),

changed_customers as (
    select
        *,
        'update' as operation,
        {{ json_record({
            'Id': json_text('customer_id'),
            'SyncToken': json_text('sync_token'),
            'sparse': "'true'",
            'PrimaryEmailAddr': (
                "case when has_other_email then '{\"Address\":' || " ~ json_text('stated_billing_email')
                ~ " || '}' end"
            ),
            'BillAddr': 'case when has_other_address then billing_address end',
        }) }} as payload
    from differing
    where has_other_address or has_other_email
),

unioned as (
    select * from new_customers
    union all by name
    select * from changed_customers
)

select
    entity,
    customer_key,
    currency,
    operation,
    account_name,
    customer_id,
    marker,
    payload,
    case when customer_id is not null then sha256(concat_ws('|', sync_token, is_active)) end
        as preconditions_hash,
    evaluated,
    evaluated_at
from unioned
