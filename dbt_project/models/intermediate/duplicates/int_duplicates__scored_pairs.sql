{%- set comparisons = duplicate_comparisons() -%}
with compared as (
    select * from {{ ref('int_duplicates__comparisons') }}
    where not has_nothing_telling
),

weights as (
    select * from {{ ref('int_duplicates__weights') }}
),

priors as (
    select any_value(prior_weight) as prior_weight from weights
)

select
    compared.left_key,
    compared.right_key,
    priors.prior_weight
    {% for comparison in comparisons %}
        + coalesce({{ comparison }}_weights.weight, 0)
    {% endfor %} as score
from compared
cross join priors
{% for comparison in comparisons %}
    left join weights as {{ comparison }}_weights
        on
            {{ comparison }}_weights.comparison = '{{ comparison }}'
            and compared.{{ comparison }} = {{ comparison }}_weights.level
{% endfor %}
