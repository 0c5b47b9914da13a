"""The dbt project as assets: staging, conformed layer, marts and their checks.

Belongs here: running dbt. Does not belong here: a business rule, which stands in SQL.
"""

import json
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DbtCliInvocation, DbtCliResource, dbt_assets
from dagster_dbt.errors import DagsterDbtCliRuntimeError

from q2c_pipeline.core.errors import ChecksFailed
from q2c_pipeline.core.home import Home
from q2c_pipeline.core.raw_reading import latest_as_of_date
from q2c_pipeline.defs.platform.resources import DBT_PROJECT_FOLDER, HomeResource, dbt_resource
from q2c_pipeline.orchestration.console import TickStream, tell
from q2c_pipeline.orchestration.conventions import WAREHOUSE_POOL
from q2c_pipeline.orchestration.dbt_project import failures, prepared_manifest
from q2c_pipeline.policy import Policy, read_policy
from q2c_pipeline.settings import Settings

FAILURES_SHOWN_MAX = 5


def build_variables(policy: Policy, as_of_date: str) -> dict[str, Any]:
    """What the models are told: the day and the policy, amounts as text."""
    return {
        "as_of_date": as_of_date,
        **policy.receivables.model_dump(mode="json"),
        "crm_fields": policy.crm_fields.model_dump(mode="json"),
        "waivers": [waiver.model_dump(mode="json") for waiver in policy.waivers],
    }


@dg.definitions
def models() -> dg.Definitions:
    target = Home(Settings.read().home_folder).dbt / "target"
    manifest_path = prepared_manifest(dbt_resource(), DBT_PROJECT_FOLDER, target)

    @dbt_assets(manifest=manifest_path, name="build_models", pool=WAREHOUSE_POOL)
    def build_models(
        context: dg.AssetExecutionContext, dbt: DbtCliResource, home: HomeResource
    ) -> Iterator[Any]:
        as_of_date = latest_as_of_date(home.home.raw)
        variables = build_variables(read_policy(), as_of_date.isoformat())
        tell(context.log, f"Building the models as of {as_of_date}")
        build = dbt.cli(
            ["build", "--exclude-resource-type", "unit_test", "--vars", json.dumps(variables)],
            context=context,
            target_path=target,
        )
        with redirect_stdout(TickStream(context.log)):
            yield from _events(build, manifest_path)

    return dg.Definitions(assets=[build_models])


def _events(build: DbtCliInvocation, manifest_path: Path) -> Iterator[Any]:
    try:
        yield from (
            build.stream().fetch_row_counts().fetch_column_metadata(with_column_lineage=False)
        )
    except DagsterDbtCliRuntimeError as error:
        manifest = json.loads(manifest_path.read_text())
        sentences = failures(build.target_path / "run_results.json", manifest)
        raise ChecksFailed(
            "The models did not pass their checks, so nothing was published and the marts are as"
            " they were. " + ". ".join(sentences[:FAILURES_SHOWN_MAX])
        ) from error
