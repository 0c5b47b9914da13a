{#-
    Groups of records that are one customer. In each round the two groups merge that are nearest to
    each other both ways, by the mean over all their pairs, so that one weak bridge glues nothing.
-#}
{%- set merged_from = 0 -%}
{%- set not_compared = -4 -%}
with recursive records as (
    select * from {{ ref('int_duplicates__records') }}
),

judged as (
    select * from {{ ref('int_duplicates__judged_pairs') }}
),

-- Whoever nothing pulls stays alone.
pulled as materialized (
    select left_key as record_key from judged
    where pull > {{ merged_from }}
    union
    select right_key as record_key from judged
    where pull > {{ merged_from }}
),

near_pairs as materialized (
    select
        judged.left_key,
        judged.right_key,
        judged.pull as score
    from judged
    inner join pulled as lefts on judged.left_key = lefts.record_key
    inner join pulled as rights on judged.right_key = rights.record_key
    where judged.pull > 2 * {{ not_compared }} or judged.ruling is not null
),

grouped as (
    select
        record_key,
        record_key as cluster_id,
        0 as round
    from pulled
    union all
    select * from (
        with edges as (
            select
                least(lefts.cluster_id, rights.cluster_id) as first_id,
                greatest(lefts.cluster_id, rights.cluster_id) as second_id,
                sum(near_pairs.score order by near_pairs.left_key, near_pairs.right_key) as score,
                count(*) as pairs_count
            from near_pairs
            inner join grouped as lefts on near_pairs.left_key = lefts.record_key
            inner join grouped as rights on near_pairs.right_key = rights.record_key
            where lefts.cluster_id <> rights.cluster_id
            group by all
        ),

        sizes as (
            select
                cluster_id,
                count(*) as size
            from grouped
            group by cluster_id
        ),

        linked as (
            select
                edges.first_id,
                edges.second_id,
                (
                    edges.score
                    + (firsts.size * seconds.size - edges.pairs_count) * {{ not_compared }}
                ) / (firsts.size * seconds.size) as linkage
            from edges
            inner join sizes as firsts on edges.first_id = firsts.cluster_id
            inner join sizes as seconds on edges.second_id = seconds.cluster_id
        ),

        both_ways as (
            select
                first_id as cluster_id,
                second_id as other_id,
                linkage
            from linked
            where linkage > {{ merged_from }}
            union all
            select
                second_id as cluster_id,
                first_id as other_id,
                linkage
            from linked
            where linkage > {{ merged_from }}
        ),

        nearest as (
            select
                cluster_id,
                arg_max(other_id, (linkage, other_id)) as other_id
            from both_ways
            group by cluster_id
        ),

        merged as (
            select
                ours.cluster_id,
                ours.other_id
            from nearest as ours
            inner join nearest as theirs
                on ours.other_id = theirs.cluster_id and ours.cluster_id = theirs.other_id
            where ours.other_id < ours.cluster_id
        )

        select
            grouped.record_key,
            coalesce(merged.other_id, grouped.cluster_id) as cluster_id,
            grouped.round + 1 as round
        from grouped
        left join merged using (cluster_id)
        where exists (from merged)
    )
),

found as (
    select
        records.record_key,
        records.created_at,
        coalesce(arg_max(grouped.cluster_id, grouped.round), records.record_key) as cluster_id
    from records
    left join grouped using (record_key)
    group by records.record_key, records.created_at
)

-- The record that was entered first names its cluster, so that a later one changes no name.
select
    record_key,
    first_value(record_key) over (
        partition by cluster_id order by created_at nulls last, record_key
    ) as cluster_id
from found
