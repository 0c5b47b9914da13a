{#-
    A pair is what its clusters say: in one, its records are one customer. Two clusters of which any
    records are known to differ are two customers; what else came near is for a person to judge.
-#}
{%- set reviewed_from = -3 -%}
with judged as (
    select * from {{ ref('int_duplicates__judged_pairs') }}
),

clustered as (
    select
        clusters.record_key,
        clusters.cluster_id,
        records.system,
        records.entity
    from {{ ref('int_duplicates__clusters') }} as clusters
    inner join {{ ref('int_duplicates__records') }} as records using (record_key)
),

together as (
    select
        lefts.record_key as left_key,
        rights.record_key as right_key
    from clustered as lefts
    inner join clustered as rights
        on lefts.cluster_id = rights.cluster_id and lefts.record_key < rights.record_key
),

pairs as (
    select
        left_key,
        right_key,
        lefts.cluster_id as left_cluster_id,
        rights.cluster_id as right_cluster_id,
        lefts.system = rights.system and lefts.entity = rights.entity as is_within_system,
        judged.score,
        judged.ruling,
        judged.rule
    from judged
    full join together using (left_key, right_key)
    inner join clustered as lefts on left_key = lefts.record_key
    inner join clustered as rights on right_key = rights.record_key
),

kept_apart as (
    select
        least(left_cluster_id, right_cluster_id) as first_id,
        greatest(left_cluster_id, right_cluster_id) as second_id,
        min(rule) as rule
    from pairs
    where ruling = 'different' and rule <> 'other_name' and left_cluster_id <> right_cluster_id
    group by all
)

select
    pairs.left_key,
    pairs.right_key,
    pairs.score,
    coalesce(pairs.rule, kept_apart.rule) as rule,
    case when pairs.left_cluster_id = pairs.right_cluster_id then pairs.left_cluster_id end
        as cluster_id,
    case
        when pairs.left_cluster_id = pairs.right_cluster_id
            then if(pairs.is_within_system, 'duplicate', 'link')
        when
            pairs.ruling = 'different'
            or kept_apart.rule is not null
            or coalesce(pairs.score, {{ reviewed_from }}) <= {{ reviewed_from }}
            then 'different'
        else 'review'
    end as verdict
from pairs
left join kept_apart
    on
        kept_apart.first_id = least(pairs.left_cluster_id, pairs.right_cluster_id)
        and kept_apart.second_id = greatest(pairs.left_cluster_id, pairs.right_cluster_id)
