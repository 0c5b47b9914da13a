{%- set policy = var('billing') -%}
{%- set customer_complete_rules = [
    {
        'when': 'bill_to_account_id is null',
        'code': "'no_account'",
        'message': "'has no account, so nobody gets the invoice.'",
        'remedy': "'Give the deal its account in the CRM.'",
    },
    {
        'when': "missing <> ''",
        'code': "'customer_incomplete'",
        'message': "'cannot be invoiced: account ' || coalesce(account_name, 'without a name')"
            ~ " || ' lacks ' || missing || '.'",
        'remedy': "'Complete the account in the CRM.'",
    },
    {
        'when': 'email is null',
        'code': "'billing_email_not_shown'",
        'status': "'not_configured'",
        'message': "'has no billing contact: the policy names no field for the billing e-mail, or"
            ~ " Salesforce does not show it, and the account has not exactly one contact with one.'",
        'remedy': "'Name the field in the policy, crm_fields, and let the integration user read it.'",
        'role': "'system_owner'",
    },
    {
        'when': "not regexp_full_match(email, '[^@\\s,;]+@[^@\\s,;]+\\.[^@\\s,;.]+')",
        'code': "'billing_email_invalid'",
        'message': "'cannot be invoiced: ' || email || ' is no e-mail address.'",
        'remedy': "'Correct the billing e-mail of the account in the CRM.'",
    },
] -%}
{%- set customer_active_rules = [
    {
        'when': 'not knows_finance_status',
        'code': "'finance_status_not_shown'",
        'status': "'not_configured'",
        'message': "'has a customer of whom nobody knows whether finance has activated it: the policy"
            ~ " names no such field, or Salesforce does not show it.'",
        'remedy': "'Name the field in the policy, crm_fields, and let the integration user read it.'",
        'role': "'system_owner'",
    },
    {
        'when': 'not is_activated',
        'code': "'not_activated'",
        'message': "'has a customer whom finance has not activated: the finance status of account '"
            ~ " || coalesce(account_name, 'none') || ' is '"
            ~ " || coalesce('\"' || finance_status || '\"', 'empty') || '.'",
        'remedy': "'Check the account and set its finance status.'",
    },
    {
        'when': 'customers_count > 1',
        'code': "'several_customers'",
        'message': "'has account ' || account_name || ', which stands for ' || customers_count"
            ~ " || ' QuickBooks customers.'",
        'remedy': "'Store on the account the id of the one that gets its invoices.'",
    },
    {
        'when': 'customers_count = 0 and stored_customer_id is not null',
        'code': "'stored_customer_unclear'",
        'message': "'has account ' || account_name || ', which stores QuickBooks customer '"
            ~ " || stored_customer_id || ': it is not there, or other accounts store it too.'",
        'remedy': "'Correct the customer id on the account.'",
    },
    {
        'when': 'customers_count = 0 and looks_like is not null',
        'code': "'possible_duplicate_customer'",
        'message': "'has account ' || account_name || ', which has no QuickBooks customer and looks'"
            ~ " || ' like ' || looks_like || '.'",
        'remedy': "'If it is the same, store the customer''s id on the account. If not, say so in"
            ~ " policy.yml, duplicate_decisions.'",
    },
    {
        'when': 'not is_customer_active',
        'code': "'customer_inactive'",
        'message': "'has a customer who is inactive in QuickBooks.'",
        'remedy': "'Make the customer active again, or bill another account.'",
    },
] -%}
{%- set tax_rules = [
    {
        'when': 'not knows_tax_status',
        'code': "'tax_status_not_shown'",
        'status': "'not_configured'",
        'message': "'has a customer of unknown tax status: the policy names no field for it, or"
            ~ " Salesforce does not show it.'",
        'remedy': "'Name the field in the policy, crm_fields, and let the integration user read it.'",
        'role': "'system_owner'",
    },
    {
        'when': 'not is_taxable and not is_exempt',
        'code': "'tax_status_unknown'",
        'message': "'has account ' || coalesce(account_name, 'none') || ', whose tax status is '"
            ~ " || coalesce('\"' || tax_status || '\"', 'empty') || ', which the policy does not know.'",
        'remedy': "'Correct the tax status of the account, or name it in the policy.'",
    },
    {
        'when': 'is_exempt and knows_tax_certificate and tax_certificate is null',
        'code': "'tax_certificate_missing'",
        'message': "'has account ' || account_name || ', which is exempt without a certificate.'",
        'remedy': "'Enter the certificate on the account, or make it taxable.'",
    },
    {
        'when': 'not has_tax_code',
        'code': "'tax_code_not_in_books'",
        'message': "'needs tax code ' || tax_code || ', which QuickBooks does not have.'",
        'remedy': "'Create the code in QuickBooks, or name another in the policy, tax_codes.'",
    },
    {
        'when': 'is_taxable and is_in_us and not has_ship_to',
        'code': "'ship_to_missing'",
        'message': "'is taxed by where it goes, and account ' || account_name || ' has no state and'"
            ~ " || ' postal code.'",
        'remedy': "'Complete the shipping or billing address of the account.'",
    },
    {
        'when': 'is_taxable and lacks_sales_tax',
        'code': "'tax_code_missing'",
        'message': "'is taxable, and neither its customer nor QuickBooks as a whole says with which'"
            ~ " || ' sales tax.'",
        'remedy': "'Choose the customer''s sales tax in QuickBooks, or a usual one for all.'",
    },
    {
        'when': 'is_exempt and not knows_tax_certificate',
        'code': "'tax_certificate_not_shown'",
        'status': "'not_configured'",
        'message': "'has an exempt customer; the policy names no field for its certificate, or"
            ~ " Salesforce does not show it.'",
        'remedy': "'Name the field in the policy, crm_fields, and let the integration user read it.'",
        'role': "'system_owner'",
    },
] -%}
{%- set currency_rules = [
    {
        'when': 'currency <> customer_currency',
        'code': "'currency_unlike_customers'",
        'message': "'is in ' || currency || ', and its customer in QuickBooks in ' || customer_currency"
            ~ " || '.'",
        'remedy': "'QuickBooks customers have one currency: bill another customer, or correct the deal.'",
    },
    {
        'when': 'currency <> home_currency and not is_multicurrency',
        'code': "'currency_not_in_books'",
        'message': "'is in ' || currency || ', and QuickBooks keeps ' || home_currency || ' alone.'",
        'remedy': "'Switch on multicurrency in QuickBooks, or correct the deal.'",
    },
    {
        'when': 'not has_rate',
        'code': "'exchange_rate_missing'",
        'message': "'is in ' || currency || ', whose exchange rate is not known.'",
        'remedy': "'Add the currency in QuickBooks.'",
    },
] -%}

