with recursive near_groups as (
    select * from {{ ref('int_thread__near_groups') }}
),

{{ settled_groups('near_groups') }}
