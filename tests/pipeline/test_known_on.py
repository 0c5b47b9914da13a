"""What the marts said on an earlier day can be asked later, to the byte, whatever came after."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from tests.contract.conftest import ServedSandbox
from tests.pipeline.conftest import run_q2c
from tests.planted_faults.fault import Payload, Refused
from tests.planted_faults.quickbooks_desk import QuickBooksDesk

SECONDS_PER_DAY = 86_400
LATE_SINCE = "2026-06-01"
STATEMENT = "from finance.ar_open_items_as_of(date '2026-05-31') order by all"

Books = dict[str, list[Payload]]
Act = Callable[[QuickBooksDesk, Books], object]


def done_to_one(records: Iterable[Payload], act: Callable[[Payload], object]) -> None:
    """Does it to the first record with which it can be done; closed books refuse some."""
    for record in records:
        try:
            act(record)
        except Refused:
            continue
        return
    raise AssertionError("it could be done to no record")


def is_late(record: Payload) -> bool:
    return record["TxnDate"] >= LATE_SINCE


def unpaid(books: Books) -> Iterator[Payload]:
    return (row for row in books["Invoice"] if row["Balance"] == row["TotalAmt"] > 0)


def edit_late(desk: QuickBooksDesk, books: Books) -> None:
    """An open invoice turns out to be of the month before."""
    moved = {"TxnDate": "2026-05-27", "DueDate": "2026-06-26"}
    done_to_one(filter(is_late, unpaid(books)), lambda row: desk.change("Invoice", row, **moved))


def void(desk: QuickBooksDesk, books: Books) -> None:
    done_to_one(
        reversed([row for row in unpaid(books) if is_late(row)]),
        lambda row: desk.void("Invoice", row),
    )


def relink(desk: QuickBooksDesk, books: Books) -> None:
    """A payment settles another invoice than was thought."""

    def to_another(payment: Payload) -> None:
        line = payment["Line"][0]
        others = [
            row
            for row in unpaid(books)
            if row["CustomerRef"]["value"] == payment["CustomerRef"]["value"]
            and row["TotalAmt"] >= line["Amount"]
        ]
        if not others:
            raise Refused("there is no other")
        link = {"TxnId": others[0]["Id"], "TxnType": "Invoice"}
        desk.change(
            "Payment", payment, Line=[{"Amount": float(line["Amount"]), "LinkedTxn": [link]}]
        )

    done_to_one((row for row in books["Payment"] if is_late(row) and row.get("Line")), to_another)


def rename(desk: QuickBooksDesk, books: Books) -> None:
    owing = {row["CustomerRef"]["value"] for row in unpaid(books)}
    done_to_one(
        (row for row in books["Customer"] if row["Id"] in owing),
        lambda row: desk.rename("Customer", row),
    )


def spoil(desk: QuickBooksDesk, books: Books) -> None:
    """An account in a currency that nobody knows: it is refused, and the run says so."""
    account = next(row for row in books["Account"] if row["AccountType"] == "Expense")
    desk.sandbox.post(
        "/_sandbox/people",
        json={
            "system": "quickbooks",
            "act": "edit_unstamped",
            "object": "Account",
            "id": account["Id"],
            "fields": {"CurrencyRef": {"value": "QQQ"}},
        },
    ).raise_for_status()
    desk.rename("Account", account)


DAYS_WHOLE: tuple[tuple[Act, ...], ...] = (
    (edit_late, rename),
    (void,),
    (),
    (relink, spoil),
    (edit_late, void, relink, rename),
)
DAYS_SAMPLE: tuple[tuple[Act, ...], ...] = ()
"""Then the home's only day is asked for, with nothing to leave out."""


@pytest.fixture
def days(is_whole_proof: bool) -> tuple[tuple[Act, ...], ...]:
    return DAYS_WHOLE if is_whole_proof else DAYS_SAMPLE


@pytest.fixture
def sandbox(home: Path) -> Iterator[ServedSandbox]:
    """The made-up company of the home, served beside the command, which finds it."""
    folder = home / "sandbox"
    served = ServedSandbox(folder / "company", folder / "settings.env", folder / "state.db")
    served.start()
    yield served
    served.client.close()
    served.stop()


def books_of(desk: QuickBooksDesk) -> Books:
    books: Books = {}
    for (entity, _), row in desk.truth().items():
        books.setdefault(entity, []).append(row)
    return books


def saved(marts: Path, folder: Path) -> dict[str, bytes]:
    """Every table of a published file as CSV."""
    folder.mkdir()
    with duckdb.connect(str(marts), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        tables = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() order by all"
        ).fetchall()
        for (table,) in tables:
            connection.execute(f"copy (from {table}) to '{folder / table}.csv'")
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def day_of_last_run(home: Path) -> date:
    with duckdb.connect(str(home / "raw.duckdb"), read_only=True) as connection:
        [(day,)] = connection.execute(
            "select max(extraction_date) from raw_quickbooks.extractions"
        ).fetchall()
    return day  # type: ignore[no-any-return]


def asked(home: Path, *arguments: str) -> str:
    answer = run_q2c(home, "query", STATEMENT, "--format", "csv", *arguments)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


@pytest.mark.prove
def test_every_day_is_known_as_it_was_published(
    home: Path, sandbox: ServedSandbox, days: tuple[tuple[Act, ...], ...], tmp_path: Path
) -> None:
    desk = QuickBooksDesk(sandbox)
    published = {day_of_last_run(home): saved(home / "marts.duckdb", tmp_path / "first")}
    told = {day_of_last_run(home): asked(home)}
    for number, acts in enumerate(days):
        books = books_of(desk)
        for act in acts:
            act(desk, books)
            books = books_of(desk)
        sandbox.advance(SECONDS_PER_DAY)
        ran = run_q2c(home, "run")
        assert ran.returncode == int(spoil in acts), ran.stderr
        day = day_of_last_run(home)
        published[day] = saved(home / "marts.duckdb", tmp_path / f"{number}")
        told[day] = asked(home)

    assert not days or told[min(told)] != told[max(told)]
    for day in list(published)[: max(len(days), 1)]:
        assert asked(home, "--known-on", str(day)) == told[day], day
        [known] = (home / "known").glob(f"{day}-*.duckdb")
        assert saved(known, tmp_path / f"known {day}") == published[day], day

    first = min(published)
    again = run_q2c(home, "query", "select 1", "--known-on", str(first))
    assert (again.returncode, again.stderr) == (0, "")
    unknown = run_q2c(home, "query", "select 1", "--known-on", "2020-01-31")
    assert unknown.returncode == 1
    assert f"the first reading is of {first}" in unknown.stderr
