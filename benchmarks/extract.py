"""How fast invoices come over HTTP into raw, beside dlt and beside the bare path.

Belongs here: what is run in which order, and the tables. Does not belong here: how each way lands
its rows, which stands in ``land_ours.py``, ``land_dlt.py`` and ``land_bare.py``.

All ways read the same pages from the same server on this machine, each in a process and a folder of
its own, and must end with the same invoices. Of several runs the fastest counts, with its memory.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import duckdb
from invoices import invoices as made_up
from measuring import machine, measure, say

PROJECT_ROOT = Path(__file__).resolve().parent.parent
DEFAULT_INVOICES = 200_000
DEFAULT_RUNS = 3
SHARE_FOR_SLOW = 10
"""What would take minutes reads this part of the invoices only: its rate is the same."""
PAGE_ROWS = 1_000
LATENCY_MILLISECONDS = 150
VENDOR_PER_SECOND = 10
VENDOR_PER_MINUTE = 500


class Way(NamedTuple):
    """One way to land invoices: how it is called, and where its invoices are then."""

    name: str
    script: str
    arguments: tuple[str, ...]
    database: str
    amounts: str


class Result(NamedTuple):
    """What landing so many invoices took."""

    invoices: int
    seconds: float
    processor_seconds: float
    megabytes: int

    def rate(self) -> float:
        return self.invoices / self.seconds


OURS = Way(
    "this pipeline",
    "land_ours.py",
    ("none",),
    "raw.duckdb",
    "select record_id as id, payload ->> 'TotalAmt' as amount from raw_quickbooks.invoices",
)
PACED = OURS._replace(arguments=("vendor",))
BARE = Way(
    "bare path",
    "land_bare.py",
    (),
    "bare.duckdb",
    "select payload ->> 'Id' as id, payload ->> 'TotalAmt' as amount from invoices",
)
TUNED = Way(
    "dlt, tuned",
    "land_dlt.py",
    ("tuned",),
    "dlt.duckdb",
    "select id, total_amt as amount from raw.invoices",
)
DEFAULTS = TUNED._replace(name="dlt, its defaults", arguments=("defaults",))


def main() -> None:
    arguments = _arguments()
    report = benchmark(arguments.invoices, runs=arguments.runs)
    print(report)
    if arguments.out is not None:
        arguments.out.write_text(report + "\n", encoding="utf-8")


def benchmark(invoices: int, *, runs: int) -> str:
    """The tables as Markdown, under a line about the machine. Ends the program if a way fails."""
    compared = {BARE: invoices, OURS: invoices}
    if find_spec("dlt"):
        compared |= {TUNED: invoices, DEFAULTS: max(invoices // SHARE_FOR_SLOW, PAGE_ROWS)}
    else:
        say("dlt is not installed, so it is left out; pip install '.[bench]' brings it")
    with _server(2 * invoices, latency_milliseconds=0) as address:
        found = {way: _fastest(way, address, rows, runs) for way, rows in compared.items()}
        sizes = (invoices // 4, invoices // 2, invoices, 2 * invoices)
        grown = [_fastest(OURS, address, rows, 1) for rows in sizes]
    with _server(invoices, latency_milliseconds=LATENCY_MILLISECONDS) as address:
        paced = _fastest(PACED, address, invoices, 1)
    tables = (_comparison(found), _growth(grown), _pace(paced))
    return "\n\n".join([machine(), *("\n".join(lines) for lines in tables)])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--invoices", type=int, default=DEFAULT_INVOICES)
    parser.add_argument("--runs", type=int, default=DEFAULT_RUNS)
    parser.add_argument("--out", type=Path, help="a file to write the tables to as well")
    return parser.parse_args()


@contextmanager
def _server(invoices: int, *, latency_milliseconds: int) -> Iterator[str]:
    """The address of a server in a process of its own, which ends with its standard input."""
    say(f"Making up {invoices:,} invoices")
    script = ["benchmarks/page_server.py", str(invoices), str(latency_milliseconds)]
    with subprocess.Popen(
        [sys.executable, *script],
        cwd=PROJECT_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        yield server.stdout.readline().strip() if server.stdout else ""


def _fastest(way: Way, address: str, invoices: int, runs: int) -> Result:
    say(f"{way.name}: {invoices:,} invoices")
    return min((_run(way, address, invoices) for _ in range(runs)), key=lambda run: run.seconds)


def _run(way: Way, address: str, invoices: int) -> Result:
    with tempfile.TemporaryDirectory(prefix="q2c-benchmark-") as folder:
        script = [f"benchmarks/{way.script}", address, folder, str(invoices), *way.arguments]
        measurement = measure([sys.executable, *script], os.environ, PROJECT_ROOT)
        _refuse_other_invoices(way, Path(folder), invoices)
    told = json.loads(measurement.output.splitlines()[-1])
    measured = measurement.between(told["start"], told["end"])
    return Result(invoices, measured.seconds, told["processor_seconds"], measured.own_megabytes)


def _refuse_other_invoices(way: Way, folder: Path, invoices: int) -> None:
    """Times of several ways compare only if all of them end with the same."""
    with duckdb.connect(str(folder / way.database), read_only=True) as connection:
        found = connection.execute(
            "select count(distinct id), sum(amount::decimal(18, 2))::varchar, count(*)"
            f" from ({way.amounts})"
        ).fetchone()
    if found != (invoices, _total(invoices), invoices):
        sys.exit(f"{way.name} ended with {found} of {invoices} invoices, so its time says nothing.")


@cache
def _total(invoices: int) -> str:
    amounts = (json.loads(text, parse_float=Decimal)["TotalAmt"] for text in made_up(invoices))
    return f"{sum(amounts):.2f}"


def _comparison(found: Mapping[Way, Result]) -> list[str]:
    lines = [
        "| Way | Invoices | Seconds | Invoices a second | CPU seconds | Peak memory, MB"
        " | Share of the bare path | Times dlt, tuned |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for way, result in found.items():
        share = result.rate() / found[BARE].rate()
        times = f"{result.rate() / found[TUNED].rate():.1f}" if TUNED in found else "–"
        lines.append(
            f"| {way.name} | {result.invoices:,} | {result.seconds:,.1f} | {result.rate():,.0f}"
            f" | {result.processor_seconds:,.1f} | {result.megabytes:,} | {share:.0%} | {times} |"
        )
    return lines


def _growth(grown: list[Result]) -> list[str]:
    lines = ["| Invoices | Seconds | Peak memory, MB |", "|---:|---:|---:|"]
    for result in grown:
        lines.append(f"| {result.invoices:,} | {result.seconds:,.1f} | {result.megabytes:,} |")
    return lines


def _pace(paced: Result) -> list[str]:
    """Beside what would be done if requests of full pages left no gap in the vendor's limits."""
    pages = -(-paced.invoices // PAGE_ROWS)
    minutes, rest = divmod(pages, VENDOR_PER_MINUTE)
    allowed = minutes * 60 + rest / VENDOR_PER_SECOND
    return [
        f"At the vendor's pace, {LATENCY_MILLISECONDS} ms a request: {paced.invoices:,} invoices in"
        f" {paced.seconds:,.1f} seconds, {paced.rate():,.0f} a second; its limits allow"
        f" {allowed:,.1f} seconds, so {allowed / paced.seconds:.0%} of them is used."
    ]


if __name__ == "__main__":
    main()
