"""Pieces of JSON text that every QuickBooks record is put together from.

Belongs here: references, addresses, heads, links. Does not belong here: whole records. Text is
put together by hand because amounts must appear as exact numbers, which no JSON encoder takes
from whole cents, and because there are millions.
"""

import json
from functools import cache, lru_cache

from q2c_pipeline.sandbox.generate import names, profile
from q2c_pipeline.sandbox.generate.books import catalogue
from q2c_pipeline.sandbox.generate.books.catalogue import ACCOUNT_NAMES
from q2c_pipeline.sandbox.generate.books.customers import Customer
from q2c_pipeline.sandbox.generate.books.documents import Document, JournalEntry
from q2c_pipeline.sandbox.generate.days import day_text, moment_text
from q2c_pipeline.sandbox.generate.money import amount_text, home_cents, rate_text

#: More than the customers of the largest company, so that each fragment is made once.
CUSTOMERS_CACHED_MAX = 16_384


def text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def reference(id: int | str, name: str) -> str:
    return f'{{"value":"{id}","name":{text(name)}}}'


@cache
def account_reference(account: int) -> str:
    return reference(account, ACCOUNT_NAMES[account])


@cache
def currency_reference(currency: str) -> str:
    return reference(currency, profile.CURRENCY_NAMES[currency])


@lru_cache(maxsize=CUSTOMERS_CACHED_MAX)
def customer_reference(customer: Customer) -> str:
    return reference(customer.id, customer.full_name)


@lru_cache(maxsize=CUSTOMERS_CACHED_MAX)
def customer_address(customer: Customer) -> str:
    place = customer.address
    state = f'"CountrySubDivisionCode":{text(place.state)},' if place.state else ""
    return (
        f'{{"Id":"{customer.id + 1}","Line1":{text(place.street)},"City":{text(place.city)},'
        f'{state}"PostalCode":"{place.postal_code}","Country":{text(place.country)}}}'
    )


@lru_cache(maxsize=CUSTOMERS_CACHED_MAX)
def mail_address(customer: Customer) -> str:
    if customer.mail:
        return customer.mail
    owner = customer.parent or customer
    return payables(owner.former_name or owner.name)


def payables(name: str) -> str:
    return f"payables@{names.mail_host(name)}"


def meta(id: int | str, created: int, updated: int, sync_token: int = 0) -> str:
    """Identity and timestamps; ``created`` and ``updated`` are moments."""
    return (
        f'"domain":"QBO","sparse":false,"Id":"{id}","SyncToken":"{sync_token}",'
        f'"MetaData":{{"CreateTime":"{moment_text(created)}",'
        f'"LastUpdatedTime":"{moment_text(updated)}"}}'
    )


def head(document: Document) -> str:
    """What every transaction begins with; ends in a comma."""
    number = f'"DocNumber":"{document_number(document)}",' if document.number else ""
    note = f'"PrivateNote":{text(document.note)},' if document.note else ""
    currency = document.customer.currency
    return (
        f"{meta(document.id, document.created, document.updated, document.sync_token)},"
        f'{number}"TxnDate":"{day_text(document.day)}",'
        f'"CurrencyRef":{currency_reference(currency)},'
        f'"ExchangeRate":{rate_text(document.rate)},{note}'
    )


def document_number(document: Document) -> str:
    if isinstance(document, JournalEntry):
        return f"{document.label}-{document.number}"
    return str(document.number)


def totals(document: Document) -> str:
    total = 0 if document.is_void else document.total
    return (
        f'"TotalAmt":{amount_text(total)},'
        f'"HomeTotalAmt":{amount_text(home_cents(total, document.rate))}'
    )


def links_to(pairs: list[tuple[int, str]]) -> str:
    return ",".join(f'{{"TxnId":"{id}","TxnType":"{kind}"}}' for id, kind in pairs)


def payment_links(document: Document) -> list[tuple[int, str]]:
    return [(payment.id, "Payment") for payment in document.payments or ()]


def bank_of(customer: Customer) -> int:
    return catalogue.EURO_BANK if customer.is_foreign else catalogue.CHECKING


def receivable_of(customer: Customer) -> int:
    return catalogue.RECEIVABLE_EUR if customer.is_foreign else catalogue.RECEIVABLE
