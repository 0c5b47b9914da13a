"""``q2c doctor``: is everything there that a run needs, and if not, what mends it.

Belongs here: printing. Does not belong here: looking, which is ``findings``.
"""

import typer
from rich.console import Console


def doctor() -> None:
    """Check settings, credentials, reach, permissions, field mapping, versions and disk.

    Each line says what to mend. Nothing is written to any vendor. Exit status 0 if all is well.
    """
    from q2c_pipeline.cli.findings import findings

    console = Console(highlight=False, markup=False, soft_wrap=True)
    is_well = True
    for finding in findings():
        mark = "ok    " if finding.is_well else "MEND  "
        console.print(f"{mark}{finding.subject:<22}{finding.told}")
        is_well = is_well and finding.is_well
    if not is_well:
        raise typer.Exit(1)
