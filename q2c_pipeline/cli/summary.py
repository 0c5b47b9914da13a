"""What a run did, in words and figures that a controller understands.

Belongs here: reading published marts and printing. Does not belong here: computing anything that
a mart should hold.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from rich.console import Console, RenderableType
from rich.table import Table

from q2c_pipeline.cli.jobs import FinishedRun
from q2c_pipeline.cli.query import ask
from q2c_pipeline.core.home import Home
from q2c_pipeline.core.raw_reading import Reading, readings_of_run
from q2c_pipeline.orchestration.ingest import RecordCounts

BAR_WIDTH = 24
Q2C = ".venv/bin/q2c"
EXAMPLE = (
    "select customer_name, open_balance_home, standing"
    " from finance.customers order by open_balance_home desc limit 10"
)
EXCEPTIONS_SHOWN_MAX = 5

RECEIVABLES = """
    select as_of_date, bucket, sum(open_amount_home)
    from finance.ar_open_items
    where as_of_date = (select max(as_of_date) from finance.ar_open_items)
    group by all
"""
TIE_OUTS = """
    select
        measure,
        count(distinct as_of_date),
        count(*),
        count(*) filter (difference <> 0),
        max(abs(difference)),
        count(*) filter (not is_within_rounding)
    from finance.tie_outs
    group by measure
    order by measure
"""
COMPLETENESS = """
    with newest as (
        from controls.completeness
        where unit = 'records'
        qualify row_number() over (
            partition by entity, system, object order by checked_at desc
        ) = 1
    )
    select count(*), count(*) filter (difference <> 0) from newest
"""
BRIDGE = """
    select
        month,
        category,
        sum(amount_home) filter (section = 'A'),
        sum(amount_home) filter (section = 'B'),
        sum(amount_home) filter (section = 'C')
    from (
        select month, section, coalesce(rollup, category) as category, amount_home
        from revenue.pipeline_to_cash_bridge
        where is_complete
        qualify month = max(month) over ()
    )
    group by all
"""
BRIDGE_STEPS = {
    "opening": "opening",
    "timing": "timing",
    "scope_changes": "scope changes",
    "churn": "churn",
    "pricing_adjustments": "pricing adjustments",
    "other": "tax, currency and other",
    "unexplained": "unexplained",
    "closing": "closing",
}
EXCEPTIONS = """
    select severity, message, remedy
    from controls.exceptions
    where status = 'open'
    order by
        list_position(['high', 'medium', 'low'], severity),
        abs(amount_home) desc nulls last,
        exception_id
"""
BILLING = """
    select
        count(*) filter (is_ready and not is_billed),
        coalesce(sum(amount_home) filter (is_ready and not is_billed), 0),
        count(*) filter (not is_ready and not is_billed)
    from billing.readiness
    where is_in_scope
"""
STOPPED = """
    select replace(type[6:], '_', ' '), count(*)
    from controls.exceptions
    where type like 'gate!_%' escape '!' and status = 'open'
    group by all
    order by 2 desc, 1
"""
WRITTEN = """
    select
        target_system,
        object,
        state,
        count(*)
    from billing.write_back_log
    where
        list_contains($runs, run_id)
        and state in ('confirmed', 'adopted', 'refused', 'withdrawn')
        and operation in ('create', 'update', 'send')
    group by all
    order by target_system, object, state
