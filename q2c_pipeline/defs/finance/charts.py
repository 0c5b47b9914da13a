"""Pictures of marts, shown with their assets, for people who would rather look than read.

Belongs here: which marts are drawn, from which query, how. Does not belong here: a measure, which
is drawn as the mart states it, and the kinds of pictures (``drawing``).
"""

import base64
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import vl_convert

from q2c_pipeline.defs.finance.drawing import Chart, MonthlyChart, Waterfall

CHARTS: dict[str, Chart] = {
    "finance.dso": MonthlyChart(
        title="Days' sales outstanding, whole company",
        axis="days",
        query="""
            unpivot (
                select
                    entity,
                    month_end as day,
                    dso_standard as "standard",
                    dso_countback as "count-back",
                    dso_best_possible as "best possible"
                from finance.dso
                where segment = 'all'
            ) on "standard", "count-back", "best possible" into name series value amount
        """,
        series=("standard", "count-back", "best possible"),
        mark="line",
        colours="tableau10",
    ),
    "finance.ar_aging": MonthlyChart(
        title="Receivables by days past due, at month-ends",
        axis="home currency",
        query="""
            select entity, as_of_date as day, bucket as series, sum(open_amount_home) as amount
            from finance.ar_open_items
            where as_of_date = last_day(as_of_date)
            group by all
        """,
        series=("current", "1-30", "31-60", "61-90", "90+"),
        mark="bar",
        colours="yelloworangered",
    ),
    "revenue.pipeline_to_cash_bridge": Waterfall(
        title="From pipeline to cash in the last complete month",
        axis="home currency",
        query="""
            with last_month as (
                select *
                from revenue.pipeline_to_cash_bridge
                where is_complete
                qualify month = max(month) over (partition by entity)
            ),
            laid_out as (
                select
                    *,
                    category in ('opening', 'closing') as is_level,
                    sum(amount_home) over (
                        partition by entity, section order by position
                        rows between unbounded preceding and current row
                    ) as so_far
                from last_month
            )
            select
                entity,
                case section
                    when 'A' then 'Pipeline to bookings, '
                    when 'B' then 'Bookings to billings, '
                    else 'Billings to cash, '
                end || strftime(month, '%B %Y') as part,
                replace(category, '_', ' ') as step,
                position,
                case when is_level then 'level' when amount_home < 0 then 'less' else 'more' end
                    as kind,
                amount_home as amount,
                case when is_level then 0 else so_far - amount_home end as begins,
                case when is_level then amount_home else so_far end as ends,
                greatest(begins, ends, 0) as top
            from laid_out
            where is_level or amount_home <> 0
        """,
    ),
}


def picture(mart: str, connection: duckdb.DuckDBPyConnection) -> str | None:
    """The mart's chart as an image in Markdown; None if it has none, or nothing to show."""
    chart = CHARTS.get(mart)
    if chart is None:
        return None
    found = connection.execute(f"from ({chart.query}) order by all")
    names = [column[0] for column in found.description or []]
    rows = [dict(zip(names, map(_drawn, row), strict=True)) for row in found.fetchall()]
    if not rows:
        return None
    drawing = vl_convert.vegalite_to_svg(chart.specification(rows))
    encoded = base64.b64encode(drawing.encode()).decode()
    return f"![{chart.title}](data:image/svg+xml;base64,{encoded})"


def _drawn(value: Any) -> Any:
    """A value in JSON; of a height on paper, no money is lost."""
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, date) else value
