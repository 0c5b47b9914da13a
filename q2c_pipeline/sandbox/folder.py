"""Reading a company folder into the store, each record as the exact text it was written in.

Belongs here: the folder's layout, its faults, and the plain defaults for what it leaves out.
Does not belong here: what a record means once it is in.
"""

import json
import mmap
import re
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from q2c_pipeline.core.errors import ConfigurationError
from q2c_pipeline.sandbox.company import Company
from q2c_pipeline.sandbox.quickbooks import defaults
from q2c_pipeline.sandbox.store import Store, StoredRecord

DEFAULT_NAME = "Sandbox Company"
DEFAULT_HOME_CURRENCY = "USD"
DEFAULT_TIME_ZONE = "America/Los_Angeles"
DEFAULT_REALM_ID = "4620816365000000001"
DEFAULT_ORGANISATION_ID = "00D000000000001EAA"


class RecordHead(msgspec.Struct):
    """The few fields that loading looks at; whatever their type, the record is kept as it is."""

    id: Any = msgspec.field(name="Id", default=None)
    status: Any = None
    metadata: Any = msgspec.field(name="MetaData", default=None)
    system_modstamp: Any = msgspec.field(name="SystemModstamp", default=None)
    last_modified: Any = msgspec.field(name="LastModifiedDate", default=None)
    is_deleted: Any = msgspec.field(name="IsDeleted", default=None)
    currency: Any = msgspec.field(name="CurrencyRef", default=None)
    tax: Any = msgspec.field(name="TxnTaxDetail", default=None)

    @property
    def record_id(self) -> str | None:
        return self.id if isinstance(self.id, str) and self.id else None

    @property
    def is_taxed(self) -> bool:
        total = self.tax.get("TotalTax") if isinstance(self.tax, dict) else None
        return isinstance(total, int | float) and total != 0

    @property
    def currency_code(self) -> str | None:
        reference = self.currency if isinstance(self.currency, dict) else {}
        code = reference.get("value")
        return code if isinstance(code, str) else None

    def updated_at(self, otherwise: datetime) -> datetime:
        metadata = self.metadata if isinstance(self.metadata, dict) else {}
        for text in (metadata.get("LastUpdatedTime"), self.system_modstamp, self.last_modified):
            moment = _moment(text)
            if moment is not None:
                return moment
        return otherwise


_HEADS = msgspec.json.Decoder(RecordHead)
_ARRAYS = msgspec.json.Decoder(list[msgspec.Raw])


def read_company(folder: Path, *, now: datetime) -> Company:
    """Who the folder says the company is; ``now`` is its clock if ``company.json`` names none.

    Raises ``ConfigurationError`` naming file, line and mend.
    """
    if not folder.is_dir():
        raise ConfigurationError(
            f"There is no company folder {folder}. Name a folder with quickbooks/ or salesforce/"
            " in it, or make one with q2c sandbox generate."
        )
    path = folder / "company.json"
    facts: dict[str, Any] = {}
    if path.exists():
        try:
            facts = json.loads(path.read_text(encoding="utf-8-sig"))
        except (ValueError, OSError) as error:
            raise ConfigurationError(f"{path} cannot be read as JSON: {error}. Mend it.") from error
        if not isinstance(facts, dict):
            raise ConfigurationError(f"{path} must hold one JSON object. Put its facts into {{}}.")
    quickbooks = folder / "quickbooks"
    realm_ids = [entry.name for entry in _entries(quickbooks) if entry.is_dir()]
    if not realm_ids or any(quickbooks.glob("*.json")):
        realm_ids.insert(0, str(facts.get("realm_id", DEFAULT_REALM_ID)))
    return Company(
        folder=folder,
        name=str(facts.get("name", DEFAULT_NAME)),
        clock=_clock(path, facts.get("clock"), now),
        home_currency=_currency(path, facts.get("home_currency", DEFAULT_HOME_CURRENCY)),
        time_zone=_time_zone(path, facts.get("time_zone", DEFAULT_TIME_ZONE)),
        realm_ids=tuple(realm_ids),
        organisation_id=str(facts.get("organisation_id", DEFAULT_ORGANISATION_ID)),
    )


