"""What is left of the raw store when it is cut at the end of a day."""

import subprocess
import sys
from datetime import date
from pathlib import Path

import duckdb
import pytest

from q2c_pipeline.core.errors import ConfigurationError
from q2c_pipeline.core.known import KnownRun, cut_raw, last_run_known
from q2c_pipeline.core.raw_tables import LEDGER_TABLES, object_table, system_tables

MONDAY, TUESDAY, WEDNESDAY = date(2026, 3, 30), date(2026, 3, 31), date(2026, 4, 1)
ROWS = """
insert into raw_quickbooks.extractions by name
select 'r' as entity, run_id, moment::timestamptz as extracted_at, day as as_of_date,
    day as extraction_date, 'America/New_York' as time_zone, 'USD' as home_currency
from (values
    ('monday', '2026-03-30 22:00:00+00', date '2026-03-30'),
    ('tuesday', '2026-03-31 22:00:00+00', date '2026-03-31'),
    ('midnight', '2026-04-01 03:59:58+00', date '2026-03-31'),
    ('wednesday', '2026-04-01 22:00:00+00', date '2026-04-01')
) as readings (run_id, moment, day);
insert into raw_salesforce.extractions by name
select 'o' as entity, 'midnight' as run_id, timestamptz '2026-04-01 04:00:03+00' as extracted_at,
    date '2026-04-01' as as_of_date, date '2026-04-01' as extraction_date, 'UTC' as time_zone;
insert into raw_quickbooks.invoices
select 'r', run_id, 1, null, false, '{}', run_id, moment::timestamptz, run_id
from (values
    ('monday', '2026-03-30 22:00:00+00'),
    ('killed on tuesday', '2026-03-31 21:00:00+00'),
    ('tuesday', '2026-03-31 22:00:00+00'),
    ('midnight', '2026-04-01 03:59:58+00'),
    ('killed on wednesday', '2026-04-01 05:00:00+00'),
    ('wednesday', '2026-04-01 22:00:00+00')
) as landed (run_id, moment);
insert into raw_salesforce.opportunities
values ('o', 'x', 1, null, false, '{}', 'x', '2026-04-01 04:00:03+00', 'midnight');
insert into raw_quickbooks.cursors by name
select 'r' as entity, 'invoices' as object, timestamptz '2026-04-01 22:00:00+00' as changed_since,
    '' as selection, timestamptz '2026-04-01 22:00:00+00' as extracted_at, 'wednesday' as run_id;
insert into raw_quickbooks.failures values
    ('s', 'failed before', 'why', null, '2031-01-01 08:00:00+00'),
    ('s', 'midnight', 'why', null, '2031-01-01 09:00:00+00'),
    ('s', 'failed after', 'why', null, '2031-01-01 10:00:00+00');
"""

DELIVERIES = """
insert into raw_ledger.readings
select run_id, 1, 'hash', moment::timestamptz
from (values
    ('monday', '2031-01-01 08:00:00+00'),
    ('midnight', '2031-01-01 09:00:00+00'),
    ('wednesday', '2031-01-01 10:00:00+00')
) as readings (run_id, moment);
insert into raw_ledger.events by name
select row_number() over () as sequence, copied_at::timestamptz as happened_at,
    'quickbooks' as target_system, 'r' as entity, 'Invoice' as object, 'k' as key,
    'create' as operation, 1 as generation, 1 as attempt, 'sent' as state, '' as marker,
    '' as request_id, 1 as position, '{}' as payload, '' as payload_hash, '{}' as detail,
    '' as actor, run_id, '' as previous_hash, run_id as hash, copied_at::timestamptz as extracted_at
from (values
    ('monday', '2031-01-01 08:00:00+00'),
    ('by hand before', '2031-01-01 09:00:00+00'),
    ('midnight', '2031-01-01 10:00:00+00'),
    ('by hand after', '2031-01-01 10:00:00+00'),
    ('wednesday', '2031-01-01 10:00:00+00')
) as events (run_id, copied_at);
"""
"""Run `midnight` was killed before it could copy what it had delivered."""


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    path = tmp_path / "raw.duckdb"
    with duckdb.connect(str(path)) as connection:
        for system, object in (("quickbooks", "invoices"), ("salesforce", "opportunities")):
            connection.execute(system_tables(system))
            connection.execute(object_table(system, object))
        connection.execute(ROWS)
    return path


