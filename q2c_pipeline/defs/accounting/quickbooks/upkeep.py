"""Refreshes each realm's tokens often enough that a lost answer never ends a connection.

Belongs here: the job and its clock. Does not belong here: how a token is refreshed, which is
``sign_in.py``, where it also stands what a refresh makes up for. Refreshing costs no metered read.
"""

from datetime import UTC, datetime

import dagster as dg

from q2c_pipeline.core.errors import Q2CError
from q2c_pipeline.core.tokens import TokenStore
from q2c_pipeline.defs.accounting.quickbooks.ingest import accesses
from q2c_pipeline.defs.accounting.quickbooks.sign_in import QuickBooksCredentials
from q2c_pipeline.defs.platform.resources import HomeResource
from q2c_pipeline.orchestration.console import tell
from q2c_pipeline.settings import QuickBooksSettings

UPKEEP_CRON = "30 */6 * * *"
"""Four times in the day that the vendor's grace lasts."""


@dg.op
def refresh_connections(context: dg.OpExecutionContext, home: HomeResource) -> None:
    """Refreshes every realm, then raises what stood in the way of the first that failed."""
    failures: list[Q2CError] = []
    for access in accesses(QuickBooksSettings.read()):
        credentials = QuickBooksCredentials(
            access, TokenStore(home.home.tokens), now=lambda: datetime.now(UTC)
        )
        try:
            credentials.token()
            tell(context.log, f"The connection to QuickBooks realm {access.realm} lives")
        except Q2CError as error:
            failures.append(error)
        finally:
            credentials.close()
    if failures:
        raise failures[0]


@dg.definitions
def upkeep() -> dg.Definitions:
    @dg.job(
        name="upkeep",
        description="Keep every QuickBooks connection alive; reads nothing.",
        config={"loggers": {"console": {}}},
    )
    def job() -> None:
        refresh_connections()

    return dg.Definitions(
        jobs=[job],
        schedules=[
            dg.ScheduleDefinition(
                name="six_hourly_upkeep",
                job=job,
                cron_schedule=UPKEEP_CRON,
                execution_timezone="UTC",
                description="Every six hours, so that a token lost by a killed run is made up for.",
                default_status=dg.DefaultScheduleStatus.RUNNING,
            )
        ],
    )
