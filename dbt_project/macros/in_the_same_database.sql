{#-
    A relation without its database, for a function that is published: it reads the tables beside
    it, whatever name the file is opened under. The linter knows no relations.
-#}
{% macro in_the_same_database(relation) -%}
    {{ relation.include(database=false) if execute else relation }}
{%- endmacro %}
