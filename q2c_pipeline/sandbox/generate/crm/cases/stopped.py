"""Deals to be billed that one gate stops, and nothing else: at least one for each way to fail it.

Belongs here: what is wrong with each, and the table of them. Does not belong here: ready deals
(``to_bill``), and judging (``crm.gates``).
"""

from collections.abc import Callable, Iterable, Iterator
from random import Random
from typing import NamedTuple

from q2c_pipeline.sandbox.generate import profile
from q2c_pipeline.sandbox.generate.books import catalogue
from q2c_pipeline.sandbox.generate.books.desk import Planted
from q2c_pipeline.sandbox.generate.books.documents import Document, Invoice, SalesLine
from q2c_pipeline.sandbox.generate.books.keeping import NUMBERED_TOGETHER
from q2c_pipeline.sandbox.generate.books.settlement import carry
from q2c_pipeline.sandbox.generate.crm.accounts import (
    ACTIVE,
    BILLING_MANAGER,
    COLLECTIONS_LEAD,
    EXEMPT,
    FORMER_BILLING_MANAGER,
    NOT_YET_ACTIVE,
    USERS,
    CrmAccount,
)
from q2c_pipeline.sandbox.generate.crm.cases.to_bill import (
    AMOUNT_ANY,
    LAST_WON,
    ON_SALE,
    Credit,
    Market,
    Order,
    Shape,
    as_it_is,
    book,
    fits,
    order_deal,
    some_deal,
)
from q2c_pipeline.sandbox.generate.crm.deal import PENDING, REJECTED, Approval, Deal, Kind
from q2c_pipeline.sandbox.generate.crm.gates import (
    IN_PROGRESS,
    NO_POWER,
    POWERS,
    WITH_PURCHASE_ORDER,
    covers_terms,
    is_past_due,
    terms_days_of,
)
from q2c_pipeline.sandbox.generate.crm.products import OF_ITEM, UNKNOWN_TO_BOOKS
from q2c_pipeline.sandbox.generate.days import business_day_until
from q2c_pipeline.sandbox.generate.likeness.pairs import Pair

#: So many accounts for one deal of each kind.
ACCOUNTS_PER_DEAL = 100
TOO_MUCH_PERCENT = 20
TOO_LONG = "Net 60"
#: What is unlike in a twin that is to be billed; it is at home, so that nothing else stops it.
TWIN_KIND = "phone"
LINES_AND_MORE = 100_00
EDITED_AFTER = (3_600, 80_000)
INVOICE_DAYS_AGO = (5, 20)
UP_TO_BILLING_MANAGER = (1, POWERS["Billing Manager"].amount_home_max or 0)
ABOVE_COLLECTIONS_LEAD = (
    (POWERS["Collections Lead"].amount_home_max or 0) + 1,
    UP_TO_BILLING_MANAGER[1],
)
#: What goes wrong once the deal has its history and its approval.
Mishap = Callable[[Deal, Market, Random], None]


def _none(deal: Deal, market: Market, random: Random) -> None:
    pass


def _anybody(market: Market) -> list[CrmAccount]:
    return market.buyers()


def _on_usual_terms(market: Market) -> list[CrmAccount]:
    """Nobody has to allow their terms."""
    return [each for each in market.buyers() if covers_terms(NO_POWER, terms_days_of(each))]


def _wanting_an_order_number(market: Market) -> list[CrmAccount]:
    return [each for each in market.buyers() if each.segment in WITH_PURCHASE_ORDER]


def _wanting_none(market: Market) -> list[CrmAccount]:
    return [each for each in market.buyers() if each.segment not in WITH_PURCHASE_ORDER]


def _exempt(market: Market) -> list[CrmAccount]:
    return [each for each in _wanting_none(market) if each.billing.tax_status == EXEMPT]


def _overdue(market: Market) -> list[CrmAccount]:
    home = profile.HOME_CURRENCY
    return [each for each in market.accounts if is_past_due(each) and each.currency == home]


def _abroad(market: Market) -> list[CrmAccount]:
    return market.buyers(currency=profile.FOREIGN_CURRENCY)


def _fits_twice(home: int, left: int, today: int) -> bool:
    return 2 * home <= left


def _exceeds(home: int, left: int, today: int) -> bool:
    return home > today


def _takes_most(home: int, left: int, today: int) -> bool:
    return fits(home, left, today) and 2 * home > today


def _instead_of(taken: int) -> Credit:
    """Whether it fits without what is taken, and does not beside it."""
    return lambda home, left, today: today - taken < home <= left + taken


def _whatever_it_is(home: int, left: int, today: int) -> bool:
    return True


