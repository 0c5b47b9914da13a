"""The benchmark of duplicates: its made-up customers, and its arithmetic."""

from pathlib import Path

import duckdb
import pytest

RECORDS = 1_000


@pytest.fixture
def truth(tmp_path: Path) -> Path:
    """Two customers of three and of two records, and one of a single record."""
    path = tmp_path / "truth.parquet"
    _write(path, "('a1', 'A'), ('a2', 'A'), ('a3', 'A'), ('b1', 'B'), ('b2', 'B'), ('c1', 'C')",
           "record_key, truth")  # fmt: skip
    return path


def test_pairs_count_once_and_from_the_threshold_on(truth: Path, tmp_path: Path) -> None:
    from duplicate_scores import pairs_score

    pairs = tmp_path / "pairs.parquet"
    _write(
        pairs,
        "('a1', 'a2', 9.0), ('a2', 'a1', 8.0), ('b2', 'b1', 7.0), ('a1', 'c1', 5.0),"
        " ('c1', 'b1', 1.0), ('a3', 'a3', 9.0)",
        "left_key, right_key, score",
    )

    score = pairs_score(truth, pairs, threshold=5)

    assert score == (2, 3, 4)
    assert score.precision() == pytest.approx(2 / 3)
    assert score.recall() == pytest.approx(1 / 2)
    assert score.f1() == pytest.approx(4 / 7)


def test_the_best_threshold_takes_what_is_right_and_no_more(truth: Path, tmp_path: Path) -> None:
    from duplicate_scores import best_threshold

    pairs = tmp_path / "pairs.parquet"
    _write(
        pairs,
        "('a1', 'a2', 9.0), ('a1', 'b1', 8.0), ('b1', 'b2', 7.0), ('a1', 'a3', 7.0),"
        " ('a1', 'c1', 6.0), ('b1', 'c1', 6.0)",
        "left_key, right_key, score",
    )

    assert best_threshold(truth, pairs) == 7.0


def test_clusters_are_judged_by_the_pairs_in_them(truth: Path, tmp_path: Path) -> None:
    from duplicate_scores import clusters_score

    clusters = tmp_path / "clusters.parquet"
    _write(
        clusters,
        "('a1', 1), ('a2', 1), ('b1', 1), ('b2', 2), ('a3', null), ('c1', null)",
        "record_key, cluster_id",
    )

    assert clusters_score(truth, clusters) == (1, 3, 4)


def test_nothing_found_is_not_right() -> None:
    from duplicate_scores import Score

    nothing = Score(right=0, found=0, true=4)
    assert (nothing.precision(), nothing.recall(), nothing.f1()) == (0, 0, 0)


def test_made_up_customers_hold_what_matching_must_tell_apart() -> None:
    from duplicate_sets import made_up

    with made_up(RECORDS) as connection:
        kinds = connection.execute(
            "select kind, count(*) from made_records group by kind order by kind"
        ).fetchall()
        untrue, away, renamed, parents = connection.execute(
            """
            select
                count(*) filter (d.kind = 'duplicate' and d.truth <> o.truth
                    or d.kind <> 'duplicate' and d.truth = o.truth),
                count(*) filter (d.kind = 'branch' and d.street = o.street),
                count(*) filter (d.kind = 'duplicate' and d.name <> o.name),
                count(d.parent)
            from made_records as d
            inner join written on d.record_id = written.n::varchar
            inner join made_records as o on written.original::varchar = o.record_id
            where d.kind <> 'original'
            """
        ).fetchall()[0]

    assert kinds == [("branch", 100), ("duplicate", 100), ("original", 700), ("subsidiary", 100)]
    assert (untrue, away) == (0, 0)
    assert renamed > 50
    assert parents > 50


def test_records_become_the_table_that_matching_reads_and_the_truth_stays_apart(
    tmp_path: Path,
) -> None:
    from duplicate_sets import HOSTILE_RECORDS, hostile

    assert hostile(tmp_path) == HOSTILE_RECORDS

    with duckdb.connect(str(tmp_path / "warehouse.duckdb"), read_only=True) as connection:
        table = connection.table("intermediate.int_duplicates__records")
        columns = dict(zip(table.columns, map(str, table.types), strict=True))
        keys, dangling, longest = connection.execute(
            """
            with keys as (
                select record_key from intermediate.int_duplicates__records
            )

            select
                count(distinct record_key),
                count(*) filter (parent_key not in (select record_key from keys)),
                max(length(name))
            from intermediate.int_duplicates__records
            """
        ).fetchall()[0]
    assert columns.pop("created_at") == "TIMESTAMP WITH TIME ZONE"
    assert columns.pop("is_active") == "BOOLEAN"
    assert set(columns.values()) == {"VARCHAR"}
    assert "truth" not in columns
    assert (keys, dangling, longest) == (HOSTILE_RECORDS, 0, 500)


def _write(path: Path, rows: str, columns: str) -> None:
    duckdb.execute(f"copy (from (values {rows}) as rows({columns})) to '{path}' (format parquet)")
