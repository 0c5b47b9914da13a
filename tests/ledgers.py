"""Ledgers for tests, and hands that reach behind their guards.

Belongs here: drafts, events in a ledger, raw access to its rows. Does not belong here: what should
follow.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from q2c_pipeline.ledger.events import Draft, State
from q2c_pipeline.ledger.store import Ledger

MIDNIGHT = datetime(2026, 7, 1, 2, 0, 0, 12_000, tzinfo=timezone(timedelta(hours=2)))


def draft(key: str = "salesforce:006A:-", state: State = State.PLANNED, **changes: Any) -> Draft:
    """An invoice's; everything else by keyword."""
    values: dict[str, Any] = {
        "target_system": "quickbooks",
        "entity": "4620",
        "object": "Invoice",
        "key": key,
        "operation": "create",
        "generation": 1,
        "attempt": 1,
        "state": state,
        "marker": f"q2c:4620:{key}:1",
        "request_id": "q2c-1",
        "position": 1,
        "payload": '{"PrivateNote": "Größe ✓", "Line": []}',
        "payload_hash": "ab" * 32,
        "content_fingerprint": "cd" * 32,
        "preconditions_hash": None,
        "detail": '{"mode": "draft"}',
    }
    return Draft(**values | changes)


def sqlite_url(path: Path) -> str:
    return f"sqlite:///{path}"


def opened(url: str, run_id: str = "run-1") -> Ledger:
    """Signed by a test, on a clock that stands still."""
    return Ledger(url, actor="a test", run_id=run_id, now=lambda: MIDNIGHT)


def life(key: str) -> list[Draft]:
    """An invoice from plan to confirmation."""
    return [
        draft(key, State.PLANNED),
        draft(key, State.SENT),
        draft(
            key,
            State.CONFIRMED,
            remote_id=f"9{len(key)}",
            vendor_at=datetime(2026, 7, 1, 7, 30, tzinfo=UTC),
            detail='{"total": "119.00"}',
        ),
    ]


def fill(url: str, *drafts: Sequence[Draft]) -> None:
    """Appends each group in a transaction of its own."""
    with opened(url) as ledger:
        for group in drafts:
            with ledger.changing() as change:
                change.append(group)


@contextmanager
def behind_the_guards(path: Path) -> Iterator[sqlite3.Connection]:
    """The rows of a SQLite ledger, with nothing that watches over them."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for (name,) in connection.execute(
            "select name from sqlite_master where type = 'trigger'"
        ).fetchall():
            connection.execute(f"drop trigger {name}")
        yield connection
