"""One QuickBooks company into the raw store: everything once, then what changed.

Belongs here: the order of reading, and what it may cost. Does not belong here: requests
(``client.py``), how rows land (``reading.py``), which reports are due (``control_reports.py``),
and Dagster.

The vendor bills reads. An established company costs three when nothing happened: the changes of all
objects in one call, and two control reports. A run with up to ``CHANGED_ROWS_MAX`` changes keeps to
``READS_OF_A_CHANGED_RUN_MAX``: it counts what changed and reads the newest month-ends that a change
reaches; what does not fit waits for the next run with changes, for a busier one, or for the weekly
one, which lists and counts everything. Beyond that limit come only reads that cannot wait: what the
vendor's answers are too short for, the repair of a gap, and once a day what change data capture
leaves out.
"""

import sys
from collections import defaultdict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import NamedTuple

from q2c_pipeline.core.errors import RecordNotFound, RequestRejected
from q2c_pipeline.core.extraction import Extraction, Progress, in_order, zone_of
from q2c_pipeline.core.objects import Record, fingerprint
from q2c_pipeline.core.warehouse import ExtractionRecord, RawStore
from q2c_pipeline.defs.accounting.quickbooks.capture import Changed, captured
from q2c_pipeline.defs.accounting.quickbooks.client import Page, QuickBooksClient
from q2c_pipeline.defs.accounting.quickbooks.company import (
    Company,
    company_of,
    foreign_currencies,
)
from q2c_pipeline.defs.accounting.quickbooks.completeness import certify, news_of
from q2c_pipeline.defs.accounting.quickbooks.control_reports import (
    ReportDates,
    confirm_read,
    month_ends_due,
    reports_of_the_day,
    retire_reached,
)
from q2c_pipeline.defs.accounting.quickbooks.listing import PAGES_AHEAD
from q2c_pipeline.defs.accounting.quickbooks.objects import (
    CHANGING,
    COMPANY_CURRENCIES,
    DAILY,
    EXCHANGE_RATES,
    RECEIVABLE,
    REPORTS,
    REPORTS_IN_ONE_CURRENCY,
    SETTINGS,
    SYSTEM,
    QuickBooksObject,
    ReportSpec,
)
from q2c_pipeline.defs.accounting.quickbooks.reading import Reading

READS_OF_A_CHANGED_RUN_MAX = 10
CHANGED_ROWS_MAX = 250
"""Fifty changes and the customers and documents that they move; a busier night pays for itself."""
LISTING_AGE_MAX = timedelta(days=7)
UNCAPTURED_AGE_MAX = timedelta(hours=20)
"""Less than a day, for a nightly run may come to it sooner than the one before did."""
NOT_IN_THIS_PLAN = ("5020", "5030")
"""Faults for a feature that the company has not paid for, or may not be shown."""


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
    last = store.last_extraction(SYSTEM, realm)
    if last is not None:
        # For a run that landed changes and was killed before it could say what they reach.
        retire_reached(store, realm, last=last)
    known = [] if full else [spec for spec in CHANGING if store.cursor(SYSTEM, spec.name, realm)]
    with ThreadPoolExecutor(PAGES_AHEAD, thread_name_prefix=f"quickbooks-{realm}") as pool:
        changes = captured(store, client, known, pool)
        settings = {} if changes else {spec: client.setting(spec) for spec in SETTINGS}
        reading = Reading(
            store=store,
            client=client,
            run_id=run_id,
            extracted_at=client.vendor_now(),
            progress=progress,
            pool=pool,
            listed=_listed_since(store, realm, last),
        )
        company = _read_settings(reading, settings, time_zone=time_zone)
        today = reading.extracted_at.astimezone(zone_of(company.time_zone)).date()
        as_of = as_of or today
        try:
            _read_objects(reading, company, changes, today=today, full=full)
            checks = _planned(reading, company, last=last)
            certify(reading, checks.counts)
        finally:
            reached_from = retire_reached(store, realm, last=last)
        _read_reports(reading, company, as_of, checks, is_moved=reached_from <= as_of)
    record = ExtractionRecord(
        entity=realm,
        run_id=run_id,
        extracted_at=reading.extracted_at,
        as_of_date=as_of,
        extraction_date=today,
        time_zone=company.time_zone,
        home_currency=company.home_currency,
        calls=client.calls,
        metered_reads=client.metered_reads,
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
        missing_objects=tuple(reading.missing),
    )


def _listed_since(
    store: RawStore, realm: str, last: ExtractionRecord | None
) -> set[QuickBooksObject]:
    """What a run that ended early has read whole; this one goes on from there."""
    cursors = {spec: store.cursor(SYSTEM, spec.name, realm) for spec in CHANGING}
    return {
        spec
        for spec, cursor in cursors.items()
        if last and cursor and cursor.listed_at and cursor.listed_at > last.extracted_at
    }


def _read_settings(
    reading: Reading, answers: Mapping[QuickBooksObject, Page], *, time_zone: str | None
) -> Company:
    """``answers`` are those asked for already, when no other answer told the vendor's clock."""
    for spec in SETTINGS:
        if spec in answers or _is_aged(reading, spec):
            reading.land_page(spec, answers.get(spec) or reading.client.setting(spec))
    return company_of(reading.store, reading.realm, time_zone=time_zone)


