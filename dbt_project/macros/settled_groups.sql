{#-
    Which groups of invoices bill which deals, of all that may: one row per group with a `verdict`,
    accepted, ambiguous or rejected. In each round a deal's best group is accepted where its score
    is better, by the policy's margin, than any group of the deal with other invoices and any group
    of another deal that shares an invoice with it; what that excludes is rejected, and so settles
    others in the next round. `groups` is a CTE with entity, deal_id, invoice_ids and score.
-#}
{% macro settled_groups(groups) -%}
    {%- set margin = "cast('" ~ var('link_margin_min') ~ "' as double)" -%}
    {%- set score_min = "cast('" ~ var('link_score_min') ~ "' as double)" -%}
    rounds as (
        select
            entity,
            deal_id,
            invoice_ids,
            score,
            'open' as verdict,
            0 as round
        from {{ groups }}
        where score >= {{ score_min }}
        union all
        (
            with compared as (
                select
                    entity,
                    deal_id,
                    invoice_ids,
                    score,
                    round,
                    first_value(score) over by_score as best_score,
                    first_value(invoice_ids) over by_score as best_ids
                from rounds
                where verdict = 'open'
                window by_score as (
                    partition by entity, deal_id order by score desc, len(invoice_ids), invoice_ids
                )
            ),

            -- A part of the best group, or more than it, says nothing against its invoices.
            still_open as (
                select
                    *,
                    invoice_ids = best_ids as is_best,
                    score > best_score - {{ margin }}
                    and not list_has_all(best_ids, invoice_ids)
                    and not list_has_all(invoice_ids, best_ids) as is_rival
                from compared
            ),

            members as (
                select
                    entity,
                    deal_id,
                    invoice_ids,
                    score,
                    is_best or is_rival as is_in_question,
                    unnest(invoice_ids) as invoice_id
                from still_open
            ),

            deals_of_invoices as (
                select
                    entity,
                    invoice_id,
                    deal_id,
                    max(score) as score
                from members
                where is_in_question
                group by all
            ),

            -- Not clearly better than every other deal that asks for one of its invoices.
            contested as (
                select
                    entity,
                    deal_id
                from deals_of_invoices
                qualify
                    score - coalesce(
                        max(score) over (
                            partition by entity, invoice_id
                            rows between unbounded preceding and unbounded following
                            exclude current row
                        ), 0
                    ) < {{ margin }}
            ),

            accepted as (
                select
                    entity,
                    deal_id,
                    any_value(best_ids) as invoice_ids
                from still_open
                anti join contested using (entity, deal_id)
                group by all
                having not bool_or(is_rival)
            ),

            taken as (
                select
                    entity,
                    unnest(invoice_ids) as invoice_id
                from accepted
            ),

            excluded as (
                select distinct
                    members.entity,
                    members.deal_id,
                    members.invoice_ids
                from members
                semi join taken using (entity, invoice_id)
            )

            select
                still_open.entity,
                still_open.deal_id,
                still_open.invoice_ids,
                still_open.score,
                case
                    when still_open.invoice_ids = accepted.invoice_ids then 'accepted'
                    when accepted.deal_id is not null or excluded.deal_id is not null
                        then 'rejected'
                    else 'open'
                end as verdict,
                still_open.round + 1 as round
            from still_open
            left join accepted using (entity, deal_id)
            left join excluded
                on
                    still_open.entity = excluded.entity
                    and still_open.deal_id = excluded.deal_id
                    and still_open.invoice_ids = excluded.invoice_ids
            where exists (select 1 from accepted)
        )
    ),

    last_round as (
        select max(round) as round from rounds
    ),

    settled as (
        select
            rounds.entity,
            rounds.deal_id,
            rounds.invoice_ids,
            case
                when rounds.verdict <> 'open' then rounds.verdict
                when
                    rounds.score > max(rounds.score) over (
                        partition by rounds.entity, rounds.deal_id, rounds.verdict
                    ) - {{ margin }}
                    then 'ambiguous'
                else 'rejected'
            end as verdict
        from rounds
        cross join last_round
        where rounds.verdict <> 'open' or rounds.round = last_round.round
    )

    select
        {{ groups }}.*,
        coalesce(settled.verdict, 'rejected') as verdict
    from {{ groups }}
    left join settled using (entity, deal_id, invoice_ids)
{%- endmacro %}
