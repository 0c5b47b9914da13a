{#-
    How alike two records are, in levels from nothing in common upwards; null is unsaid. Who moved
    differs in street, postal code and city, and that is one difference: in another area the street
    says no more. Nor does the host where the names are alike, for names make hosts. What more than a
    few records share tells less than what two of them do. Two without anything telling in common are
    two.
-#}
{%- set few = 4 -%}
{%- set shared = ['phone', 'tax_id', 'mailbox', 'host'] -%}
{%- set names = [('name', 'name'), ('name', 'legal'), ('legal', 'name'), ('legal', 'legal')] -%}
with likenesses as (
    select * from {{ ref('int_duplicates__likenesses') }}
),

traits as (
    select
        record_key,
        right(phone, 7) as phone,
        tax_id,
        mailbox,
        hosts[1] as host
    from {{ ref('int_duplicates__traits') }}
),

names as (
    select
        *,
        list_sum(name_weights) as name_weight,
        list_sum(legal_weights) as legal_weight,
        list_sum(name_weights) >= ln(count(*) over ()) as is_rare
    from {{ ref('int_duplicates__weighted_names') }}
),

{% for trait in shared %}
    crowded_{{ trait }} as (
        select
            {{ trait }},
            true as has_crowded_{{ trait }}
        from traits
        group by {{ trait }}
        having count(*) > {{ few }}
    ),
{% endfor %}

crowds as (
    select
        {% for trait in shared %}
            coalesce(crowded_{{ trait }}.has_crowded_{{ trait }}, false)
                as has_crowded_{{ trait }},
        {% endfor %}
        traits.record_key
    from traits
    {% for trait in shared %}
        left join crowded_{{ trait }} using ({{ trait }})
    {% endfor %}
),

placed as (
    select
        *,
        case
            when postal_code = 2 and coalesce(city, 1) > 0 then 4
            when city = 2 and postal_code is null then 3
            when postal_code = 2 or city > 0 and postal_code = 1 then 2
            when city > 0 or postal_code = 1 and city is null then 1
            when city is not null or postal_code is not null then 0
        end as area
    from likenesses
),

met as (
    select
        placed.*,
        {% for trait in shared %}
            crowds.has_crowded_{{ trait }},
        {% endfor %}
        {% for ours, theirs in names %}
            list_dot_product({{ ours }}_in_{{ theirs }}, lefts.{{ ours }}_weights)
                as {{ ours }}_{{ theirs }}_met,
            least(lefts.{{ ours }}_weight, rights.{{ theirs }}_weight)
                as {{ ours }}_{{ theirs }}_least,
            greatest(lefts.{{ ours }}_weight, rights.{{ theirs }}_weight)
                as {{ ours }}_{{ theirs }}_most,
        {% endfor %}
        lefts.is_rare and rights.is_rare as are_rare
    from placed
    inner join crowds on placed.left_key = crowds.record_key
    left join names as lefts on placed.left_key = lefts.record_key
    left join names as rights on placed.right_key = rights.record_key
),

named as (
    select
        *,
        greatest(
            {% for ours, theirs in names %}
                {%- set both = ours ~ '_' ~ theirs %}
                case
                    when {{ both }}_met >= 0.99 * {{ both }}_most then if(are_rare, 8, 7)
                    when {{ both }}_met >= 0.85 * {{ both }}_most then 6
                    when {{ both }}_met >= 0.9 * {{ both }}_least
                        then if({{ both }}_met >= 0.6 * {{ both }}_most, 5, 4)
                    when {{ both }}_met >= 0.6 * {{ both }}_most then 3
                    when {{ both }}_met >= 0.5 * {{ both }}_least then 2
                    when {{ both }}_met >= 0.2 * {{ both }}_least then 1
                    when {{ both }}_met >= 0 then 0
                end,
            {% endfor %}
            if(has_same_letters, 6, null),
            if(is_acronym, 4, null)
        ) as name
    from met
),

compared as (
    select
        left_key,
        right_key,
        name,
        if(area = 0 and street < 2, null, street) as street,
        area,
        case
            when phone >= 2 then if(has_crowded_phone, 2, 3)
            else phone
        end as phone,
        if(tax_id = 2 and has_crowded_tax_id, null, tax_id) as tax_id,
        case
            when mail = 2 and not has_crowded_mailbox then 3
            when mail >= 1 then if(name >= 6, null, if(has_crowded_host, 1, 2))
            else mail
        end as mail
    from named
)

select
    *,
    coalesce(name, 0) <= 3
    and coalesce(street, 0) <= 1
    and coalesce(area, 0) <= 3
    and coalesce(phone, 0) <= 2
    and coalesce(tax_id, 0) <= 1
    and coalesce(mail, 0) = 0 as has_nothing_telling
from compared