with units as (
    select * from {{ ref('int_billing__units') }}
),

deals as (
    select * from {{ ref('int_thread__deals') }}
),

accounts as (
    select * from {{ ref('int_crm__accounts') }}
),

contacts as (
    select * from {{ ref('stg_salesforce__contacts') }}
    where email is not null
),

known_fields as (
    select * from {{ ref('int_billing__known_fields') }}
),

quickbooks_customers as (
    select * from {{ ref('stg_quickbooks__customers') }}
),

duplicates as (
    select * from {{ ref('int_billing__probable_duplicates') }}
),

companies as (
    select * from {{ ref('stg_quickbooks__company_info') }}
),

preferences as (
    select * from {{ ref('stg_quickbooks__preferences') }}
),

tax_codes as (
    select * from {{ ref('stg_quickbooks__tax_codes') }}
    where is_active
),

only_contacts as (
    select
        entity as crm_entity,
        account_id as crm_account_id,
        any_value(email) as email
    from contacts
    group by all
    having count(*) = 1
),

codes_of_books as (
    select
        entity,
        list(lower(tax_code_name)) as tax_codes
    from tax_codes
    group by all
),

facts as (
    select
        units.entity,
        units.billing_key,
        units.bill_to_account_id,
        units.customers_count,
        units.currency,
        units.home_currency,
        accounts.account_name,
        accounts.finance_status,
        accounts.tax_status,
        accounts.tax_certificate,
        accounts.quickbooks_customer_id as stored_customer_id,
        coalesce(accounts.billing_email, only_contacts.email) as email,
        nullif(trim(coalesce(accounts.legal_name, accounts.account_name)), '') as legal_name,
        accounts.billing_street is not null
        and accounts.billing_city is not null
        and coalesce(accounts.billing_postal_code, accounts.billing_state) is not null
            as has_address,
        duplicates.looks_like,
        coalesce(quickbooks_customers.is_active, true) as is_customer_active,
        coalesce(
            quickbooks_customers.currency,
            case when units.customer_id is not null then units.home_currency end
        ) as customer_currency,
        coalesce(
            list_contains(
                {{ text_list(policy['customer_active_values'] | map('lower') | list) }},
                lower(accounts.finance_status)
            ),
            false
        ) as is_activated,
        {% for kind in ['taxable', 'exempt'] %}
            coalesce(
                list_contains(
                    {{ text_list(policy[kind ~ '_values'] | map('lower') | list) }},
                    lower(accounts.tax_status)
                ),
                false
            ) as is_{{ kind }},
        {% endfor %}
        coalesce(lower(companies.country_code) in ('us', 'usa'), false) as is_in_us,
        codes_of_books.tax_codes,
        coalesce(accounts.shipping_state, accounts.billing_state) is not null
        and coalesce(accounts.shipping_postal_code, accounts.billing_postal_code) is not null
            as has_ship_to,
        -- Where QuickBooks does not choose the tax by itself, a code of the books must.
        coalesce(preferences.uses_sales_tax and not preferences.is_sales_tax_automatic, false)
        and coalesce(quickbooks_customers.default_tax_code_id, preferences.usual_tax_code_id)
        is null as names_no_sales_tax,
        coalesce(preferences.is_multicurrency, false) as is_multicurrency,
        deals.has_rate,
        {% for field in ['billing_email', 'finance_status', 'tax_status', 'tax_certificate'] %}
            coalesce(known_fields.knows_{{ field }}, false) as knows_{{ field }}
            {%- if not loop.last %},{% endif %}
        {% endfor %}
    from units
    inner join deals using (entity, deal_id)
    left join known_fields on units.crm_entity = known_fields.crm_entity
    left join accounts
        on
            units.crm_entity = accounts.crm_entity
            and units.bill_to_account_id = accounts.crm_account_id
    left join only_contacts
        on
            units.crm_entity = only_contacts.crm_entity
            and units.bill_to_account_id = only_contacts.crm_account_id
    left join duplicates
        on
            units.entity = duplicates.entity
            and units.crm_entity = duplicates.crm_entity
            and units.bill_to_account_id = duplicates.crm_account_id
    left join quickbooks_customers
        on
            units.entity = quickbooks_customers.entity
            and units.customer_id = quickbooks_customers.customer_id
    left join companies on units.entity = companies.entity
    left join preferences on units.entity = preferences.entity
    left join codes_of_books on units.entity = codes_of_books.entity
),

taxed as (
    select
        *,
        array_to_string(
            [
                if(legal_name is null, 'a name', null),
                if(not has_address, 'a billing address', null),
                if(email is null and knows_billing_email, 'a billing e-mail', null),
                if(tax_status is null and knows_tax_status, 'a tax status', null)
            ],
            ', '
        ) as missing,
        if(
            is_exempt, '{{ policy["tax_codes"]["exempt"] }}', '{{ policy["tax_codes"]["taxable"] }}'
        ) as tax_code
    from facts
),

-- A US company always has two codes, which its list of codes does not name.
coded as (
    select
        *,
        (is_in_us and tax_code in ('TAX', 'NON'))
        or coalesce(list_contains(tax_codes, lower(tax_code)), false) as has_tax_code,
        is_in_us and names_no_sales_tax as lacks_sales_tax
    from taxed
)

{{ findings('customer_complete', 'coded', 'sales_operations', customer_complete_rules) }}
union all
{{ findings('customer_active', 'coded', 'billing_clerk', customer_active_rules) }}
union all
{{ findings('tax', 'coded', 'accountant', tax_rules) }}
union all
{{ findings('currency', 'coded', 'accountant', currency_rules) }}
