"""One QuickBooks company into the raw store: everything once, then what changed.

Belongs here: the order of reading, and when change data capture does not suffice. Does not belong
here: requests (``client.py``), the fit of pages (``listing.py``), and Dagster.

An established company costs three reads when nothing happened: the changes of all objects in one
call, and two control reports. Company info and preferences, which that call leaves out, are read
again when older than a day.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple, TypeVar

import msgspec

from q2c_pipeline.core.errors import ConfigurationError, RequestRejected
from q2c_pipeline.core.extraction import Extraction, ObjectLoad, Progress, in_order, zone_of
from q2c_pipeline.core.landing import Load, LoadCounts
from q2c_pipeline.core.objects import Books, Record, fingerprint, read_records
from q2c_pipeline.core.warehouse import ExtractionRecord, RawStore
from q2c_pipeline.defs.accounting.quickbooks.client import Changes, QuickBooksClient
from q2c_pipeline.defs.accounting.quickbooks.control_reports import ReportDates, reports_to_read
from q2c_pipeline.defs.accounting.quickbooks.listing import PAGES_AHEAD, listed
from q2c_pipeline.defs.accounting.quickbooks.objects import (
    CHANGING,
    COMPANY_INFO,
    PREFERENCES,
    SETTINGS,
    SYSTEM,
    QuickBooksObject,
)

CAPTURE_OVERLAP = timedelta(minutes=5)
CAPTURE_LOOK_BACK = timedelta(days=30) - timedelta(hours=1)
"""The vendor keeps 30 days; the hour is for a request that waits."""
SETTINGS_AGE_MAX = timedelta(hours=24)
TIME_ZONE_DEFAULT = "America/Los_Angeles"
"""The vendor's own, for a company whose info does not say."""


Shape = TypeVar("Shape")


class _CurrencyRef(msgspec.Struct):
    value: str


class _CurrencyPrefs(msgspec.Struct):
    MultiCurrencyEnabled: bool = False
    HomeCurrency: _CurrencyRef | None = None


class _Preferences(msgspec.Struct):
    CurrencyPrefs: _CurrencyPrefs | None = None


class _CompanyInfo(msgspec.Struct):
    DefaultTimeZone: str | None = None


class Company(NamedTuple):
    """What of the company's settings steers a reading."""

    time_zone: str
    home_currency: str | None
    is_multicurrency: bool


@dataclass(kw_only=True)
class _Reading:
    """One run's reading of one realm; ``loads`` grows as objects are committed."""

    store: RawStore
    client: QuickBooksClient
    run_id: str
    extracted_at: datetime
    progress: Progress
    pool: ThreadPoolExecutor
    books: Books = field(default_factory=Books)
    loads: list[ObjectLoad] = field(default_factory=list)

    @contextmanager
    def load(self, name: str) -> Iterator[Load]:
        with self.store.load(
            SYSTEM, name, self.client.realm, self.run_id, self.extracted_at
        ) as load:
            yield load

    def done(self, name: str, counts: LoadCounts) -> None:
        self.loads.append(ObjectLoad(name, counts))
        told = f"{counts.read} read, {counts.versions} new"
        refused = f", {counts.refused} refused" if counts.refused else ""
        self.progress(f"QuickBooks {self.client.realm} {name}: {told}{refused}")


def extract_quickbooks(
    store: RawStore,
    client: QuickBooksClient,
    *,
    run_id: str,
    as_of: date | None,
    time_zone: str | None,
    progress: Progress,
    full: bool = False,
) -> Extraction:
    """Reads the client's realm into the store; every object is committed on its own.

    ``as_of`` defaults to the date of the vendor's clock in the company's zone. ``full`` lists
    everything again and notices what vanished. After a failure the next run takes up where
    the objects' cursors stand.

    Raises: Q2CError; what was committed before stays.
    """
    realm = client.realm
    last = None if full else store.last_extraction(SYSTEM, realm)
    known = [] if full else [spec for spec in CHANGING if store.cursor(SYSTEM, spec.name, realm)]
    with ThreadPoolExecutor(PAGES_AHEAD, thread_name_prefix=f"quickbooks-{realm}") as pool:
        captured = _captured(store, client, known, pool)
        settings = {spec: client.setting(spec) for spec in SETTINGS if full or not captured}
        reading = _Reading(
            store=store,
            client=client,
            run_id=run_id,
            extracted_at=client.vendor_now(),
            progress=progress,
            pool=pool,
        )
        for spec in SETTINGS:
            if spec not in settings and _is_aged(store, spec, reading):
                settings[spec] = client.setting(spec)
        for spec, page in settings.items():
            with reading.load(spec.name) as load:
                load.add(read_records(spec, page.rows, Books()))
                reading.done(spec.name, load.commit(page.asked_at))
        company = company_of(store, realm, time_zone=time_zone)
        reading.books = Books(home_currency=company.home_currency)
        for spec in CHANGING:
            _read(reading, spec, captured.get(spec.vendor_name))
        today = reading.extracted_at.astimezone(zone_of(company.time_zone)).date()
        wanted = reports_to_read(
            store, realm, as_of or today, last=last, has_details=company.is_multicurrency
        )
        for report in wanted:
            _read_report(reading, report)
    record = ExtractionRecord(
        entity=realm,
        run_id=run_id,
        extracted_at=reading.extracted_at,
        as_of_date=as_of or today,
        extraction_date=today,
        time_zone=company.time_zone,
        home_currency=company.home_currency,
    )
    store.record_extraction(SYSTEM, record)
    return Extraction(
        system=SYSTEM,
        entity=realm,
        extracted_at=record.extracted_at,
        as_of_date=record.as_of_date,
        extraction_date=record.extraction_date,
        time_zone=record.time_zone,
        home_currency=record.home_currency,
        loads=tuple(reading.loads),
        calls=client.calls,
        metered_reads=client.metered_reads,
    )


