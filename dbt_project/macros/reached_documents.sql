{#-
    How the tables of the ledger renew only what a change reaches. `int_ledger__reached_documents`
    lists it; each table drops its rows of these documents and makes them again. The list is added
    to before anything is renewed and emptied with the last table, so a build that ends in between
    leaves to the next one what it has not done.
-#}

{#- A table as it stands; a ref would close a circle or be wanted by every unit test. -#}
{% macro as_it_stands(schema, name) -%}
    {%- if execute -%}
        {{ return(api.Relation.create(database=target.database, schema=schema, identifier=name)) }}
    {%- endif -%}
    {{ return(schema ~ '.' ~ name) }}
{%- endmacro %}

{% macro listed_documents() -%}
    {{ return(as_it_stands('intermediate', 'int_ledger__reached_documents')) }}
{%- endmacro %}

{% macro held_documents() -%}
    {{ return(as_it_stands('intermediate', 'int_ledger__documents_unioned')) }}
{%- endmacro %}

{% macro held_open_amounts() -%}
    {{ return(as_it_stands('finance', 'ar_open_amounts')) }}
{%- endmacro %}

{#- Whether there is a ledger that what is posted now can be compared with. -#}
{% macro ledger_was_built() -%}
    {%- if not execute or should_full_refresh() -%}
        {{ return(false) }}
    {%- endif -%}
    {{ return(
        load_relation(listed_documents())
        and load_relation(held_documents())
        and load_relation(held_open_amounts())
    ) }}
{%- endmacro %}

{#- Whether this build keeps the rows of a table that nothing reaches; after a full refresh, or one
    that was not finished, all is reached. -#}
{% macro keeps_unreached() -%}
    {%- if not (execute and this and is_incremental()) -%}
        {{ return(false) }}
    {%- endif -%}
    {%- set everything -%}
        select count(*) from {{ listed_documents() }}
        where document_id is null
    {%- endset -%}
    {{ return(run_query(everything).rows[0][0] == 0) }}
{%- endmacro %}

{#- What is reached, by the names that a table has for it. -#}
{% macro reached_documents(document_type='document_type', document_id='document_id') -%}
    (
        select
            entity,
            document_type as {{ document_type }},
            document_id as {{ document_id }}
        from {{ listed_documents() }}
        where is_reached
    )
{%- endmacro %}

{% macro reached_payments() -%}
    (
        select
            entity,
            document_id as payment_id
        from {{ listed_documents() }}
        where is_reached and document_type = 'payment'
    )
{%- endmacro %}

{#- The same, with what is only read to work it out. -#}
{% macro needed_payments() -%}
    (
        select
            entity,
            document_id as payment_id
        from {{ listed_documents() }}
        where document_type = 'payment'
    )
{%- endmacro %}

{#- The part of a table that a list names. Narrow columns find the rows, so that the others are read
    of these rows alone. -#}
{% macro listed_part(table, listed, columns) -%}
    {%- if keeps_unreached() -%}
        (
            select * from {{ table }}
            where rowid in (
                select held.rowid
                from {{ table }} as held
                semi join {{ listed }} as listed using (entity, {{ columns }})
            )
        )
    {%- else -%}
        {{ table }}
    {%- endif -%}
{%- endmacro %}

{#- The part of a table that is reached, whose names for a document may have a prefix. -#}
{% macro reached_part(table, prefix='') -%}
    {%- set columns = [prefix ~ 'document_type', prefix ~ 'document_id'] -%}
    {{ listed_part(table, reached_documents(*columns), columns | join(', ')) }}
{%- endmacro %}


{#- Before a table is added to: its rows of what is reached go, or of what another list names. The
    expressions say which document a row belongs to. -#}
{% macro drop_reached(
    document_type='held.document_type', document_id='held.document_id', listed=none
) -%}
    {%- if is_incremental() %}
        delete from {{ this }}
        {% if keeps_unreached() -%}
            where rowid in (
                select held.rowid
                from {{ this }} as held
                semi join {{ listed or reached_documents() }} as listed
                    on
                        held.entity = listed.entity
                        and {{ document_type }} = listed.document_type
                        and {{ document_id }} = listed.document_id
            )
        {%- endif %}
    {%- endif %}
{%- endmacro %}
