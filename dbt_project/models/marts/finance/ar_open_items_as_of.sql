{{ config(materialized='table_function', parameters=['as_of_date']) }}

{{ open_items_at(in_the_same_database(ref('ar_open_amounts')), 'cast(as_of_date as date)') }}
