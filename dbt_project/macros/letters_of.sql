{#- The letters and digits of a name alone, in small letters. -#}
{% macro letters_of(name) -%}
    regexp_replace(lower({{ name }}), '\W', '', 'g')
{%- endmacro %}
