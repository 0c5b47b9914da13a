"""Small books put straight into the raw store, as extraction would have left them.

Belongs here: vendor documents to raw versions. Does not belong here: what they should add up to.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from q2c_pipeline.core.raw_tables import object_table, system_tables
from q2c_pipeline.defs.accounting.quickbooks import objects as quickbooks
from q2c_pipeline.defs.crm.salesforce import objects as salesforce

QUICKBOOKS_OBJECTS = {
    spec.vendor_name: spec.name
    for spec in (*quickbooks.CHANGING, *quickbooks.SETTINGS, *quickbooks.REPORTS)
}
EXTRACTED_AT = "2026-03-31 20:00:00+00"


class Company(NamedTuple):
    """The records of one entity by vendor object; a repeated id is a later version."""

    entity: str
    records: Mapping[str, Iterable[Mapping[str, Any]]]


def write_raw(path: Path, companies: Iterable[Company], *, as_of_date: str) -> None:
    """A raw database that holds the companies' books and an empty CRM."""
    with duckdb.connect(str(path)) as connection:
        for system in (quickbooks, salesforce):
            connection.execute(system_tables(system.SYSTEM))
            for table in system.TABLES:
                connection.execute(object_table(system.SYSTEM, table))
        for company in companies:
            for vendor_object, records in company.records.items():
                rows = list(_versions(company.entity, records))
                if rows:
                    table = QUICKBOOKS_OBJECTS[vendor_object]
                    connection.executemany(
                        f"insert into raw_quickbooks.{table} values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                        rows,
                    )
            connection.execute(
                "insert into raw_quickbooks.extractions"
                " values (?, 'run', ?, ?, ?, 'UTC', 'USD', 1, 1)",
                [company.entity, EXTRACTED_AT, as_of_date, as_of_date],
            )


def _versions(entity: str, records: Iterable[Mapping[str, Any]]) -> Iterable[tuple[Any, ...]]:
    seen: Counter[str] = Counter()
    for record in records:
        record_id = record["Id"]
        seen[record_id] += 1
        payload = json.dumps(record)
        yield (
            entity,
            record_id,
            seen[record_id],
            EXTRACTED_AT,
            record.get("status") == "Deleted",
            payload,
            hashlib.sha256(payload.encode()).hexdigest(),
            EXTRACTED_AT,
            "run",
        )
