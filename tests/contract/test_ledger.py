"""The ledger keeps its promises in SQLite and in PostgreSQL alike."""

import hashlib
import json
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from q2c_pipeline.core.errors import ConfigurationError, StorageError
from q2c_pipeline.ledger import database, migrations, store
from q2c_pipeline.ledger.chain import START, Head, verify
from q2c_pipeline.ledger.decisions import Decision, record_decisions
from q2c_pipeline.ledger.events import Draft, Event, State
from q2c_pipeline.ledger.intents import details
from q2c_pipeline.ledger.migrations import STEPS, Step
from q2c_pipeline.ledger.store import Ledger
from tests.conftest import PROJECT_ROOT
from tests.ledgers import MIDNIGHT, behind_the_guards, draft, fill, life, opened, sqlite_url
from tests.postgresql import PostgreSQL

VERSION_1 = Path(__file__).with_name("ledger_version_1.json")
HEAD_OF_VERSION_1 = "43534b831f19920fbe2614e8effc1955ab0556eac786a0ea948114052e95d54c"
STEP_1 = "f6b18b1330c82c11b989f0538ac841a356e7a0bb0ed1a5a3d5d4c5a996e779b1"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return sqlite_url(tmp_path / "ledger.db")
    server: PostgreSQL = request.getfixturevalue("postgresql")
    return server.new_database()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


