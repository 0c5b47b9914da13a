"""What one reading of one entity came to, told the same way for every system.

Belongs here: results as values. Does not belong here: how a system is read.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from q2c_pipeline.core.errors import ConfigurationError
from q2c_pipeline.core.landing import LoadCounts

Argument = TypeVar("Argument")
Result = TypeVar("Result")

Progress = Callable[[str], None]
"""Takes one line for the person who waits."""


class ObjectLoad(NamedTuple):
    """One object's raw table and what its load came to."""

    object: str
    counts: LoadCounts


@dataclass(frozen=True, kw_only=True)
class Extraction:
    """One entity, read. ``calls`` counts requests, ``metered_reads`` those the vendor bills.

    ``missing_fields`` are optional fields that were asked for, or shown before, and that the
    vendor does not show, as ``<object>.<field>``; ``missing_objects`` are such raw tables.
    """

    system: str
    entity: str
    extracted_at: datetime
    as_of_date: date
    extraction_date: date
    time_zone: str
    home_currency: str | None
    loads: tuple[ObjectLoad, ...]
    calls: int
    metered_reads: int
    missing_fields: tuple[str, ...] = ()
    missing_objects: tuple[str, ...] = ()


def zone_of(name: str) -> ZoneInfo:
    """Raises: ConfigurationError when no such time zone is known."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ConfigurationError(
            f"{name!r} is not a time zone. Set Q2C_TIME_ZONE to a name such as America/New_York"
        ) from None


def in_order(
    pool: ThreadPoolExecutor,
    function: Callable[[Argument], Result],
    arguments: Iterable[Argument],
    *,
    ahead: int,
) -> Iterator[Result]:
    """Results in the order of the arguments, at most ``ahead`` of them made before being taken."""
    pending: deque[Future[Result]] = deque()
    try:
        for argument in arguments:
            pending.append(pool.submit(function, argument))
            if len(pending) >= ahead:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:
        for future in pending:
            future.cancel()
