"""A raw store that kept only the present state of each report becomes one that keeps all states."""

from pathlib import Path

import duckdb
import pytest

from q2c_pipeline.core.raw_tables import FORMER_REPORT_STATES, system_tables
from q2c_pipeline.core.warehouse import RawStore

FORMER = f"""
create table raw_quickbooks.{FORMER_REPORT_STATES} (
    entity varchar not null,
    report varchar not null,
    report_date date not null,
    is_current boolean not null,
    read_at timestamptz not null,
    run_id varchar not null,
    primary key (entity, report, report_date)
);
insert into raw_quickbooks.{FORMER_REPORT_STATES} values
    ('r', 'balance_sheets', '2026-01-31', true, '2026-02-01 08:00:00+00', 'first'),
    ('r', 'balance_sheets', '2026-02-28', false, '2026-03-01 08:00:00+00', 'first');
insert into raw_quickbooks.extractions values
    ('r', 'first', '2026-03-01 08:00:00+00', '2026-03-01', '2026-03-01', 'UTC', 'USD', 1, 1),
    ('r', 'second', '2026-03-02 08:00:00+00', '2026-03-02', '2026-03-02', 'UTC', 'USD', 1, 1);
"""


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    path = tmp_path / "raw.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(system_tables("quickbooks"))
        connection.execute(FORMER)
    return path


def test_present_states_are_taken_over_once_and_the_former_table_goes(raw: Path) -> None:
    for _ in range(2):
        with RawStore(raw) as store:
            store.prepare({"quickbooks": ["balance_sheets"]})

    with duckdb.connect(str(raw), read_only=True) as connection:
        states = connection.execute(
            "select report_date::varchar, version, is_current, epoch(changed_at)::bigint, run_id"
            " from raw_quickbooks.report_states order by all"
        ).fetchall()
        tables = connection.execute("select table_name from duckdb_tables()").fetchall()

    assert states == [
        ("2026-01-31", 1, True, 1769932800, "first"),
        ("2026-02-28", 1, False, 1772438400, "second"),
    ]
    assert (FORMER_REPORT_STATES,) not in tables
