"""Salesforce as the last stop: what its outboxes want is written back, as assets.

Belongs here: the assets, and the resource that looks at live deals. Does not belong here: what is
written, which is SQL, and requests, which are ``writeback.py``.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import dagster as dg

from q2c_pipeline.core.errors import ConfigurationError
from q2c_pipeline.core.raw_reading import last_read_at
from q2c_pipeline.defs.crm.salesforce.client import SalesforceClient
from q2c_pipeline.defs.crm.salesforce.ingest import access_of
from q2c_pipeline.defs.crm.salesforce.objects import SYSTEM
from q2c_pipeline.defs.crm.salesforce.recheck import Recheck as SalesforceRecheck
from q2c_pipeline.defs.crm.salesforce.writeback import write_back
from q2c_pipeline.defs.platform.resources import HomeResource
from q2c_pipeline.ledger.report import Report, unsent_sentence
from q2c_pipeline.ledger.target import Recheck, Wanted
from q2c_pipeline.orchestration.console import tell
from q2c_pipeline.orchestration.conventions import WAREHOUSE_POOL
from q2c_pipeline.orchestration.ledger import ledger_of_home
from q2c_pipeline.orchestration.live_deals import LIVE_DEALS, LiveDeals
from q2c_pipeline.orchestration.outbox import (
    fail_unless_published,
    lines_of,
    materialization,
    mode_of_run,
    read_wanted,
    refuse_when_stopped,
    writeback_specs,
)
from q2c_pipeline.settings import SalesforceSettings, Settings

OBJECTS = {"opportunities": "Opportunity", "accounts": "Account"}
DESCRIPTIONS = {
    "opportunities": "Invoice numbers, status, balance and notes on won deals; only what differs.",
    "accounts": "How each account stands with receivables; only what differs.",
}


class SalesforceDeals(LiveDeals):
    """Deals, accounts and approvals as they are in Salesforce now."""

    @contextmanager
    def recheck(self) -> Iterator[Recheck]:
        access = access_of(SalesforceSettings.read())
        if access is None:
            raise ConfigurationError(
                "Deals cannot be looked at again before they are billed: Salesforce is not set up."
                " Set SALESFORCE_LOGIN_URL, SALESFORCE_CLIENT_ID and SALESFORCE_CLIENT_SECRET"
            )
        with SalesforceClient(access) as client:
            yield SalesforceRecheck(client)


@dg.multi_asset(
    name="deliver_salesforce",
    specs=writeback_specs(SYSTEM, DESCRIPTIONS, outboxes=DESCRIPTIONS),
    pool=WAREHOUSE_POOL,
)
def deliver(
    context: dg.AssetExecutionContext, home: HomeResource
) -> Iterator[dg.MaterializeResult[None]]:
    """Fields of ours on deals and accounts; one row that fails stops no other."""
    wanted = [wish for wish in read_wanted(home.home.warehouse) if wish.system == SYSTEM]
    mode = mode_of_run(home.home, Settings.read())
    access = access_of(SalesforceSettings.read())
    reports: list[Report] = []
    link = ""
    if mode.writes and access is not None:
        tell(context.log, f"Writing {len(wanted):,} records of Salesforce")
        with ledger_of_home(context.run_id) as ledger, SalesforceClient(access) as client:
            link = client.address
            read_at = last_read_at(home.home.raw, SYSTEM, client.organisation)
            own = [wish for wish in wanted if wish.entity == client.organisation]
            if read_at is not None:
                reports.append(
                    write_back(
                        ledger,
                        client,
                        own,
                        read_at=read_at,
                        stop=partial(refuse_when_stopped, home.home),
                        tell=partial(tell, context.log),
                    )
                )
    unsent = unsent_sentence("Salesforce", reports)
    for name, object in OBJECTS.items():
        yield materialization(
            SYSTEM,
            name,
            mode,
            _about(wanted, object),
            lines_of(reports, object),
            lambda line: f"{link}/{line.key}" if link else None,
            unsent=unsent,
        )
    fail_unless_published(context.run, unsent)


@dg.definitions
def live_deals() -> dg.Definitions:
    return dg.Definitions(resources={LIVE_DEALS: SalesforceDeals()}, assets=[deliver])


def _about(wanted: list[Wanted], object: str) -> list[Wanted]:
    return [wish for wish in wanted if wish.object == object]
