"""What the bridge from pipeline to cash costs: built from nothing, and after a night of changes.

Belongs here: what is run in which order, and the table. Does not belong here: the company, which is
``bridge_company.py``, and the query written by hand, which is ``bridge_by_hand.sql``.

Each figure counts only if the query by hand gives the same bookings, billings and cash.
"""

import argparse
import json
import os
import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path

import duckdb
from bridge_company import AS_OF_DATE, add_night, make_history
from building import PROJECT_ROOT, Taken, build, dbt_start
from measuring import machine, measure, say

DEFAULT_DEALS = 100_000
LEDGER = ("+path:models/intermediate/ledger",)
REVENUE = ("+path:models/marts/revenue", "--exclude", *LEDGER)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--deals", type=int, default=DEFAULT_DEALS)
    parser.add_argument("--folder", type=Path, help="where to work, if not in a temporary folder")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="q2c-benchmark-", dir=arguments.folder) as folder:
        print("\n".join(benchmark(Path(folder), arguments.deals)))


def benchmark(home: Path, deals: int) -> list[str]:
    """The table as Markdown, under a line about the machine and the company."""
    say(f"Making up {deals:,} deals")
    make_history(home / "raw.duckdb", deals)
    rows = _rows(home, "from nothing", AS_OF_DATE)
    invoice_lines = _count(home, "intermediate.int_thread__invoice_lines")
    links = _count(home, "intermediate.int_thread__invoice_links")
    changed = add_night(home / "raw.duckdb", deals)
    what = f"after a night of {changed:,} changed records"
    rows += _rows(home, what, AS_OF_DATE + timedelta(days=1))
    return [
        f"{machine()}. {deals:,} deals, {invoice_lines:,} invoice lines, {links:,} invoices tied to"
        " a deal.",
        "",
        "| What | Seconds | CPU seconds | Peak memory, MB | By hand: CPU seconds | Ratio |",
        "|---|---:|---:|---:|---:|---:|",
        *(
            f"| {name} | {ours.seconds:,.1f} | {ours.processor_seconds:,.1f} | {ours.megabytes:,}"
            f" | {hand.processor_seconds:,.1f}"
            f" | {ours.processor_seconds / hand.processor_seconds:.1f} |"
            for name, ours, hand in rows
        ),
    ]


def _rows(home: Path, what: str, as_of_date: date) -> list[tuple[str, Taken, Taken]]:
    """What was built, what that took, and what the query by hand took."""
    start = dbt_start(home, as_of_date)
    say(f"Building the ledger {what}")
    ledger = build(home, as_of_date, "--select", *LEDGER).less(start)
    say(f"Building deals, links and the bridge {what}")
    revenue = build(home, as_of_date, "--select", *REVENUE).less(start)
    hand = _answer(home, "hand", as_of_date)
    _answer(home, "mart", as_of_date)
    _refuse_other_result(home)
    return [
        (f"ledger, {what}", ledger, hand),
        (f"deals, links and bridge, {what}", revenue, hand),
    ]


def _answer(home: Path, way: str, as_of_date: date) -> Taken:
    """What answering takes, without starting the database."""
    arguments = [sys.executable, "benchmarks/answer_bridge.py", way, str(home), str(as_of_date)]
    measured = measure(arguments, os.environ, PROJECT_ROOT)
    told = json.loads(measured.output)
    part = measured.between(told["start"], told["end"])
    return Taken(part.seconds, told["processor_seconds"], part.own_megabytes)


def _count(home: Path, table: str) -> int:
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        return int(connection.execute(f"select count(*) from {table}").fetchall()[0][0])


def _refuse_other_result(home: Path) -> None:
    """Times of two ways to an answer compare only if it is the same answer."""
    ours, theirs = (f"(from '{home}/{name}.parquet')" for name in ("mart", "hand"))
    differing = duckdb.sql(
        f"select count(*) from (({ours} except all {theirs}) union all"
        f" ({theirs} except all {ours}))"
    ).fetchall()[0][0]
    if differing:
        sys.exit(
            f"{differing} months of a section differ from the query by hand; nothing is reported."
        )


if __name__ == "__main__":
    main()
