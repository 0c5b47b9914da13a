{#-
    How strongly two records pull each other into one cluster. What the systems say outweighs every
    likeness, and what a person decided outweighs what the systems say.
-#}
{%- set by_person = 1000000 -%}
{%- set by_systems = 1000 -%}
{%- set by_likeness = 8 -%}
with scored as (
    select
        left_key,
        right_key,
        score
    from {{ ref('int_duplicates__scored_pairs') }}
),

rulings as (
    select * from {{ ref('int_duplicates__rulings') }}
)

select
    left_key,
    right_key,
    scored.score,
    rulings.ruling,
    rulings.rule,
    cast(case
        when rulings.rule = 'decided' then if(rulings.ruling = 'same', 1, -1) * {{ by_person }}
        when rulings.rule = 'same_tax_id' then {{ by_likeness }}
        when rulings.rule = 'other_name' then -{{ by_likeness }} / 2
        when rulings.ruling = 'same' then {{ by_systems }}
        when rulings.ruling = 'different' then -{{ by_systems }}
        when rulings.ruling = 'review' then least(scored.score, 0)
        else least(scored.score, {{ by_likeness }})
    end as double) as pull
from scored
full join rulings using (left_key, right_key)
