"""Whatever is done to a ledger's rows behind its back, verifying finds it.

What the chain alone cannot show, a tail that is cut off or history that is written anew with hashes
of its own, the heads that others have seen do.
"""

import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from q2c_pipeline.ledger.chain import START, Head, hash_of, verify
from q2c_pipeline.ledger.events import Draft
from q2c_pipeline.ledger.tables import FIELDS
from tests.ledgers import behind_the_guards, draft, fill, life, opened, sqlite_url
from tests.postgresql import PostgreSQL

MUTATIONS_WHOLE = 10_000
MUTATIONS_SAMPLE = 200
MUTATIONS_POSTGRESQL_WHOLE = 500
MUTATIONS_POSTGRESQL_SAMPLE = 40
NUMBERS = ("sequence", "generation", "attempt", "position")
OPTIONAL = ("before", "content_fingerprint", "preconditions_hash", "remote_id", "vendor_at")

Row = dict[str, Any]
Rows = list[Row]
Mutation = Callable[[random.Random, Rows], Rows]


def edit(random: random.Random, rows: Rows) -> Rows:
    """Any field of any event."""
    row = random.choice(rows)
    name = random.choice([name for name in FIELDS if name != "sequence"])
    row[name] = other(random, name, row[name])
    return rows


def edit_and_hash(random: random.Random, rows: Rows) -> Rows:
    """Any field, by somebody who knows how a hash is made."""
    row = random.choice(rows)
    name = random.choice([name for name in FIELDS if name not in ("sequence", "hash")])
    row[name] = other(random, name, row[name])
    row["hash"] = hash_of(row)
    return rows


def edit_and_chain(random: random.Random, rows: Rows) -> Rows:
    """Any field, and all that follows is chained anew."""
    place = random.randrange(len(rows))
    name = random.choice([name for name in FIELDS if name not in ("sequence", "hash")])
    rows[place][name] = other(random, name, rows[place][name])
    return chained(rows)


def delete(random: random.Random, rows: Rows) -> Rows:
    """Some in the middle, with or without closing the gap."""
    first = random.randrange(len(rows))
    kept = rows[:first] + rows[first + random.randint(1, 3) :]
    return random.choice([unchanged, numbered, chained])(kept)


def cut_tail(random: random.Random, rows: Rows) -> Rows:
    return rows[: random.randrange(len(rows))]


def reorder(random: random.Random, rows: Rows) -> Rows:
    first, second = random.sample(range(len(rows)), 2)
    rows[first], rows[second] = rows[second], rows[first]
    return random.choice([numbered, chained])(rows)


def insert(random: random.Random, rows: Rows) -> Rows:
    """An event that never was, or one again, before some that were."""
    place = random.randrange(len(rows))
    added = dict(random.choice(rows))
    if random.random() < 0.5:
        added["key"] += "-never"
        added["hash"] = hash_of(added)
    return random.choice([numbered, chained])([*rows[:place], added, *rows[place:]])


def hide(random: random.Random, rows: Rows) -> Rows:
    """An event where nobody counts."""
    added = dict(random.choice(rows), sequence=-random.randint(0, 2**31 - 1))
    added["hash"] = hash_of(added)
    return [added, *rows]


def unchanged(rows: Rows) -> Rows:
    return rows


def numbered(rows: Rows) -> Rows:
    return [{**row, "sequence": number} for number, row in enumerate(rows, start=1)]


def chained(rows: Rows) -> Rows:
    """With numbers and hashes that fit."""
    before = START
    fitting = []
    for row in numbered(rows):
        row["previous_hash"] = before
        before = row["hash"] = hash_of(row)
        fitting.append(row)
    return fitting


def other(random: random.Random, name: str, value: Any) -> Any:
    """Another value of a field, near or far."""
    if name in NUMBERS:
        return value + random.choice([-1, 1, 100])
    texts = ["", "x", "0", (value or "") + " ", (value or "x").upper(), (value or "y")[:-1]]
    return random.choice([text for text in texts if text != value] + [None] * (name in OPTIONAL))


MUTATIONS: dict[str, Mutation] = {
    mutation.__name__: mutation
    for mutation in (
        edit, edit_and_hash, edit_and_chain, delete, cut_tail, reorder, insert, hide,
    )
}  # fmt: skip


