"""The jobs that people ask for, and the clock that starts them.

Belongs here: jobs over many systems. Does not belong here: steps.
"""

import dagster as dg

from q2c_pipeline.settings import Settings

NIGHTLY_CRON = "0 3 * * *"


@dg.definitions
def nightly() -> dg.Definitions:
    job = dg.define_asset_job(
        "nightly",
        selection=dg.AssetSelection.all(),
        description="Extract every system, build and check the models, publish the marts.",
        config={"loggers": {"console": {}}},
    )
    return dg.Definitions(
        jobs=[job],
        schedules=[
            dg.ScheduleDefinition(
                name="nightly_refresh",
                job=job,
                cron_schedule=NIGHTLY_CRON,
                execution_timezone=Settings.read().time_zone or "UTC",
                description="Every night at 03:00 in the company's time zone (Q2C_TIME_ZONE).",
                default_status=dg.DefaultScheduleStatus.RUNNING,
            )
        ],
    )
