"""What a report is asked with: the company's view of now, and the parameters' plain meaning.

Belongs here: defaults and refusals of parameters. Does not belong here: figures.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from q2c_pipeline.core.errors import RequestRejected

EARLIEST_DATE = date(1900, 1, 1)


class InvalidParameter(RequestRejected):
    """``field`` names the parameter of the report request."""


@dataclass(frozen=True, slots=True)
class ReportContext:
    """``now`` is aware; it stamps the report and, in the company's zone, names today."""

    now: datetime
    time_zone: str
    home_currency: str
    is_multicurrency: bool
    company_name: str = ""

    @property
    def today(self) -> date:
        return self.now.astimezone(ZoneInfo(self.time_zone)).date()


def date_parameter(parameters: Mapping[str, str], name: str, *, otherwise: date) -> date:
    value = parameters.get(name)
    if not value:
        return otherwise
    try:
        found = date.fromisoformat(value)
    except ValueError:
        found = date.min
    if found < EARLIEST_DATE:
        raise InvalidParameter(f"{name} is {value!r}; give a date as YYYY-MM-DD", field=name)
    return found


def choice_parameter(parameters: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    """The first choice is the default; case does not matter."""
    value = parameters.get(name) or choices[0]
    for choice in choices:
        if choice.casefold() == value.casefold():
            return choice
    raise InvalidParameter(f"{name} is {value!r}; give one of {', '.join(choices)}", field=name)


def count_parameter(parameters: Mapping[str, str], name: str, *, otherwise: int, most: int) -> int:
    value = parameters.get(name)
    if not value:
        return otherwise
    if not value.isascii() or not value.isdecimal() or not 1 <= int(value[:9]) <= most:
        raise InvalidParameter(f"{name} is {value!r}; give 1 to {most}", field=name)
    return int(value)
