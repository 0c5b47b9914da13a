"""Answers come exact and whole, as a table, as CSV and as JSON."""

import json
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from q2c_pipeline.cli.query import Format, query
from q2c_pipeline.core.errors import ConfigurationError, Q2CError

AMOUNT = "12345678901234.56"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("Q2C_HOME", str(tmp_path))
    with duckdb.connect(str(tmp_path / "marts.duckdb")) as connection:
        connection.execute(
            f"create table items as select 'Brakken, Ltd' as name, {AMOUNT}::decimal(18, 2) as"
            " total, null::date as paid_date, true as is_open"
        )
    return tmp_path


def test_csv_quotes_and_keeps_every_digit(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    query("from items", Format.CSV)

    assert capsys.readouterr().out == (
        f'name,total,paid_date,is_open\n"Brakken, Ltd",{AMOUNT},,true\n'
    )


def test_json_keeps_amounts_as_exact_numbers(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    query("from items", Format.JSON)

    [row] = json.loads(capsys.readouterr().out, parse_float=Decimal)
    assert row == {
        "name": "Brakken, Ltd",
        "total": Decimal(AMOUNT),
        "paid_date": None,
        "is_open": True,
    }


def test_a_table_groups_thousands(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    query("from items", Format.TABLE)

    assert "12,345,678,901,234.56" in capsys.readouterr().out


def test_a_table_for_a_file_is_never_cut_off(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    long = "x" * 300
    query(f"select '{long}' as first, '{long}' as second", Format.TABLE)

    assert f"{long}  {long}" in capsys.readouterr().out


def test_a_query_cannot_change_the_marts(home: Path) -> None:
    with pytest.raises(Q2CError, match="read-only"):
        query("delete from items", Format.TABLE)


def test_a_query_cannot_read_other_files(home: Path) -> None:
    (home / "secret.csv").write_text("a\n1\n")

    with pytest.raises(Q2CError, match="could not be answered"):
        query(f"from '{home / 'secret.csv'}'", Format.TABLE)


def test_before_the_first_publication_the_mend_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("Q2C_HOME", str(tmp_path / "new"))

    with pytest.raises(ConfigurationError, match="q2c run"):
        query("select 1", Format.TABLE)


@pytest.mark.parametrize("sql", ["", ";", "-- nothing", "select 1; select 2"])
def test_what_is_not_one_query_is_not_answered(home: Path, sql: str) -> None:
    with pytest.raises(Q2CError, match="Give one query"):
        query(sql)