def execute(url: str, statement: str) -> None:
    """As somebody does who has the database's password and none of our code."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection, connection:
            connection.execute(statement)
    else:
        with psycopg.connect(url) as server:
            server.execute(statement)


def test_events_are_numbered_chained_and_signed(url: str) -> None:
    with opened(url, "run-7") as ledger:
        with ledger.changing() as change:
            first, second = change.append([draft("a"), draft("b")])
        (third,) = append(ledger, draft("a", State.SENT))

        assert [event.sequence for event in (first, second, third)] == [1, 2, 3]
        assert [event.previous_hash for event in (first, second, third)] == [
            START,
            first.hash,
            second.hash,
        ]
        assert (third.actor, third.run_id, third.happened_at) == ("a test", "run-7", MIDNIGHT)
        assert ledger.head() == Head(3, third.hash)
        assert list(ledger.events(after=1)) == [second, third]
        assert verify(ledger) == []


def test_an_event_comes_back_as_it_was_written(url: str) -> None:
    with opened(url) as ledger:
        appended = append(ledger, *life("ключ 'a' \" \\ \n ✓"))

        assert list(ledger.events()) == appended
        assert appended[2].vendor_at == life("")[2].vendor_at


def test_a_hash_is_the_same_in_every_database_and_release(url: str) -> None:
    """Ledgers outlive releases: whoever changes the hashed text makes every ledger look forged."""
    with opened(url) as ledger:
        append(ledger, *life("a"))

        assert ledger.head().hash == HEAD_OF_VERSION_1


def test_before_is_the_state_of_the_same_attempt(url: str) -> None:
    with opened(url) as ledger:
        events = append(
            ledger,
            draft("a"),
            draft("a", State.SENT),
            draft("b"),
            draft("a", State.REFUSED),
            draft("a", State.PLANNED, attempt=2),
            draft("a", State.PLANNED, attempt=1, generation=2),
        )

    assert [event.before for event in events] == [
        None,
        State.PLANNED,
        None,
        State.SENT,
        None,
        None,
    ]


def test_a_decision_is_an_event_whenever_it_changes_and_never_otherwise(url: str) -> None:
    link = Decision("deal_link", "1:006:9", '{"decision":"rejected"}', "rejected: no", "Ida")
    mended = link._replace(payload='{"decision":"confirmed"}', told="confirmed: yes", by="Bo")
    pair = link._replace(object="duplicate_decision", key="q:1:7 s:o:a", told="same: yes")
    told: list[list[tuple[str, str, State, State | None, str]]] = []
    with opened(url) as ledger:
        append(ledger, draft(), draft("1:006:9", object="deal_link"))
        for standing in ([link], [link], [link, pair], [mended, pair], [pair], [], [], [link]):
            events = record_decisions(ledger, standing)
            told.append(
                [
                    (event.object, details(event)["why"], event.state, event.before, event.actor)
                    for event in events
                ]
            )
        confirmed, withdrawn = State.CONFIRMED, State.WITHDRAWN

        assert told == [
            [("deal_link", "rejected: no", confirmed, None, "Ida")],
            [],
            [("duplicate_decision", "same: yes", confirmed, None, "Ida")],
            [("deal_link", "confirmed: yes", confirmed, confirmed, "Bo")],
            [("deal_link", "confirmed: yes", withdrawn, confirmed, "a test")],
            [("duplicate_decision", "same: yes", withdrawn, confirmed, "a test")],
            [],
            [("deal_link", "rejected: no", confirmed, withdrawn, "Ida")],
        ]
        assert [event.target_system for event in ledger.events(after=2)] == ["policy"] * 6
        assert ledger.current("policy", "-")["deal_link", link.key].payload == link.payload
        assert set(ledger.current("quickbooks", "4620")) == {
            ("Invoice", draft().key),
            ("deal_link", "1:006:9"),
        }
        assert verify(ledger) == []


def test_a_decision_of_two_runs_at_once_is_one_event(url: str) -> None:
    decisions = [Decision("deal_link", f"1:006:{number}", "{}", "no", "Ida") for number in range(5)]

    def record(run_id: str) -> None:
        with opened(url, run_id) as ledger:
            record_decisions(ledger, decisions)

    with opened(url) as ledger, ThreadPoolExecutor(2) as runs:
        list(runs.map(record, ("run-1", "run-2")))

        assert ledger.head().count == len(decisions)
        assert verify(ledger) == []


def test_the_newest_event_of_a_record_is_current(url: str) -> None:
    with opened(url) as ledger:
        append(ledger, *life("a"), draft("b"), draft("a", object="Customer"))
        append(ledger, draft("a", entity="other"), draft("b", State.WITHDRAWN))
        everything = ledger.current("quickbooks", "4620")
        with ledger.changing() as change:
            assert change.current("quickbooks", "4620") == everything

        assert {name: event.state for name, event in everything.items()} == {
            ("Invoice", "a"): State.CONFIRMED,
            ("Invoice", "b"): State.WITHDRAWN,
            ("Customer", "a"): State.PLANNED,
        }
        assert set(ledger.current("quickbooks", "4620", "Customer")) == {("Customer", "a")}
        assert ledger.current("salesforce", "4620") == {}


def test_an_error_undoes_the_whole_change(url: str) -> None:
    with opened(url) as ledger:
        append(ledger, draft("a"))
        before = ledger.head()
        with pytest.raises(KeyboardInterrupt):
            interrupted_change(ledger)

        assert ledger.head() == before


@pytest.mark.parametrize(
    "statement",
    [
        "update events set key = 'other' where sequence = 2",
        "delete from events where sequence = 3",
        "insert into events select * from events where sequence = 2",
        "insert into events select 5, happened_at, target_system, entity, object, key, operation,"
        " generation, attempt, state, before, marker, request_id, position, payload, payload_hash,"
        " content_fingerprint, preconditions_hash, remote_id, vendor_at, detail, actor, run_id,"
        " hash, 'x' from events where sequence = 3",
        "insert into events select 4, happened_at, target_system, entity, object, key, operation,"
        " generation, attempt, state, before, marker, request_id, position, payload, payload_hash,"
        " content_fingerprint, preconditions_hash, remote_id, vendor_at, detail, actor, run_id,"
        " previous_hash, 'x' from events where sequence = 3",
    ],
)
def test_the_database_itself_only_appends(url: str, statement: str) -> None:
    fill(url, life("a"))

    with pytest.raises((sqlite3.Error, psycopg.Error)):
        execute(url, statement)

    with opened(url) as ledger:
        assert ledger.head().count == 3
        assert verify(ledger) == []


def test_sqlite_replaces_and_postgresql_truncates_no_event(
    file: Path, postgresql: PostgreSQL
) -> None:
    server = postgresql.new_database()
    for url, statement in (
        (sqlite_url(file), "replace into events select * from events where sequence = 1"),
        (server, "truncate events"),
    ):
        fill(url, life("a"))
        with pytest.raises((sqlite3.Error, psycopg.Error)):
            execute(url, statement)


def test_many_writers_make_one_chain(url: str) -> None:
    """They open it for the first time at one moment, too."""
    writers, changes = 4, 8

    def write(number: int) -> None:
        with Ledger(url, actor=f"writer {number}", run_id="run") as ledger:
            for turn in range(changes):
                append(ledger, draft(f"{number}-{turn}"), draft(f"{number}-{turn}", State.SENT))

    with ThreadPoolExecutor(writers) as pool:
        list(pool.map(write, range(writers)))

    with opened(url) as ledger:
        assert ledger.head().count == writers * changes * 2
        assert verify(ledger) == []


def test_what_a_change_reads_stays_so_until_it_is_committed(url: str) -> None:
    """Two that see the same record free do not both take it."""

    def take(run_id: str) -> int:
        with opened(url, run_id) as ledger, ledger.changing() as change:
            if ("Invoice", "a") in change.current("quickbooks", "4620"):
                return 0
            return len(change.append([draft("a")]))

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(take, ["one", "two", "three", "four"])) == 1


def test_a_change_waits_for_another_only_so_long(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(url).__exit__()
    monkeypatch.setattr(database, "WAIT_SECONDS", 1)
    with opened(url) as ledger, opened(url) as other, ledger.changing():
        with pytest.raises(StorageError, match="Another program has been changing it"):
            other.changing().__enter__()
        assert other.head().count == 0


def test_one_delivers_to_an_entity_and_others_are_told_who(url: str) -> None:
    with opened(url, "first-run") as ledger, opened(url, "second-run") as other:
        with ledger.delivering("quickbooks", "4620", wait_seconds=0):
            with other.delivering("quickbooks", "4621", wait_seconds=0):
                pass
            with (
                pytest.raises(StorageError, match=f"a test, run first-ru, process {os.getpid()}"),
                other.delivering("quickbooks", "4620", wait_seconds=0.3),
            ):
                pass
            append(ledger, draft("a"))
        with other.delivering("quickbooks", "4620", wait_seconds=30):
            pass


def test_who_waits_delivers_next(url: str) -> None:
    delivered, holds = threading.Event(), threading.Event()

    def deliver() -> None:
        with opened(url) as ledger, ledger.delivering("quickbooks", "4620", wait_seconds=0):
            holds.set()
            delivered.wait(30)

    first = threading.Thread(target=deliver)
    first.start()
    assert holds.wait(30)
    threading.Timer(0.2, delivered.set).start()
    with opened(url) as ledger, ledger.delivering("quickbooks", "4620", wait_seconds=30):
        assert delivered.is_set()
    first.join()


DELIVER_FOR_EVER = """
import sys, time
from tests.ledgers import opened
with opened(sys.argv[1]) as ledger, ledger.delivering("quickbooks", "4620", wait_seconds=0):
    print("delivers", flush=True)
    time.sleep(600)
