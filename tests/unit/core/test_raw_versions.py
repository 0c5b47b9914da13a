"""The rule of what a new version is."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from q2c_pipeline.core.errors import ContractBroken, StorageError
from q2c_pipeline.core.landing import DRIFT_RECORDS_MIN, LoadCounts
from q2c_pipeline.core.objects import Record, Reject, fingerprint
from q2c_pipeline.core.warehouse import RawStore

NOW = datetime(2026, 5, 5, 8, 0, tzinfo=UTC)


def record(record_id: str, value: str, *, is_deleted: bool = False) -> Record:
    payload = json.dumps({"Id": record_id, "value": value})
    return Record(record_id, payload, fingerprint(payload.encode()), NOW, is_deleted)


def reject(record_id: str | None, payload: str = "{}") -> Reject:
    return Reject(record_id, "TotalAmt", "why", "mend", payload, f"hash of {payload}")


def land(
    store: RawStore, *seen: Record | Reject, run: str = "run", is_listing: bool = False
) -> LoadCounts:
    with store.load("quickbooks", "invoices", "realm", run, NOW) as load:
        load.add(seen)
        if is_listing:
            load.mark_vanished()
        return load.commit(NOW)


def history(store: RawStore, record_id: str) -> list[tuple[int, str, bool]]:
    return store.connection.execute(
        "select version, payload ->> '$.value', is_deleted from raw_quickbooks.invoices"
        " where record_id = $1 order by version",
        [record_id],
    ).fetchall()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RawStore]:
    with RawStore(tmp_path / "raw.duckdb") as opened:
        opened.prepare({"quickbooks": ["invoices"], "salesforce": ["accounts"]})
        yield opened


def test_there_and_back_again_is_three_versions(store: RawStore) -> None:
    for value in ("A", "B", "A"):
        land(store, record("1", value))

    assert history(store, "1") == [(1, "A", False), (2, "B", False), (3, "A", False)]


def test_a_page_read_twice_adds_nothing(store: RawStore) -> None:
    land(store, record("1", "A"), record("2", "A"))

    again = land(store, record("1", "A"), record("2", "A"))

    assert again == LoadCounts(read=2, versions=0, deleted=0, refused=0)


def test_a_record_deleted_and_brought_back_is_three_versions(store: RawStore) -> None:
    land(store, record("1", "A"))
    gone = land(store, record("1", "stub", is_deleted=True))
    land(store, record("1", "A"))

    assert gone.deleted == 1
    assert [is_deleted for _, _, is_deleted in history(store, "1")] == [False, True, False]


def test_the_last_of_several_observations_in_one_load_holds(store: RawStore) -> None:
    land(store, record("1", "A"), record("1", "B"))

    assert history(store, "1") == [(1, "B", False)]


def test_a_complete_listing_marks_what_it_did_not_show(store: RawStore) -> None:
    land(store, record("1", "A"), record("2", "A"), record("3", "A"))

    counts = land(store, record("1", "A"), reject("3"), is_listing=True)

    assert counts.deleted == 1
    assert store.latest_ids("quickbooks", "invoices", "realm") == {"1", "3"}


def test_nothing_is_called_vanished_while_a_record_without_id_may_be_it(store: RawStore) -> None:
    land(store, record("1", "A"))

    land(store, reject(None), is_listing=True)

    assert store.latest_ids("quickbooks", "invoices", "realm") == {"1"}


def test_a_payload_is_refused_once_however_often_it_comes(store: RawStore) -> None:
    for _ in range(2):
        land(store, reject("1"), record("2", "A"))

    found = store.connection.execute("select record_id from raw_quickbooks.rejects").fetchall()
    assert found == [("1",)]


def test_an_object_that_changed_its_shape_stops_and_keeps_its_state(store: RawStore) -> None:
    land(store, record("1", "A"))

    with pytest.raises(ContractBroken, match="shape has changed"):
        land(store, *(reject(str(n), f"{{{n}}}") for n in range(DRIFT_RECORDS_MIN)))

    assert store.latest_ids("quickbooks", "invoices", "realm") == {"1"}


def test_a_load_without_commit_moves_neither_rows_nor_cursor(store: RawStore) -> None:
    with store.load("quickbooks", "invoices", "realm", "run", NOW) as load:
        load.add([record("1", "A")])

    assert store.cursor("quickbooks", "invoices", "realm") is None
    assert history(store, "1") == []


def test_the_cursor_is_what_was_committed(store: RawStore) -> None:
    land(store, record("1", "A"))

    cursor = store.cursor("quickbooks", "invoices", "realm")
    assert cursor is not None
    assert cursor.changed_since == NOW


def test_two_entities_do_not_mix(store: RawStore) -> None:
    land(store, record("1", "A"))
    with store.load("quickbooks", "invoices", "other", "run", NOW) as load:
        load.mark_vanished()
        load.commit(NOW)

    assert store.latest_ids("quickbooks", "invoices", "realm") == {"1"}


def test_preparing_twice_keeps_what_is_there(store: RawStore) -> None:
    land(store, record("1", "A"))

    store.prepare({"quickbooks": ["invoices"]})

    assert history(store, "1") == [(1, "A", False)]


def test_a_file_that_is_no_database_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "raw.duckdb"
    path.write_text("something else, and longer than any header of a database" * 100)

    with pytest.raises(StorageError, match=r"raw\.duckdb"):
        RawStore(path, wait_seconds=0).__enter__()
