with dated_open_items as (
    select * from {{ ref('ar_open_items') }}
)

{{ aged_by_customer('dated_open_items') }}
