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

{% macro reached_documents() -%}
    {{ return(as_it_stands('intermediate', 'int_ledger__reached_documents')) }}
{%- endmacro %}

{#- Whether this build keeps the rows of a table that nothing reaches; after a full refresh, or one
    that was not finished, all is reached. -#}
{% macro keeps_unreached() -%}
    {%- if not (execute and this and is_incremental()) -%}
        {{ return(false) }}
    {%- endif -%}
    {%- set everything -%}
        select count(*) from {{ reached_documents() }}
        where document_id is null
    {%- endset -%}
    {{ return(run_query(everything).rows[0][0] == 0) }}
{%- endmacro %}

{#- A relation's part that is reached; payments alone where a table goes by payment. -#}
{% macro reached_only() -%}
    {%- if keeps_unreached() -%}
        semi join {{ reached_documents() }} as reached
            using (entity, document_type, document_id)
    {%- endif -%}
{%- endmacro %}

{% macro reached_payments_only() -%}
    {%- if keeps_unreached() -%}
        semi join {{ reached_payments() }} as reached using (entity, payment_id)
    {%- endif -%}
{%- endmacro %}

{% macro reached_payments() -%}
    (
        select
            entity,
            document_id as payment_id
        from {{ reached_documents() }}
        where document_type = 'payment'
    )
{%- endmacro %}

{#- Before a table is added to: its rows of what is reached go. The expressions say which document
    a row belongs to. -#}
{% macro drop_reached(document_type='held.document_type', document_id='held.document_id') -%}
    {%- if is_incremental() %}
        delete from {{ this }}
        {% if keeps_unreached() -%}
            where rowid in (
                select held.rowid
                from {{ this }} as held
                semi join {{ reached_documents() }}
                    as reached
                    on
                        held.entity = reached.entity
                        and {{ document_type }} = reached.document_type
                        and {{ document_id }} = reached.document_id
            )
        {%- endif %}
    {%- endif %}
{%- endmacro %}
