"""The published marts as an asset.

Belongs here: when to publish and what to say about it. Does not belong here: how, which is
``core.publish``.
"""

import json
from collections.abc import Iterator

import dagster as dg

from q2c_pipeline.core.errors import IncompleteRun
from q2c_pipeline.core.home import Home
from q2c_pipeline.core.publish import publish
from q2c_pipeline.core.raw_reading import (
    FailedWrite,
    Refusal,
    StaleEntity,
    failed_writes_of_run,
    refusals_of_run,
    stale_entities_of_run,
)
from q2c_pipeline.defs.platform.resources import HomeResource, dbt_resource
from q2c_pipeline.orchestration.console import tell
from q2c_pipeline.orchestration.conventions import CONTROLLER, PUBLISHED, WAREHOUSE_POOL
from q2c_pipeline.orchestration.dbt_project import (
    prepared_manifest,
    published_functions,
    published_marts,
)
from q2c_pipeline.orchestration.outbox import unsent_of_run
from q2c_pipeline.settings import Settings

REFUSALS_SHOWN_MAX = 8


@dg.definitions
def published() -> dg.Definitions:
    target = Home(Settings.read().home_folder).dbt / "target"
    manifest = json.loads(prepared_manifest(dbt_resource(), target).read_text())
    marts, functions = published_marts(manifest), published_functions(manifest)

    @dg.asset(
        key=list(PUBLISHED),
        deps=[
            *(dg.AssetKey([mart.schema, mart.name]) for mart in marts),
            *(dg.AssetKey([function.schema, function.name]) for function in functions),
        ],
        group_name="published",
        kinds={"duckdb"},
        owners=[CONTROLLER],
        pool=WAREHOUSE_POOL,
    )
    def published_file(
        context: dg.AssetExecutionContext, home: HomeResource
    ) -> Iterator[dg.MaterializeResult[None]]:
        """One file, ``marts.duckdb``: every mart of the last run whose blocking checks passed.

        Replaced in one step, so a reader is never locked out and never sees half a run. Excel,
        BI tools and SQL clients with DuckDB 1.0 or newer open it. A run that could not read an
        entity, met records it had to refuse, or could not write some, publishes the rest and then
        fails, naming them.
        """
        rows = publish(home.home.warehouse, home.home.marts, marts, functions)
        tell(context.log, f"Published {len(rows)} marts to {home.home.marts}")
        yield dg.MaterializeResult(
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
        stale = stale_entities_of_run(home.home.raw, context.run_id)
        refusals = refusals_of_run(home.home.raw, context.run_id)
        failed = failed_writes_of_run(home.home.raw, context.run_id)
        unsent = unsent_of_run(context.instance, context.run_id)
        stories = [*_stale_story(stale), *_refusal_story(refusals), *_failed_story(failed), *unsent]
        if stories:
            raise IncompleteRun("\n".join(stories))

    return dg.Definitions(assets=[published_file])


def _stale_story(stale: list[StaleEntity]) -> list[str]:
    return [
        f"{entity.system} {entity.entity} is stale: "
        + (
            f"it was last read at {entity.read_at:%Y-%m-%d %H:%M} UTC and its figures are as of"
            " then"
            if entity.read_at
            else "it was never read, so nothing of it is published"
        )
        + f". The others were published. {entity.reason}"
        for entity in stale
    ]


def _refusal_story(refusals: list[Refusal]) -> list[str]:
    if not refusals:
        return []
    shown = [f"{refusal.reason}. {refusal.mend}." for refusal in refusals[:REFUSALS_SHOWN_MAX]]
    return [
        f"{len(refusals)} records could not be taken and are kept as refused; all else was"
        " published without them:",
        *shown,
    ]


def _failed_story(failed: list[FailedWrite]) -> list[str]:
    if not failed:
        return []
    return [
        f"{len(failed)} records could not be written; all else was, and controls.exceptions says"
        " who mends what:",
        *(
            f"{write.object} {write.key} in {write.target_system}: {write.told}"
            for write in failed[:REFUSALS_SHOWN_MAX]
        ),
    ]
