{#- The name of the tax code that the policy gives to what is taxable, and to what is exempt. -#}
{% macro policy_tax_code(tax_treatment) -%}
    case {{ tax_treatment }}
        {%- for treatment in ['taxable', 'exempt'] %}
            when '{{ treatment }}'
                then '{{ var("billing")["tax_codes"][treatment] | replace("'", "''") }}'
        {%- endfor %}
    end
{%- endmacro %}