"""


def test_a_deliverer_that_dies_stands_in_nobodys_way(url: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", DELIVER_FOR_EVER, url],
        stdout=subprocess.PIPE,
        text=True,
        cwd=PROJECT_ROOT,
    ) as deliverer:
        assert deliverer.stdout is not None
        assert deliverer.stdout.readline() == "delivers\n"
        deliverer.send_signal(signal.SIGKILL)

    with opened(url) as ledger, ledger.delivering("quickbooks", "4620", wait_seconds=10):
        append(ledger, draft("a"))


def test_a_ledger_of_version_1_goes_on_in_this_release(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its tables are made by the first step alone, and its rows are as that release wrote them."""
    rows = json.loads(VERSION_1.read_text())
    with monkeypatch.context() as first_release:
        first_release.setattr(migrations, "STEPS", STEPS[:1])
        first_release.setattr(store, "STEPS", STEPS[:1])
        with opened(url) as ledger, ledger._database.changing() as connection:
            columns, values = ", ".join(rows[0]), ", ".join(f":{name}" for name in rows[0])
            connection.execute(text(f"insert into events ({columns}) values ({values})"), rows)

    with opened(url) as ledger:
        assert ledger.head() == Head(3, HEAD_OF_VERSION_1)
        append(ledger, draft("b"))
        assert verify(ledger) == []
        assert [event.state for event in ledger.current("quickbooks", "4620").values()] == [
            State.CONFIRMED,
            State.PLANNED,
        ]


