"""What every asset may ask for: the home of the data, and dbt.

Belongs here: resources that no single system owns. Does not belong here: clients of vendors.
"""

import os
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DbtCliResource

from q2c_pipeline.core.home import Home
from q2c_pipeline.orchestration.console import console_logger
from q2c_pipeline.orchestration.dbt_project import DBT_COMMAND, DBT_PROJECT_FOLDER
from q2c_pipeline.settings import Settings


class HomeResource(dg.ConfigurableResource[Any]):
    """The folder that holds all state; see ``Q2C_HOME``."""

    folder: str

    @property
    def home(self) -> Home:
        return Home(Path(self.folder))


def dbt_resource() -> DbtCliResource:
    """dbt on this project, whatever folder or shell it is called from."""
    os.environ["Q2C_HOME"] = str(Settings.read().home_folder)
    return DbtCliResource(
        project_dir=str(DBT_PROJECT_FOLDER),
        profiles_dir=str(DBT_PROJECT_FOLDER),
        dbt_executable=str(DBT_COMMAND),
        global_config_flags=[
            *("--no-use-colors", "--no-send-anonymous-usage-stats"),
            # What matters of it stands in q2c.log; writing the rest takes a tenth of a build.
            *("--log-level-file", "none"),
        ],
    )


@dg.definitions
def resources() -> dg.Definitions:
    return dg.Definitions(
        resources={
            "home": HomeResource(folder=str(Settings.read().home_folder)),
            "dbt": dbt_resource(),
        },
        executor=dg.in_process_executor,
        loggers={"console": console_logger},
    )
