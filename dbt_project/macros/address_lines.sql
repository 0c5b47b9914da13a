{#- A CRM's street as lines of a QuickBooks address: what is beyond its fifth stands in that one. -#}
{% macro address_lines(street) -%}
    list_filter(
        list_transform(
            regexp_split_to_array(coalesce({{ street }}, ''), '\r?\n'), lambda line: trim(line)
        ),
        lambda line: line <> ''
    )
{%- endmacro %}

{#- The words of an address, which are the same however its parts are spread over fields. -#}
{% macro address_words(parts) -%}
    regexp_replace(lower(concat_ws('', {{ parts | join(', ') }})), '[^\p{L}\p{N}]', '', 'g')
{%- endmacro %}
