"""What receivables cost on a long history: built from nothing, after a night of changes, one date.

Belongs here: what is run in which order, and the table. Does not belong here: the company, which is
``ledger_company.py``, and the query written by hand, which is ``receivables_by_hand.sql``.

Each figure counts only if the query by hand gives the same open amounts.
"""

import argparse
import json
import os
import sys
import tempfile
from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import duckdb
from ledger_company import AS_OF_DATE, add_night, make_history
from measuring import machine, measure, say

PROJECT_ROOT = Path(__file__).resolve().parent.parent
DBT_PROJECT = PROJECT_ROOT / "dbt_project"
DEFAULT_INVOICES = 1_000_000
MONTHS = 36
ONE_DATE = date(2025, 2, 14)
RECEIVABLES = ("+ar_open_items", "+ar_aging", "ar_open_items_as_of")


class Row(NamedTuple):
    """One line of the table; dbt's own start counts in neither kind of seconds."""

    name: str
    seconds: float
    processor_seconds: float
    megabytes: int


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--invoices", type=int, default=DEFAULT_INVOICES)
    parser.add_argument("--folder", type=Path, help="where to work, if not in a temporary folder")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="q2c-benchmark-", dir=arguments.folder) as folder:
        print("\n".join(benchmark(Path(folder), arguments.invoices)))


def benchmark(home: Path, invoices: int) -> list[str]:
    """The table as Markdown, under a line about the machine and the company."""
    say(f"Making up {invoices:,} invoices")
    make_history(home / "raw.duckdb", invoices)
    start = _dbt(home, "dbt's start", "parse", AS_OF_DATE)
    say("Building from nothing")
    full = _less(_dbt(home, "build from nothing", "run", AS_OF_DATE), start)
    applications = _count(home, "intermediate.int_ledger__applications")
    say("Asking for one date, and for all month-ends")
    one_date = [_answer(home, "function", [ONE_DATE]), _answer(home, "hand", [ONE_DATE])]
    _refuse_other_result(home, "function")
    month_ends = [*_month_ends(), AS_OF_DATE]
    by_hand = _answer(home, "hand", month_ends)
    _answer(home, "mart", month_ends)
    _refuse_other_result(home, "mart")
    changed = add_night(home / "raw.duckdb", invoices)
    next_day = AS_OF_DATE + timedelta(days=1)
    say(f"Building after a night of {changed:,} changed records")
    night = _less(_dbt(home, "build after the night", "run", next_day), start)
    by_hand_again = _answer(home, "hand", [*month_ends, next_day])
    _answer(home, "mart", [*month_ends, next_day])
    _refuse_other_result(home, "mart")
    rows = [
        (f"{len(month_ends)} month-ends, built from nothing", full, by_hand),
        (f"the night after, {changed:,} changed records", night, by_hand_again),
        ("the night, beside the build from nothing", night, full),
        ("one date, by the published function", *one_date),
    ]
    return [
        f"{machine()}. {invoices:,} invoices, {applications:,} applications, {MONTHS} months.",
        "",
        "| What | Seconds | CPU seconds | Peak memory, MB | The other: CPU seconds | Ratio |",
        "|---|---:|---:|---:|---:|---:|",
        *(
            f"| {what} | {ours.seconds:,.1f} | {ours.processor_seconds:,.1f} | {ours.megabytes:,}"
            f" | {other.processor_seconds:,.1f}"
            f" | {ours.processor_seconds / other.processor_seconds:.2f} |"
            for what, ours, other in rows
        ),
        f"| dbt's own start, in none of them | {start.seconds:,.1f} |"
        f" {start.processor_seconds:,.1f} | {start.megabytes:,} | – | – |",
    ]


def _dbt(home: Path, name: str, command: str, as_of_date: date) -> Row:
    """Every command parses the project, as a new date would make it do anyway."""
    select = () if command == "parse" else ("--select", *RECEIVABLES)
    arguments = [
        *(str(Path(sys.executable).with_name("dbt")), "--quiet", "--no-partial-parse"),
        *(command, *select),
        *("--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)),
        *("--target-path", str(home / "target"), "--log-level-file", "none"),
        *("--vars", json.dumps({"as_of_date": str(as_of_date)})),
    ]
    environment = {**os.environ, "Q2C_HOME": str(home), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
    before = os.times()
    measured = measure(arguments, environment, PROJECT_ROOT).whole()
    after = os.times()
    used = after.children_user + after.children_system
    used -= before.children_user + before.children_system
    return Row(name, measured.seconds, used, measured.own_megabytes)


def _answer(home: Path, way: str, dates: Sequence[date]) -> Row:
    """What answering takes, without starting the database."""
    arguments = [sys.executable, "benchmarks/answer_receivables.py", way, str(home)]
    measured = measure([*arguments, *map(str, dates)], os.environ, PROJECT_ROOT)
    told = json.loads(measured.output)
    part = measured.between(told["start"], told["end"])
    return Row(way, part.seconds, told["processor_seconds"], part.own_megabytes)


def _less(row: Row, start: Row) -> Row:
    return row._replace(
        seconds=row.seconds - start.seconds,
        processor_seconds=row.processor_seconds - start.processor_seconds,
    )


def _month_ends() -> list[date]:
    """The ends of the months before the as-of date, which is one itself."""
    ends, year, month = [], AS_OF_DATE.year, AS_OF_DATE.month
    for _ in range(MONTHS - 1):
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
        ends.append(date(year, month, monthrange(year, month)[1]))
    return ends


def _count(home: Path, table: str) -> int:
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        return int(connection.execute(f"select count(*) from {table}").fetchall()[0][0])


def _refuse_other_result(home: Path, way: str) -> None:
    """Times of two ways to an answer compare only if it is the same answer."""
    ours, theirs = (f"(from '{home}/{name}.parquet')" for name in (way, "hand"))
    differing = duckdb.sql(
        f"select count(*) from (({ours} except all {theirs}) union all"
        f" ({theirs} except all {ours}))"
    ).fetchall()[0][0]
    if differing:
        sys.exit(f"{differing} open amounts differ from the query by hand; nothing is reported.")


if __name__ == "__main__":
    main()
