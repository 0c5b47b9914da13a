"""The ledger beside the records: begun, copied once, and found out when it lost something."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from q2c_pipeline.core.errors import StorageError
from q2c_pipeline.core.home import Home
from q2c_pipeline.core.ledger_copy import LedgerCopy
from q2c_pipeline.core.raw_reading import KnownEntity, known_entities
from q2c_pipeline.core.warehouse import ExtractionRecord, RawStore
from q2c_pipeline.ledger.chain import verify
from q2c_pipeline.ledger.store import Ledger
from q2c_pipeline.orchestration.ledger import (
    accept_restored,
    begin_anew,
    begin_where_needed,
    copy_ledger,
    heads_outside,
)
from tests.ledgers import behind_the_guards, draft, fill, life, opened, sqlite_url

READ_AT = datetime(2026, 7, 1, 3, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """It has read one company of two systems."""
    home = Home(tmp_path)
    with RawStore(home.raw) as store:
        store.prepare({"quickbooks": ["invoices"], "salesforce": ["accounts"]})
        for system in ("quickbooks", "salesforce"):
            store.record_extraction(
                system,
                ExtractionRecord(
                    entity=system[0],
                    run_id="run-1",
                    extracted_at=READ_AT,
                    as_of_date=date(2026, 7, 1),
                    extraction_date=date(2026, 7, 1),
                    time_zone="UTC",
                    home_currency=None,
                ),
            )
    return home


@pytest.fixture
def ledger(home: Home) -> Iterator[Ledger]:
    with opened(sqlite_url(home.ledger)) as ledger:
        yield ledger


def begun(ledger: Ledger, home: Home) -> list[KnownEntity]:
    with RawStore(home.raw) as store:
        copy = LedgerCopy(store.connection, home.raw)
        return begin_where_needed(ledger, copy, known_entities(store.connection))


def copied(ledger: Ledger, home: Home, run_id: str = "run-1") -> int:
    with RawStore(home.raw) as store:
        return copy_ledger(ledger, LedgerCopy(store.connection, home.raw), run_id=run_id).added


def append(home: Home, key: str) -> None:
    fill(sqlite_url(home.ledger), life(key))


def test_a_restored_ledger_is_begun_anew_though_nobody_saw_what_it_lost(
    ledger: Ledger, home: Home
) -> None:
    known = begun(ledger, home)
    copied(ledger, home)
    before = ledger.head().count
    begin_anew(ledger, known)

    assert ledger.head().count == before + len(known)
    assert begun(ledger, home) == []


def test_a_new_ledger_is_begun_once_for_each_entity_that_was_read(
    ledger: Ledger, home: Home
) -> None:
    entities = [KnownEntity("quickbooks", "q", READ_AT), KnownEntity("salesforce", "s", READ_AT)]

    assert begun(ledger, home) == entities
    assert begun(ledger, home) == []
    assert copied(ledger, home) == 2
    assert begun(ledger, home) == []
    assert [(event.entity, event.key) for event in ledger.events()] == [
        ("q", "opened"),
        ("s", "opened"),
    ]


def test_an_event_is_copied_once_and_to_the_letter(ledger: Ledger, home: Home) -> None:
    append(home, "a")
    assert copied(ledger, home) == 3
    append(home, "b")
    assert copied(ledger, home) == 3
    assert copied(ledger, home) == 0

    with duckdb.connect(str(home.raw), read_only=True) as raw:
        raw.execute("set timezone = 'UTC'")
        rows = raw.sql("from raw_ledger.events order by sequence")
        found = [dict(zip(rows.columns, row, strict=True)) for row in rows.fetchall()]
        heads = raw.sql("select event_count from raw_ledger.readings order by rowid").fetchall()
    for row, event in zip(found, ledger.events(), strict=True):
        del row["extracted_at"]
        assert row == vars(event)
    assert heads == [(3,), (6,), (6,)]


def test_a_ledger_without_events_is_copied_too(ledger: Ledger, home: Home) -> None:
    assert copied(ledger, home) == 0
    assert heads_outside(home) == []


def test_a_restored_ledger_is_begun_anew_and_what_it_forgot_stays_in_the_copy(
    ledger: Ledger, home: Home, tmp_path: Path
) -> None:
    begun(ledger, home)
    append(home, "a")
    backup = tmp_path / "backup.db"
    ledger.back_up(backup)
    append(home, "b")
    copied(ledger, home)
    forgotten = [event.hash for event in ledger.events(after=5)]

    with opened(sqlite_url(backup)) as restored:
        assert [known.entity for known in begun(restored, home)] == ["q", "s"]
        assert copied(restored, home) == 2
        assert begun(restored, home) == []
        assert verify(restored, heads_outside(home)) != []
        lost = accept_restored(restored, heads_outside(home))
        assert [head.hash for head in lost] == forgotten
        assert verify(restored, heads_outside(home)) == []
        assert accept_restored(restored, heads_outside(home)) == []
        copied(restored, home)
        assert verify(restored, heads_outside(home)) == []
        seen_after = restored.head()

    with duckdb.connect(str(home.raw), read_only=True) as raw:
        assert raw.sql("select count(*) from raw_ledger.events").fetchall() == [(5 + 3 + 3,)]
    with behind_the_guards(backup) as connection:
        connection.execute(f"delete from events where sequence = {seen_after.count}")
    with opened(sqlite_url(backup)) as cut:
        assert verify(cut, heads_outside(home))[0].startswith("Event 6 is not the one")


def test_a_ledger_with_a_gap_is_neither_copied_nor_taken_for_a_backup(
    ledger: Ledger, home: Home
) -> None:
    append(home, "a")
    copied(ledger, home)
    append(home, "b")
    with behind_the_guards(home.ledger) as connection:
        connection.execute("update events set remote_id = '77' where sequence = 5")

    with pytest.raises(StorageError, match=r"Event 5 .* was changed"):
        copied(ledger, home)
    with pytest.raises(StorageError, match="no sound backup"):
        accept_restored(ledger, heads_outside(home))


def test_the_published_log_is_held_against_the_ledger_too(ledger: Ledger, home: Home) -> None:
    append(home, "a")
    with duckdb.connect(str(home.marts)) as marts:
        marts.execute("create schema billing")
        marts.execute("create table billing.write_back_log (sequence bigint, hash varchar)")
        marts.executemany(
            "insert into billing.write_back_log values (?, ?)",
            [(event.sequence, event.hash) for event in ledger.events()],
        )
    assert verify(ledger, heads_outside(home)) == []

    with closing(sqlite3.connect(home.ledger)) as connection, connection:
        connection.execute("drop trigger events_no_delete")
        connection.execute("delete from events where sequence > 1")
    assert verify(ledger, heads_outside(home)) == [
        "The tail is cut off: the ledger ends with event 1, and the published log has seen event 3."
    ]


def test_drafts_of_other_objects_leave_the_opening_alone(ledger: Ledger, home: Home) -> None:
    begun(ledger, home)
    with ledger.changing() as change:
        change.append([draft("opened", entity="q")])

    assert begun(ledger, home) == []
