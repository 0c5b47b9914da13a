"""The published marts as an asset.

Belongs here: when to publish and what to say about it. Does not belong here: how, which is
``core.publish``.
"""

import json

import dagster as dg

from q2c_pipeline.core.home import Home
from q2c_pipeline.core.publish import publish
from q2c_pipeline.core.warehouse import refusals_of_run
from q2c_pipeline.defs.platform.resources import DBT_PROJECT_FOLDER, HomeResource, dbt_resource
from q2c_pipeline.orchestration.conventions import CONTROLLER, WAREHOUSE_POOL
from q2c_pipeline.orchestration.dbt_project import prepared_manifest, published_marts
from q2c_pipeline.settings import Settings


@dg.definitions
def published() -> dg.Definitions:
    target = Home(Settings.read().home_folder).dbt / "target"
    manifest = json.loads(
        prepared_manifest(dbt_resource(), DBT_PROJECT_FOLDER, target).read_text()
    )
    marts = published_marts(manifest)

    @dg.asset(
        key=["published", "marts"],
        deps=[dg.AssetKey([mart.schema, mart.name]) for mart in marts],
        group_name="published",
        kinds={"duckdb"},
        owners=[CONTROLLER],
        pool=WAREHOUSE_POOL,
    )
    def published_file(
        context: dg.AssetExecutionContext, home: HomeResource
    ) -> dg.MaterializeResult:
        """One file, ``marts.duckdb``: every mart of the last run whose blocking checks passed.

        Replaced in one step, so a reader is never locked out and never sees half a run. Excel,
        BI tools and SQL clients with DuckDB 1.0 or newer open it.
        """
        rows = publish(home.home.warehouse, home.home.marts, marts)
        context.log.info(f"Published {len(rows)} marts to {home.home.marts}")
        return dg.MaterializeResult(
            metadata={
                "path": dg.MetadataValue.path(str(home.home.marts)),
                "tables": dg.MetadataValue.table(
                    [
                        dg.TableRecord({"table": table, "rows": count})
                        for table, count in rows.items()
                    ]
                ),
                "dagster/row_count": sum(rows.values()),
            }
        )

    return dg.Definitions(assets=[published_file])
