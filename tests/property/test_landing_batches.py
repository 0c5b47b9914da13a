"""However observations fall into batches, of each load the last state that can be stored counts."""

import json
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from q2c_pipeline.core.objects import Record
from q2c_pipeline.core.warehouse import RawStore

NOW = datetime(2026, 5, 5, tzinfo=UTC)
BROKEN = '"\\ud800"'
"""Half of a character, which the database refuses."""
SEEN = st.tuples(
    st.sampled_from(["1", "2", "3"]),
    st.sampled_from(['"A"', '"B"', BROKEN]),
    st.booleans(),
)

Seen = tuple[str, str, bool]
Batches = list[list[Seen]]


def record(seen: Seen) -> Record:
    record_id, value, is_deleted = seen
    payload = f'{{"Id":"{record_id}","value":{value}}}'
    return Record(record_id, payload, value, None, is_deleted)


def expected(loads: Sequence[Batches]) -> list[Seen]:
    versions: dict[str, list[Seen]] = {}
    for batches in loads:
        seen_now = [seen for batch in batches for seen in batch if seen[1] != BROKEN]
        for record_id, last in {seen[0]: seen for seen in seen_now}.items():
            kept = versions.setdefault(record_id, [])
            if kept[-1:] != [last]:
                kept.append(last)
    return [seen for record_id in sorted(versions) for seen in versions[record_id]]


@settings(max_examples=40, deadline=None)
@given(loads=st.lists(st.lists(st.lists(SEEN, max_size=5), max_size=4), max_size=4))
def test_batches_do_not_show(loads: list[Batches]) -> None:
    with tempfile.TemporaryDirectory() as folder, RawStore(Path(folder) / "raw.duckdb") as store:
        store.prepare({"quickbooks": ["invoices"]})
        for number, batches in enumerate(loads):
            with store.load("quickbooks", "invoices", "realm", f"run {number}", NOW) as load:
                for batch in batches:
                    load.add(map(record, batch))
                    load.live_count()  # what was added so far has to land for it
                load.commit(NOW)
        rows = store.connection.execute(
            "select record_id, payload, is_deleted, version from raw_quickbooks.invoices"
            " order by record_id, version"
        ).fetchall()
        distinct = {(record_id, version) for record_id, _, _, version in rows}
    found = [
        (record_id, json.dumps(json.loads(payload)["value"]), is_deleted)
        for record_id, payload, is_deleted, _ in rows
    ]
    assert found == expected(loads)
    assert len(distinct) == len(rows)
