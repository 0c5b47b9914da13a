"""Write-backs: what every system's delivery reads, heeds and reports in the same way.

Belongs here: wishes out of ``billing.previews``, how far a run may go, assets and their metadata.
Does not belong here: what is wanted, which is SQL, and how it is sent, which is each system's own.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb

from q2c_pipeline.core.database_file import attach_for_reading
from q2c_pipeline.core.errors import DeliveryFailed, StorageError, WritingStopped
from q2c_pipeline.core.home import Home
from q2c_pipeline.core.raw_reading import is_of_an_earlier_day, last_read_at
from q2c_pipeline.ledger.report import Line, Report
from q2c_pipeline.ledger.target import Books, Wanted, Written
from q2c_pipeline.orchestration.conventions import BILLING_OWNER, PUBLISHED, writeback_schema
from q2c_pipeline.settings import Mode, Settings

LINES_SHOWN_MAX = 200
NOT_SENT_BECAUSE = "not_sent_because"
"""The entry of a materialization that says what could not be sent, and fails the run at its end."""
_WANTED = """
select
    outbox_id, system, entity, object, operation, billing_key as key, marker, generation, payload,
    payload_hash, reason, evaluated_at, content_fingerprint, preconditions_hash, depends_on,
    remote_id, evaluated, total_amount
from database.billing.previews
order by system, entity, object, outbox_id
"""
_WRITTEN = """
select
    'Invoice' as object, billing_key as key, generation, marker, invoice_id as remote_id,
    sync_token, null as document_number, total_amount as total, is_live
from database.intermediate.int_billing__marked_invoices
where entity = $entity
order by marker
"""

LinkTo = Callable[[Line], str | None]
"""Where a person sees the record of a line; None where there is none."""


def read_wanted(database: Path) -> list[Wanted]:
    """Every row of every outbox, in an order of its own; empty before anything is published.

    ``database`` is the warehouse, or the published marts, which never keep a writer waiting.
    Raises StorageError when it cannot be read.
    """
    return [Wanted(**row) for row in _rows(database, _WANTED)] if database.exists() else []


def read_books(home: Home, system: str, entity: str) -> Books:
    """When the entity was last read whole, and which of its records carry our marker.

    Raises StorageError when the warehouse cannot tell.
    """
    rows = _rows(home.warehouse, _WRITTEN, {"entity": entity})
    return Books(last_read_at(home.raw, system, entity), [Written(**row) for row in rows])


def mode_of_run(home: Home, settings: Settings) -> Mode:
    """How far a run may go: never beyond a preview when the marts are for an earlier day."""
    if settings.mode.writes and is_of_an_earlier_day(home.raw):
        return Mode.PREVIEW
    return settings.mode


def refuse_when_stopped(home: Home) -> None:
    """Call before each request that writes.

    Raises WritingStopped that says since when and by whom.
    """
    if home.writing_stopped.exists():
        raise WritingStopped(
            f"Writing is stopped since {home.writing_stopped.read_text().strip()}. Nothing more"
            " was sent; `q2c writing resume` lets it go on."
        )


def writeback_specs(
    system: str, objects: Mapping[str, str], *, outboxes: Collection[str]
) -> list[dg.AssetSpec]:
    """One asset for each kind of record that is written; ``objects`` gives descriptions by name.

    ``outboxes`` are those that SQL has a model of; the others follow from what was delivered.
    """
    return [
        dg.AssetSpec(
            key=[writeback_schema(system), name],
            deps=[
                dg.AssetKey(["billing", "previews"]),
                *(
                    [dg.AssetKey(["outbox", f"outbox_{system}__{name}"])]
                    if name in outboxes
                    else []
                ),
            ],
            group_name=writeback_schema(system),
            kinds={system},
            owners=[BILLING_OWNER],
            description=description,
        )
        for name, description in objects.items()
    ]


def materialization(
    system: str,
    name: str,
    mode: Mode,
    waiting: Sequence[Wanted],
    lines: Mapping[str, Sequence[Line]],
    link_to: LinkTo,
    *,
    unsent: str | None,
) -> dg.MaterializeResult[None]:
    """What was sent, skipped and refused of one outbox, record by record, with links.

    ``unsent`` says what of the whole system could not be sent.
    """
    metadata: dict[str, Any] = {"mode": mode.value, "wanted": len(waiting)}
    for outcome, found in lines.items():
        metadata[outcome] = len(found)
    told = [
        f"| {outcome} | {_linked(line, link_to)} | {_cell(line.key)} | {_cell(line.reason)} |"
        for outcome, found in lines.items()
        for line in found
    ]
    if told:
        head = ["| outcome | record | key | reason |", "|---|---|---|---|"]
        metadata["deliveries"] = dg.MetadataValue.md("\n".join([*head, *told[:LINES_SHOWN_MAX]]))
        metadata["deliveries_shown"] = min(len(told), LINES_SHOWN_MAX)
    if unsent is not None:
        metadata[NOT_SENT_BECAUSE] = unsent
    return dg.MaterializeResult(asset_key=[writeback_schema(system), name], metadata=metadata)


def fail_unless_published(run: dg.DagsterRun, unsent: str | None) -> None:
    """Where the marts are published after deliveries, the run fails there; else it fails here.

    Raises DeliveryFailed.
    """
    if (
        unsent is not None
        and run.asset_selection
        and dg.AssetKey(PUBLISHED) not in run.asset_selection
    ):
        raise DeliveryFailed(unsent)


def unsent_of_run(instance: dg.DagsterInstance, run_id: str) -> list[str]:
    """What this run could not send, one sentence for each system."""
    told = [
        str(entry.asset_materialization.metadata[NOT_SENT_BECAUSE].value)
        for entry in instance.all_logs(run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION)
        if entry.asset_materialization is not None
        and NOT_SENT_BECAUSE in entry.asset_materialization.metadata
    ]
    return list(dict.fromkeys(told))


def lines_of(reports: Sequence[Report], object: str) -> dict[str, list[Line]]:
    """What became of the wishes for one kind of record, by outcome."""
    outcomes = ("sent", "adopted", "refused", "withdrawn", "in_doubt", "not_sent", "skipped")
    return {
        outcome: [
            line for report in reports for line in getattr(report, outcome) if line.object == object
        ]
        for outcome in outcomes
    }


def _linked(line: Line, link_to: LinkTo) -> str:
    named = f"{line.object} {line.remote_id or ''}".strip()
    address = link_to(line)
    return f"[{named}]({address})" if address else named


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _rows(
    database: Path, query: str, parameters: Mapping[str, object] | None = None
) -> list[dict[str, Any]]:
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        attach_for_reading(connection, database, "database")
        try:
            found = connection.execute(query, parameters)
            names = [column[0] for column in found.description or []]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
        except duckdb.Error as error:
            raise StorageError(
                f"What is to be written, and what was, could not be read from {database}: {error}"
            ) from None
