"""How right pairs and clusters are, against a truth.

Belongs here: the arithmetic. Does not belong here: who found them.

A pair is right if the truth names one customer for both records. Clusters are judged by the pairs
of records that share one, counted from their sizes, so a cluster of any size costs nothing.
"""

from pathlib import Path
from typing import NamedTuple

import duckdb

PAIRS_OF = "coalesce(sum(size * (size - 1) // 2), 0)::bigint"


class Score(NamedTuple):
    """Pairs that were found and right, that were found, and that are true."""

    right: int
    found: int
    true: int

    def precision(self) -> float:
        return self.right / self.found if self.found else 0.0

    def recall(self) -> float:
        return self.right / self.true if self.true else 0.0

    def f1(self) -> float:
        return 2 * self.right / (self.found + self.true) if self.found + self.true else 0.0


def pairs_score(truth: Path, pairs: Path, threshold: float) -> Score:
    """Of ``left_key, right_key, score``, each pair once in any order, from that score on."""
    right, found = duckdb.execute(
        f"""
        select count(*) filter (l.truth = r.truth), count(*)
        from {_distinct(pairs)} as pairs
        inner join '{truth}' as l on pairs.left_key = l.record_key
        inner join '{truth}' as r on pairs.right_key = r.record_key
        where pairs.score >= ?
        """,
        [threshold],
    ).fetchall()[0]
    return Score(right, found, true_pairs(truth))


def best_threshold(truth: Path, pairs: Path) -> float:
    """The score from which on pairs have the best F1; the truth is read for it."""
    found = duckdb.execute(
        f"""
        with scored as (
            select pairs.score, count(*) as found, count(*) filter (l.truth = r.truth) as correct
            from {_distinct(pairs)} as pairs
            inner join '{truth}' as l on pairs.left_key = l.record_key
            inner join '{truth}' as r on pairs.right_key = r.record_key
            group by pairs.score
        )

        select score
        from scored
        order by
            2 * sum(correct) over (order by score desc)
            / (sum(found) over (order by score desc) + ?) desc,
            score desc
        limit 1
        """,
        [true_pairs(truth)],
    ).fetchall()
    return float(found[0][0]) if found else 0.0


def clusters_score(truth: Path, clusters: Path) -> Score:
    """Of ``record_key, cluster_id``; a record without a cluster is alone."""
    found, right = (
        duckdb.execute(
            f"""
            select {PAIRS_OF} from (
                select count(*) as size
                from '{clusters}' inner join '{truth}' using (record_key)
                where cluster_id is not null
                group by {", ".join(keys)}
            )
            """
        ).fetchall()[0][0]
        for keys in (("cluster_id",), ("cluster_id", "truth"))
    )
    return Score(right, found, true_pairs(truth))


def true_pairs(truth: Path) -> int:
    return int(
        duckdb.execute(
            f"select {PAIRS_OF} from (select count(*) as size from '{truth}' group by truth)"
        ).fetchall()[0][0]
    )


def _distinct(pairs: Path) -> str:
    return f"""(
        select
            least(left_key, right_key) as left_key, greatest(left_key, right_key) as right_key,
            max(score) as score
        from '{pairs}'
        where left_key <> right_key
        group by all
    )"""
