"""Pictures of marts, shown with their assets, for people who would rather look than read.

Belongs here: which marts are drawn, from which query, how. Does not belong here: a measure, which
is drawn as the mart states it.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import vl_convert

WIDTH, HEIGHT = 640, 240


@dataclass(frozen=True)
class Chart:
    """``query`` gives a day of each month, entity, series and amount; bars are stacked."""

    title: str
    axis: str
    query: str
    series: tuple[str, ...]
    mark: str
    colours: str

    def specification(self, rows: list[Mapping[str, Any]]) -> dict[str, Any]:
        """The chart in Vega-Lite's words."""
        return {
            "title": self.title,
            "data": {"values": rows},
            "facet": {
                "row": {
                    "field": "entity",
                    "title": None,
                    "header": {"labels": len({row["entity"] for row in rows}) > 1},
                }
            },
            "spec": {
                "width": WIDTH,
                "height": HEIGHT,
                "mark": self.mark,
                "encoding": {
                    "x": {"field": "day", "timeUnit": "utcyearmonth", "title": None},
                    "y": {"field": "amount", "type": "quantitative", "title": self.axis},
                    "color": {
                        "field": "series",
                        "title": None,
                        "scale": {"domain": self.series, "scheme": self.colours},
                    },
                    "order": {"field": "position"},
                },
            },
        }


CHARTS = {
    "finance.dso": Chart(
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
    "finance.ar_aging": Chart(
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
}


def picture(mart: str, connection: duckdb.DuckDBPyConnection) -> str | None:
    """The mart's chart as an image in Markdown; None if it has none, or nothing to show."""
    chart = CHARTS.get(mart)
    if chart is None:
        return None
    rows: list[Mapping[str, Any]] = [
        {
            "day": day.isoformat(),
            "entity": entity,
            "series": series,
            "position": chart.series.index(series),
            "amount": float(amount),  # of a height on paper, no money is lost
        }
        for day, entity, series, amount in connection.execute(
            f"select day, entity, series, amount from ({chart.query}) order by all"
        ).fetchall()
    ]
    if not rows:
        return None
    drawing = vl_convert.vegalite_to_svg(chart.specification(rows))
    encoded = base64.b64encode(drawing.encode()).decode()
    return f"![{chart.title}](data:image/svg+xml;base64,{encoded})"
