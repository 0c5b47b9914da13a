"""How well and how fast duplicate customers are found, beside Splink.

Belongs here: what is run in which order, and the table. Does not belong here: the records, which
are ``duplicate_sets.py``, and how Splink is set up, which is ``match_splink.py``.

Both get the same records and neither sees the truth, with one exception in Splink's favour: its
thresholds are those that the truth shows to be best. Ours are the models' own.
"""

import argparse
import tempfile
from collections.abc import Callable
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import duckdb
from apart import apart
from building import Taken, build, dbt_start
from duplicate_scores import Score, best_threshold, clusters_score, pairs_score
from duplicate_sets import LABELLED, SETS, companies
from measuring import machine, say

DEFAULT_RECORDS = (10_000, 100_000)
AS_OF_DATE = date(2026, 7, 1)
MODELS = [
    f"int_duplicates__{name}"
    for name in (
        *("traits", "weighted_names", "pairs", "likenesses", "comparisons"),
        *("patterns", "weights", "scored_pairs", "rulings", "judged_pairs", "clusters", "verdicts"),
    )
]
MATCHES = ("duplicate", "link")
"""Verdicts that take two records for one customer."""
STRICTER_BITS = (0, 2, 4, 6, 8, 12)
"""How much more weight than for a pair a threshold for clusters is tried with: links add up."""


class Result(NamedTuple):
    """What a contender took, and how right its pairs and its clusters are."""

    contender: str
    taken: Taken
    pairs: Score
    clusters: Score


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--records", type=int, nargs="*", default=DEFAULT_RECORDS)
    parser.add_argument("--runs", type=int, default=1, help="of which the fastest counts")
    parser.add_argument("--folder", type=Path, help="where to work, if not in a temporary folder")
    arguments = parser.parse_args()
    sets: dict[str, tuple[Callable[..., int], tuple[int, ...]]] = {}
    for name, make in SETS.items():
        sets[name] = (make, ())
    if not LABELLED.is_dir():
        say("The labelled sets are not there, so they are left out")
        sets = {"hostile": sets["hostile"]}
    for records in arguments.records:
        sets[f"made up, {records:,}"] = (companies, (records,))
    contenders = _contenders()
    print(f"{machine()}. Of {arguments.runs} runs the fastest counts.", end="\n\n")
    print(
        "| Set | Records | True pairs | Contender | Seconds | CPU seconds | Peak memory, MB", end=""
    )
    print(" | Precision | Recall | F1 | F1 of clusters |")
    print("|---|---:|---:|---|---:|---:|---:|---:|---:|---:|---:|")
    for name, (make, sizes) in sets.items():
        with tempfile.TemporaryDirectory(prefix="q2c-benchmark-", dir=arguments.folder) as folder:
            home = Path(folder)
            say(f"Making the records of {name}")
            records, _ = apart(make, home, *sizes)
            for contender in contenders:
                results = [contender(home) for _ in range(arguments.runs)]
                fastest = min(results, key=lambda result: result.taken.seconds)
                print(_row(name, records, fastest), flush=True)


def _contenders() -> list[Callable[[Path], Result]]:
    contenders = [ours]
    if find_spec("splink"):
        contenders.append(splink)
    else:
        say("Splink is not installed, so it is left out; pip install '.[bench]' brings it")
    return contenders


def ours(home: Path) -> Result:
    """The models downstream of the records, at their own thresholds, without dbt's own start."""
    say("Matching by the models")
    start = dbt_start(home, AS_OF_DATE)
    _, taken = apart(build, home, AS_OF_DATE, "--full-refresh", "--select", *MODELS)
    apart(_export, home)
    scored = _scores(home, "ours", threshold=0)
    return Result("this pipeline", taken.less(start), *scored)


def splink(home: Path) -> Result:
    """Trained, scored and clustered, at the thresholds that the truth shows to be best."""
    import match_splink

    say("Matching by Splink")
    _, scoring = apart(match_splink.score, home)
    threshold, _ = apart(best_threshold, home / "truth.parquet", home / "splink_pairs.parquet")
    results = []
    for bits in STRICTER_BITS:
        _, clustering = apart(match_splink.cluster, home, threshold + bits)
        taken = Taken(
            scoring.seconds + clustering.seconds,
            scoring.processor_seconds + clustering.processor_seconds,
            max(scoring.megabytes, clustering.megabytes),
        )
        results.append(Result("Splink", taken, *_scores(home, "splink", threshold)))
    return max(results, key=lambda result: result.clusters.f1())


def _export(home: Path) -> None:
    """What the models say, as the arithmetic reads it."""
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        connection.execute("set enable_progress_bar = false")
        connection.execute(
            "copy (select left_key, right_key, 1 as score"
            f" from intermediate.int_duplicates__verdicts where verdict in {MATCHES})"
            f" to '{home / 'ours_pairs.parquet'}' (format parquet)"
        )
        connection.execute(
            "copy (select record_key, cluster_id from intermediate.int_duplicates__clusters)"
            f" to '{home / 'ours_clusters.parquet'}' (format parquet)"
        )


def _scores(home: Path, who: str, threshold: float) -> tuple[Score, Score]:
    """Of pairs and of clusters."""
    truth = home / "truth.parquet"
    pairs, _ = apart(pairs_score, truth, home / f"{who}_pairs.parquet", threshold)
    clusters, _ = apart(clusters_score, truth, home / f"{who}_clusters.parquet")
    return pairs, clusters


def _row(name: str, records: int, result: Result) -> str:
    taken, pairs = result.taken, result.pairs
    return (
        f"| {name} | {records:,} | {pairs.true:,} | {result.contender} | {taken.seconds:,.1f}"
        f" | {taken.processor_seconds:,.1f} | {taken.megabytes:,} | {pairs.precision():.3f}"
        f" | {pairs.recall():.3f} | {pairs.f1():.3f} | {result.clusters.f1():.3f} |"
    )


if __name__ == "__main__":
    main()
