"""The dbt project as assets: staging, conformed layer, marts and their checks.

Belongs here: running dbt. Does not belong here: a business rule, which stands in SQL.
"""

import json
import os
from collections.abc import Iterator
from contextlib import redirect_stdout
from functools import partial
from typing import Any

import dagster as dg
import duckdb
from dagster_dbt import DbtCliInvocation, DbtCliResource, dbt_assets
from dagster_dbt.errors import DagsterDbtCliRuntimeError

from q2c_pipeline.core.database_file import wait_until_free
from q2c_pipeline.core.errors import ChecksFailed
from q2c_pipeline.core.home import Home
from q2c_pipeline.core.raw_reading import latest_as_of_date
from q2c_pipeline.core.terminal import LineStream
from q2c_pipeline.defs.finance.charts import picture
from q2c_pipeline.defs.platform.resources import HomeResource, dbt_resource
from q2c_pipeline.orchestration.console import tell, tick
from q2c_pipeline.orchestration.conventions import WAREHOUSE_POOL
from q2c_pipeline.orchestration.dbt_project import (
    AS_OF_DATE,
    TABLE_FUNCTION,
    build_variables,
    failures,
    note_built,
    prepared_manifest,
    was_built_with_this,
)
from q2c_pipeline.policy import read_policy
from q2c_pipeline.settings import Settings

FAILURES_SHOWN_MAX = 5
TESTED_BEFORE = "tag:grain_below_marts"
"""Checks of rules, not of data: they run with the tests, as dbt's unit tests do."""


@dg.definitions
def models() -> dg.Definitions:
    target = Home(Settings.read().home_folder).dbt / "target"
    manifest_path = prepared_manifest(dbt_resource(), target)

    @dbt_assets(
        manifest=manifest_path,
        name="build_models",
        exclude=TESTED_BEFORE,
        pool=WAREHOUSE_POOL,
    )
    def build_models(
        context: dg.AssetExecutionContext, dbt: DbtCliResource, home: HomeResource
    ) -> Iterator[Any]:
        wait_until_free(home.home.warehouse, waiting=partial(tell, context.log))
        as_of_date = latest_as_of_date(home.home.raw)
        os.environ[AS_OF_DATE] = as_of_date.isoformat()
        tell(context.log, f"Building the models as of {as_of_date}")
        build = dbt.cli(
            [
                "build",
                *([] if was_built_with_this(target) else ["--full-refresh"]),
                # Of a part of the models dbt would run every test, excluded or not.
                *("--exclude", TESTED_BEFORE, "--exclude-resource-type", "unit_test"),
                *("--vars", json.dumps(build_variables(read_policy()))),
            ],
            context=context,
            target_path=target,
        )
        with redirect_stdout(LineStream(partial(tick, context.log))):
            yield from _events(build, home.home)
        if not context.is_subset:
            note_built(target)

    return dg.Definitions(assets=[build_models])


def _events(build: DbtCliInvocation, home: Home) -> Iterator[Any]:
    """What dbt did, each table with its rows and columns once dbt has let go of the warehouse.

    Raises ChecksFailed when a model or a check failed; all that dbt did is told first.
    """
    told: list[Any] = []
    failure: DagsterDbtCliRuntimeError | None = None
    try:
        for event in build.stream():
            told.append(event)
    except DagsterDbtCliRuntimeError as error:
        failure = error
    if told:
        with duckdb.connect(str(home.warehouse), read_only=True) as connection:
            connection.execute(f"attach '{home.raw}' as raw (read_only)")
            for event in told:
                yield _with_size(event, build, connection)
    if failure is not None:
        sentences = failures(build.target_path / "run_results.json", build.manifest)
        raise ChecksFailed(
            "The models did not pass their checks, so nothing was published and the marts are as"
            " they were. " + ". ".join(sentences[:FAILURES_SHOWN_MAX])
        ) from failure


def _with_size(event: Any, build: DbtCliInvocation, connection: duckdb.DuckDBPyConnection) -> Any:
    if not isinstance(event, dg.Output):
        return event
    node = build.manifest["nodes"].get(str(event.metadata["unique_id"].value))
    if node is None or node["config"]["materialized"] == TABLE_FUNCTION:
        return event
    relation = connection.sql(f"from {node['schema']}.{node['name']}")
    described = {name: column["description"] for name, column in node["columns"].items()}
    columns = [
        dg.TableColumn(name, str(kind), description=described.get(name))
        for name, kind in zip(relation.columns, relation.types, strict=True)
    ]
    drawn = picture(f"{node['schema']}.{node['name']}", connection)
    return event.with_metadata(
        {
            **event.metadata,
            **({"chart": dg.MetadataValue.md(drawn)} if drawn else {}),
            "dagster/row_count": relation.shape[0],
            "dagster/column_schema": dg.TableSchema(columns),
        }
    )
