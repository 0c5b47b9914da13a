with accounts as (
    select * from {{ ref('stg_salesforce__accounts') }}
    where not is_deleted
),

users as (
    select * from {{ ref('stg_salesforce__users') }}
),

customers as (
    select * from {{ ref('stg_quickbooks__customers') }}
),

records as (
    select
        'salesforce' as system,
        accounts.entity,
        accounts.account_id as record_id,
        accounts.parent_account_id as parent_id,
        accounts.account_name as name,
        accounts.legal_name,
        accounts.billing_street as street,
        accounts.billing_city as city,
        accounts.billing_state as region,
        accounts.billing_postal_code as postal_code,
        accounts.billing_country as country,
        accounts.phone,
        accounts.billing_email as email,
        accounts.website,
        accounts.tax_certificate as tax_id,
        true as is_active,
        accounts.created_at,
        users.user_name as created_by
    from accounts
    left join users on accounts.entity = users.entity and accounts.creator_id = users.user_id
    union all by name
    select
        'quickbooks' as system,
        entity,
        customer_id as record_id,
        parent_customer_id as parent_id,
        customer_name as name,
        company_name as legal_name,
        concat_ws(
            ', ',
            {% for line in range(1, 6) %}
                billing_address.line{{ line }}{{ ',' if not loop.last }}
            {% endfor %}
        ) as street,
        billing_address.city,
        billing_address.countrysubdivisioncode as region,
        billing_address.postalcode as postal_code,
        billing_address.country,
        phone,
        email,
        website,
        tax_id,
        is_active,
        created_at,
        cast(null as varchar) as created_by
    from customers
)

select
    system || ':' || entity || ':' || record_id as record_key,
    system || ':' || entity || ':' || parent_id as parent_key,
    * exclude (parent_id)
from records
