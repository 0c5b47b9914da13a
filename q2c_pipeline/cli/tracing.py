"""What ``q2c trace`` does and prints.

Belongs here: words and figures on the terminal. Does not belong here: the search, which is
``defs.finance.parting``.
"""

from datetime import date
from pathlib import Path
from typing import Literal

import duckdb
from rich.console import Console
from rich.table import Table

from q2c_pipeline.cli.embedded import serving_if_needed
from q2c_pipeline.cli.preparation import claim_home
from q2c_pipeline.core.database_file import attach_for_reading
from q2c_pipeline.core.errors import ConfigurationError
from q2c_pipeline.core.home import Home
from q2c_pipeline.core.terminal import say
from q2c_pipeline.core.tokens import TokenStore
from q2c_pipeline.defs.accounting.quickbooks.aged_detail import open_documents
from q2c_pipeline.defs.accounting.quickbooks.client import QuickBooksClient
from q2c_pipeline.defs.accounting.quickbooks.ingest import accesses
from q2c_pipeline.defs.finance.parting import (
    Difference,
    Parting,
    Stretch,
    differences_between,
    first_parting,
    has_other_due_date,
    open_amount,
    our_open_documents,
    stretches,
)
from q2c_pipeline.settings import QuickBooksSettings

DOCUMENTS_SHOWN_MAX = 20
PLAIN_WIDTH = 200
WAREHOUSE = "warehouse"
AGEING = "aged_receivables"
COLUMNS: dict[str, Literal["left", "right"]] = {
    "Customer": "left",
    "Document": "left",
    "Ours": "right",
    "QuickBooks": "right",
    "Difference": "right",
}


def trace_home(
    home: Home, *, entity: str | None, customer: str | None, company: Path | None
) -> None:
    """Each entity whose ageing differs, its first day and the documents, on the terminal.

    Raises ConfigurationError before the first build, or when an entity cannot be asked.
    """
    if not home.warehouse.exists():
        raise ConfigurationError(
            f"Nothing is built in {home.folder} yet, so there is nothing to trace. `q2c run`"
            " builds; Q2C_HOME names another home."
        )
    with duckdb.connect() as warehouse:
        attach_for_reading(warehouse, home.warehouse, WAREHOUSE, waiting=say)
        warehouse.execute(f"use {WAREHOUSE}")
        found = stretches(warehouse, entity=entity, customer_id=customer)
        if not found:
            _tell_agreement(warehouse, entity=entity, customer=customer)
            return
        with serving_if_needed(home, company) as is_made_up:
            claim_home(home, is_made_up=is_made_up)
            for stretch in found:
                _trace(home, warehouse, stretch, customer)


def _tell_agreement(
    warehouse: duckdb.DuckDBPyConnection, *, entity: str | None, customer: str | None
) -> None:
    """Says where else the books differ, if they do, for that no day can be found."""
    counted = warehouse.execute(
        "select measure, count(distinct as_of_date), count(*) filter (not is_within_rounding)"
        " from finance.tie_outs"
        " where ($1 is null or entity = $1) and ($2 is null or customer_id = $2)"
        " group by measure order by measure",
        [entity, customer],
    ).fetchall()
    for measure, dates, differing in counted:
        if measure == AGEING:
            print(f"Ours and QuickBooks' ageing agree on all {dates} dates: nothing to trace.")
        elif differing:
            print(f"{measure} differs, of which no day is known: see finance.tie_outs.")
    if not counted:
        print("Nothing of that was compared with QuickBooks: nothing to trace.")


def _trace(
    home: Home, warehouse: duckdb.DuckDBPyConnection, stretch: Stretch, customer: str | None
) -> None:
    access = next(
        (one for one in accesses(QuickBooksSettings.read()) if one.realm == stretch.entity), None
    )
    if access is None:
        raise ConfigurationError(
            f"QBO_REALM_ID does not name realm {stretch.entity}, whose figures differ. Add it, with"
            " its refresh token, or ask for another with --entity."
        )
    say(
        f"Realm {stretch.entity} agrees on {stretch.agrees_on} and differs on {stretch.differs_on}:"
        f" up to {stretch.reads_max} metered reads"
    )
    with QuickBooksClient(access, TokenStore(home.tokens)) as client:

        def differences_on(day: date) -> list[Difference]:
            say(f"Reading what QuickBooks shows open on {day}")
            return differences_between(
                our_open_documents(warehouse, stretch.entity, day),
                open_documents(client, day),
                customer_id=customer,
            )

        parting = first_parting(stretch, differences_on)
        say(f"{client.metered_reads} metered reads")
    _print(stretch, parting)


def _print(stretch: Stretch, parting: Parting) -> None:
    if parting.day is None:
        print(
            f"Realm {stretch.entity}: QuickBooks now shows the same documents on"
            f" {stretch.differs_on} as we do. `q2c run` compares again."
        )
        return
    print(f"Realm {stretch.entity}: ours and QuickBooks part on {parting.day}.")
    table = Table(box=None, pad_edge=False, show_edge=False)
    for title, side in COLUMNS.items():
        table.add_column(title, justify=side, no_wrap=True)
    for one in parting.differences[:DOCUMENTS_SHOWN_MAX]:
        table.add_row(
            f"{one.shown.customer_name} ({one.shown.customer_id})",
            f"{one.shown.label} (Id {one.shown.transaction_id}){_due_dates(one)}",
            f"{open_amount(one.ours):,.2f}",
            f"{open_amount(one.theirs):,.2f}",
            f"{one.amount:,.2f}",
        )
    console = Console(highlight=False, markup=False)
    console.print(table, width=None if console.is_terminal else PLAIN_WIDTH)
    if len(parting.differences) > DOCUMENTS_SHOWN_MAX:
        print(f"and {len(parting.differences) - DOCUMENTS_SHOWN_MAX} more documents")
    for advice in dict.fromkeys(map(_advice, parting.differences)):
        print(advice)


def _due_dates(one: Difference) -> str:
    if one.ours is None or one.theirs is None or not has_other_due_date(one):
        return ""
    return f", due {one.ours.due_date}, in QuickBooks {one.theirs.due_date}"


def _advice(one: Difference) -> str:
    if one.theirs is None:
        return (
            "Open with us only: look it up in QuickBooks' audit log. It was settled, moved, voided"
            " or deleted there without a trace that change data capture shows; the weekly listing"
            " finds it, and so does a run after any edit of it."
        )
    if one.ours is None:
        return (
            "Open in QuickBooks only: look for it in controls.exceptions, where a refused record"
            " stands, then for a payment or credit that we apply to it and QuickBooks does not."
        )
    return (
        "Open on both sides: compare its total, its due date and what is applied to it, and when,"
        " with QuickBooks' page of the document."
    )
