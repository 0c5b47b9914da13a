"""Journal entries, bank deposits and cheques with lines on receivables.

Belongs here: opening balances, write-offs, transfers, refunds. Does not belong here: sales and
payments.
"""

from collections import defaultdict

from tests.property.books.desk import Desk
from tests.property.books.lists import HOME_CURRENCY, Customer
from tests.property.books.wire import (
    BAD_DEBTS,
    CHECKING,
    EQUITY,
    SALES,
    UNDEPOSITED,
    VENDOR,
    VISA,
    Record,
    booked,
    cents,
    deposited,
    money,
    reference,
    spent,
)


def opening_balance(desk: Desk) -> None:
    customer = desk.customer()
    amount = desk.chance.choice((1, 1, -1)) * desk.cents()
    line = booked(amount, desk.receivable(customer), customer.id)
    _journal(desk, customer, [line, booked(-amount, EQUITY)])


def opening_balances(desk: Desk) -> None:
    """One entry for all customers of a currency."""
    currency = desk.customer().currency
    owing = [each for each in desk.customers if each.currency == currency]
    account = desk.receivable(owing[0])
    lines = [booked(desk.cents(), account, each.id) for each in owing]
    desk.chance.shuffle(lines)
    total = sum(cents(line["Amount"]) for line in lines)
    _journal(desk, owing[0], [*lines, booked(-total, EQUITY)])


def write_off(desk: Desk) -> None:
    customer, amount = desk.customer(), desk.cents()
    line = booked(-amount, desk.receivable(customer), customer.id)
    _journal(desk, customer, [booked(amount, BAD_DEBTS), line])


def transfer(desk: Desk) -> None:
    """From one customer to another of its currency."""
    customer, amount = desk.customer(), desk.cents()
    others = [each for each in desk.customers if each.currency == customer.currency]
    account, other = desk.receivable(customer), desk.chance.choice(others)
    lines = [booked(amount, account, other.id), booked(-amount, account, customer.id)]
    _journal(desk, customer, lines)


def several_lines(desk: Desk) -> None:
    customer = desk.customer()
    first, second = desk.cents(), desk.cents()
    account = desk.receivable(customer)
    lines = [booked(amount, account, customer.id) for amount in (first, second)]
    _journal(desk, customer, [*lines, booked(-first - second, SALES)])


def nameless_line(desk: Desk) -> None:
    """A line on receivables that names nobody, or a vendor."""
    customer, amount = desk.customer(), desk.cents()
    line = booked(amount, desk.receivable(customer))
    if desk.happens(0.4):
        named = {"Type": "Vendor", "EntityRef": reference(VENDOR)}
        line["JournalEntryLineDetail"]["Entity"] = named
    _journal(desk, customer, [line, booked(-amount, EQUITY)])


def both_sides(desk: Desk) -> None:
    """A debit and a credit of one customer in one entry."""
    customer = desk.customer()
    debit, credit = desk.cents(), desk.cents()
    account = desk.receivable(customer)
    lines = [booked(debit, account, customer.id), booked(-credit, account, customer.id)]
    _journal(desk, customer, [*lines, booked(credit - debit, SALES)])


def bank_deposit(desk: Desk) -> None:
    """Takes payments out of undeposited funds, books money straight to receivables, or both."""
    customer = desk.customer()
    waiting = [
        payment
        for payment in desk.living("Payment")
        if payment.get("CurrencyRef", reference(HOME_CURRENCY)) == reference(HOME_CURRENCY)
        and payment["TotalAmt"] > 0
        and "DepositToAccountRef" not in payment
    ]
    taken = waiting[-3:] if customer.currency == HOME_CURRENCY else []
    lines: list[Record] = []
    for payment in taken:
        payment["DepositToAccountRef"] = reference(UNDEPOSITED)
        link = {"TxnId": payment["Id"], "TxnType": "Payment"}
        lines.append({"Amount": payment["TotalAmt"], "LinkedTxn": [link]})
    record = desk.head(customer) | {"DepositToAccountRef": reference(CHECKING), "Line": lines}
    for number in range(desk.chance.randint(0 if taken else 1, 2)):
        amount = desk.cents()
        named = reference(customer.id) | {"type": "CUSTOMER"}
        person = desk.chance.choice(
            (named, named, named, {"value": VENDOR, "type": "VENDOR"}, None)
        )
        line = deposited(amount, desk.receivable(customer), person)
        lines.append({"Id": str(number + 1)} | line)
        if person is named:
            desk.post("Deposit", record, customer, amount, is_charge=False)
    record["TotalAmt"] = money(sum(cents(line["Amount"]) for line in lines))
    desk.enter("Deposit", record)


def refund(desk: Desk) -> None:
    """A cheque or expense that pays a credit back, or a credit note on a card."""
    customer, amount = desk.customer(), desk.cents()
    account = desk.receivable(customer)
    payment_type, link_type = desk.chance.choice(
        (("Check", "Check"), ("Cash", "Expense"), ("CreditCard", "CreditCardCredit"))
    )
    is_credit = payment_type == "CreditCard"
    is_payee = desk.happens(0.8)
    record = desk.head(customer) | {
        "TotalAmt": money(amount),
        "PaymentType": payment_type,
        "AccountRef": reference(VISA if is_credit else CHECKING),
        "Line": [spent(amount, account, None if is_payee else customer.id)],
    }
    if is_payee:
        record["EntityRef"] = reference(customer.id) | {"type": "Customer"}
    if is_credit:
        record["Credit"] = True
    desk.enter("Purchase", record)
    desk.post("Purchase", record, customer, amount, is_charge=not is_credit, link_type=link_type)


def _journal(desk: Desk, customer: Customer, lines: list[Record]) -> None:
    for number, line in enumerate(lines):
        line["Id"] = str(number)
    record = desk.head(customer) | {"TotalAmt": 0, "Line": lines}
    desk.enter("JournalEntry", record)
    sides: dict[tuple[str, bool], int] = defaultdict(int)
    for line in lines:
        detail = line["JournalEntryLineDetail"]
        entity = detail.get("Entity", {}).get("EntityRef", {}).get("value")
        if entity not in (None, VENDOR):
            sides[entity, detail["PostingType"] == "Debit"] += cents(line["Amount"])
    for each in desk.customers:
        for is_charge in (True, False):
            if amount := sides.get((each.id, is_charge)):
                desk.post("JournalEntry", record, each, amount, is_charge=is_charge)
