"""How long a company takes and how much memory: made up, read for the first time, read again.

Belongs here: what is run in which order, and the table. Does not belong here: how it is measured,
which is ``measuring.py``.

Everything happens in a temporary folder that is gone afterwards. Settings of real systems are
hidden from the runs.
"""

import argparse
import json
import os
import sys
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import dagster as dg
import duckdb
from measuring import Measured, Measurement, machine, measure, say

PROJECT_ROOT = Path(__file__).resolve().parent.parent
Q2C = (sys.executable, "-m", "q2c_pipeline.cli")
DEFAULT_INVOICES = 100_000
SETTING_PREFIXES = ("Q2C_", "QBO_", "SALESFORCE_", "DAGSTER_", "DBT_")
HIDDEN_SETTINGS = (
    "Q2C_AS_OF",
    "Q2C_TIME_ZONE",
    "QBO_REALM_ID",
    "QBO_CLIENT_ID",
    "QBO_CLIENT_SECRET",
    "QBO_REFRESH_TOKEN",
    "SALESFORCE_LOGIN_URL",
    "SALESFORCE_CLIENT_ID",
    "SALESFORCE_CLIENT_SECRET",
)
"""Set to nothing, they keep a ``.env`` file from giving them a value."""
PHASES = {
    "extract": ("extract_quickbooks", "extract_salesforce"),
    "build": ("build_models",),
    "publish": ("published__marts",),
}
Open = dict[tuple[str, str], Decimal]


class Row(NamedTuple):
    """One line of the table."""

    name: str
    measured: Measured


def main() -> None:
    arguments = _arguments()
    with tempfile.TemporaryDirectory(prefix="q2c-benchmark-") as folder:
        report = benchmark(Path(folder), invoices=arguments.invoices)
    print(report)
    if arguments.out is not None:
        arguments.out.write_text(report + "\n", encoding="utf-8")


def benchmark(home: Path, *, invoices: int) -> str:
    """The table as Markdown, under a line about the machine. Ends the program if a run fails."""
    environment = _environment(home)
    company = home / "sandbox" / "company"
    say(f"Making up a company with {invoices:,} invoices")
    made = measure(
        [*Q2C, "sandbox", "generate", "--invoices", str(invoices), "--out", str(company)],
        environment,
        PROJECT_ROOT,
    )
    say("First run: everything is read, built and published")
    first = measure([*Q2C, "run"], environment, PROJECT_ROOT)
    phases = _phases(home, first)
    as_of, published = _published(home)
    say("Idle run: nothing has changed")
    idle = measure([*Q2C, "run"], environment, PROJECT_ROOT)
    say("Baseline: one query on the same files")
    bare = measure(
        [sys.executable, "benchmarks/bare.py", str(company / "quickbooks"), as_of],
        environment,
        PROJECT_ROOT,
    )
    _refuse_other_result(published, bare.output)
    rows = [
        Row("bare DuckDB query (baseline)", bare.whole()),
        Row("generate the company", made.whole()),
        Row("first run", first.whole()),
        *phases,
        Row("idle run", idle.whole()),
    ]
    return "\n".join(
        [
            f"{machine()}, Dagster {dg.__version__}",
            "",
            f"{invoices:,} invoices; {len(published):,} open amounts by customer and currency on"
            f" {as_of}, the same from the query and in the published marts.",
            "",
            *_table(rows, baseline=bare.whole()),
        ]
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--invoices", type=int, default=DEFAULT_INVOICES)
    parser.add_argument("--out", type=Path, help="a file to write the table to as well")
    return parser.parse_args()


def _environment(home: Path) -> dict[str, str]:
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(SETTING_PREFIXES)
    }
    return {**kept, **dict.fromkeys(HIDDEN_SETTINGS, ""), "Q2C_HOME": str(home)}


def _phases(home: Path, run: Measurement) -> list[Row]:
    """Parts of the run by the times that the orchestrator kept of its steps."""
    with dg.DagsterInstance.from_config(str(home / "dagster")) as instance:
        (record,) = instance.get_run_records()
        steps = {
            step.step_key: step for step in instance.get_run_step_stats(record.dagster_run.run_id)
        }
    rows = []
    for phase, names in PHASES.items():
        starts = [steps[name].start_time or run.start for name in names]
        ends = [steps[name].end_time or run.end for name in names]
        rows.append(Row(f"– {phase}", run.between(min(starts), max(ends))))
    return rows


def _published(home: Path) -> tuple[str, Open]:
    with duckdb.connect(str(home / "marts.duckdb"), read_only=True) as connection:
        rows = connection.execute(
            "select as_of_date::varchar, customer_id, currency, total from finance.ar_aging"
            " where as_of_date = (select max(as_of_date) from finance.ar_aging) and total <> 0"
        ).fetchall()
    return rows[0][0], {(customer, currency): total for _, customer, currency, total in rows}


def _refuse_other_result(published: Open, output: str) -> None:
    """Times of two ways to an answer compare only if it is the same answer."""
    found = {
        (customer, currency): Decimal(amount) for customer, currency, amount in json.loads(output)
    }
    if found != published:
        sys.exit("The bare query and the marts differ, so their times say nothing.")


def _table(rows: list[Row], *, baseline: Measured) -> list[str]:
    lines = [
        "| Step | Seconds | Times the baseline | Peak memory, MB | Emulated vendor's, MB |",
        "|---|---:|---:|---:|---:|",
    ]
    for name, (seconds, own, vendor) in rows:
        ratio = seconds / baseline.seconds
        emulated = f"{vendor:,}" if vendor else "–"
        lines.append(f"| {name} | {seconds:,.1f} | {ratio:,.1f} | {own:,} | {emulated} |")
    return lines


if __name__ == "__main__":
    main()
