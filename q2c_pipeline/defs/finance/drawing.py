"""Kinds of pictures: what a chart asks of a mart, and how its rows become one in Vega-Lite's words.

Belongs here: shapes, axes, colours. Does not belong here: which marts are drawn.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

WIDTH, HEIGHT = 640, 240
SECTION_WIDTH, SECTION_HEIGHT = 340, 260

Row = dict[str, Any]


class Chart(Protocol):
    """``query`` gives the rows of one picture, each with its ``entity``."""

    @property
    def title(self) -> str: ...

    @property
    def query(self) -> str: ...

    def specification(self, rows: list[Row]) -> dict[str, Any]:
        """The picture of these rows, which are at least one."""


@dataclass(frozen=True)
class MonthlyChart:
    """``query`` gives a day of each month, entity, series and amount; bars are stacked."""

    title: str
    axis: str
    query: str
    series: Sequence[str]
    mark: str
    colours: str

    def specification(self, rows: list[Row]) -> dict[str, Any]:
        positioned = [{**row, "position": self.series.index(row["series"])} for row in rows]
        return {
            "title": self.title,
            "data": {"values": positioned},
            "facet": {"row": _entities(rows)},
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


@dataclass(frozen=True)
class Waterfall:
    """``query`` gives entity, part, step, position, kind and the amounts a bar runs between.

    Parts stand side by side. ``kind`` is ``level``, ``more`` or ``less``.
    """

    title: str
    axis: str
    query: str

    def specification(self, rows: list[Row]) -> dict[str, Any]:
        across = {
            "field": "step",
            "type": "ordinal",
            "sort": {"field": "position"},
            "title": None,
            "axis": {"labelAngle": -40},
        }
        colour = {
            "field": "kind",
            "title": None,
            "scale": {
                "domain": ["level", "more", "less"],
                "range": ["#4c78a8", "#54a24b", "#e45756"],
            },
            "legend": None,
        }
        labels = {
            "y": {"field": "top", "type": "quantitative"},
            "text": {"field": "amount", "type": "quantitative", "format": ".3~s"},
        }
        return {
            "title": self.title,
            "data": {"values": rows},
            "facet": {
                "row": _entities(rows),
                "column": {
                    "field": "part",
                    "sort": {"field": "position", "op": "min"},
                    "title": None,
                    "header": {"labelFontSize": 12},
                },
            },
            "spec": {
                "width": SECTION_WIDTH,
                "height": SECTION_HEIGHT,
                "encoding": {"x": across},
                "layer": [
                    {
                        "mark": "bar",
                        "encoding": {
                            "y": {"field": "begins", "type": "quantitative", "title": self.axis},
                            "y2": {"field": "ends"},
                            "color": colour,
                        },
                    },
                    {"mark": {"type": "text", "dy": -6, "fontSize": 9}, "encoding": labels},
                ],
            },
            "resolve": {"scale": {"x": "independent"}},
        }


def _entities(rows: list[Row]) -> dict[str, Any]:
    """A row of pictures for each company, named only where there are several."""
    labels = len({row["entity"] for row in rows}) > 1
    return {"field": "entity", "title": None, "header": {"labels": labels}}
