"""How right the matching is on labelled records, and that nothing but the records decides it."""

from pathlib import Path

import duckdb
import pytest

from tests.conftest import PROJECT_ROOT
from tests.golden.models import run_dbt

pytestmark = pytest.mark.usefixtures("benchmarks_on_path")

AS_OF_DATE = "2026-07-01"
STEPS = (
    *("traits", "weighted_names", "pairs", "likenesses", "comparisons"),
    *("patterns", "weights", "scored_pairs", "rulings", "judged_pairs", "clusters", "verdicts"),
)
MODELS = tuple(f"int_duplicates__{step}" for step in STEPS)
RECORDS = "intermediate.int_duplicates__records"
MADE_UP = 2_000
MADE_UP_F1_MIN = 0.95
NONSENSE_SHARE_MAX = 0.01
LABELLED_F1_MIN = {"childcare_sites": 0.94, "febrl1": 0.98}


@pytest.fixture(scope="module")
def benchmarks_on_path() -> None:
    """The sets are those of the benchmark, a script beside the package."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(PROJECT_ROOT / "benchmarks")
        yield


@pytest.mark.prove
@pytest.mark.usefixtures("whole_proof")
@pytest.mark.parametrize("name", LABELLED_F1_MIN)
def test_labelled_records_are_matched_as_their_labels_say(name: str, tmp_path: Path) -> None:
    sets = _sets()
    if not sets.LABELLED.is_dir():
        pytest.skip(f"the labelled records are not here ({sets.LABELLED})")
    sets.SETS[name](tmp_path)
    _match(tmp_path)
    right, found, true = _pairs_of_clusters(tmp_path)
    assert 2 * right >= LABELLED_F1_MIN[name] * (found + true)


@pytest.mark.prove
@pytest.mark.usefixtures("whole_proof")
def test_records_that_leave_little_to_go_by_are_not_glued(tmp_path: Path) -> None:
    _sets().hostile(tmp_path)
    _match(tmp_path)
    right, found, _ = _pairs_of_clusters(tmp_path)
    assert right > 0
    assert found - right <= NONSENSE_SHARE_MAX * found


def test_only_the_records_decide(tmp_path: Path) -> None:
    """Not their order, nor what was known of them when the models were last built."""
    home, fresh = tmp_path / "home", tmp_path / "fresh"
    for each in (home, fresh):
        each.mkdir()
        _sets().companies(each, MADE_UP)
    _match(home)
    right, found, true = _pairs_of_clusters(home)
    assert 2 * right >= MADE_UP_F1_MIN * (found + true)
    first = _tables(home)

    _change(home, f"create or replace table {RECORDS} as from {RECORDS} order by hash(record_key)")
    for each in (home, fresh):
        _change(each, f"delete from {RECORDS} where hash(record_key) % 20 = 0")
        _change(
            each,
            f"update {RECORDS} set name = reverse(name), phone = null where hash(name) % 20 = 1",
        )
        _match(each)
    changed = _tables(home)
    assert changed == _tables(fresh)
    assert changed != first


def _sets():  # type: ignore[no-untyped-def]
    import duplicate_sets

    return duplicate_sets


def _match(home: Path, *flags: str) -> None:
    run = run_dbt(home, "run", *flags, "--select", *MODELS, as_of_date=AS_OF_DATE)
    assert run.returncode == 0, run.stdout + run.stderr


def _change(home: Path, statement: str) -> None:
    with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
        connection.execute(statement)


def _tables(home: Path) -> dict[str, list[tuple[object, ...]]]:
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        return {
            model: connection.execute(f"from intermediate.{model} order by all").fetchall()
            for model in MODELS
        }


def _pairs_of_clusters(home: Path) -> tuple[int, int, int]:
    """How many pairs of records share a cluster rightly, share one, and should."""
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        return tuple(
            connection.execute(
                f"""
                select coalesce(sum(size * (size - 1) // 2), 0)::bigint
                from (
                    select count(*) as size
                    from intermediate.int_duplicates__clusters
                    inner join '{home / "truth.parquet"}' using (record_key)
                    group by {keys}
                )
                """
            ).fetchall()[0][0]
            for keys in ("cluster_id, truth", "cluster_id", "truth")
        )