def test_no_released_step_was_edited() -> None:
    assert hashlib.sha256(repr(STEPS[0]).encode()).hexdigest() == STEP_1


def test_a_step_of_a_later_release_leaves_the_chain_as_it_was(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(url, life("a"))
    later = Step(("alter table events add column note text",), (), ())
    monkeypatch.setattr(migrations, "STEPS", (*STEPS, later))
    monkeypatch.setattr(store, "STEPS", (*STEPS, later))

    with opened(url) as ledger:
        append(ledger, draft("b"))
        assert verify(ledger) == []
        assert ledger.head().count == 4
        assert rows_of(ledger, "select version from schema_version order by version") == [1, 2]

    monkeypatch.undo()
    with pytest.raises(StorageError, match="tables of version 2, and this release knows 1"):
        opened(url)


def test_a_wrong_password_is_never_repeated(postgresql: PostgreSQL, tmp_path: Path) -> None:
    secret = "hunter2-äö"
    for url in (
        f"postgresql://q2c:{secret}@127.0.0.1:1/ledger",
        f"postgres://q2c@127.0.0.1:1/ledger?password={secret}",
        postgresql.url("no_such_database", password=secret),
        postgresql.url("postgres", user="nobody", password=secret),
        f"postgresql://q2c:{secret}@[broken/ledger",
        f"mysql://q2c:{secret}@host/ledger",
        f"{secret}",
        "sqlite://",
    ):
        with pytest.raises((StorageError, ConfigurationError)) as raised:
            opened(url)
        assert "hunter2" not in "".join(traceback.format_exception(raised.value))


def test_select_and_insert_are_enough_once_the_owner_has_opened_it(
    postgresql: PostgreSQL,
) -> None:
    url = postgresql.new_database()
    writer = url.replace("//q2c:", "//writer:")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("drop role if exists writer")
        connection.execute("create role writer login")
    with pytest.raises(StorageError, match="permission denied"):
        opened(writer)

    fill(url, life("a"))
    execute(url, "grant select, insert on events to writer")
    execute(url, "grant select on schema_version to writer")

    fill(writer, life("b"))
    with opened(writer) as ledger:
        assert verify(ledger) == []
        assert len(ledger.current("quickbooks", "4620")) == 2
        with ledger.delivering("quickbooks", "4620", wait_seconds=0):
            pass
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        execute(writer, "delete from events")


def test_a_file_is_its_owners_alone_and_survives_a_lost_power_supply(file: Path) -> None:
    with opened(sqlite_url(file)) as ledger:
        append(ledger, draft("a"))
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in file.parent.glob("*.db*")}
        assert modes == dict.fromkeys(("ledger.db", "ledger.db-wal", "ledger.db-shm"), 0o600)
        assert rows_of(ledger, "pragma journal_mode") == ["wal"]
        assert rows_of(ledger, "pragma synchronous") == [2]


