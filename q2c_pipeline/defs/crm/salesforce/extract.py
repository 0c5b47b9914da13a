"""One Salesforce organisation into the raw store: everything once, then what changed.

Belongs here: which fields and which window to ask for. Does not belong here: requests
(``client.py``), and Dagster.

A transaction can commit after its stamp, so each window starts a while before the last reading. A
deleted record is seen in the recycle bin, which the vendor empties; when the last reading is older
than that, everything is listed again and what is not shown is deleted.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from q2c_pipeline.core.errors import ContractBroken
from q2c_pipeline.core.extraction import Extraction, ObjectLoad, Progress, zone_of
from q2c_pipeline.core.objects import Books, read_records
from q2c_pipeline.core.warehouse import Cursor, ExtractionRecord, RawStore
from q2c_pipeline.defs.crm.salesforce.client import SalesforceClient
from q2c_pipeline.defs.crm.salesforce.objects import OBJECTS, SYSTEM, SalesforceObject

LATE_COMMIT_OVERLAP = timedelta(minutes=10)
RECYCLE_BIN_AGE_MAX = timedelta(days=15) - timedelta(hours=1)
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
) -> Extraction:
    """Reads the organisation into the store; every object is committed on its own.

    ``custom_fields`` are optional ones by raw table name; those that are not shown are named in
    the result and stop nothing. When the fields read differ from last time, the object is read in
    full, so that every record has them.

    Raises: Q2CError; what was committed before stays.
    """
    zone = time_zone or TIME_ZONE_DEFAULT
    extracted_at = client.vendor_now()
    today = extracted_at.astimezone(zone_of(zone)).date()
    loads: list[ObjectLoad] = []
    missing: list[str] = []
    for spec in OBJECTS:
        custom = (custom_fields or {}).get(spec.name, ())
        shown = client.fields(spec.vendor_name)
        fields = _fields_to_read(client, spec, custom, shown)
        missing.extend(f"{spec.name}.{name}" for name in custom if name not in shown)
        selection = ",".join(fields)
        cursor = None if full else store.cursor(SYSTEM, spec.name, client.organisation)
        since = _changed_since(cursor, selection, extracted_at)
        with store.load(SYSTEM, spec.name, client.organisation, run_id, extracted_at) as load:
            soql = query_text(spec, fields, changed_since=since)
            for rows in client.query_all(soql, asked=f"{spec.vendor_name} rows"):
                load.add(read_records(spec, rows, Books()))
                progress(f"Salesforce {spec.name}: {load.read} read so far")
            if since is None:
                load.mark_vanished()
            counts = load.commit(extracted_at, selection=selection, is_listing=since is None)
        loads.append(ObjectLoad(spec.name, counts))
        progress(f"Salesforce {spec.name}: {counts.read} read, {counts.versions} new")
    record = ExtractionRecord(
        entity=client.organisation,
        run_id=run_id,
        extracted_at=extracted_at,
        as_of_date=as_of or today,
        extraction_date=today,
        time_zone=zone,
        home_currency=None,
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
        missing_fields=tuple(missing),
    )


def query_text(
    spec: SalesforceObject, fields: Sequence[str], *, changed_since: datetime | None
) -> str:
    """The query for all rows, or for those stamped since then, in a stable order."""
    window = (
        f" WHERE SystemModstamp >= {changed_since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        if changed_since
        else ""
    )
    return (
        f"SELECT {', '.join(fields)} FROM {spec.vendor_name}{window}"
        " ORDER BY SystemModstamp ASC, Id ASC"
    )


def _fields_to_read(
    client: SalesforceClient,
    spec: SalesforceObject,
    custom: Sequence[str],
    shown: frozenset[str],
) -> list[str]:
    hidden = [name for name in spec.required if name not in shown]
    if hidden:
        raise ContractBroken(
            f"Salesforce organisation {client.organisation} does not show"
            f" {', '.join(hidden)} of {spec.vendor_name}. Give the integration user read access;"
            " the last good state stands"
        )
    return sorted({*spec.required, *(name for name in (*spec.wished, *custom) if name in shown)})


def _changed_since(
    cursor: Cursor | None, selection: str, extracted_at: datetime
) -> datetime | None:
    if cursor is None or cursor.selection != selection:
        return None
    since = cursor.changed_since - LATE_COMMIT_OVERLAP
    return None if extracted_at - since > RECYCLE_BIN_AGE_MAX else since