def drafts() -> list[list[Draft]]:
    return [
        [draft("a")],
        life("b"),
        [draft("c"), draft("d", object="Customer")],
        life("a"),
        [draft("c", entity="other", remote_id="5")],
    ]


def mutated(number: int, rows: Rows) -> tuple[str, Rows]:
    """Mutation ``number``: its name, and rows that are no longer those given.

    Rows that go on from them as the chain demands were appended, which is what a ledger is for.
    """
    chance = random.Random(number)
    name = list(MUTATIONS)[number % len(MUTATIONS)]
    while True:
        result = MUTATIONS[name](chance, [dict(row) for row in rows])
        hashes = [row["hash"] for row in result]
        is_longer = result[: len(rows)] == rows and chained(result) == result
        if not is_longer and len(set(hashes)) == len(hashes):
            return name, result


@pytest.mark.prove
def test_every_mutation_of_a_file_is_found(tmp_path: Path, is_whole_proof: bool) -> None:
    whole, copy = tmp_path / "ledger.db", tmp_path / "mutated.db"
    fill(sqlite_url(whole), *drafts())
    with opened(sqlite_url(whole)) as ledger:
        rows = [dict(row) for row in ledger.rows()]
        seen = [Head(row["sequence"], row["hash"], "the log") for row in rows]
        assert verify(ledger, seen) == []
    template = tmp_path / "template.db"
    with opened(sqlite_url(whole)) as ledger:
        ledger.back_up(template)
    with behind_the_guards(template) as connection:
        connection.execute("delete from events")
    names, marks = ", ".join(FIELDS), ", ".join(f":{name}" for name in FIELDS)

    missed = []
    for number in range(MUTATIONS_WHOLE if is_whole_proof else MUTATIONS_SAMPLE):
        name, changed = mutated(number, rows)
        shutil.copyfile(template, copy)
        with behind_the_guards(copy) as connection:
            connection.execute("begin")
            connection.executemany(f"insert into events ({names}) values ({marks})", changed)
            connection.execute("commit")
        with opened(sqlite_url(copy)) as ledger:
            if not verify(ledger, seen):
                missed.append((number, name))

    assert missed == []


@pytest.mark.prove
def test_every_mutation_of_a_server_is_found(postgresql: PostgreSQL, is_whole_proof: bool) -> None:
    url = postgresql.new_database()
    fill(url, *drafts())
    names, marks = ", ".join(FIELDS), ", ".join(f"%({name})s" for name in FIELDS)
    missed = []
    with (
        opened(url) as ledger,
        psycopg.connect(url, autocommit=True, row_factory=dict_row) as connection,
    ):
        rows = [dict(row) for row in ledger.rows()]
        seen = [Head(row["sequence"], row["hash"], "the log") for row in rows]
        assert verify(ledger, seen) == []
        connection.execute("alter table events disable trigger all")
        for number in range(
            MUTATIONS_POSTGRESQL_WHOLE if is_whole_proof else MUTATIONS_POSTGRESQL_SAMPLE
        ):
            name, changed = mutated(number, rows)
            with connection.transaction(), connection.cursor() as cursor:
                cursor.execute("delete from events")
                cursor.executemany(f"insert into events ({names}) values ({marks})", changed)
            if not verify(ledger, seen):
                missed.append((number, name))

    assert missed == []


@pytest.mark.parametrize("name", sorted(set(MUTATIONS) - {"cut_tail", "edit_and_chain"}))
def test_the_chain_alone_shows_what_was_not_chained_anew(name: str, tmp_path: Path) -> None:
    """No head from outside is needed for it."""
    fill(sqlite_url(tmp_path / "ledger.db"), *drafts())
    with opened(sqlite_url(tmp_path / "ledger.db")) as ledger:
        rows = [dict(row) for row in ledger.rows()]
    for number in range(40):
        changed = MUTATIONS[name](random.Random(number), [dict(row) for row in rows])
        is_prefix = changed == rows[: len(changed)]
        is_last_alone = changed[:-1] == rows[:-1] and len(changed) == len(rows)
        if chained([dict(row) for row in changed]) != changed and not (is_prefix or is_last_alone):
            assert verify(InMemory(changed)), (number, name)


class InMemory:
    """Rows as a ledger gives them to be verified."""

    def __init__(self, rows: Rows) -> None:
        self._rows = sorted(rows, key=lambda row: row["sequence"])

    def rows(self) -> Any:
        return iter(self._rows)
