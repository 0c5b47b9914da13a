{#-
    Each open group beside the best of its deal. A part of the best group, or more than it, says
    nothing against its invoices; any other that scores nearly as well does, and is its rival.
-#}
{% macro groups_beside_the_best(groups, margin) -%}
    select
        *,
        invoice_ids = best_ids as is_best,
        score > best_score - {{ margin }}
        and not list_has_all(best_ids, invoice_ids)
        and not list_has_all(invoice_ids, best_ids) as is_rival
    from (
        select
            *,
            first_value(score) over by_score as best_score,
            first_value(invoice_ids) over by_score as best_ids
        from {{ groups }}
        window by_score as (
            partition by entity, deal_id order by score desc, len(invoice_ids), invoice_ids
        )
    )
{%- endmacro %}

{#- Invoices for which a deal's groups in question are not clearly better than another deal's. -#}
{% macro contested_invoices(members, margin) -%}
    select
        entity,
        deal_id,
        invoice_id
    from (
        select
            entity,
            deal_id,
            invoice_id,
            max(score) as score
        from {{ members }}
        where is_best or is_rival
        group by all
    )
    qualify
        score - coalesce(
            max(score) over (
                partition by entity, invoice_id
                rows between unbounded preceding and unbounded following
                exclude current row
            ), 0
        ) < {{ margin }}
{%- endmacro %}

{#-
    Which groups of invoices bill which deals, of all that may: one row per group of the CTE
    `groups` (entity, deal_id, invoice_ids, score), with a `verdict` and the `linked_ids` that it
    links. In each round a deal's best group is accepted if it has no rival and no other deal wants
    one of its invoices nearly as much; what that excludes is rejected, and so settles others in the
    next round. Of a deal that stays ambiguous, the invoices are linked on which the best group and
    all its rivals agree.
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
            with open_groups as (
                select
                    entity,
                    deal_id,
                    invoice_ids,
                    score,
                    round
                from rounds
                where verdict = 'open'
            ),

            compared as (
                {{ groups_beside_the_best('open_groups', margin) }}
            ),

            members as (
                select
                    *,
                    unnest(invoice_ids) as invoice_id
                from compared
            ),

            contested as (
                {{ contested_invoices('members', margin) }}
            ),

            accepted as (
                select
                    entity,
                    deal_id,
                    any_value(best_ids) as invoice_ids
                from compared
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
                compared.entity,
                compared.deal_id,
                compared.invoice_ids,
                compared.score,
                case
                    when compared.invoice_ids = accepted.invoice_ids then 'accepted'
                    when accepted.deal_id is not null or excluded.deal_id is not null
                        then 'rejected'
                    else 'open'
                end as verdict,
                compared.round + 1 as round
            from compared
            left join accepted using (entity, deal_id)
            left join excluded
                on
                    compared.entity = excluded.entity
                    and compared.deal_id = excluded.deal_id
                    and compared.invoice_ids = excluded.invoice_ids
            where exists (select 1 from accepted)
        )
    ),

    left_open as (
        select
            entity,
            deal_id,
            invoice_ids,
            score
        from rounds
        qualify verdict = 'open' and round = max(round) over ()
    ),

    last_compared as (
        {{ groups_beside_the_best('left_open', margin) }}
    ),

    in_question as (
        select
            *,
            count(*) over (partition by entity, deal_id) as groups_count
        from last_compared
        where is_best or is_rival
    ),

    last_members as (
        select
            *,
            unnest(invoice_ids) as invoice_id
        from in_question
    ),

    last_contested as (
        {{ contested_invoices('last_members', margin) }}
    ),

    agreed as (
        select
            last_members.entity,
            last_members.deal_id,
            last_members.invoice_id
        from last_members
        anti join last_contested using (entity, deal_id, invoice_id)
        group by all
        having count(*) = any_value(last_members.groups_count)
    ),

    agreed_of_deals as (
        select
            entity,
            deal_id,
            list(invoice_id order by invoice_id) as linked_ids
        from agreed
        group by all
    ),

    settled as (
        select
            entity,
            deal_id,
            invoice_ids,
            'accepted' as verdict,
            invoice_ids as linked_ids
        from rounds
        where verdict = 'accepted'
        union all
        select
            in_question.entity,
            in_question.deal_id,
            in_question.invoice_ids,
            'ambiguous' as verdict,
            case when in_question.is_best then agreed_of_deals.linked_ids end as linked_ids
        from in_question
        left join agreed_of_deals using (entity, deal_id)
    )

    select
        {{ groups }}.*,
        coalesce(settled.verdict, 'rejected') as verdict,
        coalesce(settled.linked_ids, []) as linked_ids
    from {{ groups }}
    left join settled using (entity, deal_id, invoice_ids)
{%- endmacro %}
