"""The layers of the dbt project, read from its manifest.

Staging reads one source, or unfolds what another staging model has read of it; the conformed layer
reads staging, marts read the conformed layer, and outboxes what marts have decided, to be shown by
marts again; a gate rests on the standing that is published. A mart says what each of its columns
means.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from q2c_pipeline.defs.accounting.quickbooks import objects as quickbooks
from q2c_pipeline.defs.crm.salesforce import objects as salesforce
from q2c_pipeline.orchestration.dbt_project import TABLE_FUNCTION

DBT_PROJECT = Path(__file__).parents[2] / "dbt_project"
PARSE_SECONDS_MAX = 120

ALLOWED_INPUTS = {
    "staging": {"source", "staging"},
    "intermediate": {"staging", "intermediate"},
    "marts": {"intermediate", "marts", "outbox"},
    "outbox": {"intermediate", "marts"},
}
READERS_OF_SEVERAL_SOURCES = {
    "stg_quickbooks__record_states",
    "stg_salesforce__record_states",
    "stg_quickbooks__aged_receivables",
    "stg_quickbooks__aged_receivable_details",
    "stg_quickbooks__balance_sheets",
    "stg_salesforce__shown_fields",
}
"""States look up a refused record of any object, and shown fields the newest one of several;
reports leave out dates that no longer hold."""
JUDGES_OF_WHAT_IS_PUBLISHED = {
    "int_billing__credit_findings": {"customers"},
    "int_controls__duplicate_oddities": {"duplicate_clusters", "duplicate_customers"},
    "int_controls__gate_oddities": {"readiness"},
    "int_duplicates__customer_figures": {"ar_open_items", "customers"},
}
"""Whoever looks up why a unit is stopped, or what a twin costs, finds the very figure in a mart."""

Node = Mapping[str, Any]


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Node:
    target = tmp_path_factory.mktemp("dbt")
    parse = subprocess.run(
        [
            sys.executable,
            *("-m", "dbt.cli.main", "--quiet", "parse"),
            *("--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)),
            *("--target-path", str(target), "--log-path", str(target)),
        ],
        env={**os.environ, "Q2C_HOME": str(target)},
        capture_output=True,
        text=True,
        timeout=PARSE_SECONDS_MAX,
        check=False,
    )
    assert parse.returncode == 0, parse.stdout + parse.stderr
    loaded: Node = json.loads((target / "manifest.json").read_text())
    return loaded


def test_each_layer_reads_only_the_layer_before_it(manifest: Node) -> None:
    layers = {unique_id: node["fqn"][1] for unique_id, node in _models(manifest).items()}
    assert [
        f"{node['name']} reads {input_id}"
        for node in _models(manifest).values()
        for input_id in node["depends_on"]["nodes"]
        if layers.get(input_id, "source") not in ALLOWED_INPUTS[node["fqn"][1]]
        and input_id.split(".")[-1] not in JUDGES_OF_WHAT_IS_PUBLISHED.get(node["name"], set())
    ] == []


def test_a_staging_model_reads_exactly_one_source(manifest: Node) -> None:
    assert [
        node["name"]
        for node in _models(manifest).values()
        if node["fqn"][1] == "staging"
        and node["name"] not in READERS_OF_SEVERAL_SOURCES
        and len(node["depends_on"]["nodes"]) != 1
    ] == []


def test_a_name_carries_its_layer_and_its_folder(manifest: Node) -> None:
    prefixes = {"staging": "stg_{}__", "intermediate": "int_{}__", "marts": "", "outbox": "outbox_"}
    assert [
        node["name"]
        for node in _models(manifest).values()
        if not node["name"].startswith(prefixes[node["fqn"][1]].format(node["fqn"][2]))
    ] == []


def test_every_model_says_its_grain_first(manifest: Node) -> None:
    assert [
        node["name"]
        for node in _models(manifest).values()
        if not node["description"].startswith("One row per")
    ] == []


def test_a_mart_has_a_contract_a_unique_grain_and_meaning_in_every_column(
    manifest: Node,
) -> None:
    tested = {
        input_id
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test" and "expect_unique_grain" in node["name"]
        for input_id in node["depends_on"]["nodes"]
    }
    for unique_id, node in _models(manifest).items():
        if node["fqn"][1] == "marts" and node["config"]["materialized"] != TABLE_FUNCTION:
            assert node["contract"]["enforced"], node["name"]
            assert unique_id in tested, node["name"]
            assert node["columns"], node["name"]
            for name, column in node["columns"].items():
                assert column["description"], f"{node['name']}.{name}"
                assert column["data_type"], f"{node['name']}.{name}"


def test_every_singular_test_tells_what_it_found_and_stops_publishing_or_warns_by_its_name(
    manifest: Node,
) -> None:
    """A failed run shows the description to the person who has to mend it."""
    severities = {"assert": "error", "warn": "warn"}
    assert [
        node["name"]
        for node in _tests(manifest)
        if _is_singular(node)
        and (
            not node["description"]
            or node["config"]["severity"].lower() != severities[node["name"].split("_")[0]]
        )
    ] == []


def test_every_test_is_a_check_of_one_asset(manifest: Node) -> None:
    """Generic tests are attached by dbt; a singular one names its asset itself."""
    models = {node["name"] for node in _models(manifest).values()}
    assert [
        node["name"]
        for node in _tests(manifest)
        if _is_singular(node)
        and node["config"]["meta"].get("dagster", {}).get("ref", {}).get("name") not in models
    ] == []
    assert [
        node["name"]
        for node in _tests(manifest)
        if not _is_singular(node) and not node["attached_node"]
    ] == []


def test_every_extracted_object_is_a_source(manifest: Node) -> None:
    sources = {(node["schema"], node["name"]) for node in manifest["sources"].values()}
    assert {
        (f"raw_{system.SYSTEM}", table)
        for system in (quickbooks, salesforce)
        for table in system.TABLES
    } - sources == set()


def test_every_raw_table_reaches_a_mart(manifest: Node) -> None:
    assert [
        source_id
        for source_id in manifest["sources"]
        if not _descendants(manifest, source_id) & _marts(manifest)
    ] == []


def test_no_model_is_built_for_nothing(manifest: Node) -> None:
    assert [
        node["name"]
        for unique_id, node in _models(manifest).items()
        if not ({unique_id} | _descendants(manifest, unique_id)) & _marts(manifest)
    ] == []


def test_every_model_shows_a_group_and_an_owner(manifest: Node) -> None:
    assert [
        node["name"]
        for node in _models(manifest).values()
        if not {"group", "owners"} <= node["config"]["meta"].get("dagster", {}).keys()
    ] == []


def _descendants(manifest: Node, unique_id: str) -> set[str]:
    found: set[str] = set()
    waiting = [unique_id]
    while waiting:
        children = set(manifest["child_map"].get(waiting.pop(), [])) - found
        found |= children
        waiting.extend(children)
    return found


def _marts(manifest: Node) -> set[str]:
    return {unique_id for unique_id, node in _models(manifest).items() if node["fqn"][1] == "marts"}


def _tests(manifest: Node) -> list[Node]:
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "test"]


def _is_singular(test: Node) -> bool:
    return "test_metadata" not in test


def _models(manifest: Node) -> dict[str, Node]:
    return {
        unique_id: node
        for unique_id, node in manifest["nodes"].items()
        if node["resource_type"] == "model"
    }
