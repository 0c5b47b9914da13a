"""Published marts arrive whole or not at all, and any DuckDB 1.x client can open them."""

from pathlib import Path

import duckdb
import pytest

from q2c_pipeline.core.errors import StorageError
from q2c_pipeline.core.publish import Mart, TableFunction, publish

AGING = Mart(
    "finance",
    "ar_aging",
    "One row per customer.",
    {"total": "Open amount in USD."},
    grain=("customer_name",),
)
ABOVE = TableFunction("finance", "ar_aging_above", "One row per customer who owes more than that.")


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema finance")
        connection.execute(
            "create table finance.ar_aging as"
            " select 'Brakken' as customer_name, 12.30::decimal(18, 2) as total"
        )
        connection.execute(
            "create macro finance.ar_aging_above(amount) as table"
            " select * from finance.ar_aging where total > amount"
        )
    return path


def read(marts: Path, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(marts), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_tables_arrive_with_their_rows_types_and_comments(warehouse: Path, tmp_path: Path) -> None:
    marts = tmp_path / "marts.duckdb"

    rows = publish(warehouse, marts, [AGING])

    assert rows == {"finance.ar_aging": 1}
    assert read(
        marts, "select column_name, data_type, comment from duckdb_columns() where comment <> ''"
    ) == [("total", "DECIMAL(18,2)", "Open amount in USD.")]
    assert read(marts, "select comment from duckdb_tables()") == [("One row per customer.",)]


def test_the_file_has_the_oldest_storage_version_of_duckdb_1(
    warehouse: Path, tmp_path: Path
) -> None:
    marts = tmp_path / "marts.duckdb"

    publish(warehouse, marts, [AGING])

    tags = read(marts, "select tags from duckdb_databases() where database_name = 'marts'")
    assert tags[0][0]["storage_version"].startswith("v1.0.0")  # type: ignore[index]


def test_a_missing_table_leaves_the_former_file_as_it_was(warehouse: Path, tmp_path: Path) -> None:
    marts = tmp_path / "marts.duckdb"
    publish(warehouse, marts, [AGING])
    before = marts.read_bytes()

    with pytest.raises(StorageError):
        publish(warehouse, marts, [AGING, Mart("finance", "dso", "", {}, ("entity",))])

    assert marts.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["marts.duckdb", "warehouse.duckdb"]


def test_a_reader_keeps_what_it_opened_while_a_new_file_takes_its_place(
    warehouse: Path, tmp_path: Path
) -> None:
    marts = tmp_path / "marts.duckdb"
    publish(warehouse, marts, [AGING])

    with duckdb.connect(str(marts), read_only=True) as reader:
        with duckdb.connect(str(warehouse)) as connection:
            connection.execute("update finance.ar_aging set total = 99")
        publish(warehouse, marts, [AGING])
        seen_by_reader = reader.execute("select total::varchar from finance.ar_aging").fetchall()

    assert seen_by_reader == [("12.30",)]
    assert read(marts, "select total::varchar from finance.ar_aging") == [("99.00",)]


def test_what_a_killed_publisher_left_is_removed(warehouse: Path, tmp_path: Path) -> None:
    (tmp_path / ".marts.duckdb.4711").write_text("half")

    publish(warehouse, tmp_path / "marts.duckdb", [AGING])

    assert not (tmp_path / ".marts.duckdb.4711").exists()


def test_rows_stand_in_the_order_of_their_grain_however_they_were_built(
    warehouse: Path, tmp_path: Path
) -> None:
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(
            "insert into finance.ar_aging values ('Ådal', 1), ('Aker', 2), (null, 3)"
        )

    publish(warehouse, tmp_path / "marts.duckdb", [AGING])

    assert read(tmp_path / "marts.duckdb", "select customer_name from finance.ar_aging") == [
        ("Aker",),
        ("Brakken",),
        ("Ådal",),
        (None,),
    ]


def test_what_a_reader_wants_first_comes_first(warehouse: Path, tmp_path: Path) -> None:
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("insert into finance.ar_aging values ('Oslo', 99), ('Ask', 12.30)")

    publish(warehouse, tmp_path / "marts.duckdb", [AGING._replace(reading_order="total desc")])

    assert read(tmp_path / "marts.duckdb", "select customer_name from finance.ar_aging") == [
        ("Oslo",),
        ("Ask",),
        ("Brakken",),
    ]


def test_a_function_is_published_and_reads_the_tables_beside_it_under_any_file_name(
    warehouse: Path, tmp_path: Path
) -> None:
    publish(warehouse, tmp_path / "marts.duckdb", [AGING], [ABOVE])
    renamed = (tmp_path / "marts.duckdb").rename(tmp_path / "for excel.duckdb")

    assert read(renamed, "select customer_name from finance.ar_aging_above(12)") == [("Brakken",)]
    assert read(renamed, "from finance.ar_aging_above(13)") == []
    assert read(
        renamed, "select comment from duckdb_functions() where function_name = 'ar_aging_above'"
    ) == [(ABOVE.description,)]


def test_a_missing_function_leaves_the_former_file_as_it_was(
    warehouse: Path, tmp_path: Path
) -> None:
    marts = tmp_path / "marts.duckdb"
    publish(warehouse, marts, [AGING], [ABOVE])
    before = marts.read_bytes()

    with pytest.raises(StorageError, match=r"finance\.dso_at is not in the warehouse"):
        publish(warehouse, marts, [AGING], [ABOVE, TableFunction("finance", "dso_at", "")])

    assert marts.read_bytes() == before
