"""Small books put straight into the raw store, as extraction would have left them.

Belongs here: vendor documents to raw versions. Does not belong here: what they should add up to.
"""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from q2c_pipeline.core.raw_tables import LEDGER_TABLES, object_table, system_tables
from q2c_pipeline.defs.accounting.quickbooks import objects as quickbooks
from q2c_pipeline.defs.crm.salesforce import objects as salesforce

QUICKBOOKS_OBJECTS = {
    spec.vendor_name: spec.name
    for spec in (
        *quickbooks.CHANGING,
        *quickbooks.SETTINGS,
        *quickbooks.REPORTS,
        quickbooks.EXCHANGE_RATES,
    )
}
SALESFORCE_OBJECTS = {spec.vendor_name: spec.name for spec in salesforce.OBJECTS}
EXTRACTED_AT = "2026-03-31 20:00:00+00"

Records = Mapping[str, Iterable[Mapping[str, Any]]]
"""By vendor object; a repeated id is a later version."""


class Company(NamedTuple):
    """The books of one entity.

    ``earlier`` has what readings of other moments added, in their order, before ``records``.
    """

    entity: str
    records: Records
    time_zone: str = "UTC"
    earlier: Mapping[str, Records] = {}


class Organisation(NamedTuple):
    """The CRM of one organisation; a version is stamped as its record says."""

    entity: str
    records: Records
    time_zone: str = "UTC"
    earlier: Mapping[str, Records] = {}


def write_raw(
    path: Path,
    companies: Iterable[Company],
    organisations: Iterable[Organisation] = (),
    *,
    as_of_date: str,
) -> None:
    """A raw database that holds the companies' books and the organisations' CRM."""
    with duckdb.connect(str(path)) as connection:
        connection.execute(LEDGER_TABLES)
        for system in (quickbooks, salesforce):
            connection.execute(system_tables(system.SYSTEM))
            for table in system.TABLES:
                connection.execute(object_table(system.SYSTEM, table))
        for company in companies:
            _fill(connection, quickbooks.SYSTEM, QUICKBOOKS_OBJECTS, company, as_of_date, "USD")
        for organisation in organisations:
            _fill(connection, salesforce.SYSTEM, SALESFORCE_OBJECTS, organisation, as_of_date, None)


def _fill(
    connection: duckdb.DuckDBPyConnection,
    system: str,
    objects: Mapping[str, str],
    holder: Company | Organisation,
    as_of_date: str,
    home_currency: str | None,
) -> None:
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    for extracted_at, read in {**holder.earlier, EXTRACTED_AT: holder.records}.items():
        for vendor_object, records in read.items():
            versions = _versions(holder.entity, records, extracted_at, seen[vendor_object])
            columns = list(zip(*versions, strict=True))
            if columns:
                values = ", ".join(f"unnest(${number + 1})" for number in range(len(columns)))
                connection.execute(
                    f"insert into raw_{system}.{objects[vendor_object]} select {values}", columns
                )
        connection.execute(
            f"insert into raw_{system}.extractions values (?, ?, ?, ?, ?, ?, ?, 1, 1)",
            [
                *(holder.entity, extracted_at, extracted_at, as_of_date, as_of_date),
                *(holder.time_zone, home_currency),
            ],
        )


def _versions(
    entity: str, records: Iterable[Mapping[str, Any]], extracted_at: str, seen: Counter[str]
) -> Iterable[tuple[Any, ...]]:
    for record in records:
        record_id = record.get("Id") or f"{record['SourceCurrencyCode']} {record['AsOfDate']}"
        seen[record_id] += 1
        payload = json.dumps(record)
        yield (
            entity,
            record_id,
            seen[record_id],
            record.get("SystemModstamp", extracted_at),
            record.get("status") == "Deleted" or record.get("IsDeleted", False),
            payload,
            hashlib.sha256(payload.encode()).hexdigest(),
            extracted_at,
            extracted_at,
        )
