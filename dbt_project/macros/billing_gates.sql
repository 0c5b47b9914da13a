{#- The gates of billing in their order; whether what cannot be judged stops the unit. -#}
{% macro billing_gates() -%}
    {{ return({
        'delivery': true,
        'approval': true,
        'segregation_of_duties': true,
        'as_approved': true,
        'discount': false,
        'terms': false,
        'customer_complete': false,
        'customer_active': true,
        'items': false,
        'tax': false,
        'purchase_order': false,
        'credit_standing': false,
        'currency': false,
        'totals': false,
        'period': false,
        'pilot_scope': false,
        'not_billed_yet': true,
    }) }}
{%- endmacro %}

{#- Whether a gate stops its unit: it failed, or it cannot be judged and must be. -#}
{% macro stops_its_unit() -%}
    (
        status = 'failed'
        or (
            status = 'not_configured'
            and gate in (
                {%- for gate, stops in billing_gates().items() if stops -%}
                    '{{ gate }}'{{ ', ' if not loop.last }}
                {%- endfor -%}
            )
        )
    )
{%- endmacro %}
