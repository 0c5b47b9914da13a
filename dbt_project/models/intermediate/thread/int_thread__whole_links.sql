with recursive whole_groups as (
    select * from {{ ref('int_thread__whole_groups') }}
),

{{ settled_groups('whole_groups') }}
