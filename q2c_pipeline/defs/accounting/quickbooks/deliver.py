"""QuickBooks as where billing ends: what its outboxes want is delivered once, as assets.

Belongs here: the assets, and what is done in which order. Does not belong here: what is written,
which is SQL, the protocol (``ledger/delivery.py``), and requests (``writeback.py``).
"""

from collections.abc import Iterator
from functools import partial

import dagster as dg

from q2c_pipeline.core.home import Home
from q2c_pipeline.core.raw_reading import stale_entities_of_run
from q2c_pipeline.core.tokens import TokenStore
from q2c_pipeline.defs.accounting.quickbooks.client import QuickBooksClient
from q2c_pipeline.defs.accounting.quickbooks.ingest import accesses
from q2c_pipeline.defs.accounting.quickbooks.lookup import CUSTOMER, INVOICE
from q2c_pipeline.defs.accounting.quickbooks.objects import SYSTEM
from q2c_pipeline.defs.accounting.quickbooks.sign_in import QuickBooksAccess
from q2c_pipeline.defs.accounting.quickbooks.writeback import (
    INVOICE_EMAIL,
    QuickBooksMail,
    QuickBooksTarget,
    Switch,
    mails,
)
from q2c_pipeline.defs.platform.resources import HomeResource
from q2c_pipeline.ledger.delivery import deliver
from q2c_pipeline.ledger.report import Line, Report, unsent_sentence
from q2c_pipeline.ledger.store import Ledger
from q2c_pipeline.ledger.target import Recheck, Wanted
from q2c_pipeline.orchestration.console import tell
from q2c_pipeline.orchestration.conventions import WAREHOUSE_POOL
from q2c_pipeline.orchestration.ledger import begin_before_delivery, ledger_of_home
from q2c_pipeline.orchestration.live_deals import LiveDeals
from q2c_pipeline.orchestration.outbox import (
    fail_unless_published,
    lines_of,
    materialization,
    mode_of_run,
    read_books,
    read_wanted,
    refuse_when_stopped,
    writeback_specs,
)
from q2c_pipeline.settings import Mode, QuickBooksSettings, Settings

OBJECTS = {"customers": CUSTOMER, "invoices": INVOICE, "invoice_emails": INVOICE_EMAIL}
DESCRIPTIONS = {
    "customers": "Customers that have something to bill and are not there, and addresses and"
    " e-mails that the CRM owns.",
    "invoices": "One invoice for each billing unit that is approved and complete, exactly once.",
    "invoice_emails": "Invoices mailed by QuickBooks, in mode `send` and each once.",
}
OUTBOXES = ("customers", "invoices")
CUSTOMER_PAGE = "https://app.qbo.intuit.com/app/customerdetail?nameId="
INVOICE_PAGE = "https://app.qbo.intuit.com/app/invoice?txnId="


@dg.multi_asset(
    name="deliver_quickbooks",
    specs=writeback_specs(SYSTEM, DESCRIPTIONS, outboxes=OUTBOXES),
    pool=WAREHOUSE_POOL,
)
def deliver_quickbooks(
    context: dg.AssetExecutionContext, home: HomeResource, live_deals: LiveDeals
) -> Iterator[dg.MaterializeResult[None]]:
    """What is approved and complete goes into the books; whatever fails is told and stops nothing.

    The run fails at its end if a write failed, once all else was delivered and published.
    """
    wanted = [wish for wish in read_wanted(home.home.warehouse) if wish.system == SYSTEM]
    mode = mode_of_run(home.home, Settings.read())
    reports: list[Report] = []
    if mode.writes:
        with ledger_of_home(context.run_id) as ledger:
            begin_before_delivery(ledger, home.home)
            stale = stale_entities_of_run(home.home.raw, context.run_id)
            unread = {failed.entity for failed in stale if failed.system == SYSTEM}
            for access in accesses(QuickBooksSettings.read()):
                own = [wish for wish in wanted if wish.entity == access.realm]
                realm = _Realm(context, home.home, access, ledger, mode)
                if access.realm in unread:
                    reports.append(_left_alone(own))
                    continue
                with live_deals.recheck() as recheck:
                    reports += realm.deliver(own, recheck)
    unsent = unsent_sentence("QuickBooks", reports)
    for name, object in OBJECTS.items():
        waiting = [wish for wish in wanted if wish.object == object]
        lines = lines_of(reports, object)
        yield materialization(SYSTEM, name, mode, waiting, lines, _page_of, unsent=unsent)
    fail_unless_published(context.run, unsent)


class _Realm:
    """One realm's deliveries in one run."""

    def __init__(
        self,
        context: dg.AssetExecutionContext,
        home: Home,
        access: QuickBooksAccess,
        ledger: Ledger,
        mode: Mode,
    ) -> None:
        self._home = home
        self._access = access
        self._ledger = ledger
        self._mode = mode
        self._tell = partial(tell, context.log)
        self._stop = partial(refuse_when_stopped, home)

    def deliver(self, wanted: list[Wanted], recheck: Recheck) -> list[Report]:
        """Customers and invoices, then the mails of those that were made to be mailed."""
        self._tell(f"Delivering to QuickBooks realm {self._access.realm}: {len(wanted):,} wanted")
        with QuickBooksClient(
            self._access, TokenStore(self._home.tokens), allowance=Switch(self._stop)
        ) as client:
            reports = [self._delivered(QuickBooksTarget(client), wanted, recheck)]
            if self._mode is Mode.SEND:
                due = mails(self._ledger.current(SYSTEM, self._access.realm))
                reports.append(self._delivered(QuickBooksMail(client), due, _nothing_to_check))
            return reports

    def _delivered(
        self,
        target: QuickBooksTarget | QuickBooksMail,
        wanted: list[Wanted],
        recheck: Recheck,
    ) -> Report:
        return deliver(
            self._ledger,
            target,
            wanted,
            target_system=SYSTEM,
            entity=self._access.realm,
            recheck=recheck,
            stop=self._stop,
            tell=self._tell,
            books=read_books(self._home, SYSTEM, self._access.realm),
            mode=self._mode.value,
        )


def _left_alone(wanted: list[Wanted]) -> Report:
    """What was invoiced by hand since these books were last read is not known."""
    why = "its books could not be read in this run"
    return Report(skipped=[Line(wish.object, wish.key, why) for wish in wanted])


def _nothing_to_check(_: object) -> dict[str, str]:
    """A mail rests on the invoice, which is in the books."""
    return {}


def _page_of(line: Line) -> str | None:
    if line.remote_id is None:
        return None
    page = CUSTOMER_PAGE if line.object == CUSTOMER else INVOICE_PAGE
    return f"{page}{line.remote_id}"
