{#- Few for any number of pairs; the learning reads them again and again. -#}
{%- set levels = duplicate_comparisons() | join(', ') -%}
with counts as (
    select
        {{ levels }},
        has_nothing_telling,
        cast(count(*) as double) as pairs_count
    from {{ ref('int_duplicates__comparisons') }}
    group by all
)

select
    *,
    row_number() over (order by {{ levels }}) as pattern
from counts
