{#- A part of the rule that `rule_number` counts to, or what most rules have there. -#}
{% macro by_rule(rules, part, usual=none) -%}
    case rule_number
        {%- for rule in rules %}
            when {{ loop.index }} then {{ rule[part] or usual }}
        {%- endfor %}
    end
{%- endmacro %}

{#-
    What a gate finds: for each billing unit of the CTE `facts`, the first of `rules` that speaks
    against it, and no row where none does. A rule has a condition (`when`) and, in SQL, the
    reason's `code`, a message and a remedy; a `role` where its owner is not the gate's. What cannot
    be judged for lack of a field is `not_configured`, and its `status` says so.
-#}
{% macro findings(gate, facts, owner_role, rules) -%}
    select
        entity,
        billing_key,
        '{{ gate }}' as gate,
        {{ by_rule(rules, 'status', "'failed'") }} as status,
        {{ by_rule(rules, 'code') }} as reason_code,
        {{ by_rule(rules, 'message') }} as message,
        {{ by_rule(rules, 'remedy') }} as remedy,
        {{ by_rule(rules, 'role', "'" ~ owner_role ~ "'") }} as owner_role
    from (
        select
            *,
            case
                {%- for rule in rules %}
                    when {{ rule.when }} then {{ loop.index }}
                {%- endfor %}
            end as rule_number
        from {{ facts }}
    )
    where rule_number is not null
{%- endmacro %}
