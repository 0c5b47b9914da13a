"""Versions of made-up records, written straight into a raw database.

Belongs here: how rows get there. Does not belong here: what the records say.
"""

from datetime import date
from pathlib import Path
from types import ModuleType

import duckdb

from q2c_pipeline.core.raw_tables import object_table, system_tables
from q2c_pipeline.defs.accounting.quickbooks import objects as quickbooks
from q2c_pipeline.defs.crm.salesforce import objects as salesforce

SYSTEMS: tuple[ModuleType, ...] = (quickbooks, salesforce)
NEW_VERSIONS = """
create or replace temp table new_versions (
    object varchar, record_id varchar, is_deleted boolean, payload varchar
)
"""
"""What ``add_versions`` takes over."""


def make_tables(raw: Path) -> None:
    """An empty raw database."""
    with duckdb.connect(str(raw)) as connection:
        for system in SYSTEMS:
            connection.execute(system_tables(system.SYSTEM))
            for table in system.TABLES:
                connection.execute(object_table(system.SYSTEM, table))


def add_versions(
    connection: duckdb.DuckDBPyConnection, system: str, entity: str, day: date, run_id: str
) -> int:
    """Take over what is in ``new_versions`` as read on that day; how many versions that were."""
    (objects,) = connection.execute(
        "select array_agg(distinct object order by object) from new_versions"
    ).fetchall()[0]
    for object in objects:
        connection.execute(
            f"""
            insert into raw_{system}.{object}
            select
                '{entity}',
                record_id,
                1 + (
                    select coalesce(max(version), 0) from raw_{system}.{object} as known
                    where known.record_id = new_versions.record_id
                ),
                coalesce(
                    (payload ->> 'SystemModstamp')::timestamptz,
                    timestamptz '{day} 20:00:00+00'
                ),
                is_deleted,
                payload,
                md5(payload) || md5(record_id),
                timestamptz '{day} 20:00:00+00',
                '{run_id}'
            from new_versions where object = '{object}'
            """
        )
    connection.execute(
        f"insert into raw_{system}.extractions values (?, ?, ?, ?, ?, 'UTC', ?, 1, 1)",
        [
            *(entity, run_id, f"{day} 20:00:00+00", day, day),
            "USD" if system == quickbooks.SYSTEM else None,
        ],
    )
    (count,) = connection.execute("select count(*) from new_versions").fetchall()[0]
    return int(count)
