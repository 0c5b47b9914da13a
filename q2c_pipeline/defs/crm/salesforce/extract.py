"""One Salesforce organisation into the raw store: everything once, then what changed.

Belongs here: which window to read, and in which order things are done. Does not belong here:
requests (``client.py``), ways to read (``reading.py``), counting (``completeness.py``), Dagster.

A transaction can commit after its stamp, so each window starts a while before the last reading.
Formulas change without any stamp, so once a week everything is read.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from q2c_pipeline.core.errors import ContractBroken
from q2c_pipeline.core.extraction import Extraction, ObjectLoad, Progress, zone_of
from q2c_pipeline.core.landing import LoadCounts
from q2c_pipeline.core.objects import read_records
from q2c_pipeline.core.warehouse import Cursor, ExtractionRecord, RawStore
from q2c_pipeline.defs.crm.salesforce.bulk import BulkPolicy
from q2c_pipeline.defs.crm.salesforce.client import SalesforceClient
from q2c_pipeline.defs.crm.salesforce.completeness import added, complete
from q2c_pipeline.defs.crm.salesforce.objects import OBJECTS, SYSTEM
from q2c_pipeline.defs.crm.salesforce.reading import Reading
from q2c_pipeline.defs.crm.salesforce.selection import Selection

LATE_COMMIT_OVERLAP = timedelta(minutes=10)
LISTING_AGE_MAX = timedelta(days=7)
TIME_ZONE_DEFAULT = "UTC"


def extract_salesforce(
    store: RawStore,
    client: SalesforceClient,
    *,
    run_id: str,
    as_of: date | None,
    time_zone: str | None,
    progress: Progress,
    custom_fields: Mapping[str, Sequence[str]] | None = None,
    full: bool = False,
    bulk: BulkPolicy | None = None,
) -> Extraction:
    """Reads the organisation into the store; every object is committed on its own.

    ``custom_fields`` are optional ones by raw table name; those that are not shown are named in
    the result and stop nothing. When the fields read differ from last time, the object is read in
    full, so that every record has them. An object that breaks its contract does not stop the next.

    Raises: Q2CError; what was committed before stays.
    """
    zone = time_zone or TIME_ZONE_DEFAULT
    extracted_at = client.vendor_now()
    today = extracted_at.astimezone(zone_of(zone)).date()
    loads: list[ObjectLoad] = []
    missing_fields: list[str] = []
    missing_objects: list[str] = []
    broken: list[ContractBroken] = []
    for spec in OBJECTS:
        types = client.fields(spec.vendor_name)
        if types is None and not spec.is_indispensable:
            missing_objects.append(spec.name)
            continue
        cursor = store.cursor(SYSTEM, spec.name, client.organisation)
        custom = (custom_fields or {}).get(spec.name, ())
        shown = types or {}
        try:
            selection = Selection.of(spec, custom, shown, before=cursor.selection if cursor else "")
            reading = Reading(
                store=store,
                client=client,
                spec=spec,
                types=shown,
                fields=selection.fields,
                run_id=run_id,
                extracted_at=extracted_at,
                progress=progress,
                bulk=bulk or BulkPolicy(),
            )
            since = None if full else _changed_since(cursor, selection, extracted_at)
            counts = _read(reading, selection, since)
        except ContractBroken as error:
            broken.append(error)
            continue
        missing = {*selection.lost, *(name for name in custom if name not in shown)}
        missing_fields.extend(f"{spec.name}.{name}" for name in sorted(missing))
        loads.append(ObjectLoad(spec.name, counts))
        progress(f"Salesforce {spec.name}: {counts.read} read, {counts.versions} new")
    if broken:
        raise ContractBroken("\n".join(map(str, broken)))
    record = ExtractionRecord(
        entity=client.organisation,
        run_id=run_id,
        extracted_at=extracted_at,
        as_of_date=as_of or today,
        extraction_date=today,
        time_zone=zone,
        home_currency=None,
        calls=client.calls,
        metered_reads=0,
    )
    store.record_extraction(SYSTEM, record)
    return Extraction(
        system=SYSTEM,
        entity=client.organisation,
        extracted_at=extracted_at,
        as_of_date=record.as_of_date,
        extraction_date=today,
        time_zone=zone,
        home_currency=None,
        loads=tuple(loads),
        calls=client.calls,
        metered_reads=0,
        missing_fields=tuple(missing_fields),
        missing_objects=tuple(missing_objects),
    )


def _read(reading: Reading, selection: Selection, since: datetime | None) -> LoadCounts:
    """Reads a window, or everything, and then sees to it that nothing is missing."""
    name = reading.spec.name
    with reading.load() as load:
        for rows in reading.rows(since):
            load.add(read_records(reading.spec, rows))
            reading.progress(f"Salesforce {name}: {load.read} read so far")
        counts = load.commit(
            reading.extracted_at, selection=selection.text, is_listing=since is None
        )
    is_news = since is None or counts.versions > 0
    return added(counts, complete(reading, selection=selection.text, is_news=is_news))


def _changed_since(
    cursor: Cursor | None, selection: Selection, extracted_at: datetime
) -> datetime | None:
    if cursor is None or cursor.selection != selection.text or cursor.listed_at is None:
        return None
    if extracted_at - cursor.listed_at >= LISTING_AGE_MAX:
        return None
    return cursor.changed_since - LATE_COMMIT_OVERLAP
