"""Looks up records of the books that a write may have made, or that stand in its way.

Belongs here: reading a record by its marker, its id or its name. Does not belong here: what is read
night after night, which is ``extract.py``, and any request that writes.

A record's first line of notes says whose it is. Notes cannot be asked for, so a record is looked up
by listing what was created since the books were last read and reading those lines here.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar

import msgspec

from q2c_pipeline.core.errors import ContractBroken
from q2c_pipeline.defs.accounting.quickbooks.client import MINOR_VERSION, QuickBooksClient

CUSTOMER, INVOICE = "Customer", "Invoice"
LISTED_ROWS_MAX = 1000
LISTED_PAGES_MAX = 200
VOIDED = "Voided"
Shape = TypeVar("Shape")


class _Address(msgspec.Struct):
    PostalCode: str | None = None


class _Email(msgspec.Struct):
    Address: str | None = None


class _Reference(msgspec.Struct):
    value: str


class _Times(msgspec.Struct):
    CreateTime: datetime


class Record(msgspec.Struct):
    """What is read of a customer or an invoice."""

    Id: str
    SyncToken: str | None = None
    DocNumber: str | None = None
    TotalAmt: Decimal | None = None
    PrivateNote: str | None = None
    Notes: str | None = None
    Active: bool = True
    CurrencyRef: _Reference | None = None
    BillAddr: _Address | None = None
    PrimaryEmailAddr: _Email | None = None
    EmailStatus: str | None = None
    MetaData: _Times | None = None

    @property
    def is_void(self) -> bool:
        return (self.PrivateNote or "").startswith(VOIDED)

    def carries(self, marker: str) -> bool:
        """Voiding puts a word before the first line."""
        first = (self.PrivateNote or self.Notes or "").splitlines()[:2]
        return any(
            line == marker or (line.startswith(VOIDED) and line.endswith(f" {marker}"))
            for line in first
        )


class _ListAnswer(msgspec.Struct):
    QueryResponse: dict[str, msgspec.Raw]


def listed(client: QuickBooksClient, object: str, since: datetime) -> Iterator[Record]:
    """What was created since then. Each page begins where the last one ended in time, so that
    a record deleted meanwhile hides no other."""
    active = " AND Active IN (true, false)" if object == CUSTOMER else ""
    for _ in range(LISTED_PAGES_MAX):
        moment = since.astimezone(UTC).isoformat(timespec="seconds")
        page = _queried(
            client,
            object,
            f"SELECT * FROM {object} WHERE MetaData.CreateTime >= '{moment}'{active}"
            f" ORDERBY MetaData.CreateTime STARTPOSITION 1 MAXRESULTS {LISTED_ROWS_MAX}",
        )
        yield from page
        if len(page) < LISTED_ROWS_MAX:
            return
        newest = max(record.MetaData.CreateTime for record in page if record.MetaData)
        if newest <= since:
            break
        since = newest
    raise ContractBroken(
        f"QuickBooks realm {client.realm}: too many {object} records were created since"
        f" {since.isoformat()} to look one up. Let the next run read the books first"
    )


def _queried(client: QuickBooksClient, object: str, statement: str) -> list[Record]:
    answer = client.api.get(
        f"/v3/company/{client.realm}/query",
        params={"query": statement, "minorversion": MINOR_VERSION},
        asked=f"{object} records to look one up",
        answer=_ListAnswer,
    )
    rows = answer.QueryResponse.get(object)
    return [] if rows is None else decoded(rows, list[Record])


def customers_named(client: QuickBooksClient, name: str) -> list[Record]:
    statement = (
        f"SELECT * FROM {CUSTOMER} WHERE DisplayName = {_quoted(name)} AND Active IN (true, false)"
    )
    return _queried(client, CUSTOMER, statement)


def read(client: QuickBooksClient, object: str, record_id: str) -> Record:
    answer = client.api.get(
        f"/v3/company/{client.realm}/{object.casefold()}/{record_id}",
        params={"minorversion": MINOR_VERSION},
        asked=f"{object} {record_id}",
        answer=dict[str, msgspec.Raw],
    )
    if object not in answer:
        raise ContractBroken(
            f"QuickBooks realm {client.realm}: asked for {object} {record_id}; the answer holds"
            f" {', '.join(sorted(answer)) or 'nothing'}"
        )
    return decoded(answer[object], Record)


def decoded(text: msgspec.Raw, shape: type[Shape]) -> Shape:
    """A part of an answer. Raises ContractBroken when it is of another shape."""
    try:
        return msgspec.json.decode(text, type=shape)
    except msgspec.ValidationError as error:
        raise ContractBroken(
            f"QuickBooks: a part of an answer is not of the documented shape ({error})"
        ) from None


def is_same(record: Record, wanted: Mapping[str, Any]) -> bool:
    """Active, in the same currency, and at the same e-mail domain or postal code."""
    currency = (wanted.get("CurrencyRef") or {}).get("value")
    theirs = record.CurrencyRef.value if record.CurrencyRef else None
    if not record.Active or (currency and theirs and currency != theirs):
        return False
    domain = _domain((wanted.get("PrimaryEmailAddr") or {}).get("Address"))
    postal_code = _folded((wanted.get("BillAddr") or {}).get("PostalCode"))
    email, address = record.PrimaryEmailAddr, record.BillAddr
    return bool(
        (domain and domain == _domain(email.Address if email else None))
        or (postal_code and postal_code == _folded(address.PostalCode if address else None))
    )


def _domain(email: str | None) -> str:
    return (email or "").rpartition("@")[2].casefold()


def _folded(text: str | None) -> str:
    return "".join((text or "").split()).casefold()


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
