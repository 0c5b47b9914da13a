{#-
    The business date the marts are built for, as a SQL date literal. It is an input of a run, so
    that the same raw records give the same marts on any day. Parsing alone needs no date, so the
    environment is asked only when a model is built: another day is no reason to parse anew.
-#}
{% macro as_of_date() -%}
    {%- set given = var('as_of_date', none) -%}
    {%- if given is none and execute -%}
        {%- set given = env_var('DBT_AS_OF_DATE', '') -%}
    {%- endif -%}
    {%- if not given and execute -%}
        {{ exceptions.raise_compiler_error(
            "Give the date to build for: --vars '{as_of_date: 2026-05-05}', or DBT_AS_OF_DATE."
        ) }}
    {%- endif -%}
    cast('{{ given or "1970-01-01" }}' as date)
{%- endmacro %}
