{#-
    What each unit's invoice would be, billed or not: the outbox sends these texts, and the parallel
    run compares these.
-#}
{%- set policy = var('billing') -%}
{%- set private_note_max = 4000 -%}
{%- set memo_max = 1000 -%}
{#- The longest text that a custom field takes. -#}
{%- set custom_field_max = 31 -%}
with units as (
    select * from {{ ref('int_billing__units') }}
),

gates as (
    select * from {{ ref('int_billing__gates') }}
),

marked_invoices as (
    select * from {{ ref('int_billing__marked_invoices') }}
),

approvals as (
    select * from {{ ref('int_billing__approvals') }}
),

invoice_lines as (
    select * from {{ ref('int_billing__invoice_lines') }}
),

settings as (
    select * from {{ ref('int_billing__book_settings') }}
),

contacts as (
    select * from {{ ref('int_billing__bill_to_contacts') }}
),

customers as (
    select * from {{ ref('stg_quickbooks__customers') }}
),

items as (
    select * from {{ ref('stg_quickbooks__items') }}
),

terms as (
    {{ active_by_name(ref('stg_quickbooks__terms'), 'term') }}
),

tax_codes as (
    {{ active_by_name(ref('stg_quickbooks__tax_codes'), 'tax_code') }}
),

classes as (
    {{ active_by_name(ref('stg_quickbooks__classes'), 'class') }}
),

departments as (
    {{ active_by_name(ref('stg_quickbooks__departments'), 'department') }}
),

tax_rates as (
    select * from {{ ref('stg_quickbooks__tax_rates') }}
),

-- Content that cannot be billed as it stands has no invoice; one that waits for something else has.
unfit as (
    select distinct
        entity,
        billing_key
    from gates
    where gate in ('items', 'tax', 'currency', 'totals') and status = 'failed'
),

generations as (
    select
        entity,
        billing_key,
        1 + max(generation) as generation
    from marked_invoices
    where not is_live
    group by all
),

rates_of_codes as (
    select
        coded.entity,
        coded.tax_code_id,
        list(tax_rates.rate_percent) as rate_percents
    from (
        select
            entity,
            tax_code_id,
            unnest(sales_tax_rate_ids) as tax_rate_id
        from tax_codes
    ) as coded
    inner join tax_rates using (entity, tax_rate_id)
    group by all
),

headed as (
    select
        units.*,
        units.crm_system || ':' || units.bill_to_account_id as customer_key,
        coalesce(generations.generation, 1) as generation,
        'q2c:' || units.entity || ':' || units.billing_key || ':'
        || coalesce(generations.generation, 1) as marker,
        contacts.billing_email,
        contacts.billing_address,
        contacts.tax_treatment,
        customers.sync_token as customer_sync_token,
        customers.is_active as is_customer_active,
        terms.term_id,
        cast({{ due_by_terms(as_of_date(), 'terms') }} as date) as due_date,
        approvals.approved_at,
        cast(timezone(coalesce(settings.time_zone, 'UTC'), approvals.approved_at) as date)
            as approved_date,
        approvals.approved_by_name,
        classes.class_id,
        departments.department_id,
        settings.is_american,
        settings.uses_sales_tax,
        settings.is_sales_tax_automatic,
        settings.is_multicurrency,
        settings.numbers_by_hand,
        settings.allows_service_dates,
        settings.has_class_on_invoice,
        settings.has_class_on_line,
        settings.tracks_departments,
        settings.purchase_order_definition_id,
        settings.purchase_order_field_name,
        settings.book_close_date,
        case
            when not settings.uses_sales_tax or contacts.tax_treatment is null then null
            when not settings.is_american then tax_codes.tax_code_id
            else {{ policy_tax_code('contacts.tax_treatment') }}
        end as tax_code_id,
        -- In the United States the invoice says which tax, unless QuickBooks chooses it.
        case
            when
                settings.uses_sales_tax
                and settings.is_american
                and not settings.is_sales_tax_automatic
                and contacts.tax_treatment = 'taxable'
                then coalesce(customers.default_tax_code_id, settings.usual_tax_code_id)
        end as header_tax_code_id
    from units
    inner join settings using (entity)
    anti join unfit using (entity, billing_key)
    left join generations using (entity, billing_key)
    left join approvals using (entity, deal_id)
    left join contacts
        on
            units.crm_entity = contacts.crm_entity
            and units.bill_to_account_id = contacts.crm_account_id
    left join customers
        on units.entity = customers.entity and units.customer_id = customers.customer_id
    left join terms
        on units.entity = terms.entity and lower(units.terms_name) = lower(terms.term_name)
    left join tax_codes
        on
            units.entity = tax_codes.entity
            and lower(tax_codes.tax_code_name)
            = lower({{ policy_tax_code('contacts.tax_treatment') }})
    {% for word, list in {'class': 'classes', 'department': 'departments'}.items() -%}
        left join {{ list }}
            on
                units.entity = {{ list }}.entity
                and {{ 'lower(units.' ~ policy[word ~ '_from'] ~ ')'
                    if policy[word ~ '_from'] else 'null' }} = lower({{ list }}.{{ word }}_name)
    {% endfor %}
),

-- Whose tax nobody knows beforehand has no total either.
headed_with_rates as (
    select
        headed.*,
        case
            when not headed.uses_sales_tax then []
            when headed.is_american and headed.tax_treatment = 'exempt' then []
            else rates_of_codes.rate_percents
        end as rate_percents
    from headed
    left join rates_of_codes
        on
            headed.entity = rates_of_codes.entity
            and coalesce(headed.header_tax_code_id, headed.tax_code_id)
            = rates_of_codes.tax_code_id
),

-- In the United States an item that is not taxable stays so whoever buys it.
taxed_lines as (
    select
        invoice_lines.*,
        headed.allows_service_dates,
        case when headed.has_class_on_line then headed.class_id end as class_id,
        not headed.is_american
        or (headed.tax_treatment = 'taxable' and invoice_lines.is_taxable) as is_taxed,
        case
            when
                headed.is_american
                and headed.tax_code_id is not null
                and not invoice_lines.is_taxable
                then '{{ policy["tax_codes"]["exempt"] }}'
            else headed.tax_code_id
        end as tax_code_id
    from invoice_lines
    inner join headed using (entity, billing_key)
),

item_lines as (
    select
        *,
        {{ json_record({
            'DetailType': "'\"SalesItemLineDetail\"'",
            'Amount': 'cast(amount as varchar)',
            'Description': json_text(
                "case when bundle_item_id is null then nullif(description, '') end"
            ),
            'SalesItemLineDetail': json_record({
                'ItemRef': json_reference('item_id'),
                'Qty': json_number('quantity'),
                'UnitPrice': json_number('unit_price'),
                'ServiceDate': json_text(
                    'case when allows_service_dates then service_date end'
                ),
                'TaxCodeRef': json_reference('tax_code_id'),
                'ClassRef': json_reference('class_id'),
            }),
        }) }} as line
    from taxed_lines
),

-- A deal line is a line of the invoice; of a bundle the items stand inside it.
deal_lines as (
    select
        entity,
        billing_key,
        line_position,
        deal_line_id,
        sum(amount) as amount,
        sum(net_amount) as net_amount,
        coalesce(sum(amount) filter (where is_taxed), 0) as taxed_amount,
        list(item_id) as item_ids,
        case
            when any_value(bundle_item_id) is null then any_value(line)
            else
                {{ json_record({
                    'DetailType': "'\"GroupLineDetail\"'",
                    'Amount': "'0'",
                    'Description': json_text("nullif(any_value(description), '')"),
                    'GroupLineDetail': json_record({
                        'GroupItemRef': json_reference('any_value(bundle_item_id)'),
                        'Quantity': json_number('any_value(bundle_quantity)'),
                        'Line': "'[' || string_agg(line, ',' order by position_in_bundle) || ']'",
                    }),
                }) }}
        end as line
    from item_lines
    group by all
),

bodies as (
    select
        entity,
        billing_key,
        string_agg(line, ',' order by line_position, deal_line_id) as lines,
        cast(sum(amount - net_amount) as decimal(18, 2)) as discount_amount,
        cast(sum(net_amount) as decimal(18, 2)) as net_amount,
        cast(sum(amount) as decimal(18, 2)) as gross_amount,
        cast(sum(taxed_amount) as decimal(18, 2)) as taxed_amount,
        list_distinct(flatten(list(item_ids))) as item_ids
    from deal_lines
    group by all
),

item_states as (
    select
        needed.entity,
        needed.billing_key,
        string_agg(
            concat_ws('|', items.item_id, items.sync_token, items.is_active),
            chr(10)
            order by items.item_id
        ) as item_states
    from (
        select
            entity,
            billing_key,
            unnest(item_ids) as item_id
        from bodies
    ) as needed
    inner join items using (entity, item_id)
    group by all
),

written as (
    select
        headed_with_rates.*,
        bodies.net_amount,
        bodies.discount_amount,
        -- QuickBooks lets a discount fall on all lines alike before it taxes them.
        case
            when bodies.discount_amount = 0 then cast(bodies.taxed_amount as decimal(20, 4))
            else
                cast(
                    bodies.taxed_amount * bodies.net_amount / nullif(bodies.gross_amount, 0)
                    as decimal(20, 4)
                )
        end as taxed_amount,
        {{ json_record({
            'CustomerRef': json_reference(
                'coalesce(headed_with_rates.customer_id, headed_with_rates.customer_key)'
            ),
            'CurrencyRef': json_reference('case when is_multicurrency then currency end'),
            'DocNumber': json_text(
                "case when numbers_by_hand then 'Q2C-' || upper(left(md5(marker), 12)) end"
            ),
            'TxnDate': json_text(as_of_date()),
            'DueDate': json_text('due_date'),
            'SalesTermRef': json_reference('term_id'),
            'ClassRef': json_reference('case when has_class_on_invoice then class_id end'),
            'DepartmentRef': json_reference('case when tracks_departments then department_id end'),
            'BillEmail': "'{\"Address\":' || " ~ json_text('billing_email') ~ " || '}'",
            'BillAddr': 'billing_address',
            'CustomField': (
                "case when length(purchase_order_number) <= " ~ custom_field_max
                ~ " then '[{\"DefinitionId\":' || " ~ json_text('purchase_order_definition_id')
                ~ " || ',\"Name\":' || " ~ json_text('purchase_order_field_name')
                ~ " || ',\"Type\":\"StringType\",\"StringValue\":' || "
                ~ json_text('purchase_order_number') ~ " || '}]' end"
            ),
            'CustomerMemo': json_reference(
                "left(concat_ws(chr(10), deal_name, case when purchase_order_definition_id is null"
                ~ " or length(purchase_order_number) > " ~ custom_field_max
                ~ " then 'Your order ' || purchase_order_number end), " ~ memo_max ~ ")"
            ),
            'PrivateNote': json_text(
                "left(marker || chr(10) || 'Deal ' || coalesce(deal_name, deal_id)"
                ~ " || coalesce(', approved by ' || approved_by_name, '')"
                ~ " || coalesce(' on ' || approved_date, '')"
                ~ " || '.', " ~ private_note_max ~ ")"
            ),
            'GlobalTaxCalculation': (
                "case when is_american then null when uses_sales_tax then '\"TaxExcluded\"'"
                ~ " else '\"NotApplicable\"' end"
            ),
            'ApplyTaxAfterDiscount': "case when is_american and discount_amount > 0 then 'true' end",
            'TxnTaxDetail': (
                "'{\"TxnTaxCodeRef\":' || "
                ~ json_reference('case when bodies.taxed_amount > 0 then header_tax_code_id end')
                ~ " || '}'"
            ),
            'Line': (
                "'[' || concat_ws(',', lines, case when discount_amount > 0 then "
                ~ json_record({
                    'DetailType': "'\"DiscountLineDetail\"'",
                    'Amount': 'cast(discount_amount as varchar)',
                    'DiscountLineDetail': "'{\"PercentBased\":false}'",
                })
                ~ " end) || ']'"
            ),
        }) }} as payload,
        sha256(concat_ws(
            chr(10), headed_with_rates.customer_sync_token, headed_with_rates.is_customer_active,
            item_states.item_states, headed_with_rates.book_close_date
        )) as preconditions_hash
    from headed_with_rates
    inner join bodies using (entity, billing_key)
    left join item_states using (entity, billing_key)
)

select
    entity,
    billing_key,
    deal_id,
    marker,
    generation,
    payload,
    sha256(payload) as payload_hash,
    preconditions_hash,
    customer_id,
    case when customer_id is null then customer_key end as depends_on,
    term_id,
    due_date,
    currency,
    discount_amount,
    net_amount,
    cast(
        net_amount + coalesce(
            list_sum(list_transform(
                rate_percents,
                lambda percent: cast(round(taxed_amount * percent * 0.01, 2) as decimal(18, 2))
            )),
            case when rate_percents = [] or taxed_amount = 0 then 0 end
        ) as decimal(18, 2)
    ) as total_amount,
    approved_at,
    approved_date
from written
