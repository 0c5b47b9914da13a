"""The truth about the made-up company, for whoever wants to check figures against it.

Belongs here: planted cases, receivables at every as-of date, totals. Does not belong here: the
sales side (``sales_answers``), and anything a vendor would serve. Amounts are exact text in
transaction currency, positive for what is owed to the firm.
"""

import csv
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from q2c_pipeline.sandbox.generate import profile
from q2c_pipeline.sandbox.generate.billing_answers import billing_answers
from q2c_pipeline.sandbox.generate.books import catalogue
from q2c_pipeline.sandbox.generate.books.customers import Customer
from q2c_pipeline.sandbox.generate.books.documents import Document, Invoice, JournalEntry, Payment
from q2c_pipeline.sandbox.generate.books.keeping import Books
from q2c_pipeline.sandbox.generate.books.settlement import OpenItem, open_items
from q2c_pipeline.sandbox.generate.crm.deals import Crm
from q2c_pipeline.sandbox.generate.days import SECONDS_PER_DAY, day_text
from q2c_pipeline.sandbox.generate.duplicate_answers import HEADER, duplicate_answers
from q2c_pipeline.sandbox.generate.folder import write_array
from q2c_pipeline.sandbox.generate.money import amount_text
from q2c_pipeline.sandbox.generate.sales_answers import SALES_ANSWERS, Row, counted_cases

DOCUMENT_TYPES = {
    "Invoice": "invoice",
    "CreditMemo": "credit_memo",
    "Payment": "payment",
    "JournalEntry": "journal_entry",
    "Deposit": "deposit",
    "Purchase": "purchase",
}


def write_answers(folder: Path, books: Books, crm: Crm) -> None:
    folder.mkdir()
    _write_csv(
        folder / "planted.csv",
        ("kind", "object", "id", "customer_id", "amount", "date", "note"),
        _planted(books),
    )
    balances: dict[tuple[int, int], int] = defaultdict(int)
    _write_csv(
        folder / "open_items.csv",
        ("as_of_date", "document_type", "document_id", "customer_id", "currency", "open_amount"),
        _open_items(books, balances),
    )
    currencies = {customer.id: customer.currency for customer in books.customers}
    _write_csv(
        folder / "receivables.csv",
        ("customer_id", "currency", "as_of_date", "open_amount"),
        (
            (customer, currencies[customer], day_text(as_of), amount_text(cents))
            for (as_of, customer), cents in sorted(balances.items())
            if cents
        ),
    )
    for name, (header, rows) in SALES_ANSWERS.items():
        _write_csv(folder / f"{name}.csv", header, rows(crm))
    _write_csv(folder / "duplicates.csv", HEADER, duplicate_answers(books, crm))
    write_array(folder / "billing.json", billing_answers(books, crm))
    summary = json.dumps(_summary(books, crm), indent=1)
    (folder / "summary.json").write_text(summary + "\n", encoding="utf-8")


def _write_csv(path: Path, header: tuple[str, ...], rows: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def _planted(books: Books) -> Iterator[Row]:
    for case in books.planted:
        document = case.document
        yield (
            case.kind,
            document.entity,
            document.id,
            document.customer.id,
            amount_text(case.amount),
            day_text(document.day),
            case.note,
        )
    for customer in books.customers:
        for kind, note in _peculiarities(customer):
            since = day_text(customer.created // SECONDS_PER_DAY)
            yield (kind, "Customer", customer.id, customer.id, "", since, note)
    for item in catalogue.ITEMS:
        if item.retired is not None:
            yield ("inactive_item", "Item", item.id, "", "", day_text(item.retired), item.name)
        if item.formerly:
            renamed = day_text(catalogue.RENAMED_FROM)
            yield ("renamed_item", "Item", item.id, "", "", renamed, f"formerly {item.formerly}")


def _peculiarities(customer: Customer) -> Iterator[tuple[str, str]]:
    if customer.former_name:
        yield "renamed_customer", f"formerly {customer.former_name}"
    if not customer.is_active:
        yield "inactive_customer", ""
    if customer.goes_bad is not None:
        yield "customer_stops_paying", f"from {day_text(customer.goes_bad)}"
    if customer.is_foreign:
        yield "foreign_customer", customer.currency
    if customer.is_exempt and customer.tax_code is not None:
        yield "tax_exempt_customer", customer.address.state
    if customer.parent is not None:
        billing = ", billed with parent" if customer.bills_with_parent else ""
        yield "job", f"of {customer.parent.id}{billing}"


def _open_items(books: Books, balances: dict[tuple[int, int], int]) -> Iterator[Row]:
    """Also adds every item to the balance of its (as-of day, customer)."""
    for document in books.documents:
        for item in open_items(document):
            balances[item.as_of, item.customer.id] += item.cents
            yield (
                day_text(item.as_of),
                DOCUMENT_TYPES[document.entity],
                _document_id(item),
                item.customer.id,
                item.customer.currency,
                amount_text(item.cents),
            )


def _document_id(item: OpenItem) -> str:
    document = item.document
    is_journal = isinstance(document, JournalEntry)
    return f"{document.id}-{item.line}" if is_journal else str(document.id)


def _summary(books: Books, crm: Crm) -> dict[str, object]:
    """Totals of what is in the books, voids and deletions left out."""
    counts: Counter[str] = Counter()
    voided: Counter[str] = Counter()
    deleted: Counter[str] = Counter()
    invoiced: Counter[str] = Counter()
    received: Counter[str] = Counter()
    for document in books.documents:
        (deleted if document.is_deleted else counts)[document.entity] += 1
        if document.is_void:
            voided[document.entity] += 1
        if document.is_in_books:
            _add_flow(document, invoiced, received)
    balances: Counter[str] = Counter()
    for customer in books.customers:
        balances[customer.currency] += customer.balance
    statuses = Counter(deal.status for deal in crm.deals)
    return {
        "seed": books.seed,
        "realm_id": profile.REALM_ID,
        "organisation_id": profile.ORGANISATION_ID,
        "clock": profile.CLOCK,
        "customers": len(books.customers),
        "documents": dict(sorted(counts.items())),
        "voided": dict(sorted(voided.items())),
        "deleted": dict(sorted(deleted.items())),
        "invoiced": _amounts(invoiced),
        "received": _amounts(received),
        "customer_balances": _amounts(balances),
        "opportunities": dict(sorted(statuses.items())),
        "planted": dict(sorted(Counter(case.kind for case in books.planted).items())),
        "planted_deals": counted_cases(crm),
    }


def _add_flow(document: Document, invoiced: Counter[str], received: Counter[str]) -> None:
    if isinstance(document, Invoice):
        invoiced[document.customer.currency] += document.total
    elif isinstance(document, Payment):
        received[document.customer.currency] += document.total


def _amounts(by_currency: Counter[str]) -> dict[str, str]:
    return {currency: amount_text(cents) for currency, cents in sorted(by_currency.items())}
