"""The made-up books as a whole: every document, numbered in the order of entry.

Belongs here: putting customers, invoices, cases, habits and bank deposits together. Does not
belong here: what each of them does, what is open when, and any wire form.
"""

from collections.abc import Iterable
from random import Random
from typing import NamedTuple

from q2c_pipeline.sandbox.generate import profile
from q2c_pipeline.sandbox.generate.books import catalogue
from q2c_pipeline.sandbox.generate.books.cases.case import MINIMUM_OF_EACH, Case
from q2c_pipeline.sandbox.generate.books.cases.table import CASES
from q2c_pipeline.sandbox.generate.books.customers import Customer, make_customers
from q2c_pipeline.sandbox.generate.books.desk import Desk, Planted
from q2c_pipeline.sandbox.generate.books.documents import Deposit, Document, Invoice, Payment
from q2c_pipeline.sandbox.generate.books.habits import opening_balance, settle, settle_in_runs
from q2c_pipeline.sandbox.generate.books.invoicing import invoice_counts, make_invoices
from q2c_pipeline.sandbox.generate.books.rates import Rates, make_rates
from q2c_pipeline.sandbox.generate.books.twins import enter_lookalikes
from q2c_pipeline.sandbox.generate.chance import stream
from q2c_pipeline.sandbox.generate.days import SECONDS_PER_DAY, business_day_from
from q2c_pipeline.sandbox.generate.likeness.pairs import Pair

DEPOSIT_PAYMENTS_MAX = 50
DEPOSIT_TIME = 15 * 3600
SENT_SHARE, SENT_AFTER = 0.94, (60, 4 * 3600)
FIRST_DOCUMENT_NUMBER = 1001
#: Kinds that share the sequence of document numbers on sales forms.
NUMBERED_TOGETHER = ("Invoice", "CreditMemo", "SalesReceipt", "RefundReceipt")


class Books(NamedTuple):
    """``documents`` by id; ``invoices`` holds each customer's, by date."""

    seed: int
    customers: list[Customer]
    rates: Rates
    documents: list[Document]
    invoices: list[list[Invoice]]
    planted: list[Planted]
    lookalikes: list[Pair[Customer]]


def keep_books(seed: int, invoices: int) -> Books:
    rates = make_rates(seed)
    customers = make_customers(seed, invoices)
    counts = invoice_counts(customers, invoices)
    written = [
        make_invoices(customer, count, rates=rates, random=stream(seed, "invoices", customer.rank))
        for customer, count in zip(customers, counts, strict=True)
    ]
    chosen = _choose_cases(written, invoices, stream(seed, "cases"))
    desk = Desk(seed=seed, rates=rates)
    for customer, own in zip(customers, written, strict=True):
        _keep_customer(desk, customer, own, chosen)
    lookalikes = enter_lookalikes(desk, customers, written)
    desk.documents.extend(_bank_deposits(desk.documents))
    _number(desk.documents)
    _send(written, stream(seed, "mail"))
    return Books(seed, customers, rates, desk.documents, written, desk.planted, lookalikes)


def _keep_customer(
    desk: Desk, customer: Customer, invoices: list[Invoice], chosen: dict[int, Case]
) -> None:
    desk.turn_to(customer)
    opening_balance(desk, customer)
    desk.documents.extend(invoices)
    ordinary = []
    for invoice in invoices:
        case = chosen.get(id(invoice))
        if case is not None:
            case.play(desk, invoice)
        elif customer.has_payment_run:
            ordinary.append(invoice)
        else:
            settle(desk, invoice, invoice.total)
    settle_in_runs(desk, ordinary)


def _choose_cases(written: list[list[Invoice]], invoices: int, random: Random) -> dict[int, Case]:
    """The case of each chosen invoice, by the object's identity; no invoice gets two."""
    free = [
        invoice
        for own in written
        for invoice in own
        if invoice.customer.is_active and invoice.customer.goes_bad is None
    ]
    random.shuffle(free)
    chosen: dict[int, Case] = {}
    for case in CASES:
        wanted = max(MINIMUM_OF_EACH, invoices * case.per_thousand // 1000)
        passed = []
        while free and wanted:
            invoice = free.pop()
            age = profile.LAST_DAY - invoice.day
            if case.age_days[0] <= age <= case.age_days[1] and case.suits(invoice):
                chosen[id(invoice)] = case
                wanted -= 1
            else:
                passed.append(invoice)
        free.extend(passed)
    return chosen


def _bank_deposits(documents: Iterable[Document]) -> list[Deposit]:
    """Cheques and cards go to the bank on the next office day, several at a time."""
    waiting: dict[int, list[Payment]] = {}
    for document in documents:
        if isinstance(document, Payment) and _waits_for_deposit(document):
            waiting.setdefault(document.day, []).append(document)
    deposits = []
    for day in sorted(waiting):
        bank_day = business_day_from(day + 1)
        if bank_day > profile.LAST_DAY:
            break
        payments = waiting[day]
        for first in range(0, len(payments), DEPOSIT_PAYMENTS_MAX):
            deposits.append(_bank_deposit(bank_day, payments[first : first + DEPOSIT_PAYMENTS_MAX]))
    return deposits


def _waits_for_deposit(payment: Payment) -> bool:
    return (
        payment.is_in_books
        and payment.total > 0
        and payment.method in (catalogue.CHECK, catalogue.CARD)
    )


def _bank_deposit(day: int, payments: list[Payment]) -> Deposit:
    created = day * SECONDS_PER_DAY + DEPOSIT_TIME
    deposit = Deposit(
        customer=payments[0].customer,
        day=day,
        created=max(created, *(each.created + 60 for each in payments)),
        total=sum(each.total for each in payments),
        taken=tuple(payments),
    )
    deposit.touch(deposit.created)
    for payment in payments:
        payment.deposit = deposit
        payment.touch(deposit.created)
    return deposit


def _send(written: list[list[Invoice]], random: Random) -> None:
    """Most invoices leave by mail within hours; the others are handed over."""
    for own in written:
        for invoice in own:
            if random.random() < SENT_SHARE:
                invoice.sent = invoice.created + random.randint(*SENT_AFTER)
                invoice.touch(invoice.sent)


def _number(documents: list[Document]) -> None:
    """Ids and document numbers in the order of entry, as one sequence would give them."""
    documents.sort(key=lambda document: document.created)
    numbers = dict.fromkeys(("sales", "Estimate", "OB", "WO", "TR", "Purchase"), 0)
    numbers["sales"] = FIRST_DOCUMENT_NUMBER - 1
    for position, document in enumerate(documents, start=1):
        document.id = position
        sequence = _sequence(document)
        if sequence:
            numbers[sequence] += 1
            document.number = numbers[sequence]


def _sequence(document: Document) -> str:
    if document.entity in NUMBERED_TOGETHER:
        return "sales"
    label: str = getattr(document, "label", "")
    return label or (document.entity if document.entity in ("Estimate", "Purchase") else "")
