"""Objects to extract as data, and the step from a vendor's JSON text to records or refusals.

Belongs here: what any vendor's object is (``ObjectSpec``), what a version is made from
(``Record``), why one was refused (``Reject``). Does not belong here: a vendor's field names, which
stand in that vendor's ``objects.py``.

A record is sliced out of its page and kept as the exact text that came in; it is decoded into its
envelope only to see that it holds what later steps rely on. So no amount passes through a float.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Annotated, NamedTuple

import msgspec

from q2c_pipeline.core.currencies import CURRENCY_CODES

AMOUNT_LIMIT = 1e13
"""With two decimals, 15 significant digits: beyond, a vendor's own double is no longer exact."""

JsonAmount = Annotated[float, msgspec.Meta(gt=-AMOUNT_LIMIT, lt=AMOUNT_LIMIT)]
Identifier = Annotated[str, msgspec.Meta(min_length=1)]


class Record(NamedTuple):
    """One observation of one record; ``payload`` is the vendor's exact text."""

    record_id: str
    payload: str
    payload_hash: str
    source_updated_at: datetime | None
    is_deleted: bool


class Reject(NamedTuple):
    """One refused payload: which record and field, why, and what to mend where."""

    record_id: str | None
    field: str
    reason: str
    mend: str
    payload: str
    payload_hash: str


class Refusal(NamedTuple):
    """A rule that types cannot state, broken: the field's path and the sentence that says so."""

    field: str
    reason: str


class Envelope(msgspec.Struct, frozen=True, gc=False):
    """What must hold in a record; subclasses declare the vendor's fields and answer these four."""

    def record_id(self) -> str:
        raise NotImplementedError

    def updated_at(self) -> datetime | None:
        raise NotImplementedError

    def is_deleted(self) -> bool:
        return False

    def refusal(self) -> Refusal | None:
        return None


@dataclass(frozen=True, kw_only=True)
class ObjectSpec:
    """One kind of record: its raw table, the vendor's name for it, and what must hold in it.

    ``stub`` is the shorter envelope of a deleted record, where a vendor has one.
    ``unhashed`` are dotted paths whose change alone makes no new version.
    """

    name: str
    vendor_name: str
    envelope: type[Envelope]
    stub: type[Envelope] | None = None
    unhashed: tuple[str, ...] = ()
    mend: str

    def fingerprint(self, payload: bytes) -> str:
        """A hash of what the payload says; overruled where a vendor spells one fact in two ways."""
        return fingerprint(payload, unhashed=self.unhashed)


class _Identity(msgspec.Struct):
    Id: str | int | None = None


def read_records(spec: ObjectSpec, payloads: Iterable[msgspec.Raw]) -> list[Record | Reject]:
    """A record or a reject for each payload, in order; one bad payload never hides another."""
    return [_read(spec, bytes(payload)) for payload in payloads]


def fingerprint(payload: bytes, *, unhashed: tuple[str, ...] = ()) -> str:
    """A hash of what the payload says: white space and the ``unhashed`` paths do not count."""
    for path in unhashed:
        payload = _without(payload, path.split("."))
    return hashlib.sha256(msgspec.json.format(payload, indent=-1)).hexdigest()


def refuse_unknown_currency(code: str) -> None:
    """Raises ValueError, which a decoder reports with the path of the field."""
    if code not in CURRENCY_CODES:
        raise ValueError(f"{code!r} is not an ISO 4217 currency code")


@cache
def _decoder(envelope: type[Envelope]) -> msgspec.json.Decoder[Envelope]:
    return msgspec.json.Decoder(envelope)


def _read(spec: ObjectSpec, payload: bytes) -> Record | Reject:
    try:
        text = payload.decode()
        envelope = _envelope(spec, payload)
        refusal = envelope.refusal()
    except msgspec.ValidationError as error:
        refusal = _refusal_of(error)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        refusal = Refusal("", f"its text cannot be read ({error})")
    if refusal is not None:
        return _reject(spec, payload, refusal)
    return Record(
        record_id=envelope.record_id(),
        payload=text,
        payload_hash=spec.fingerprint(payload),
        source_updated_at=envelope.updated_at(),
        is_deleted=envelope.is_deleted(),
    )


def _envelope(spec: ObjectSpec, payload: bytes) -> Envelope:
    if spec.stub is None:
        return _decoder(spec.envelope).decode(payload)
    try:
        return _decoder(spec.envelope).decode(payload)
    except msgspec.ValidationError:
        try:
            stub = _decoder(spec.stub).decode(payload)
        except msgspec.ValidationError:
            stub = None
        if stub is None or not stub.is_deleted():
            raise
        return stub


def _reject(spec: ObjectSpec, payload: bytes, refusal: Refusal) -> Reject:
    try:
        identity = msgspec.json.decode(payload, type=_Identity).Id
    except (msgspec.DecodeError, UnicodeDecodeError):
        identity = None
    record_id = None if identity in (None, "") else str(identity)
    subject = f"{spec.vendor_name} {record_id or 'without Id'}"
    return Reject(
        record_id=record_id,
        field=refusal.field,
        reason=": ".join(filter(None, (subject, refusal.field, refusal.reason))),
        mend=spec.mend.format(subject=subject, field=refusal.field or "record"),
        payload=payload.decode(errors="replace"),
        payload_hash=hashlib.sha256(payload).hexdigest(),
    )


_AT = re.compile(r" - at `\$\.?(?P<path>[^`]*)`$")
_MISSING = re.compile(r"^Object missing required field `(?P<name>[^`]+)`$")
_WORDS = {
    "float": "a number",
    "int": "a whole number",
    "str": "a text",
    "bool": "true or false",
    "null": "nothing",
    "object": "an object",
    "array": "a list",
    "date": "a date",
    "datetime": "a moment",
}


def _refusal_of(error: msgspec.ValidationError) -> Refusal:
    text = str(error)
    at = _AT.search(text)
    path = at["path"] if at else ""
    text = _AT.sub("", text)
    if missing := _MISSING.match(text):
        return Refusal(".".join(filter(None, (path, missing["name"]))), "is missing")
    return Refusal(path, re.sub(r"`([^`]*)`", _plain_words, text))


def _plain_words(quoted: re.Match[str]) -> str:
    return " or ".join(_WORDS.get(word, word) for word in quoted[1].split(" | "))


def _without(payload: bytes, path: list[str]) -> bytes:
    fields = msgspec.json.decode(payload, type=dict[str, msgspec.Raw])
    head, *rest = path
    if head not in fields:
        return payload
    if rest:
        fields[head] = msgspec.Raw(_without(bytes(fields[head]), rest))
    else:
        del fields[head]
    return msgspec.json.encode(fields)