def test_a_backup_is_of_one_moment_and_its_owners_alone(file: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    copy.write_text("an older one")
    with opened(sqlite_url(file)) as ledger:
        append(ledger, *life("a"))
        with ledger.changing() as change:
            change.append([draft("b")])
            ledger.back_up(copy)
        events = list(ledger.events())

    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with opened(sqlite_url(copy)) as restored:
        assert list(restored.events()) == events[:3]
        assert verify(restored) == []


def test_a_restored_ledger_is_known_by_its_missing_tail(file: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    with opened(sqlite_url(file)) as ledger:
        append(ledger, *life("a"))
        ledger.back_up(copy)
        append(ledger, *life("b"))
        seen = [Head(event.sequence, event.hash, "the log") for event in ledger.events()]

    with opened(sqlite_url(copy)) as restored:
        assert verify(restored, seen) == [
            "The tail is cut off: the ledger ends with event 3, and the log has seen event 6."
        ]
        append(restored, draft("c"))
        assert verify(restored, seen) == [
            "Event 4 is not the one that the log has seen: the ledger was written anew from there"
            " on, or comes from a backup."
        ]


def test_postgresql_is_backed_up_by_its_own_means(postgresql: PostgreSQL, tmp_path: Path) -> None:
    with (
        opened(postgresql.new_database()) as ledger,
        pytest.raises(ConfigurationError, match="pg_dump"),
    ):
        ledger.back_up(tmp_path / "copy.db")


def test_a_file_that_is_no_ledger_says_what_to_do(file: Path) -> None:
    file.write_bytes(b"no database at all, but long enough to be looked at" * 100)

    with pytest.raises(StorageError, match="restore it from its backup"):
        opened(sqlite_url(file))


@pytest.mark.parametrize(
    ("statements", "sentence"),
    [
        (
            ["update events set payload = '{}' where sequence = 2"],
            "Event 2 (sent, quickbooks Invoice a) was changed: its hash is not that of its fields."
            " Events 1 to 1 are sound.",
        ),
        (
            ["delete from events where sequence in (3, 4)"],
            "Events 3 to 4 are missing: the next one is event 5 (sent, quickbooks Invoice b)."
            " Events 1 to 2 are sound.",
        ),
        (
            ["delete from events where sequence = 1"],
            "Event 1 is missing: the next one is event 2 (sent, quickbooks Invoice a).",
        ),
        (
            [
                "update events set sequence = 99 where sequence = 2",
                "update events set sequence = 2 where sequence = 4",
                "update events set sequence = 4 where sequence = 99",
            ],
            "Event 2 was moved: it now stands at number 4, and another one stands in its place"
            " (planned, quickbooks Invoice b). Events 1 to 1 are sound.",
        ),
        (
            ["update events set sequence = 0 where sequence = 6"],
            "Event 0 (confirmed, quickbooks Invoice b) was put in: the ledger begins with event 1.",
        ),
        (
            ["delete from events where sequence > 4"],
            "The tail is cut off: the ledger ends with event 4, and the log has seen event 6.",
        ),
        (
            ["delete from events"],
            "The tail is cut off: the ledger is empty, and the log has seen event 6.",
        ),
    ],
)
def test_what_is_wrong_is_said_of_the_first_event_that_is(
    file: Path, statements: list[str], sentence: str
) -> None:
    fill(sqlite_url(file), life("a"), life("b"))
    with opened(sqlite_url(file)) as ledger:
        seen = [Head(event.sequence, event.hash, "the log") for event in ledger.events()]
    with behind_the_guards(file) as connection:
        for statement in statements:
            connection.execute(statement)

    with opened(sqlite_url(file)) as ledger:
        assert verify(ledger, seen) == [sentence]


def interrupted_change(ledger: Ledger) -> None:
    with ledger.changing() as change:
        change.append([draft("b")])
        raise KeyboardInterrupt


def append(ledger: Ledger, *drafts: Draft) -> list[Event]:
    with ledger.changing() as change:
        return change.append(drafts)


def rows_of(ledger: Ledger, statement: str) -> list[object]:
    with ledger._database.reading() as connection:
        return list(connection.execute(text(statement)).scalars())
