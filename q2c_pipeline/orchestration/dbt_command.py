"""dbt as a child that ends with its parent.

Belongs here: the start of dbt. Does not belong here: which models to build.
A dbt that outlives a killed run would keep the warehouse locked for the next one.
"""

import sys
from importlib.metadata import version

from q2c_pipeline.core.tether import end_with_parent


def main() -> None:
    """The ``q2c-dbt`` command: dbt's own command line, tethered.

    dagster-dbt asks for the version in every run, and dbt takes seconds to say it.
    """
    if sys.argv[1:] == ["--version"]:
        print(version("dbt-core"))
        return
    end_with_parent()
    from dbt.cli.main import cli

    cli()
