{#-
    From when on a version holds: since the vendor's stamp; where that did not move (a record that
    vanished, an edit that moves no stamp), since it was read.
-#}
{% macro version_moment(id_column) -%}
    if(
        updated_at <= lag(updated_at) over (partition by entity, {{ id_column }} order by version),
        extracted_at,
        updated_at
    )
{%- endmacro %}
