"""Reading one field of a vendor record that may lack it or hold something else there.

Belongs here: typed access and the bounds of an amount. Does not belong here: what a field means.
"""

import datetime
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

CENT = Decimal("0.01")
ZERO = Decimal("0.00")
ONE = Decimal(1)
AMOUNT_BOUND = Decimal(10) ** 15
RATE_BOUND = Decimal(10) ** 9
NUMBER_DIGITS_MAX = 40


class MalformedRecord(ValueError):
    """A record that cannot be booked; the bookkeeping passes over it and goes on."""


def to_cents(value: Decimal) -> Decimal:
    return value.quantize(CENT, ROUND_HALF_UP)


def number(value: object) -> Decimal | None:
    if isinstance(value, int) and not isinstance(value, bool):
        value = Decimal(value)
    if not isinstance(value, Decimal) or not value.is_finite():
        return None
    return value if -AMOUNT_BOUND < value < AMOUNT_BOUND else None


def amount(record: Mapping[str, Any], field: str) -> Decimal:
    """The amount of an optional field; text or any other thing in it is malformed."""
    if record.get(field) is None:
        return ZERO
    found = number(record[field])
    if found is None:
        raise MalformedRecord(f"{field} is not an amount")
    return to_cents(found)


def required_amount(record: Mapping[str, Any], field: str) -> Decimal:
    if record.get(field) is None:
        raise MalformedRecord(f"{field} is missing")
    return amount(record, field)


def exchange_rate(record: Mapping[str, Any], *, is_home: bool) -> Decimal:
    """Home units for one unit, 1 where the record has none; no rate is at or below zero."""
    rate = number(record.get("ExchangeRate"))
    if rate is not None and 0 < rate < RATE_BOUND:
        return rate
    if is_home or record.get("ExchangeRate") is None:
        return ONE
    raise MalformedRecord("ExchangeRate of a foreign document is no rate")


@lru_cache(maxsize=16_384)
def _parsed_date(value: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(value)
    except ValueError:
        return None


def date(record: Mapping[str, Any], field: str) -> datetime.date | None:
    value = record.get(field)
    return _parsed_date(value[:10]) if isinstance(value, str) else None


def text(record: Mapping[str, Any], field: str) -> str | None:
    value = record.get(field)
    return value if isinstance(value, str) and value else None


def identifier(value: object) -> str | None:
    if isinstance(value, str):
        return value or None
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def record_id(record: Mapping[str, Any]) -> str | None:
    return identifier(record.get("Id"))


def part(record: Mapping[str, Any], field: str) -> Mapping[str, Any]:
    value = record.get(field)
    return value if isinstance(value, dict) else {}


def parts(record: Mapping[str, Any], field: str) -> list[Mapping[str, Any]]:
    value = record.get(field)
    return [part for part in value if isinstance(part, dict)] if isinstance(value, list) else []


def reference(record: Mapping[str, Any], field: str) -> str | None:
    value = record.get(field)
    return identifier(value.get("value")) if isinstance(value, dict) else None


def id_order(value: str) -> tuple[int, int, str]:
    """Sorts 9 before 10, and numbers before anything else."""
    is_number = value.isdecimal() and len(value) <= NUMBER_DIGITS_MAX
    return (0, int(value), value) if is_number else (1, 0, value)
