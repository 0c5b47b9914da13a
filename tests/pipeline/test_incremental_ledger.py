"""After each night of late edits, what was renewed in part is what a build from nothing gives.

Builds stop between two models as a kill would stop them, clocks step back, and raw comes from a
backup; every table of finance and controls is compared, all rows and all columns.
"""

import random
import shutil
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from tests.golden.models import run_dbt
from tests.pipeline.edited_books import FIRST_DAY, Books, QuietBooks, make_raw, read_into

DAYS = 30
BACKUP_DAY = 20
RENEWED_IN_TURN = (
    "stg_quickbooks__payments",
    "int_ledger__documents_changed",
    "int_ledger__reached_documents",
    "int_ledger__documents_unioned",
    "int_ledger__payment_links_resolved",
    "int_ledger__applications",
    "int_ledger__open_amounts",
    "ar_open_amounts",
)
"""A build may end after any of them."""


def test_a_night_of_every_edit_after_a_build_that_stopped_equals_a_build_from_nothing(
    tmp_path: Path,
) -> None:
    homes = Homes(tmp_path, seed=11)
    homes.build("--select", "+ar_open_items")
    homes.read(day=1, everything=True)
    homes.build("--select", "+int_ledger__applications")
    homes.restore_raw()
    homes.read(day=8, everything=True)
    homes.build()
    assert homes.differences() == {}


@pytest.mark.prove
@pytest.mark.parametrize("seed", [1, 2])
def test_each_of_thirty_days_equals_a_build_from_nothing(
    seed: int, tmp_path: Path, is_whole_proof: bool
) -> None:
    if not is_whole_proof:
        pytest.skip("the night of every edit is the sample")
    chance = random.Random(seed)
    homes = Homes(tmp_path, seed)
    homes.build()
    for day in range(1, DAYS + 1):
        homes.read(day)
        if chance.random() < 0.4:
            homes.build("--select", f"+{chance.choice(RENEWED_IN_TURN)}")
            homes.read(day)
        if day == BACKUP_DAY:
            homes.restore_raw()
        homes.build()
        assert homes.differences() == {}, f"on day {day}"


class Homes:
    """Three companies in a home that is renewed every day, beside homes that are built once."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._folder = folder
        self._home = folder / "renewed"
        self._home.mkdir()
        self._raw = self._home / "raw.duckdb"
        self._books = [Books("one", seed), Books("two", seed + 100), QuietBooks("quiet", seed)]
        self._readings = 0
        self._as_of_date = str(FIRST_DAY)
        make_raw(self._raw)
        self._read()

    def read(self, day: int, *, everything: bool = False) -> None:
        """If everything happens, it is in the first company; that reaches nearly all it has."""
        for books in self._books:
            if everything and books is self._books[0]:
                books.work_on_everything(day)
            else:
                books.work(day)
        self._as_of_date = str(FIRST_DAY + timedelta(days=day))
        self._read()

    def build(self, *select: str) -> None:
        self._build(self._home, *select)

    def restore_raw(self) -> None:
        """The newest reading is lost, and found again as other versions of the same numbers."""
        with duckdb.connect(str(self._raw)) as connection:
            connection.execute(
                "update raw_quickbooks.invoices"
                " set run_id = 'restored', payload = replace(payload, '\"TotalAmt\": ',"
                " '\"TotalAmt\": 1') where run_id = ?",
                [f"run {self._readings}"],
            )

    def differences(self) -> dict[str, int]:
        """Rows by table that only one of the two has: the renewed home, or one built from it."""
        fresh = self._folder / "fresh"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir()
        shutil.copy(self._raw, fresh)
        self._build(fresh)
        with duckdb.connect() as connection:
            for name, home in (("renewed", self._home), ("fresh", fresh)):
                connection.execute(f"attach '{home}/warehouse.duckdb' as {name} (read_only)")
            tables = connection.execute(
                "select schema_name || '.' || table_name from duckdb_tables()"
                " where database_name = 'fresh' and schema_name in ('finance', 'controls')"
            ).fetchall()
            assert ("finance.ar_open_items",) in tables
            counts = {
                table: connection.execute(
                    f"select count(*) from ("
                    f"(from fresh.{table} except all from renewed.{table}) union all"
                    f" (from renewed.{table} except all from fresh.{table}))"
                ).fetchall()[0][0]
                for (table,) in tables
            }
        return {table: count for table, count in counts.items() if count}

    def _read(self) -> None:
        self._readings += 1
        for books in self._books:
            # The vendor's clock goes backwards on some days.
            read_at = f"2026-04-{20 - self._readings * 7 % 11:02} 20:00:00+00"
            read_into(self._raw, books, f"run {self._readings}", read_at)

    def _build(self, home: Path, *select: str) -> None:
        build = run_dbt(home, "run", *select, as_of_date=self._as_of_date)
        assert build.returncode == 0, build.stdout + build.stderr
