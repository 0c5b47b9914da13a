"""Splink over customer records, set up as somebody who knows it well would do.

Belongs here: cleaning, comparisons, blocking and training. Does not belong here: the thresholds,
which are read off with the truth, by ``duplicates.py``.

``score`` and ``cluster`` are called each in a process of its own, for both are measured.
"""

import logging
from contextlib import suppress
from pathlib import Path

import duckdb
import splink.comparison_level_library as levels
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink.clustering import cluster_pairwise_predictions_at_threshold
from splink.comparison_library import CustomComparison
from splink.internals.exceptions import EMTrainingException

SEED = 1
PAIRS_FOR_U = 2e6
PAIRS_FOR_M = 2e6
KEPT_WEIGHT = -5
"""In bits; what scores less is no match at any threshold worth a try."""
CLEANED = Path(__file__).with_suffix(".sql")

NAME = CustomComparison(
    output_column_name="name",
    comparison_levels=[
        levels.NullLevel("name_clean"),
        levels.ExactMatchLevel("name_clean", term_frequency_adjustments=True),
        levels.ExactMatchLevel("legal_clean", term_frequency_adjustments=True),
        levels.ExactMatchLevel("name_words", term_frequency_adjustments=True),
        *(levels.JaroWinklerLevel("name_clean", least) for least in (0.95, 0.9)),
        levels.JaroWinklerLevel("name_words", 0.9),
        levels.JaroWinklerLevel("name_clean", 0.8),
        levels.ElseLevel(),
    ],
)
STREET = CustomComparison(
    output_column_name="street",
    comparison_levels=[
        levels.NullLevel("street_clean"),
        levels.ExactMatchLevel("street_clean", term_frequency_adjustments=True),
        *(levels.JaroWinklerLevel("street_clean", least) for least in (0.95, 0.88)),
        levels.ElseLevel(),
    ],
)
CITY = CustomComparison(
    output_column_name="city",
    comparison_levels=[
        levels.NullLevel("city_clean"),
        levels.ExactMatchLevel("city_clean", term_frequency_adjustments=True),
        levels.JaroWinklerLevel("city_clean", 0.9),
        levels.ElseLevel(),
    ],
)


def _exactly_or_nearly(column: str, edits: int) -> CustomComparison:
    return CustomComparison(
        output_column_name=column,
        comparison_levels=[
            levels.NullLevel(column),
            levels.ExactMatchLevel(column, term_frequency_adjustments=True),
            levels.DamerauLevenshteinLevel(column, edits),
            levels.ElseLevel(),
        ],
    )


def _exactly(column: str) -> CustomComparison:
    return CustomComparison(
        output_column_name=column,
        comparison_levels=[
            levels.NullLevel(column),
            levels.ExactMatchLevel(column, term_frequency_adjustments=True),
            levels.ElseLevel(),
        ],
    )


COMPARISONS = {
    "name_clean": NAME,
    "street_clean": STREET,
    "city_clean": CITY,
    "postal_code": _exactly_or_nearly("postal_code", 1),
    "region": _exactly("region"),
    "phone_clean": _exactly_or_nearly("phone_clean", 1),
    "email_clean": _exactly("email_clean"),
    "domain": _exactly("domain"),
    "tax_id": _exactly("tax_id"),
}
"""By the column without which there is nothing to compare."""

BLOCKING = (
    ("name_clean",),
    ("legal_clean",),
    ("name_words",),
    ("phone_clean",),
    ("email_clean",),
    ("domain",),
    ("tax_id",),
    ("street_clean",),
    ("postal_code", "substr(name_clean, 1, 3)"),
    ("postal_code", "substr(street_clean, 1, 5)"),
    ("city_clean", "substr(name_clean, 1, 4)"),
    ("substr(name_clean, 1, 8)", "region"),
)
TRAINING = (("phone_clean",), ("name_clean",), ("street_clean",), ("tax_id",))
CERTAIN = (
    ("tax_id",),
    ("name_clean", "street_clean"),
    ("name_clean", "phone_clean"),
    ("street_clean", "phone_clean"),
)
CERTAIN_RECALL = 0.7


def score(home: Path) -> None:
    """``splink_pairs.parquet``: pairs and the weight of their match, in bits."""
    logging.getLogger("splink").setLevel(logging.ERROR)
    with duckdb.connect() as connection:
        connection.execute("set enable_progress_bar = false")
        connection.execute(f"attach '{home / 'warehouse.duckdb'}' as warehouse (read_only)")
        connection.execute(CLEANED.read_text())
        filled = _filled(connection)
        api = DuckDBAPI(connection)
        linker = Linker(api.register("cleaned"), _settings(filled), log_level=logging.ERROR)
        training = linker.training
        training.estimate_probability_two_random_records_match(
            _blocks(CERTAIN, filled), recall=CERTAIN_RECALL
        )
        training.estimate_u_using_random_sampling(max_pairs=PAIRS_FOR_U, seed=SEED)
        for rule in _blocks(TRAINING, filled):
            # A block without a match has no probability to estimate, and Splink refuses it.
            with suppress(ValueError, EMTrainingException):
                training.estimate_parameters_using_expectation_maximisation(
                    rule, estimate_without_term_frequencies=True, max_pairs=PAIRS_FOR_M
                )
        predicted = linker.inference.predict(threshold_match_weight=KEPT_WEIGHT)
        connection.execute(
            f"""
            copy (
                select record_key_l as left_key, record_key_r as right_key, match_weight as score
                from {predicted.physical_name}
            ) to '{home / "splink_pairs.parquet"}' (format parquet)
            """
        )


def cluster(home: Path, threshold: float) -> None:
    """``splink_clusters.parquet``: each record's cluster, pairs from ``threshold`` on joined."""
    with duckdb.connect() as connection:
        connection.execute("set enable_progress_bar = false")
        connection.execute(
            f"create table edges as from '{home / 'splink_pairs.parquet'}' where score >= ?",
            [threshold],
        )
        connection.execute(f"attach '{home / 'warehouse.duckdb'}' as warehouse (read_only)")
        connection.execute(
            "create table nodes as select record_key from"
            " warehouse.intermediate.int_duplicates__records"
        )
        api = DuckDBAPI(connection)
        clustered = cluster_pairwise_predictions_at_threshold(
            api.register("nodes"),
            api.register("edges"),
            db_api=api,
            node_id_column_name="record_key",
            edge_id_column_name_left="left_key",
            edge_id_column_name_right="right_key",
        )
        connection.execute(
            f"copy (select record_key, cluster_id from {clustered.physical_name})"
            f" to '{home / 'splink_clusters.parquet'}' (format parquet)"
        )


def _filled(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """Columns that say something: what is empty throughout can be neither compared nor trained."""
    columns = [name for (name, *_) in connection.execute("describe cleaned").fetchall()]
    counts = connection.execute(
        "select " + ", ".join(f"count(distinct {name})" for name in columns) + " from cleaned"
    ).fetchall()[0]
    return {name for name, count in zip(columns, counts, strict=True) if count > 1}


def _settings(filled: set[str]) -> SettingsCreator:
    return SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="record_key",
        comparisons=[each for column, each in COMPARISONS.items() if column in filled],
        blocking_rules_to_generate_predictions=_blocks(BLOCKING, filled),
        retain_matching_columns=False,
    )


def _blocks(rules: tuple[tuple[str, ...], ...], filled: set[str]) -> list:
    return [
        block_on(*rule)
        for rule in rules
        if all(any(column in part for column in filled) for part in rule)
    ]
