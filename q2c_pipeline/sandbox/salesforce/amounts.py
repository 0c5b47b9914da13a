"""Numbers of records, exact to the text.

Belongs here: reading, comparing and writing them. Does not belong here: what they mean.
"""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

import msgspec

from q2c_pipeline.sandbox.salesforce.rows import NULL

CENT = Decimal("0.01")
HUNDRED = Decimal(100)


def decimal(record: Mapping[str, msgspec.Raw], name: str) -> Decimal | None:
    """A number's value; None for an empty field or for text that should not be there."""
    try:
        value = Decimal(bytes(record.get(name, NULL)).decode())
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def differs(before: Mapping[str, msgspec.Raw], after: Mapping[str, msgspec.Raw], name: str) -> bool:
    """Whether a value changed; 100 and 100.00 are one amount."""
    old, new = before.get(name, NULL), after.get(name, NULL)
    if old == new:
        return False
    old_number, new_number = decimal(before, name), decimal(after, name)
    return old_number is None or old_number != new_number


def in_cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def number(value: Decimal) -> msgspec.Raw:
    return msgspec.Raw(format(value, "f").encode())
