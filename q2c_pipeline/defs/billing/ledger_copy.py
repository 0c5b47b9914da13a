"""The ledger's events as a raw asset, from which models tell what was delivered.

Belongs here: when it is copied, what is entered just before, and what is said about it. Does not
belong here: delivering.
"""

from collections.abc import Iterator
from functools import partial

import dagster as dg

from q2c_pipeline.core.ledger_copy import LedgerCopy
from q2c_pipeline.core.raw_reading import known_entities
from q2c_pipeline.core.warehouse import RawStore
from q2c_pipeline.defs.platform.resources import HomeResource
from q2c_pipeline.ledger.decisions import record_decisions
from q2c_pipeline.orchestration.console import tell
from q2c_pipeline.orchestration.conventions import (
    DATA_OWNER,
    WAREHOUSE_POOL,
    raw_schema,
    writeback_schema,
)
from q2c_pipeline.orchestration.decisions import decisions_of
from q2c_pipeline.orchestration.ingest import EXTRACTIONS
from q2c_pipeline.orchestration.ledger import begin_where_needed, copy_ledger, ledger_of_home
from q2c_pipeline.policy import read_policy

SCHEMA = raw_schema("ledger")
READ_BEFORE = [
    dg.AssetKey([raw_schema(system), EXTRACTIONS]) for system in ("quickbooks", "salesforce")
]
"""An entity is known, and the ledger begun for it, once it was read."""
WRITTEN_BEFORE = [
    dg.AssetKey([writeback_schema(system), objects])
    for system, objects in (
        ("quickbooks", "customers"),
        ("quickbooks", "invoices"),
        ("quickbooks", "invoice_emails"),
        ("salesforce", "opportunities"),
        ("salesforce", "accounts"),
    )
]
"""The write-backs, whose events are to be in the copy of the same run."""


@dg.multi_asset(
    name="copy_ledger",
    specs=[
        dg.AssetSpec(
            key=[SCHEMA, table],
            group_name=SCHEMA,
            kinds={"duckdb"},
            owners=[DATA_OWNER],
            deps=[*READ_BEFORE, *WRITTEN_BEFORE],
            description=description,
        )
        for table, description in {
            "events": "One row per event of the ledger of deliveries; appended, never changed.",
            "readings": "One row per reading of the ledger: how many events it had, and its head.",
        }.items()
    ],
    pool=WAREHOUSE_POOL,
)
def copied_ledger(
    context: dg.AssetExecutionContext, home: HomeResource
) -> Iterator[dg.MaterializeResult[None]]:
    """What was delivered and decided since the last copy.

    A ledger that is new is begun for each entity, and the policy's decisions are entered into it.
    """
    with (
        ledger_of_home(context.run_id) as ledger,
        RawStore(home.home.raw, waiting=partial(tell, context.log)) as store,
    ):
        copy = LedgerCopy(store.connection, home.home.raw)
        for known in begin_where_needed(ledger, copy, known_entities(store.connection)):
            tell(context.log, f"Began the ledger for {known.system} {known.entity}")
        if recorded := record_decisions(ledger, decisions_of(read_policy())):
            tell(context.log, f"Entered decisions of the policy into the ledger: {len(recorded)}")
        copied = copy_ledger(ledger, copy, run_id=context.run_id)
        for table in ("events", "readings"):
            [(held,)] = store.connection.execute(
                f"select count(*) from {SCHEMA}.{table}"
            ).fetchall()
            yield dg.MaterializeResult(
                asset_key=[SCHEMA, table],
                metadata={
                    "dagster/row_count": held,
                    "new_events": copied.added,
                    "head_count": copied.head.number,
                    "head_hash": copied.head.hash,
                },
            )
