"""The dbt project: where it is, what it is told, a manifest that is never stale, plain failures.

Belongs here: preparing and reading dbt's artifacts. Does not belong here: what to build.
"""

import hashlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock

from q2c_pipeline.core.errors import ConfigurationError
from q2c_pipeline.core.publish import Mart, TableFunction
from q2c_pipeline.orchestration.conventions import MART_LAYER
from q2c_pipeline.policy import Policy, read_policy
from q2c_pipeline.settings import PROJECT_ROOT

if TYPE_CHECKING:
    from dagster_dbt import DbtCliResource

DBT_PROJECT_FOLDER = PROJECT_ROOT / "dbt_project"
DBT_COMMAND = Path(sys.executable).with_name("q2c-dbt")
PARSE_WAIT_SECONDS_MAX = 120
AS_OF_DATE = "DBT_AS_OF_DATE"
BUILT_WITH = "built_with.sha256"
GRAIN_TEST = "expect_unique_grain"
READING_ORDER = "reading_order"
"""The entry of a mart's meta that says in which order people read it; without one, its grain's."""
TABLE_FUNCTION = "table_function"
"""How a model is materialized that takes parameters and has no rows of its own."""
IGNORED_FOLDERS = {"target", "logs", "dbt_packages"}


def build_variables(policy: Policy) -> dict[str, Any]:
    """What the models are told of the policy, amounts as text.

    dbt parses its project anew when one of them is another. The day, which always is, comes in by
    the environment as ``AS_OF_DATE``.
    """
    return {
        **policy.receivables.model_dump(mode="json"),
        **policy.collection.model_dump(mode="json"),
        **policy.cash_forecast.model_dump(mode="json"),
        **policy.deferred_revenue.model_dump(mode="json"),
        **policy.bridge.model_dump(mode="json"),
        **policy.deal_matching.model_dump(mode="json"),
        **policy.completeness.model_dump(mode="json"),
        **policy.hours_saved.model_dump(mode="json"),
        "billing": policy.billing.model_dump(mode="json"),
        "measures": {name: goal.model_dump(mode="json") for name, goal in policy.measures.items()},
        "deal_links": [link.model_dump(mode="json") for link in policy.deal_links],
        "duplicate_decisions": [
            decision.model_dump(mode="json") for decision in policy.duplicate_decisions
        ],
        "crm_fields": policy.crm_fields.model_dump(mode="json"),
        "waivers": [waiver.model_dump(mode="json") for waiver in policy.waivers],
    }


def prepared_manifest(dbt: "DbtCliResource", target: Path) -> Path:
    """Path of a manifest that matches the project's files; parses only when one has changed.

    Raises ConfigurationError when dbt cannot read the project.
    """
    target.mkdir(parents=True, exist_ok=True)
    manifest, stamp = target / "manifest.json", target / "manifest.sha256"
    with FileLock(target / "manifest.lock", timeout=PARSE_WAIT_SECONDS_MAX):
        fingerprint = project_fingerprint()
        if not (manifest.exists() and stamp.exists() and stamp.read_text() == fingerprint):
            stamp.unlink(missing_ok=True)
            parse = dbt.cli(
                ["parse", "--quiet", "--vars", json.dumps(_variables_that_are_readable())],
                target_path=target,
                raise_on_error=False,
            )
            if not parse.is_successful():
                reason = parse.get_error() or "see the log of dbt"
                raise ConfigurationError(f"dbt cannot read its project: {reason}")
            stamp.write_text(fingerprint)
    return manifest


def _variables_that_are_readable() -> dict[str, Any]:
    """What a build will tell, so that it need not parse again; the run names a broken policy."""
    try:
        return build_variables(read_policy())
    except ConfigurationError:
        return {}


def was_built_with_this(target: Path) -> bool:
    """Whether the last whole build that ended well was by the project's files as they are now.

    If not, tables that are renewed in part may have other columns or follow other rules. The note
    is then gone: whoever goes back to those files finds tables of a build that may not have ended.
    """
    stamp = target / BUILT_WITH
    is_same = stamp.exists() and stamp.read_text() == project_fingerprint()
    if not is_same:
        stamp.unlink(missing_ok=True)
    return is_same


def note_built(target: Path) -> None:
    """Call after a whole build that ended well."""
    (target / BUILT_WITH).write_text(project_fingerprint())


def project_fingerprint() -> str:
    """Another text whenever a file of the project is another."""
    digest = hashlib.sha256()
    for path in sorted(DBT_PROJECT_FOLDER.rglob("*")):
        relative = path.relative_to(DBT_PROJECT_FOLDER)
        if path.is_file() and relative.parts[0] not in IGNORED_FOLDERS:
            digest.update(str(relative).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def published_marts(manifest: Mapping[str, Any]) -> list[Mart]:
    """The tables that are published: every one of the marts layer, in order of name."""
    grains = {
        node["attached_node"]: tuple(node["test_metadata"]["kwargs"]["columns"])
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test"
        and node.get("test_metadata", {}).get("name") == GRAIN_TEST
    }
    return sorted(
        Mart(
            node["schema"],
            node["name"],
            node["description"],
            {name: column["description"] for name, column in node["columns"].items()},
            grains[node["unique_id"]],
            node["config"]["meta"].get(READING_ORDER),
        )
        for node in _mart_models(manifest)
        if node["config"]["materialized"] != TABLE_FUNCTION
    )


def published_functions(manifest: Mapping[str, Any]) -> list[TableFunction]:
    """The functions that are published beside the marts, in order of name."""
    return sorted(
        TableFunction(node["schema"], node["name"], node["description"])
        for node in _mart_models(manifest)
        if node["config"]["materialized"] == TABLE_FUNCTION
    )


def failures(run_results: Path, manifest: Mapping[str, Any]) -> list[str]:
    """One sentence for each model or check of a build that failed; empty if none did."""
    if not run_results.exists():
        return ["dbt ended before it built anything"]
    sentences = []
    for result in json.loads(run_results.read_text())["results"]:
        if result["status"] not in ("error", "fail"):
            continue
        node = manifest["nodes"].get(result["unique_id"]) or manifest["unit_tests"].get(
            result["unique_id"], {}
        )
        name = node.get("name", result["unique_id"])
        if result["status"] == "fail" and result["failures"]:
            description = node.get("description") or "a check of the models"
            sentences.append(f"{name} found {result['failures']} rows: {description}")
        else:
            sentences.append(f"{name}: {' '.join(str(result['message']).split())}")
    return sentences


def _mart_models(manifest: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [
        node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["fqn"][1] == MART_LAYER
    ]
