"""QuickBooks Online as raw assets: one step for all objects of all realms.

Belongs here: the assets and the settings they need. Does not belong here: what is read when.
"""

from collections.abc import Iterator
from functools import partial

import dagster as dg

from q2c_pipeline.core.extraction import Extraction
from q2c_pipeline.core.tokens import TokenStore
from q2c_pipeline.core.warehouse import RawStore
from q2c_pipeline.defs.accounting.quickbooks.client import QuickBooksClient
from q2c_pipeline.defs.accounting.quickbooks.extract import extract_quickbooks
from q2c_pipeline.defs.accounting.quickbooks.objects import OBJECTS, REPORTS, SYSTEM, TABLES
from q2c_pipeline.defs.accounting.quickbooks.sign_in import QuickBooksAccess
from q2c_pipeline.defs.platform.resources import HomeResource
from q2c_pipeline.orchestration.console import tell, tick
from q2c_pipeline.orchestration.conventions import WAREHOUSE_POOL
from q2c_pipeline.orchestration.ingest import materializations, raw_asset_specs, read_each
from q2c_pipeline.settings import QuickBooksSettings, Settings, refuse_half, revealed


@dg.multi_asset(
    name="extract_quickbooks",
    specs=raw_asset_specs(SYSTEM, {spec.name: spec.vendor_name for spec in (*OBJECTS, *REPORTS)}),
    pool=WAREHOUSE_POOL,
)
def extract(
    context: dg.AssetExecutionContext, home: HomeResource
) -> Iterator[dg.MaterializeResult[None]]:
    """Everything once, then what changed; every object is committed with its cursor."""
    settings, quickbooks = Settings.read(), QuickBooksSettings.read()
    with RawStore(home.home.raw, waiting=partial(tell, context.log)) as store:
        store.prepare({SYSTEM: TABLES})

        def read(access: QuickBooksAccess) -> Extraction:
            tell(context.log, f"Reading QuickBooks realm {access.realm}")
            with QuickBooksClient(access, TokenStore(home.home.tokens)) as client:
                return extract_quickbooks(
                    store,
                    client,
                    run_id=context.run_id,
                    as_of=settings.as_of_date,
                    time_zone=settings.time_zone,
                    progress=partial(tick, context.log),
                )

        readings = {access.realm: partial(read, access) for access in accesses(quickbooks)}
        extractions = read_each(context.log, SYSTEM, readings, store, context.run_id)
        yield from materializations(context.log, SYSTEM, TABLES, extractions, store, context.run_id)


def accesses(settings: QuickBooksSettings) -> list[QuickBooksAccess]:
    """One for each realm; empty when QuickBooks is left out.

    Raises ConfigurationError that names the variables still missing.
    """
    refuse_half(settings)
    return [
        QuickBooksAccess(
            base_url=settings.base_url,
            token_url=settings.token_url,
            realm=realm,
            client_id=settings.client_id or "",
            client_secret=revealed(settings.client_secret),
            refresh_token=revealed(settings.refresh_token_of(realm)),
        )
        for realm in settings.realm_ids
    ]
