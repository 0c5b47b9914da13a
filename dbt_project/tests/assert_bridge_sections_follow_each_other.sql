with bridge as (
    select * from {{ ref('pipeline_to_cash_bridge') }}
),

handovers as (
    select
        left_section.entity,
        left_section.month,
        left_section.section,
        left_section.amount_home as closing_home,
        right_section.amount_home as next_opening_home
    from bridge as left_section
    inner join bridge as right_section
        on
            left_section.entity = right_section.entity
            and left_section.month = right_section.month
            and left_section.category = 'closing'
            and right_section.category = 'opening'
            and chr(ascii(left_section.section) + 1) = right_section.section
)

select *
from handovers
where closing_home <> next_opening_home