def company_of(store: RawStore, realm: str, *, time_zone: str | None) -> Company:
    """From the settings last read. Raises: ConfigurationError when zones contradict each other."""
    info = _latest(store, COMPANY_INFO, realm, _CompanyInfo) or _CompanyInfo()
    preferences = _latest(store, PREFERENCES, realm, _Preferences) or _Preferences()
    stated = info.DefaultTimeZone
    if stated and time_zone and stated != time_zone:
        raise ConfigurationError(
            f"Q2C_TIME_ZONE is {time_zone}, and QuickBooks realm {realm} says {stated}. Set"
            f" Q2C_TIME_ZONE={stated}, or correct the time zone in the company's settings"
        )
    zone = stated or time_zone or TIME_ZONE_DEFAULT
    zone_of(zone)
    currencies = preferences.CurrencyPrefs or _CurrencyPrefs()
    home = currencies.HomeCurrency.value if currencies.HomeCurrency else None
    return Company(zone, home, currencies.MultiCurrencyEnabled)


def _latest(
    store: RawStore, spec: QuickBooksObject, realm: str, shape: type[Shape]
) -> Shape | None:
    payloads = store.latest_payloads(SYSTEM, spec.name, realm).values()
    return next((msgspec.json.decode(payload, type=shape) for payload in payloads), None)


def _is_aged(store: RawStore, spec: QuickBooksObject, reading: _Reading) -> bool:
    cursor = store.cursor(SYSTEM, spec.name, reading.client.realm)
    return cursor is None or reading.extracted_at - cursor.changed_since > SETTINGS_AGE_MAX


class _Changed(NamedTuple):
    """One object's captured rows; ``rows`` is None when even alone it was over the cap."""

    rows: list[msgspec.Raw] | None
    asked_at: datetime
    since: datetime


def _captured(
    store: RawStore,
    client: QuickBooksClient,
    specs: Sequence[QuickBooksObject],
    pool: ThreadPoolExecutor,
) -> Mapping[str, _Changed]:
    """Changes by vendor name; empty when the vendor no longer keeps all that happened since."""
    if not specs:
        return {}
    cursors = (store.cursor(SYSTEM, spec.name, client.realm) for spec in specs)
    since = min(cursor.changed_since for cursor in cursors if cursor) - CAPTURE_OVERLAP
    try:
        whole = client.changes(specs, changed_since=since)
    except RequestRejected:
        if client.vendor_now() - since > CAPTURE_LOOK_BACK:
            return {}
        raise
    if client.vendor_now() - since > CAPTURE_LOOK_BACK:
        return {}
    if not whole.is_capped:
        return {
            spec.vendor_name: _Changed(whole.rows[spec.vendor_name], whole.asked_at, since)
            for spec in specs
        }

    def alone(spec: QuickBooksObject) -> Changes:
        return client.changes([spec], changed_since=since)

    parts = in_order(pool, alone, specs, ahead=PAGES_AHEAD)
    return {
        spec.vendor_name: _Changed(
            None if part.is_capped else part.rows[spec.vendor_name], part.asked_at, since
        )
        for spec, part in zip(specs, parts, strict=True)
    }


def _read(reading: _Reading, spec: QuickBooksObject, changed: _Changed | None) -> None:
    is_listing = False
    with reading.load(spec.name) as load:
        if changed is not None and changed.rows is not None:
            load.add(read_records(spec, changed.rows, reading.books))
            asked_at = changed.asked_at
        elif changed is not None and _has_whole_window(reading, spec, load, changed):
            asked_at = changed.asked_at
        else:
            asked_at = _add_listed(reading, spec, load)
            load.mark_vanished()
            is_listing = True
        reading.done(spec.name, load.commit(asked_at, is_listing=is_listing))


def _has_whole_window(
    reading: _Reading, spec: QuickBooksObject, load: Load, changed: _Changed
) -> bool:
    """Lands what changed by query, which shows no deletion; false if one must be looked for.

    The number of rows tells: with all changes landed, ours exceeds the vendor's by exactly the
    deletions not seen.
    """
    _add_listed(reading, spec, load, changed_since=changed.since)
    return load.live_count() == reading.client.count(spec)


def _add_listed(
    reading: _Reading,
    spec: QuickBooksObject,
    load: Load,
    *,
    changed_since: datetime | None = None,
) -> datetime:
    asked_at: datetime | None = None
    pages = listed(reading.client, spec, reading.books, reading.pool, changed_since=changed_since)
    for page in pages:
        asked_at = asked_at or page.asked_at
        load.add(page.observations)
        if load.read > len(page.observations):
            reading.progress(
                f"QuickBooks {reading.client.realm} {spec.name}: {load.read} read so far"
            )
    return asked_at or reading.extracted_at


def _read_report(reading: _Reading, report: ReportDates) -> None:
    def read(on: date) -> Record:
        payload = reading.client.report(report.spec, on)
        return Record(
            record_id=on.isoformat(),
            payload=payload.decode(),
            payload_hash=fingerprint(payload, unhashed=("Header.Time",)),
            source_updated_at=None,
            is_deleted=False,
        )

    if not report.dates:
        return
    with reading.load(report.spec.name) as load:
        load.add(in_order(reading.pool, read, report.dates, ahead=PAGES_AHEAD))
        reading.done(report.spec.name, load.commit(reading.extracted_at))