def kept(raw: Path, day: date, table: str) -> list[str]:
    cut = raw.with_name(f"cut of {day}.duckdb")
    cut_raw(raw, last_run_known(raw, day), cut)
    with duckdb.connect(str(cut), read_only=True) as connection:
        rows = connection.execute(f"select run_id from {table}").fetchall()
    cut.unlink()
    return [run_id for (run_id,) in rows]


def test_a_day_knows_what_its_runs_brought_and_what_killed_runs_had_brought_before(
    raw: Path,
) -> None:
    of_monday = ["monday"]
    of_tuesday = [*of_monday, "killed on tuesday", "tuesday", "midnight"]

    assert kept(raw, MONDAY, "raw_quickbooks.invoices") == of_monday
    assert kept(raw, TUESDAY, "raw_quickbooks.invoices") == of_tuesday
    assert kept(raw, WEDNESDAY, "raw_quickbooks.invoices") == [
        *of_tuesday,
        "killed on wednesday",
        "wednesday",
    ]


def test_a_run_that_spans_midnight_is_of_the_day_of_its_books_in_every_system(raw: Path) -> None:
    assert last_run_known(raw, TUESDAY) == KnownRun("midnight", TUESDAY, reading_count=2)
    assert kept(raw, TUESDAY, "raw_salesforce.opportunities") == ["midnight"]
    assert kept(raw, MONDAY, "raw_salesforce.opportunities") == []


def test_failures_are_told_apart_on_the_clock_that_wrote_them(raw: Path) -> None:
    assert kept(raw, MONDAY, "raw_quickbooks.failures") == []
    assert kept(raw, TUESDAY, "raw_quickbooks.failures") == ["failed before", "midnight"]


def test_a_later_day_without_a_run_knows_what_the_last_run_brought(raw: Path) -> None:
    assert last_run_known(raw, date(2026, 12, 24)) == KnownRun(
        "wednesday", WEDNESDAY, reading_count=1
    )


def test_before_the_first_run_the_first_day_is_named(raw: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="the first reading is of 2026-03-30"):
        last_run_known(raw, date(2026, 3, 29))
    with pytest.raises(ConfigurationError, match="Nothing has been read"):
        last_run_known(tmp_path / "nowhere" / "raw.duckdb", MONDAY)


def test_a_cut_store_holds_up_no_run_once_it_is_cut(raw: Path, tmp_path: Path) -> None:
    cut_raw(raw, last_run_known(raw, MONDAY), tmp_path / "cut.duckdb")

    writing = subprocess.run(
        [sys.executable, "-c", "import duckdb, sys; duckdb.connect(sys.argv[1])", str(raw)],
        capture_output=True,
        timeout=30,
    )

    assert writing.returncode == 0, writing.stderr


def test_deliveries_are_known_with_the_run_that_made_them(raw: Path) -> None:
    """An event of a command that reads nothing is known once a known run has read the ledger."""
    with duckdb.connect(str(raw)) as connection:
        connection.execute(LEDGER_TABLES)
        connection.execute(DELIVERIES)

    assert kept(raw, MONDAY, "raw_ledger.events") == ["monday"]
    assert kept(raw, TUESDAY, "raw_ledger.events") == ["monday", "by hand before", "midnight"]
    assert kept(raw, MONDAY, "raw_ledger.readings") == ["monday"]
    assert kept(raw, TUESDAY, "raw_ledger.readings") == ["monday", "midnight"]


def test_a_store_of_a_release_without_a_ledger_is_cut_to_one_with_an_empty_copy(raw: Path) -> None:
    assert kept(raw, TUESDAY, "raw_ledger.events") == []