def _read_objects(
    reading: Reading,
    company: Company,
    changes: Mapping[str, Changed],
    *,
    today: date,
    full: bool,
) -> None:
    for spec in CHANGING:
        if spec is COMPANY_CURRENCIES and not company.is_multicurrency:
            continue
        changed = changes.get(spec.vendor_name)
        if changed is None or _is_listing_due(reading, spec):
            _list(reading, spec)
        else:
            reading.land_changes(spec, changed)
    for spec in DAILY:
        if full or _is_aged(reading, spec):
            _list(reading, spec)
    if company.is_multicurrency:
        _read_rates(reading, company, today)


def _list(reading: Reading, spec: QuickBooksObject) -> None:
    """Leaves out what the company's plan does not have, unless receivables rest on it."""
    try:
        reading.land_listing(spec)
    except RequestRejected as error:
        if spec in RECEIVABLE or error.code not in NOT_IN_THIS_PLAN:
            raise
        reading.missing.append(spec.name)
        reading.tell(f"{spec.name}: not in this company's plan, or not for this connection")


def _is_aged(reading: Reading, spec: QuickBooksObject) -> bool:
    cursor = reading.cursor(spec)
    return cursor is None or reading.extracted_at - cursor.changed_since > UNCAPTURED_AGE_MAX


def _is_listing_due(reading: Reading, spec: QuickBooksObject) -> bool:
    cursor = reading.cursor(spec)
    listed_at = cursor.listed_at if cursor else None
    return listed_at is None or reading.extracted_at - listed_at > LISTING_AGE_MAX


def _read_rates(reading: Reading, company: Company, today: date) -> None:
    """Once on each day, so that no day of a currency in use is without a rate."""
    currencies = foreign_currencies(reading.store, reading.realm, company)
    known = reading.store.latest_ids(SYSTEM, EXCHANGE_RATES.name, reading.realm)
    wanted = [currency for currency in currencies if f"{currency} {today}" not in known]
    if not wanted:
        return
    try:
        page = reading.client.exchange_rates(EXCHANGE_RATES, wanted, today)
    except RecordNotFound:
        reading.tell(f"exchange_rates: none of {today} for one of {', '.join(wanted)}")
    else:
        reading.land_page(EXCHANGE_RATES, page)


class _Checks(NamedTuple):
    """What this run asks to check what it landed; ``waiting`` counts do not fit.

    ``room`` is how many reports of month-ends may be read beside them. An idle run asks nothing,
    and goes on waiting in silence.
    """

    counts: list[QuickBooksObject]
    waiting: int
    room: int
    is_idle: bool = False


def _planned(reading: Reading, company: Company, *, last: ExtractionRecord | None) -> _Checks:
    news = news_of(reading, last=last)
    reports = REPORTS if company.is_multicurrency else REPORTS_IN_ONE_CURRENCY
    is_busy = news.arrivals > CHANGED_ROWS_MAX
    if last is None or is_busy or not reading.listed.isdisjoint(CHANGING):
        room = sys.maxsize
    elif news.arrivals:
        room = READS_OF_A_CHANGED_RUN_MAX - 1 - len(reports)
    else:
        return _Checks([], len(news.uncounted), 0, is_idle=True)
    counts = news.uncounted[:room]
    return _Checks(counts, len(news.uncounted) - len(counts), room - len(counts))


def _read_reports(
    reading: Reading, company: Company, as_of: date, checks: _Checks, *, is_moved: bool
) -> None:
    store, realm, has_details = reading.store, reading.realm, company.is_multicurrency
    dates: dict[ReportSpec, list[date]] = defaultdict(list)
    for spec in reports_of_the_day(store, realm, is_moved=is_moved, has_details=has_details):
        dates[spec].append(as_of)
    due = [] if checks.is_idle else month_ends_due(store, realm, as_of, has_details=has_details)
    for month_end in due[: checks.room]:
        dates[month_end.spec].append(month_end.on)
    for spec in dates:
        _read_report(reading, ReportDates(spec, dates[spec]))
    waiting = len(due[checks.room :])
    if not checks.is_idle and (checks.waiting or waiting):
        reading.tell(
            f"{checks.waiting} counts and {waiting} reports of month-ends wait for the next run"
            " with changes, or for the weekly one; nothing is compared with such a report"
        )


def _read_report(reading: Reading, report: ReportDates) -> None:
    def read(on: date) -> Record:
        payload = reading.client.report(report.spec, on)
        return Record(
            record_id=on.isoformat(),
            payload=payload.decode(),
            payload_hash=fingerprint(payload, unhashed=("Header.Time",)),
            source_updated_at=None,
            is_deleted=False,
        )

    with reading.load(report.spec.name) as load:
        load.add(in_order(reading.pool, read, report.dates, ahead=PAGES_AHEAD))
        reading.done(report.spec.name, load.commit(reading.extracted_at))
    confirm_read(
        reading.store, reading.realm, report, read_at=reading.extracted_at, run_id=reading.run_id
    )
