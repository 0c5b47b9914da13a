"""What raw holds after a run, read from its file as anybody would.

Belongs here: the newest version of each record. Does not belong here: what the vendor says.
"""

from collections.abc import Mapping
from pathlib import Path

import duckdb

from tests.planted_faults.fault import Key, Payload, exact


def living(raw: Path, system: str, tables: Mapping[str, str]) -> dict[Key, Payload]:
    """The payloads of all records whose newest version is not deleted."""
    with duckdb.connect(str(raw), read_only=True) as connection:
        return {
            (tables[table], record_id): exact(payload)
            for table in tables
            for record_id, payload in connection.execute(
                f"select record_id, arg_max(payload::varchar, version) from raw_{system}.{table}"
                " group by record_id having not arg_max(is_deleted, version)"
            ).fetchall()
        }
