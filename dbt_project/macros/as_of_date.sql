{#-
    The business date the marts are built for, as a SQL date literal. It is an input of a run, so
    that the same raw records give the same marts on any day. Parsing alone needs no date.
-#}
{% macro as_of_date() -%}
    {%- set given = var('as_of_date', none) -%}
    {%- if given is none and execute -%}
        {{ exceptions.raise_compiler_error(
            "Give the date to build for: --vars '{as_of_date: 2026-05-05}'."
        ) }}
    {%- endif -%}
    cast('{{ given or "1970-01-01" }}' as date)
{%- endmacro %}
