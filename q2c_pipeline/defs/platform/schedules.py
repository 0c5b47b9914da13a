"""The jobs that people ask for, and the clock that starts them.

Belongs here: jobs over many systems. Does not belong here: steps.
"""

from typing import Any

import dagster as dg

from q2c_pipeline.settings import Settings

NIGHTLY_CRON = "0 3 * * *"
QUARTER_HOURLY_CRON = "*/15 * * * *"
WRITE_BACKS = dg.AssetSelection.key_prefixes(["writeback_quickbooks"], ["writeback_salesforce"])
CONSTANT = dg.AssetSelection.tag("constant", "")
"""Models that rest on nothing that is read: each night builds them, and once is enough."""
READING = dg.AssetSelection.all() - WRITE_BACKS
PEOPLE_WATCH: dict[str, Any] = {"loggers": {"console": {}}}


@dg.definitions
def jobs() -> dg.Definitions:
    nightly = dg.define_asset_job(
        "nightly",
        selection=READING,
        description="Extract every system, build and check the models, publish the marts.",
        config=PEOPLE_WATCH,
    )
    approvals = dg.define_asset_job(
        "approvals",
        selection=READING,
        description="The same, every quarter of an hour, so that an approval is seen while it is"
        " fresh: what changed since is not provable later.",
        config=PEOPLE_WATCH,
    )
    billing = dg.define_asset_job(
        "billing",
        selection=dg.AssetSelection.all() - CONSTANT,
        description="The same, then deliver what is approved to QuickBooks and the CRM, take down"
        " what was done, and publish. Q2C_MODE says how far it goes.",
        config=PEOPLE_WATCH,
    )
    zone = Settings.read().time_zone or "UTC"
    return dg.Definitions(
        jobs=[nightly, approvals, billing],
        schedules=[
            dg.ScheduleDefinition(
                name="nightly_refresh",
                job=nightly,
                cron_schedule=NIGHTLY_CRON,
                execution_timezone=zone,
                description="Every night at 03:00 in the company's time zone (Q2C_TIME_ZONE).",
                default_status=dg.DefaultScheduleStatus.RUNNING,
            ),
            dg.ScheduleDefinition(
                name="quarter_hourly_approvals",
                job=approvals,
                cron_schedule=QUARTER_HOURLY_CRON,
                execution_timezone=zone,
                description="Every quarter of an hour, once billing is wanted; off until somebody"
                " switches it on.",
                default_status=dg.DefaultScheduleStatus.STOPPED,
            ),
        ],
    )