"""
SYSTEMS = {"quickbooks": "QuickBooks", "salesforce": "Salesforce"}
WRITTEN_RECORDS = {
    "Customer": ("customer", "customers"),
    "Invoice": ("invoice", "invoices"),
    "InvoiceEmail": ("e-mail with an invoice", "e-mails with invoices"),
    "Account": ("account", "accounts"),
    "Opportunity": ("deal", "deals"),
}
WRITTEN_STATES = {
    "confirmed": "written",
    "adopted": "found there and taken as ours",
    "refused": "refused by the vendor, see the exceptions",
    "withdrawn": "held back, for something changed since",
}
BUCKETS = {
    "current": "not yet due",
    "1-30": "1 to 30 days",
    "31-60": "31 to 60 days",
    "61-90": "61 to 90 days",
    "90+": "over 90 days",
}
MEASURES = {
    "aged_receivables": "AgedReceivables report",
    "ar_control_account": "A/R accounts, balance sheet",
    "customer_balance": "customer balances",
}


def print_summary(home: Home, finished: FinishedRun, billed: Sequence[FinishedRun] = ()) -> None:
    """Records read, receivables, tie-outs, bridge, billing, exceptions, and where to look next.

    ``billed`` are the billing runs that followed.
    """
    console = Console(highlight=False, markup=False, soft_wrap=True)
    readings = readings_of_run(home.raw, finished.run_id)
    for show in (
        _records(finished.records, readings),
        _completeness(home),
        _receivables(home),
        _tie_outs(home),
        _bridge(home),
        _billing(home, billed),
        _exceptions(home),
    ):
        console.print()
        for part in show:
            console.print(part)
    console.print()
    console.print(f"Published: {home.marts}")
    console.print(f"Look next: {Q2C} query {EXAMPLE!r}")
    console.print("           make dev shows lineage, checks and runs in a browser")


def _records(counts: list[RecordCounts], readings: list[Reading]) -> Iterator[RenderableType]:
    table = _table("Records", "read", "new versions", "refused", "requests", "metered reads")
    for system in sorted({reading.system for reading in readings}):
        own = [count for count in counts if count.system == system]
        sent = [reading for reading in readings if reading.system == system]
        table.add_row(
            system,
            f"{sum(count.read for count in own):,}",
            f"{sum(count.versions for count in own):,}",
            f"{sum(count.refused for count in own):,}",
            f"{sum(reading.calls for reading in sent):,}",
            f"{sum(reading.metered_reads for reading in sent):,}",
        )
    yield table


def _completeness(home: Home) -> Iterator[RenderableType]:
    _, ((compared, differing),) = ask(home, COMPLETENESS)
    if compared:
        agreed = f"{compared - differing:,} of {compared:,} kinds of records"
        yield f"Complete: {agreed} count the same here and at the vendor"


def _receivables(home: Home) -> Iterator[RenderableType]:
    _, rows = ask(home, RECEIVABLES)
    if not rows:
        yield "Nothing is receivable: no document is open."
        return
    by_bucket = {bucket: amount for _, bucket, amount in rows}
    total = sum(by_bucket.values(), Decimal(0))
    scale = max(abs(amount) for amount in by_bucket.values())
    table = _table(f"Receivables as of {rows[0][0]}", "home currency", "share", "")
    for bucket, label in BUCKETS.items():
        amount = by_bucket.get(bucket, Decimal(0))
        bar = "█" * int(BAR_WIDTH * max(amount, Decimal(0)) / scale) if scale else ""
        share = f"{amount / total:.0%}" if total else ""
        table.add_row(label, f"{amount:,.2f}", share, bar)
    table.add_row("total", f"{total:,.2f}", "", "")
    yield table


def _tie_outs(home: Home) -> Iterator[RenderableType]:
    _, rows = ask(home, TIE_OUTS)
    if not rows:
        yield "Nothing ties to QuickBooks: no report of its was read."
        return
    table = _table("Tied to QuickBooks", "dates", "figures", "differ", "largest", "beyond rounding")
    for measure, dates, figures, differing, largest, beyond in rows:
        table.add_row(
            MEASURES.get(measure, measure),
            f"{dates:,}", f"{figures:,}", f"{differing:,}", f"{largest:,.2f}", f"{beyond:,}",
        )  # fmt: skip
    yield table


def _bridge(home: Home) -> Iterator[RenderableType]:
    _, rows = ask(home, BRIDGE)
    if not rows:
        yield "No month is complete yet, so there is no bridge from pipeline to cash."
        return
    amounts = {step: sections for _, step, *sections in rows}
    month = rows[0][0]
    table = _table(
        f"Bridge of {month:%B %Y}",
        "pipeline → bookings", "bookings → billings", "billings → cash",
    )  # fmt: skip
    for step, label in BRIDGE_STEPS.items():
        sections = amounts.get(step, [None, None, None])
        table.add_row(label, *("" if part is None else f"{part:,.2f}" for part in sections))
    yield table


def _billing(home: Home, billed: Sequence[FinishedRun]) -> Iterator[RenderableType]:
    _, ((ready, amount, waiting),) = ask(home, BILLING)
    table = _table("Billing", "units", "home currency")
    table.add_row("ready to be billed", f"{ready:,}", f"{amount:,.2f}")
    table.add_row("not ready", f"{waiting:,}", "")
    yield table
    if stopped := ask(home, STOPPED)[1]:
        yield "  stopped by " + ", ".join(f"{gate} {count:,}" for gate, count in stopped)
    runs = [run.run_id for run in billed]
    for system, object, state, count in ask(home, WRITTEN, {"runs": runs})[1]:
        yield f"  {records_in(system, object, count)}: {WRITTEN_STATES[state]}"
    if ready and not billed:
        yield f"  what would be sent: {Q2C} query 'from billing.previews'"


def records_in(system: str, object: str, count: int) -> str:
    singular, plural = WRITTEN_RECORDS.get(object, (object, object))
    return f"{count:,} {singular if count == 1 else plural} in {SYSTEMS.get(system, system)}"


def _exceptions(home: Home) -> Iterator[RenderableType]:
    _, rows = ask(home, EXCEPTIONS)
    if not rows:
        yield "No exception is open."
        return
    yield "1 exception is open" if len(rows) == 1 else f"{len(rows):,} exceptions are open"
    for severity, message, remedy in rows[:EXCEPTIONS_SHOWN_MAX]:
        yield f"  {severity}: {message} {remedy}"
    if len(rows) > EXCEPTIONS_SHOWN_MAX:
        yield f"  all of them: {Q2C} query 'from controls.exceptions'"


def _table(first: str, *numeric: str) -> Table:
    table = Table(box=None, pad_edge=False, show_edge=False)
    table.add_column(first, min_width=28)
    for name in numeric:
        table.add_column(name, justify="right" if name else "left")
    return table
