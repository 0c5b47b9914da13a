"""Won deals that nobody has billed yet and that are ready for it.

Belongs here: who can be billed, and making a deal that nothing stops. Does not belong here: what
stops one (``stopped``). Nothing that the customer was billed lately, and that no number ties to its
deal, has an item in common with such a deal, so that no reader takes it for its invoice.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from random import Random
from typing import NamedTuple

from q2c_pipeline.sandbox.generate import profile
from q2c_pipeline.sandbox.generate.books import catalogue
from q2c_pipeline.sandbox.generate.books.catalogue import Item
from q2c_pipeline.sandbox.generate.books.documents import Invoice
from q2c_pipeline.sandbox.generate.books.invoicing import sales_line
from q2c_pipeline.sandbox.generate.books.keeping import Books
from q2c_pipeline.sandbox.generate.crm import histories
from q2c_pipeline.sandbox.generate.crm.accounts import (
    ACTIVE,
    BILLING_MANAGER,
    CONTROLLER,
    CrmAccount,
    active_owner,
    prospect,
)
from q2c_pipeline.sandbox.generate.crm.approvals import APPROVED_AFTER, SUBMITTED_AFTER
from q2c_pipeline.sandbox.generate.crm.booking import KINDS_OF_MORE, new_deal
from q2c_pipeline.sandbox.generate.crm.deal import (
    Approval,
    Deal,
    DealLine,
    Evidence,
    Instalment,
    Kind,
)
from q2c_pipeline.sandbox.generate.crm.evidence import purchase_order
from q2c_pipeline.sandbox.generate.crm.gates import (
    BILLING_FROM,
    DELIVERED,
    DELIVERED_BY_KIND,
    IN_PROGRESS,
    covers_amount,
    covers_terms,
    is_past_due,
    power_of,
    room_of,
    terms_days,
)
from q2c_pipeline.sandbox.generate.crm.products import BUNDLE_PRODUCT, OF_ITEM
from q2c_pipeline.sandbox.generate.days import (
    SECONDS_PER_DAY,
    business_day_from,
    business_day_until,
    day_text,
)
from q2c_pipeline.sandbox.generate.money import home_cents

KIND = "to_bill"
#: So many accounts for one ready deal, and at least so many of those.
ACCOUNTS_PER_READY_DEAL, READY_MIN = 5, 12
#: Won so long ago that it is approved, and edited where that is planted, before the clock starts.
LAST_WON = business_day_until(profile.LAST_DAY - 4)
#: The invoices among which a reader looks for those of a deal begin so long before it was won.
LOOKED_AT_DAYS = 60
ATTEMPTS_MAX = 2_000
LINES_PER_DEAL = (1, 2, 2, 3)
DISCOUNTS = (5, 10, 15)
BUNDLES = (1, 2, 3)
INSTALMENT_DAYS = (10, 24)
NOT_YET_DUE_DAYS = 20
#: Companies that sales has just won and finance has activated; the books do not know them.
NEW_CUSTOMERS = ("Halcyon Ferries Inc.", "Tamarind Printworks LLC")

AMOUNT_ANY = (1, 10**12)
ON_SALE = tuple(
    item for item in catalogue.ITEMS if item.retired is None and item.id != catalogue.AT_COST
)

#: Changes a deal before it gets its history.
Shape = Callable[[Deal, Random], None]


def as_it_is(deal: Deal, random: Random) -> None:
    pass


#: Whether an amount is wanted where so much can be charged once all others here are billed, and
#: so much today.
Credit = Callable[[int, int, int], bool]


def fits(home: int, left: int, today: int) -> bool:
    return home <= left


class Order(NamedTuple):
    """What is wanted of a deal: who buys, what, for how much in home cents, and on what credit."""

    buyers: list[CrmAccount]
    shape: Shape = as_it_is
    amount: tuple[int, int] = AMOUNT_ANY
    credit: Credit = fits
    last_won: int = LAST_WON


class Market:
    """Accounts with what each may still be charged, and what would be mistaken for an invoice."""

    def __init__(
        self, accounts: Iterable[CrmAccount], books: Books, billed: Iterable[Deal]
    ) -> None:
        self.accounts = list(filter(_is_customer, accounts))
        self.books = books
        self.room = {account.number: _room(account) for account in self.accounts}
        self._taken: dict[int, set[int]] = defaultdict(set)
        self._loose: dict[int, list[Invoice]] = defaultdict(list)
        tied = {
            billing.invoice.id
            for deal in billed
            if deal.evidence is not Evidence.NONE
            for billing in deal.billings
        }
        for account in self.accounts:
            for invoice in reversed(books.invoices[account.number - 1]):
                if invoice.day < BILLING_FROM - LOOKED_AT_DAYS:
                    break
                self._taken[account.number] |= {invoice.net, invoice.total}
                if invoice.id not in tied:
                    self._loose[account.number].append(invoice)

    def buyers(self, *, currency: str = profile.HOME_CURRENCY) -> list[CrmAccount]:
        """Those that nothing stops."""
        return [
            account
            for account in self.accounts
            if account.currency == currency
            and self.room[account.number] > 0
            and not is_past_due(account)
        ]

    def leave(self, account: CrmAccount) -> None:
        """Something is wrong with it, so nothing else is to be planted there."""
        self.accounts.remove(account)

    def items_free(self, account: CrmAccount, close_day: int) -> list[Item]:
        """Those of which no loose invoice could be mistaken for a sale."""
        taken = {
            line.item
            for invoice in self._loose[account.number]
            if invoice.day >= close_day - LOOKED_AT_DAYS
            for line in invoice.lines
        }
        return [item for item in ON_SALE if item not in taken]

    def home(self, deal: Deal, cents: int, day: int = profile.CLOCK_DAY) -> int:
        return home_cents(cents, self.books.rates.on(day, deal.currency))

    def accepts(self, deal: Deal, order: Order) -> bool:
        amount, account = deal.amount or 0, deal.account
        home = self.home(deal, amount)
        least, most = order.amount
        return (
            least <= home <= most
            and order.credit(home, self.room[account.number], _room(account))
            and not self._taken[account.number] & _amounts(deal)
        )

    def take(self, deal: Deal) -> None:
        self._taken[deal.account.number] |= _amounts(deal)
        self.room[deal.account.number] -= self.home(deal, deal.amount or 0)


def _is_customer(account: CrmAccount) -> bool:
    """By itself: a job and its parent are billed together, or not."""
    customer = account.customer
    return (
        customer is not None
        and customer.is_active
        and not (customer.parent or customer.jobs)
        and customer.since + 2 * LOOKED_AT_DAYS < BILLING_FROM
    )


def _room(account: CrmAccount) -> int:
    room = room_of(account)
    return AMOUNT_ANY[1] if room is None else room


def _amounts(deal: Deal) -> set[int]:
    parts = {part.amount for line in deal.lines for part in line.instalments}
    return {deal.amount or 0} | parts


def ready_deals(market: Market, accounts: list[CrmAccount], random: Random) -> Iterator[Deal]:
    """In the home currency but for one; new customers' accounts are added to ``accounts``."""
    count = max(len(accounts) // ACCOUNTS_PER_READY_DEAL, READY_MIN)
    abroad, at_home = market.buyers(currency=profile.FOREIGN_CURRENCY), market.buyers()
    orders = (_order(at_home, position) for position in range(count - 1))
    for order in (Order(abroad), *orders):
        deal = order_deal(market, order, random)
        if deal is not None:
            book(deal, market, random)
            yield deal
    for name in NEW_CUSTOMERS:
        account = prospect(len(accounts) + 1, name, random)
        account.billing.finance_status = ACTIVE
        accounts.append(account)
        deal = some_deal(account, Kind.NEW, LAST_WON, ON_SALE, random)
        book(deal, market, random)
        yield deal


def _order(buyers: list[CrmAccount], position: int) -> Order:
    shape = SHAPES[position % len(SHAPES)]
    last = profile.LAST_DAY - 2 * INSTALMENT_DAYS[-1] if shape is _in_instalments else LAST_WON
    return Order(buyers, shape, last_won=last)


def order_deal(market: Market, order: Order, random: Random) -> Deal | None:
    """A won deal without a history yet; None if nobody buys that."""
    if not order.buyers:
        return None
    for _ in range(ATTEMPTS_MAX):
        account = random.choice(order.buyers)
        close_day = business_day_from(random.randint(BILLING_FROM, order.last_won))
        items = market.items_free(account, close_day)
        if not items:
            continue
        deal = some_deal(account, random.choice(KINDS_OF_MORE), close_day, items, random)
        order.shape(deal, random)
        if market.accepts(deal, order):
            market.take(deal)
            return deal
    return None


def some_deal(
    account: CrmAccount, kind: Kind, close_day: int, items: Sequence[Item], random: Random
) -> Deal:
    percent = account.customer.price_percent if account.customer else 100
    chosen = random.sample(items, min(random.choice(LINES_PER_DEAL), len(items)))
    name = f"{account.name} - {chosen[0].name} {day_text(close_day)}"
    deal = new_deal(account, name, close_day, random, kind=kind)
    for item in chosen:
        order = sales_line(item, percent, random)
        deal.lines.append(DealLine(OF_ITEM[item.id], order.quantity, order.price))
    deal.total_lines()
    return deal


def _with_discounts(deal: Deal, random: Random) -> None:
    for line in deal.lines:
        line.discount = random.choice(DISCOUNTS)
    deal.total_lines()


def _with_a_bundle(deal: Deal, random: Random) -> None:
    deal.lines = [DealLine(BUNDLE_PRODUCT, random.choice(BUNDLES) * 100, BUNDLE_PRODUCT.price)]
    deal.total_lines()


def _in_instalments(deal: Deal, random: Random) -> None:
    """Three of one line, of which the last is still to be delivered."""
    line = deal.lines[0]
    first = max(line.quantity // 300, 1) * 100
    days = [*(deal.close_day + days for days in INSTALMENT_DAYS)]
    days.append(profile.CLOCK_DAY + NOT_YET_DUE_DAYS)
    quantities = (first, first + 100, first + 200)
    deliveries = (DELIVERED[0], DELIVERED[1], IN_PROGRESS)
    line.quantity = sum(quantities)
    line.instalments = tuple(
        Instalment(business_day_from(day), quantity, quantity * line.price // 100, delivery)
        for day, quantity, delivery in zip(days, quantities, deliveries, strict=True)
    )
    deal.total_lines()


SHAPES = (as_it_is, _with_discounts, _in_instalments, _with_a_bundle, as_it_is)


def book(deal: Deal, market: Market, random: Random) -> None:
    """Gives it its history, and what makes it ready to be billed."""
    deal.case = deal.case or KIND
    deal.owner = active_owner(deal.account)
    amount = deal.amount or 0
    home = market.home(deal, amount)
    created = deal.account.created // SECONDS_PER_DAY + 1
    deal.steps = histories.closed(amount, deal.close_day, random, not_before=created)
    deal.differ("B", "to_backlog", deal.close_day, -market.home(deal, amount, deal.close_day))
    deal.delivery = random.choice(DELIVERED_BY_KIND[deal.kind])
    deal.purchase_order = purchase_order(deal, random)
    reviewers = [
        reviewer
        for reviewer in (CONTROLLER, BILLING_MANAGER)
        if covers_amount(power_of(reviewer), home)
        and covers_terms(power_of(reviewer), terms_days(deal))
    ]
    submitted = deal.last_step.moment + random.randint(*SUBMITTED_AFTER)
    completed = submitted + random.randint(*APPROVED_AFTER)
    deal.approval = Approval(submitted, completed, random.choice(reviewers))