def load_company(company: Company, store: Store) -> None:
    """Put every record of the folder into the store, and the defaults for what it lacks.

    All or nothing. Raises ``ConfigurationError`` naming file, line and mend.
    """
    with store.transaction():
        for realm_id in company.realm_ids:
            folder = company.folder / "quickbooks"
            if (folder / realm_id).is_dir():
                folder /= realm_id
            habits = defaults.Habits()
            for path in sorted(folder.glob("*.json")):
                records = _records(path, _entity_name(path), company.clock, habits)
                _load(path, store, "quickbooks", realm_id, records)
            defaults.fill(store, company, realm_id, habits)
        for path in sorted((company.folder / "salesforce").glob("*.json")):
            records = _records(path, path.stem, company.clock, defaults.Habits())
            _load(path, store, "salesforce", company.organisation_id, records)


def _entity_name(path: Path) -> str:
    name = defaults.entity_name(path.stem)
    if name is None:
        raise ConfigurationError(
            f"{path} is not named after a QuickBooks entity. Name it as the vendor spells it,"
            " for example Invoice.json."
        )
    return name


def _load(
    path: Path, store: Store, system: str, tenant: str, records: Iterator[StoredRecord]
) -> None:
    latest: StoredRecord | None = None

    def noted() -> Iterator[StoredRecord]:
        nonlocal latest
        for record in records:
            latest = record
            yield record

    try:
        store.load(system, tenant, noted())
    except sqlite3.IntegrityError as error:
        raise ConfigurationError(
            f"{path} holds the Id {latest and latest.record_id} twice. An Id names one record;"
            " remove the other."
        ) from error


def _records(
    path: Path, object: str, clock: datetime, habits: defaults.Habits
) -> Iterator[StoredRecord]:
    """The file's records, one by one; what they tell of the company is noted on the way."""
    elements = _elements(path)
    for number, element in enumerate(elements):
        try:
            head = _HEADS.decode(element)
            payload = bytes(element).decode()
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise ConfigurationError(
                f"{path}, line {_line(path, elements[:number])}, is not a JSON object in UTF-8."
                " Write each element as one record, the way the vendor sends it."
            ) from error
        if head.currency_code:
            habits.currencies.add(head.currency_code)
        habits.has_sales_tax = habits.has_sales_tax or head.is_taxed
        yield StoredRecord(
            object=object,
            record_id=head.record_id,
            payload=payload,
            updated_at=head.updated_at(clock),
            is_deleted=head.status == "Deleted" or head.is_deleted is True,
        )


def _elements(path: Path) -> list[msgspec.Raw]:
    """The array's elements as slices of the mapped file, which a large company never fills."""
    if path.stat().st_size == 0:
        raise ConfigurationError(f"{path}, line 1, is empty. Write [] for an empty list.")
    with path.open("rb") as file:
        # Closed with the last slice of it.
        text = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    # A byte order mark is what a Windows editor leaves; JSON itself knows none.
    view = memoryview(text)[3 if text[:3] == b"\xef\xbb\xbf" else 0 :]
    try:
        return _ARRAYS.decode(view)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _unreadable(path, view, error) from error


def _line(path: Path, before: list[msgspec.Raw]) -> int:
    """The line on which the element after these begins."""
    text = path.read_bytes()
    position = text.index(b"[") + 1
    for element in before:
        position = text.index(bytes(element), position) + len(bytes(element))
    following = re.compile(rb"[\s,]*").match(text, position)
    return text.count(b"\n", 0, following.end() if following else position) + 1


def _unreadable(path: Path, view: memoryview, error: Exception) -> ConfigurationError:
    byte = re.search(r"\(byte (\d+)\)", str(error))
    if byte is None:
        return ConfigurationError(
            f"{path}, line 1, is not a JSON array. Write the records as [{{…}}, {{…}}]."
        )
    line = bytes(view[: int(byte[1])]).count(b"\n") + 1
    return ConfigurationError(f"{path}, line {line}, is not JSON: {error}. Mend that line.")


def _entries(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _clock(path: Path, text: object, now: datetime) -> datetime:
    if text is None:
        return now
    clock = _moment(text)
    if clock is None:
        raise ConfigurationError(
            f"{path}: clock {text!r} is not a moment with an offset."
            " Write it as 2026-03-02T09:00:00-08:00."
        )
    return clock


def _moment(text: object) -> datetime | None:
    """The moment with its offset; None for anything else."""
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None


def _currency(path: Path, code: object) -> str:
    if isinstance(code, str) and re.fullmatch("[A-Z]{3}", code):
        return code
    raise ConfigurationError(
        f"{path}: home_currency {code!r} is not a currency code. Write three capitals, as USD."
    )


def _time_zone(path: Path, name: object) -> ZoneInfo:
    try:
        return ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ConfigurationError(
            f"{path}: time_zone {name!r} is not known. Write it as America/Los_Angeles."
        ) from error
