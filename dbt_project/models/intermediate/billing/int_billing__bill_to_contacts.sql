{%- set policy = var('billing') -%}
with accounts as (
    select * from {{ ref('int_crm__accounts') }}
),

contacts as (
    select * from {{ ref('stg_salesforce__contacts') }}
    where email is not null
),

-- A contact's address is the account's only if nobody else there could be meant.
only_contacts as (
    select
        entity as crm_entity,
        account_id as crm_account_id,
        min(email) as email
    from contacts
    group by all
    having count(*) = 1
),

addressed as (
    select
        accounts.*,
        {{ address_lines('accounts.billing_street') }} as street_lines,
        coalesce(accounts.billing_email, only_contacts.email) as email
    from accounts
    left join only_contacts using (crm_entity, crm_account_id)
)

select
    crm_entity,
    crm_account_id,
    account_name,
    coalesce(legal_name, account_name) as company_name,
    email as billing_email,
    billing_email as stated_billing_email,
    case
        when street_lines <> []
            then
            {{ json_record({
                'Line1': json_text('left(street_lines[1], 500)'),
                'Line2': json_text('left(street_lines[2], 500)'),
                'Line3': json_text('left(street_lines[3], 500)'),
                'Line4': json_text('left(street_lines[4], 500)'),
                'Line5': json_text(
                    "left(nullif(array_to_string(street_lines[5:], ', '), ''), 500)"
                ),
                'City': json_text('billing_city'),
                'CountrySubDivisionCode': json_text('billing_state'),
                'PostalCode': json_text('left(billing_postal_code, 30)'),
                'Country': json_text('billing_country'),
            }) }}
    end as billing_address,
    case
        when street_lines <> []
            then
            {{ address_words([
                'billing_street', 'billing_city', 'billing_state', 'billing_postal_code',
                'billing_country',
            ]) }}
    end as billing_address_words,
    case
        when list_contains(
            {{ text_list(policy['taxable_values'] | map('lower') | list) }}, lower(tax_status)
        ) then 'taxable'
        when list_contains(
            {{ text_list(policy['exempt_values'] | map('lower') | list) }}, lower(tax_status)
        ) then 'exempt'
    end as tax_treatment
from addressed
