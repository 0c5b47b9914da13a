"""Raw assets: what every system's extraction declares and reports in the same way.

Belongs here: specs and metadata of raw assets. Does not belong here: any vendor's name or field.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import dagster as dg

from q2c_pipeline.core.errors import Q2CError
from q2c_pipeline.core.extraction import Extraction
from q2c_pipeline.core.warehouse import RawStore
from q2c_pipeline.orchestration.console import tell
from q2c_pipeline.orchestration.conventions import DATA_OWNER, raw_schema

READ = "records_read"
VERSIONS = "new_versions"
DELETED = "deleted"
REFUSED = "refused"
LIVE = "live_records"
LIVE_AT_VENDOR = "live_records_at_vendor"
CALLS = "requests"
METERED_READS = "metered_reads"


class RecordCounts(NamedTuple):
    """What one run did to one raw table."""

    system: str
    object: str
    read: int
    versions: int
    deleted: int
    refused: int


EXTRACTIONS = "extractions"
RECORDS = {
    "rejects": "One row per record that was refused: which field, why, and what mends it.",
    EXTRACTIONS: "One row per completed reading of an entity: when, and for which day.",
    "counts": "One row per object and run that counted it: our live records and the vendor's.",
    "report_states": "One row per report, date and turn: it was read, or a change reached it.",
    "failures": "One row per run that could not read an entity: why, and its last reading before.",
}
"""Tables that every system has besides its objects."""

RAW_COLUMNS = dg.TableSchema(
    columns=[
        dg.TableColumn("entity", "varchar", description="Realm id or CRM organisation id"),
        dg.TableColumn("record_id", "varchar", description="The vendor's id"),
        dg.TableColumn("version", "integer", description="1, 2, 3 … for each record"),
        dg.TableColumn("source_updated_at", "timestamptz", description="The vendor's stamp"),
        dg.TableColumn("is_deleted", "boolean", description="Gone at the vendor from here on"),
        dg.TableColumn("payload", "json", description="The exact text that the vendor sent"),
        dg.TableColumn("payload_hash", "varchar", description="What makes a version new"),
        dg.TableColumn("extracted_at", "timestamptz", description="The vendor's clock when read"),
        dg.TableColumn("run_id", "varchar", description="The run that read it"),
    ]
)


def raw_asset_specs(system: str, objects: Mapping[str, str]) -> list[dg.AssetSpec]:
    """One asset for each raw table; ``objects`` gives the vendor's name by table name.

    Beside the objects stand what was refused and the log of completed readings.
    """
    return [
        *(_raw_asset_spec(system, table, description) for table, description in RECORDS.items()),
        *(
            _raw_asset_spec(
                system,
                table,
                f"One row per version of each {vendor_name} ever seen; appended, never changed.",
                metadata={"dagster/column_schema": RAW_COLUMNS},
            )
            for table, vendor_name in objects.items()
        ),
    ]


def _raw_asset_spec(
    system: str, table: str, description: str, metadata: Mapping[str, Any] | None = None
) -> dg.AssetSpec:
    return dg.AssetSpec(
        key=[raw_schema(system), table],
        group_name=raw_schema(system),
        kinds={system, "duckdb"},
        owners=[DATA_OWNER],
        description=description,
        metadata=metadata,
    )


def read_each(
    log: dg.DagsterLogManager,
    system: str,
    readings: Mapping[str, Callable[[], Extraction]],
    store: RawStore,
    run_id: str,
) -> list[Extraction]:
    """Every entity of a system, one after the other; ``readings`` reads one, by entity.

    An entity that cannot be read is recorded as stale, and the others go on. Raises the Q2CError
    of the last one when none could be read: there is nothing new to build from.
    """
    extractions: list[Extraction] = []
    failure: Q2CError | None = None
    for entity, read in readings.items():
        try:
            extractions.append(read())
        except Q2CError as error:
            failure = error
            store.record_failure(
                system, entity, run_id=run_id, reason=str(error), failed_at=datetime.now(UTC)
            )
            tell(log, f"{system} {entity} could not be read: {error}")
    if failure is not None and not extractions:
        raise failure
    return extractions


def materializations(
    log: dg.DagsterLogManager,
    system: str,
    tables: Sequence[str],
    extractions: Sequence[Extraction],
    store: RawStore,
    run_id: str,
) -> Iterator[dg.MaterializeResult[None]]:
    """One for each raw table, with what this run did to it and what it holds in all."""
    for extraction in extractions:
        tell(log, _story(extraction))
        for missing in extraction.missing_fields:
            tell(log, f"{system} shows no {missing}; what uses it is not configured")
        for missing in extraction.missing_objects:
            tell(log, f"{system} shows no {missing}; they stay as last read")
    schema = raw_schema(system)
    compared = _compared(store, schema, run_id)
    for table in (*RECORDS, *tables):
        held = store.connection.execute(f"select count(*) from {schema}.{table}").fetchall()
        metadata = {"dagster/row_count": held[0][0]}
        if table == EXTRACTIONS:
            metadata[CALLS] = sum(extraction.calls for extraction in extractions)
            metadata[METERED_READS] = sum(extraction.metered_reads for extraction in extractions)
        if table not in RECORDS:
            metadata |= _counted(table, extractions) | compared.get(table, {})
        yield dg.MaterializeResult(asset_key=[schema, table], metadata=metadata)


def _compared(store: RawStore, schema: str, run_id: str) -> dict[str, dict[str, int]]:
    """Live records of both sides by table, where this run compared them."""
    rows = store.connection.execute(
        f"select object, sum(ours)::bigint, sum(theirs)::bigint from {schema}.counts"
        " where run_id = ? group by object",
        [run_id],
    ).fetchall()
    return {table: {LIVE: ours, LIVE_AT_VENDOR: theirs} for table, ours, theirs in rows}


def _counted(table: str, extractions: Sequence[Extraction]) -> dict[str, int]:
    counts = [
        load.counts
        for extraction in extractions
        for load in extraction.loads
        if load.object == table
    ]
    return {
        READ: sum(count.read for count in counts),
        VERSIONS: sum(count.versions for count in counts),
        DELETED: sum(count.deleted for count in counts),
        REFUSED: sum(count.refused for count in counts),
    }


def _story(extraction: Extraction) -> str:
    counts = [load.counts for load in extraction.loads]
    return (
        f"Read {extraction.system} {extraction.entity}:"
        f" {sum(count.read for count in counts):,} records,"
        f" {sum(count.versions for count in counts):,} new versions,"
        f" {extraction.calls:,} requests{_metered(extraction)}"
    )


def _metered(extraction: Extraction) -> str:
    return f", {extraction.metered_reads:,} metered reads" if extraction.metered_reads else ""


def counts_of_run(instance: dg.DagsterInstance, run_id: str) -> list[RecordCounts]:
    """What a finished run did to every raw table, as its materializations tell."""
    found = []
    for entry in instance.all_logs(run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION):
        materialization = entry.asset_materialization
        if materialization is None or READ not in materialization.metadata:
            continue
        schema, table = materialization.asset_key.path
        numbers = [
            int(str(materialization.metadata[name].value))
            for name in (READ, VERSIONS, DELETED, REFUSED)
        ]
        found.append(RecordCounts(schema.removeprefix("raw_"), table, *numbers))
    return found
