"""JSON and time as QuickBooks writes them: exact numbers, Pacific moments.

Belongs here: text to values and back. Does not belong here: what any field means.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

Payload = dict[str, Any]

DATA_CENTRE_ZONE = ZoneInfo("America/Los_Angeles")

_decoder = msgspec.json.Decoder(float_hook=Decimal)
_encoder = msgspec.json.Encoder(decimal_format="number")


def parse(text: str | bytes) -> Any:
    """JSON with every fractional number as a Decimal of exactly the digits that were written.

    Raises ``ValueError`` for text that is not JSON in UTF-8.
    """
    return _decoder.decode(text)


def write(value: Any) -> str:
    """JSON with every Decimal as a number of exactly its digits."""
    return _encoder.encode(value).decode()


def body_time(moment: datetime) -> str:
    """The moment as a response's ``time`` shows it: Pacific, with milliseconds."""
    return moment.astimezone(DATA_CENTRE_ZONE).isoformat(timespec="milliseconds")


def record_time(moment: datetime) -> str:
    """The moment as ``MetaData`` shows it: Pacific, to the second."""
    return moment.astimezone(DATA_CENTRE_ZONE).isoformat(timespec="seconds")


def instant(text: str) -> datetime:
    """The moment that a timestamp or date names; without an offset it is Pacific.

    Raises ``ValueError`` for anything else.
    """
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=DATA_CENTRE_ZONE)


def amount(value: Any) -> Decimal | None:
    """A JSON number as a Decimal; None for whatever is not a number."""
    if isinstance(value, Decimal):
        return value if value.is_finite() else None
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    return None


def reference(payload: Mapping[str, Any], field: str) -> str | None:
    """The id that a reference field such as ``CustomerRef`` names; None if there is none."""
    found = payload.get(field)
    value = found.get("value") if isinstance(found, dict) else None
    return value if isinstance(value, str) and value else None


def entries(payload: Mapping[str, Any], field: str) -> list[Payload]:
    """The objects in an array field such as ``Line``, passing over whatever is not an object."""
    found = payload.get(field)
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []
