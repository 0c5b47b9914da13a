"""What a run did, in words and figures that a controller understands.

Belongs here: reading published marts and printing. Does not belong here: computing anything that
a mart should hold.
"""

from decimal import Decimal

import dagster as dg
from rich.console import Console
from rich.table import Table

from q2c_pipeline.cli.query import ask
from q2c_pipeline.core.home import Home

BAR_WIDTH = 24
EXCEPTIONS_SHOWN_MAX = 5

RECEIVABLES = """
    select entity, as_of_date, home_currency, bucket, sum(open_amount_home)
    from finance.ar_open_items
    where as_of_date = (select max(as_of_date) from finance.ar_open_items)
    group by all
    order by entity, min(days_past_due)
"""
TIE_OUTS = """
    select
        measure, count(distinct as_of_date),
        count(*) filter (difference <> 0), max(abs(difference)), bool_and(not is_blocking)
    from finance.tie_outs
    group by measure
    order by measure
"""
EXCEPTIONS = f"""
    select severity, message, remedy, count(*) over ()
    from controls.exceptions
    where status = 'open'
    order by abs(amount_home) desc nulls last, exception_id
    limit {EXCEPTIONS_SHOWN_MAX}
"""


def print_summary(home: Home, run_id: str) -> None:
    """Records read, receivables by bucket, tie-outs, open exceptions, and where to look next."""
    console = Console(highlight=False, markup=False)
    console.print()
    _print_records(console, run_id)
    _print_receivables(console, home)
    _print_tie_outs(console, home)
    _print_exceptions(console, home)
    console.print(f"Published   {home.marts}")
    console.print('Look next   q2c query "from finance.ar_aging order by total_home desc limit 10"')
    console.print("            make dev opens the lineage, the checks and the history of runs")
