"""Salesforce as raw assets: one step for all objects.

Belongs here: the assets and the settings they need. Does not belong here: what is read when.
"""

from collections.abc import Iterator
from functools import partial

import dagster as dg

from q2c_pipeline.core.extraction import Extraction
from q2c_pipeline.core.warehouse import RawStore
from q2c_pipeline.defs.crm.salesforce.client import SalesforceClient
from q2c_pipeline.defs.crm.salesforce.extract import extract_salesforce
from q2c_pipeline.defs.crm.salesforce.objects import OBJECTS, SYSTEM, TABLES
from q2c_pipeline.defs.crm.salesforce.sign_in import SalesforceAccess
from q2c_pipeline.defs.platform.resources import HomeResource
from q2c_pipeline.orchestration.console import tell, tick
from q2c_pipeline.orchestration.conventions import WAREHOUSE_POOL
from q2c_pipeline.orchestration.ingest import materializations, raw_asset_specs
from q2c_pipeline.policy import Policy, read_policy
from q2c_pipeline.settings import SalesforceSettings, Settings, refuse_half, revealed


@dg.multi_asset(
    name="extract_salesforce",
    specs=raw_asset_specs(SYSTEM, {spec.name: spec.vendor_name for spec in OBJECTS}),
    pool=WAREHOUSE_POOL,
)
def extract(
    context: dg.AssetExecutionContext, home: HomeResource
) -> Iterator[dg.MaterializeResult[None]]:
    """Everything once, then what changed; every object is committed with its cursor."""
    settings, access = Settings.read(), access_of(SalesforceSettings.read())
    with RawStore(home.home.raw, waiting=partial(tell, context.log)) as store:
        store.prepare({SYSTEM: TABLES})
        extractions: list[Extraction] = []
        if access is not None:
            with SalesforceClient(access) as client:
                tell(context.log, "Reading Salesforce")
                extraction = extract_salesforce(
                    store,
                    client,
                    run_id=context.run_id,
                    as_of=settings.as_of_date,
                    time_zone=settings.time_zone,
                    progress=partial(tick, context.log),
                    custom_fields=custom_fields(read_policy()),
                )
                extractions.append(extraction)
        yield from materializations(context.log, SYSTEM, TABLES, extractions, store, context.run_id)


def custom_fields(policy: Policy) -> dict[str, list[str]]:
    """The policy's optional fields by raw table."""
    fields = policy.crm_fields
    by_table = {
        "accounts": fields.account,
        "opportunities": fields.opportunity,
        "opportunity_line_item_schedules": fields.instalment,
    }
    return {
        table: [name for name in names.model_dump().values() if name]
        for table, names in by_table.items()
    }


def access_of(settings: SalesforceSettings) -> SalesforceAccess | None:
    """How to reach the organisation; None when Salesforce is left out.

    Raises ConfigurationError that names the variables still missing.
    """
    if not settings.is_configured:
        return None
    refuse_half(settings)
    return SalesforceAccess(
        login_url=settings.login_url or "",
        client_id=settings.client_id or "",
        client_secret=revealed(settings.client_secret),
        api_version=settings.api_version,
        daily_calls_percent=settings.daily_calls_percent,
    )
