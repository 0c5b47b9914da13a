with units as (
    select * from {{ ref('int_billing__units') }}
),

findings as (
    {% for kind in ['approval', 'credit', 'customer', 'delivery', 'invoicing'] %}
        select
            entity,
            billing_key,
            gate,
            status,
            reason_code,
            message,
            remedy,
            owner_role
        from {{ ref('int_billing__' ~ kind ~ '_findings') }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

gates as (
    select unnest({{ text_list(billing_gates()) }}) as gate
)

select
    units.entity,
    units.billing_key,
    gates.gate,
    coalesce(findings.status, 'passed') as status,
    findings.reason_code,
    findings.message,
    findings.remedy,
    findings.owner_role
from units
cross join gates
left join findings
    on
        units.entity = findings.entity
        and units.billing_key = findings.billing_key
        and gates.gate = findings.gate