class Stop(NamedTuple):
    """``of_account`` says that all deals of the account are stopped, so it gets no other."""

    kind: str
    gate: str
    mishap: Mishap = _none
    shape: Shape = as_it_is
    buyers: Callable[[Market], list[CrmAccount]] = _anybody
    amount: tuple[int, int] = AMOUNT_ANY
    credit: Credit = fits
    of_account: bool = False


def stopped_deals(market: Market, accounts: int, random: Random) -> Iterator[Deal]:
    for stop in STOPS:
        order = Order(stop.buyers(market), stop.shape, stop.amount, stop.credit)
        for _ in range(max(accounts // ACCOUNTS_PER_DEAL, 1)):
            deal = order_deal(market, order, random)
            if deal is not None:
                deal.case = stop.kind
                book(deal, market, random)
                stop.mishap(deal, market, random)
                if stop.of_account:
                    market.leave(deal.account)
                    order.buyers.remove(deal.account)
                yield deal


def _not_delivered(deal: Deal, market: Market, random: Random) -> None:
    deal.delivery = IN_PROGRESS


def _never_submitted(deal: Deal, market: Market, random: Random) -> None:
    deal.approval = None


def _pending(deal: Deal, market: Market, random: Random) -> None:
    deal.approval = _approval(deal)._replace(status=PENDING)


def _rejected(deal: Deal, market: Market, random: Random) -> None:
    deal.approval = _approval(deal)._replace(status=REJECTED)


def _approved_by(person: int) -> Mishap:
    def mishap(deal: Deal, market: Market, random: Random) -> None:
        deal.approval = _approval(deal)._replace(approver=person)

    return mishap


def _approved_by_sales(deal: Deal, market: Market, random: Random) -> None:
    colleague = (deal.owner + 1) % (len(USERS) - 1)
    deal.approval = _approval(deal)._replace(approver=colleague)


def _approved_by_owner(deal: Deal, market: Market, random: Random) -> None:
    """Somebody of finance sold it, too."""
    deal.owner = _approval(deal).approver


def _approved_by_submitter(deal: Deal, market: Market, random: Random) -> None:
    approval = _approval(deal)
    deal.approval = approval._replace(submitter=approval.approver)


def _approval(deal: Deal) -> Approval:
    if deal.approval is None:
        raise ValueError(f"{deal.name} was not booked")
    return deal.approval


def _edited_later(deal: Deal, market: Market, random: Random) -> None:
    """Somebody wrote to a line after the approval; what it said before, nobody knows."""
    line = random.choice(deal.lines)
    line.modified = _approval(deal).completed + random.randint(*EDITED_AFTER)


def _discounted_too_much(deal: Deal, random: Random) -> None:
    for line in deal.lines:
        line.discount = TOO_MUCH_PERCENT
    deal.total_lines()


def _on_long_terms(deal: Deal, random: Random) -> None:
    deal.terms = TOO_LONG


def _with_a_product_unknown(deal: Deal, random: Random) -> None:
    line = random.choice(deal.lines)
    line.product, line.description = UNKNOWN_TO_BOOKS, line.product.description


def _with_a_retired_product(deal: Deal, random: Random) -> None:
    retired = [OF_ITEM[item.id] for item in catalogue.ITEMS if item.retired is not None]
    line = random.choice(deal.lines)
    line.product = random.choice(retired)
    line.price = line.product.price
    deal.total_lines()


def _for_more_than_its_lines(deal: Deal, random: Random) -> None:
    deal.amount = (deal.amount or 0) + LINES_AND_MORE


def _in_home_currency(deal: Deal, random: Random) -> None:
    deal.currency_apart = profile.HOME_CURRENCY


def _without_mail(deal: Deal, market: Market, random: Random) -> None:
    deal.account.billing.has_mail = False


def _not_activated(deal: Deal, market: Market, random: Random) -> None:
    deal.account.billing.finance_status = NOT_YET_ACTIVE


def deals_of_twins(
    market: Market, pairs: Iterable[Pair[CrmAccount]], random: Random
) -> Iterator[Deal]:
    """Of accounts that were created again, and that finance activated unawares."""
    for pair in pairs:
        if pair.kind == TWIN_KIND and pair.other.is_twin:
            pair.other.billing.finance_status = ACTIVE
            deal = some_deal(pair.other, Kind.NEW, LAST_WON, ON_SALE, random)
            deal.case = "account_twice"
            book(deal, market, random)
            yield deal


def deals_above_limit_together(market: Market, accounts: int, random: Random) -> Iterator[Deal]:
    """Two of one account that each have room, and not beside each other: the later one waits."""
    for _ in range(max(accounts // ACCOUNTS_PER_DEAL, 1)):
        one = order_deal(market, Order(market.buyers(), credit=_takes_most), random)
        if one is None:
            continue
        credit = _instead_of(market.home(one, one.amount or 0))
        other = order_deal(market, Order([one.account], credit=credit), random)
        deals = [one] if other is None else [one, other]
        for deal in deals:
            book(deal, market, random)
        if other is not None:
            later = max(deals, key=lambda deal: _approval(deal).completed)
            later.case = "above_limit_together"
        yield from deals


def _without_certificate(deal: Deal, market: Market, random: Random) -> None:
    deal.account.billing.certificate = ""


def _without_order_number(deal: Deal, market: Market, random: Random) -> None:
    deal.purchase_order = ""


def _billed_alike(deal: Deal, market: Market, random: Random) -> None:
    """Something else came to the same amount lately, and was entered on the last day."""
    customer, documents = deal.account.customer, market.books.documents
    if customer is None:
        raise ValueError(f"{deal.account.name} is no customer")
    travel, amount = catalogue.ITEMS[catalogue.AT_COST - 1], deal.amount or 0
    day = business_day_until(profile.LAST_DAY - random.randint(*INVOICE_DAYS_AGO))
    created = documents[-1].created + 60
    invoice = Invoice(
        customer=customer,
        day=day,
        created=created,
        updated=created,
        total=amount,
        id=documents[-1].id + 1,
        number=_last_number(documents) + 1,
        lines=(SalesLine(travel, 100, amount, amount),),
        due=day + customer.term.due_days,
    )
    documents.append(invoice)
    market.books.invoices[customer.rank].append(invoice)
    market.books.planted.append(Planted("invoice_alike", invoice, amount, "unlike any deal"))
    carry(invoice, customer, amount)
    market.room[deal.account.number] -= amount


def _last_number(documents: list[Document]) -> int:
    return next(each.number for each in reversed(documents) if each.entity in NUMBERED_TOGETHER)


#: Of a whole account first, before others are planted there.
STOPS = (
    Stop("no_billing_mail", "customer_complete", _without_mail, buyers=_wanting_none,
         of_account=True),
    Stop("account_not_active", "customer_active", _not_activated, buyers=_wanting_none,
         of_account=True),
    Stop("no_tax_certificate", "tax", _without_certificate, buyers=_exempt, of_account=True),
    Stop("not_delivered", "delivery", _not_delivered),
    Stop("never_submitted", "approval", _never_submitted, buyers=_on_usual_terms),
    Stop("approval_pending", "approval", _pending, buyers=_on_usual_terms),
    Stop("approval_rejected", "approval", _rejected, buyers=_on_usual_terms),
    Stop("approved_by_sales", "approval", _approved_by_sales, buyers=_on_usual_terms),
    Stop("approved_above_level", "approval", _approved_by(COLLECTIONS_LEAD),
         buyers=_on_usual_terms, amount=ABOVE_COLLECTIONS_LEAD),
    Stop("approver_left", "approval", _approved_by(FORMER_BILLING_MANAGER),
         buyers=_on_usual_terms, amount=UP_TO_BILLING_MANAGER),
    Stop("approved_by_owner", "segregation_of_duties", _approved_by_owner),
    Stop("approved_by_submitter", "segregation_of_duties", _approved_by_submitter),
    Stop("edited_after_approval", "as_approved", _edited_later),
    Stop("discount_above_level", "discount", _approved_by(BILLING_MANAGER), _discounted_too_much,
         _on_usual_terms, UP_TO_BILLING_MANAGER),
    Stop("terms_above_level", "terms", _approved_by(BILLING_MANAGER), _on_long_terms,
         amount=UP_TO_BILLING_MANAGER),
    Stop("product_unknown", "items", shape=_with_a_product_unknown),
    Stop("item_inactive", "items", shape=_with_a_retired_product),
    Stop("no_order_number", "purchase_order", _without_order_number,
         buyers=_wanting_an_order_number),
    Stop("account_on_hold", "credit_standing", buyers=_overdue, credit=_whatever_it_is),
    Stop("above_credit_limit", "credit_standing", credit=_exceeds),
    Stop("currency_unlike_customer", "currency", shape=_in_home_currency, buyers=_abroad),
    Stop("amount_above_lines", "totals", shape=_for_more_than_its_lines),
    Stop("invoice_alike", "not_billed_yet", _billed_alike, credit=_fits_twice),
)  # fmt: skip
