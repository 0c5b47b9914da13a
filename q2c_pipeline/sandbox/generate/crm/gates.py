"""What may be billed: the gates as the firm's policy has them, judged from what was made up.

Belongs here: units of a won deal, and which gates each fails. Does not belong here: planting
(``cases``), and anything that a reader of the two systems would need to find that out. Amounts are
cents.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from datetime import date
from typing import NamedTuple

from q2c_pipeline.sandbox.generate import profile
from q2c_pipeline.sandbox.generate.books import catalogue
from q2c_pipeline.sandbox.generate.books.rates import Rates
from q2c_pipeline.sandbox.generate.crm.accounts import (
    ACTIVE,
    EVERYBODY,
    EXEMPT,
    SEGMENTS,
    CrmAccount,
)
from q2c_pipeline.sandbox.generate.crm.deal import (
    APPROVED,
    Approval,
    Deal,
    DealLine,
    Kind,
    last_modified,
    submitter,
)
from q2c_pipeline.sandbox.generate.crm.products import BUNDLE_PRODUCT, OF_ITEM
from q2c_pipeline.sandbox.generate.money import home_cents

BILLING_FROM = date(2026, 5, 1).toordinal()
DELIVERED = ("Delivered", "Accepted")
MILESTONE, IN_PROGRESS = "Milestone Approved", "In Progress"
DELIVERED_BY_KIND = dict.fromkeys(Kind, DELIVERED) | {Kind.RENEWAL: (*DELIVERED, MILESTONE)}
STANDARD_TERMS_DAYS, DISCOUNT_MAX = 30, 15
HOLD_AFTER_DAYS, ALIKE_DAYS = 30, 45
CREDIT = "credit_standing"
WITH_PURCHASE_ORDER = (SEGMENTS[0],)
#: What is stamped so soon after an approval is a part of it.
APPROVAL_SECONDS = 60
TERM_DAYS = {term.name: term.due_days for term in catalogue.TERMS}
ACTIVE_PRODUCTS = {OF_ITEM[item.id] for item in catalogue.ITEMS if item.retired is None} | {
    BUNDLE_PRODUCT
}


class Power(NamedTuple):
    """What somebody may approve; ``amount_home_max`` is None without a limit."""

    amount_home_max: int | None
    discount_max: int
    terms_days_max: int


NO_POWER = Power(0, 0, 0)
POWERS = {
    "Controller": Power(None, 30, 90),
    "Billing Manager": Power(5_000_000, 15, 30),
    "Collections Lead": Power(1_000_000, 15, 0),
}


def power_of(person: int) -> Power:
    return POWERS.get(EVERYBODY[person].title, NO_POWER)


def covers_amount(power: Power, home: int) -> bool:
    return power.amount_home_max is None or home <= power.amount_home_max


def covers_terms(power: Power, days: int) -> bool:
    return days <= max(STANDARD_TERMS_DAYS, power.terms_days_max)


def terms_days(deal: Deal) -> int:
    return TERM_DAYS[deal.terms] if deal.terms else terms_days_of(deal.account)


def terms_days_of(account: CrmAccount) -> int:
    return TERM_DAYS[account.billing.terms]


def is_past_due(account: CrmAccount) -> bool:
    oldest = account.customer.oldest_due if account.customer else None
    return oldest is not None and oldest < profile.CLOCK_DAY - HOLD_AFTER_DAYS


def room_of(account: CrmAccount) -> int | None:
    """What may still be charged, in home currency; None without a limit."""
    if account.credit_limit is None or account.customer is None:
        return account.credit_limit
    return account.credit_limit - account.customer.owed_home


class Unit(NamedTuple):
    """What is billed at once: a deal, or one instalment of it, by its ``position`` among all."""

    deal: Deal
    position: int | None
    amount: int
    lines: tuple[DealLine, ...]
    delivery: str


def units(deal: Deal) -> Iterator[Unit]:
    """Every instalment, and the lines without any together."""
    position, rest = 0, deal.amount or 0
    for line in deal.lines:
        for part in line.instalments:
            delivery = part.delivery or deal.delivery
            yield Unit(deal, position, part.amount, (line,), delivery)
            position, rest = position + 1, rest - part.amount
    whole = tuple(line for line in deal.lines if not line.instalments)
    if whole or not position:
        yield Unit(deal, None, rest, whole, deal.delivery)


class Judge:
    """``alike`` holds what each customer was billed lately without any deal, by its rank."""

    def __init__(self, rates: Rates, alike: Mapping[int, Set[int]]) -> None:
        self._rates = rates
        self._alike = alike

    def failed(self, unit: Unit) -> list[str]:
        return [gate for gate, passes in GATES.items() if not passes(self, unit)]

    def hold_above_credit(self, ready: Iterable[tuple[Unit, list[str]]]) -> None:
        """Adds the gate to what those fail for which the ones before them leave too little room.

        ``ready`` are units that nothing else stops, in the order of their approval.
        """
        taken: dict[int, int] = defaultdict(int)
        for unit, failed in ready:
            account, home = unit.deal.account, self.home_today(unit)
            room = room_of(account)
            if room is None or taken[account.number] + home <= room:
                taken[account.number] += home
            else:
                failed.append(CREDIT)

    def home_today(self, unit: Unit) -> int:
        return self.home(unit.deal, unit.amount, profile.CLOCK_DAY)

    def home(self, deal: Deal, cents: int, day: int) -> int:
        return home_cents(cents, self._rates.on(day, deal.currency))

    def is_alike(self, unit: Unit) -> bool:
        customer = unit.deal.customer
        return customer is not None and unit.amount in self._alike.get(customer.rank, ())


def _is_approved(judge: Judge, unit: Unit) -> bool:
    approval = _approval(unit)
    if approval is None:
        return False
    deal, is_there = unit.deal, EVERYBODY[approval.approver].is_active
    booked = judge.home(deal, deal.amount or 0, deal.close_day)
    return is_there and covers_amount(power_of(approval.approver), booked)


def _is_approved_by_another(judge: Judge, unit: Unit) -> bool:
    """Without an approval there is nothing to judge, here and for what changed since."""
    deal, approval = unit.deal, _approval(unit)
    if approval is None:
        return True
    return approval.approver not in (deal.owner, submitter(deal, approval))


def _is_as_approved(judge: Judge, unit: Unit) -> bool:
    deal, approval = unit.deal, _approval(unit)
    return approval is None or last_modified(deal) <= approval.completed + APPROVAL_SECONDS


def _may_discount(judge: Judge, unit: Unit) -> bool:
    discount = max((line.discount for line in unit.lines), default=0)
    return discount <= max(DISCOUNT_MAX, _power(unit).discount_max)


def _power(unit: Unit) -> Power:
    """What whoever approved it may approve."""
    approval = _approval(unit)
    return power_of(approval.approver) if approval else NO_POWER


def _approval(unit: Unit) -> Approval | None:
    approval = unit.deal.approval
    return approval if approval and approval.status == APPROVED else None


def _has_credit(judge: Judge, unit: Unit) -> bool:
    account = unit.deal.account
    room = room_of(account)
    return not is_past_due(account) and (room is None or judge.home_today(unit) <= room)


def _is_active(judge: Judge, unit: Unit) -> bool:
    """A twin that the books do not know would become a customer of theirs once more."""
    account = unit.deal.account
    is_known_otherwise = account.is_twin and account.customer is None
    return account.billing.finance_status == ACTIVE and not is_known_otherwise


def _sells_items(judge: Judge, unit: Unit) -> bool:
    return all(line.product in ACTIVE_PRODUCTS for line in unit.lines)


def _adds_up(judge: Judge, unit: Unit) -> bool:
    return unit.amount > 0 and unit.deal.amount == sum(line.amount for line in unit.deal.lines)


def _has_tax_status(judge: Judge, unit: Unit) -> bool:
    billing = unit.deal.account.billing
    return billing.tax_status != EXEMPT or bool(billing.certificate)


def _has_purchase_order(judge: Judge, unit: Unit) -> bool:
    deal = unit.deal
    return bool(deal.purchase_order) or deal.account.segment not in WITH_PURCHASE_ORDER


def _is_in_customers_currency(judge: Judge, unit: Unit) -> bool:
    customer = unit.deal.customer
    return customer is None or customer.currency == unit.deal.currency


#: In the order in which readiness shows them; the others stop nobody here.
GATES: dict[str, Callable[[Judge, Unit], bool]] = {
    "delivery": lambda judge, unit: unit.delivery in DELIVERED_BY_KIND[unit.deal.kind],
    "approval": _is_approved,
    "segregation_of_duties": _is_approved_by_another,
    "as_approved": _is_as_approved,
    "discount": _may_discount,
    "terms": lambda judge, unit: covers_terms(_power(unit), terms_days(unit.deal)),
    "customer_complete": lambda judge, unit: unit.deal.account.billing.has_mail,
    "customer_active": _is_active,
    "items": _sells_items,
    "tax": _has_tax_status,
    "purchase_order": _has_purchase_order,
    CREDIT: _has_credit,
    "currency": _is_in_customers_currency,
    "totals": _adds_up,
    "not_billed_yet": lambda judge, unit: not (unit.deal.billings or judge.is_alike(unit)),
}
