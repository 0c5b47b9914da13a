"""``q2c trace``: where ours and QuickBooks' figures part, the day and the documents.

Belongs here: options. Does not belong here: the tracing, which is ``tracing``.
"""

from pathlib import Path
from typing import Annotated

import typer

from q2c_pipeline.core.home import Home
from q2c_pipeline.settings import Settings


def trace(
    entity: Annotated[
        str | None, typer.Option(help="Only this QuickBooks realm; else each that differs.")
    ] = None,
    customer: Annotated[
        str | None, typer.Option(help="Only this customer, by its QuickBooks id.")
    ] = None,
    company: Annotated[
        Path | None,
        typer.Option(help="Serve this company folder by an embedded sandbox and ask that."),
    ] = None,
) -> None:
    """Find the first day on which ours and QuickBooks' receivables part, and the documents.

    Takes the first date of finance.tie_outs whose ageing differs and the last one before it that
    agrees, and asks QuickBooks for the days between, half of what is left each time: about five
    metered reads for a month. Ours are the figures of the last build, published or not; what has
    changed in QuickBooks since then shows as a difference too. Nothing is written anywhere.
    """
    from q2c_pipeline.cli.tracing import trace_home

    home = Home(Settings.read().home_folder)
    trace_home(home, entity=entity, customer=customer, company=company)
