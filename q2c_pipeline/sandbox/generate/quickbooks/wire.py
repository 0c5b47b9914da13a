"""QuickBooks' wire form of the made-up documents, as JSON text.

Belongs here: one function for each kind of document. Does not belong here: lists and the
company's own records (``lists.py``). Text is put together by hand because amounts must appear as
exact numbers, which no JSON encoder takes from whole cents, and because there are millions.
"""

import json
from collections.abc import Callable
from functools import cache, lru_cache

from q2c_pipeline.sandbox.generate import names, profile
from q2c_pipeline.sandbox.generate.books import catalogue
from q2c_pipeline.sandbox.generate.books.catalogue import ACCOUNT_NAMES, Item
from q2c_pipeline.sandbox.generate.books.customers import Customer
from q2c_pipeline.sandbox.generate.books.documents import (
    CreditMemo,
    Deposit,
    Document,
    Estimate,
    Invoice,
    JournalEntry,
    Payment,
    Purchase,
    RefundReceipt,
    SalesDocument,
    SalesLine,
    SalesReceipt,
    Tax,
)
from q2c_pipeline.sandbox.generate.days import day_text, moment_text
from q2c_pipeline.sandbox.generate.money import amount_text, home_cents, rate_text

NAME_VALUE = "{http://schema.intuit.com/finance/v3}NameValue"
LINK_TYPES = {"Purchase": "Check"}
ESTIMATE_VALID_DAYS = 30
#: More than the customers of the largest company, so that each fragment is made once.
CUSTOMERS_CACHED_MAX = 8_192


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
    owner = customer.parent or customer
    return f"payables@{names.mail_host(owner.former_name or owner.name)}"


@cache
def _item_references(item: Item, foreign: bool) -> str:
    code = "TAX" if item.taxable and not foreign else "NON"
    return (
        f'"ItemAccountRef":{account_reference(item.income_account)},'
        f'"TaxCodeRef":{{"value":"{code}"}}'
    )


@cache
def _item_reference(item: Item) -> str:
    return reference(item.id, item.name)


def meta(id: int | str, created: int, updated: int, sync_token: int = 0) -> str:
    return (
        f'"domain":"QBO","sparse":false,"Id":"{id}","SyncToken":"{sync_token}",'
        f'"MetaData":{{"CreateTime":"{moment_text(created)}",'
        f'"LastUpdatedTime":"{moment_text(updated)}"}}'
    )


def _head(document: Document) -> str:
    number = f'"DocNumber":"{_doc_number(document)}",' if document.number else ""
    note = f'"PrivateNote":{text(document.note)},' if document.note else ""
    currency = document.customer.currency
    return (
        f"{meta(document.id, document.created, document.updated, document.sync_token)},"
        f'{number}"TxnDate":"{day_text(document.day)}",'
        f'"CurrencyRef":{currency_reference(currency)},'
        f'"ExchangeRate":{rate_text(document.rate)},{note}'
    )


def _doc_number(document: Document) -> str:
    if isinstance(document, JournalEntry):
        return f"{document.label}-{document.number}"
    return str(document.number)


def _sales_line(position: int, line: SalesLine, document: SalesDocument) -> str:
    item = line.item
    if document.is_void:
        amount, measures = "0", ""
    else:
        amount = amount_text(line.amount)
        measures = (
            f'"UnitPrice":{amount_text(line.price)},"Qty":{rate_text(line.quantity * 10_000)},'
        )
    is_old_name = item.formerly and document.day < catalogue.RENAMED_FROM
    description = item.formerly if is_old_name and item.formerly else item.description
    return (
        f'{{"Id":"{position}","LineNum":{position},"Description":{text(description)},'
        f'"Amount":{amount},"DetailType":"SalesItemLineDetail","SalesItemLineDetail":'
        f'{{"ItemRef":{_item_reference(item)},{measures}'
        f"{_item_references(item, document.customer.is_foreign)}}}}}"
    )


def _discount_line(position: int, document: SalesDocument) -> str:
    amount = "0" if document.is_void else amount_text(document.discount)
    return (
        f'{{"Id":"{position}","LineNum":{position},"Amount":{amount},'
        '"DetailType":"DiscountLineDetail","DiscountLineDetail":{"PercentBased":false,'
        f'"DiscountAccountRef":{account_reference(catalogue.DISCOUNTS_GIVEN)}}}}}'
    )


def _sales_lines(document: SalesDocument) -> str:
    lines = [
        _sales_line(position, line, document)
        for position, line in enumerate(document.lines, start=1)
    ]
    subtotal = "0" if document.is_void else amount_text(document.subtotal)
    lines.append(
        f'{{"Amount":{subtotal},"DetailType":"SubTotalLineDetail","SubTotalLineDetail":{{}}}}'
    )
    if document.discount:
        lines.append(_discount_line(len(document.lines) + 1, document))
    return f'"Line":[{",".join(lines)}]'


def _tax_detail(document: SalesDocument) -> str:
    tax = document.tax
    if tax is None or document.is_void:
        return '"TxnTaxDetail":{"TotalTax":0}'
    return (
        f'"TxnTaxDetail":{{"TxnTaxCodeRef":{{"value":"{tax.code.id}"}},'
        f'"TotalTax":{amount_text(tax.total)},"TaxLine":[{_tax_lines(tax)}]}}'
    )


def _tax_lines(tax: Tax) -> str:
    return ",".join(
        f'{{"Amount":{amount_text(amount)},"DetailType":"TaxLineDetail","TaxLineDetail":'
        f'{{"TaxRateRef":{{"value":"{rate.id}"}},"PercentBased":true,'
        f'"TaxPercent":{rate_text(rate.percent * 1_000)},'
        f'"NetAmountTaxable":{amount_text(tax.taxable)}}}}}'
        for rate, amount in tax.parts
    )


def _totals(document: Document) -> str:
    total = 0 if document.is_void else document.total
    return (
        f'"TotalAmt":{amount_text(total)},'
        f'"HomeTotalAmt":{amount_text(home_cents(total, document.rate))}'
    )


def _sales_body(document: SalesDocument) -> str:
    customer = document.customer
    return (
        f"{_sales_lines(document)},{_tax_detail(document)},"
        f'"CustomerRef":{customer_reference(customer)},"BillAddr":{customer_address(customer)},'
        f"{_totals(document)},"
        '"ApplyTaxAfterDiscount":false,"PrintStatus":"NotSet"'
    )


def _links(pairs: list[tuple[int, str]]) -> str:
    return ",".join(f'{{"TxnId":"{id}","TxnType":"{kind}"}}' for id, kind in pairs)


def _payment_links(document: Document) -> list[tuple[int, str]]:
    return [(payment.id, "Payment") for payment in document.payments or ()]


def invoice(document: Invoice) -> str:
    customer = document.customer
    links = [] if document.is_void else _payment_links(document)
    if document.estimate:
        links.append((document.estimate.id, "Estimate"))
    deposit = ""
    if document.deposit and not document.is_void:
        deposit = (
            f'"Deposit":{amount_text(document.deposit)},'
            f'"DepositToAccountRef":{account_reference(_bank_of(customer))},'
        )
    balance = document.open
    return (
        '{"AllowIPNPayment":false,"AllowOnlinePayment":false,"AllowOnlineCreditCardPayment":false,'
        f'"AllowOnlineACHPayment":true,{_head(document)}"CustomField":[],'
        f'"LinkedTxn":[{_links(links)}],{_sales_body(document)},'
        f'"SalesTermRef":{reference(customer.term.id, customer.term.name)},'
        f'"DueDate":"{day_text(document.due)}","EmailStatus":"EmailSent",'
        f'"BillEmail":{{"Address":"{mail_address(customer)}"}},'
        f'"DeliveryInfo":{{"DeliveryType":"Email",'
        f'"DeliveryTime":"{moment_text(document.created + 240)}"}},{deposit}'
        f'"Balance":{amount_text(balance)},'
        f'"HomeBalance":{amount_text(home_cents(balance, document.rate))}}}'
    )


def _bank_of(customer: Customer) -> int:
    return catalogue.EURO_BANK if customer.is_foreign else catalogue.CHECKING


def credit_memo(document: CreditMemo) -> str:
    remaining = amount_text(document.open)
    return (
        f'{{"RemainingCredit":{remaining},{_head(document)}"CustomField":[],'
        f'{_sales_body(document)},"EmailStatus":"NotSet","Balance":{remaining}}}'
    )


def _cash_sale(document: SalesReceipt | RefundReceipt) -> str:
    customer = document.customer
    return (
        f'"PaymentMethodRef":{{"value":"{customer.method}"}},'
        f'"DepositToAccountRef":{account_reference(_bank_of(customer))},"Balance":0'
    )


def sales_receipt(document: SalesReceipt) -> str:
    body = _sales_body(document)
    if document.is_anonymous:
        body = body.replace(f'"CustomerRef":{customer_reference(document.customer)},', "")
    return f'{{{_head(document)}"CustomField":[],{body},{_cash_sale(document)}}}'


def refund_receipt(document: RefundReceipt) -> str:
    return f'{{{_head(document)}"CustomField":[],{_sales_body(document)},{_cash_sale(document)}}}'


def estimate(document: Estimate) -> str:
    links = [(document.invoice.id, "Invoice")] if document.invoice else []
    return (
        f'{{{_head(document)}"CustomField":[],"TxnStatus":"{document.status}",'
        f'"LinkedTxn":[{_links(links)}],{_sales_body(document)},'
        f'"ExpirationDate":"{day_text(document.day + ESTIMATE_VALID_DAYS)}",'
        '"EmailStatus":"EmailSent"}'
    )


def payment(document: Payment) -> str:
    customer = document.customer
    lines = "" if document.is_void else ",".join(_payment_line(*line) for line in document.lines)
    links = [(document.deposit.id, "Deposit")] if document.deposit else []
    unapplied = 0 if document.is_void else document.unapplied
    number = f'"PaymentRefNum":"{document.reference}",' if document.reference else ""
    cash = ""
    if document.total:
        account = _paid_into(document)
        cash = (
            f'"DepositToAccountRef":{{"value":"{account}"}},'
            f'"PaymentMethodRef":{{"value":"{document.method}"}},'
        )
    return (
        f'{{"CustomerRef":{customer_reference(customer)},{cash}{number}{_totals(document)},'
        f'"UnappliedAmt":{amount_text(unapplied)},"ProcessPayment":false,{_head(document)}'
        f'"LinkedTxn":[{_links(links)}],"Line":[{lines}]}}'
    )


def _paid_into(document: Payment) -> int:
    if document.customer.is_foreign:
        return catalogue.EURO_BANK
    if document.method in (catalogue.CHECK, catalogue.CARD):
        return catalogue.UNDEPOSITED
    return catalogue.CHECKING


def _payment_line(amount: int, linked: tuple[Document, ...]) -> str:
    links = _links([(each.id, LINK_TYPES.get(each.entity, each.entity)) for each in linked])
    first = linked[0]
    values = (("txnId", str(first.id)), ("txnReferenceNumber", _doc_number(first)))
    extra = ",".join(
        f'{{"name":"{NAME_VALUE}","nil":false,"value":{{"Name":"{name}","Value":"{value}"}}}}'
        for name, value in values
    )
    return f'{{"Amount":{amount_text(amount)},"LinkedTxn":[{links}],"LineEx":{{"any":[{extra}]}}}}'


def journal_entry(document: JournalEntry) -> str:
    opposite = "Credit" if document.is_debit else "Debit"
    own = "Debit" if document.is_debit else "Credit"
    if document.other_customer is not None:
        second = _receivable_line(1, document, opposite, document.other_customer)
    else:
        second = _journal_line(1, document, opposite, document.other_account, "")
    return (
        f'{{"Adjustment":false,"TotalAmt":0,{_head(document)}"Line":['
        f'{_receivable_line(0, document, own, document.customer)},{second}],"TxnTaxDetail":{{}}}}'
    )


def _receivable_line(
    position: int, document: JournalEntry, posting: str, customer: Customer
) -> str:
    entity = f',"Entity":{{"Type":"Customer","EntityRef":{customer_reference(customer)}}}'
    return _journal_line(position, document, posting, _receivable_of(customer), entity)


def _receivable_of(customer: Customer) -> int:
    return catalogue.RECEIVABLE_EUR if customer.is_foreign else catalogue.RECEIVABLE


def _journal_line(
    position: int, document: JournalEntry, posting: str, account: int, entity: str
) -> str:
    return (
        f'{{"Id":"{position}","Description":{text(document.note)},'
        f'"Amount":{amount_text(document.total)},"DetailType":"JournalEntryLineDetail",'
        f'"JournalEntryLineDetail":{{"PostingType":"{posting}",'
        f'"AccountRef":{account_reference(account)}{entity}}}}}'
    )


def purchase(document: Purchase) -> str:
    customer = document.customer
    who = f'{{"value":"{customer.id}","name":{text(customer.full_name)},"type":"Customer"}}'
    links = _links(_payment_links(document))
    return (
        f'{{"AccountRef":{account_reference(_bank_of(customer))},"PaymentType":"Check",'
        f'"EntityRef":{who},"Credit":false,"TotalAmt":{amount_text(document.total)},'
        f'"PrintStatus":"NeedToPrint",{_head(document)}"LinkedTxn":[{links}],"Line":[{{"Id":"1",'
        f'"Description":"Refund","Amount":{amount_text(document.total)},'
        '"DetailType":"AccountBasedExpenseLineDetail","AccountBasedExpenseLineDetail":'
        f'{{"AccountRef":{account_reference(_receivable_of(customer))},'
        f'"CustomerRef":{customer_reference(customer)},"BillableStatus":"NotBillable",'
        '"TaxCodeRef":{"value":"NON"}}}],"TxnTaxDetail":{}}'
    )


def deposit(document: Deposit) -> str:
    if document.taken:
        lines = ",".join(
            f'{{"Amount":{amount_text(each.total)},'
            f'"LinkedTxn":[{{"TxnId":"{each.id}","TxnType":"Payment","TxnLineId":"0"}}]}}'
            for each in document.taken
        )
        bank = catalogue.CHECKING
    else:
        lines = _receivable_deposit_line(document)
        bank = _bank_of(document.customer)
    return (
        f'{{"DepositToAccountRef":{account_reference(bank)},'
        f'"TotalAmt":{amount_text(document.total)},{_head(document)}"Line":[{lines}],'
        '"TxnTaxDetail":{}}'
    )


def _receivable_deposit_line(document: Deposit) -> str:
    customer = document.customer
    who = f'{{"value":"{customer.id}","name":{text(customer.full_name)},"type":"CUSTOMER"}}'
    return (
        f'{{"Id":"1","LineNum":1,"Amount":{amount_text(document.total)},'
        '"DetailType":"DepositLineDetail","DepositLineDetail":'
        f'{{"Entity":{who},"AccountRef":{account_reference(_receivable_of(customer))}}}}}'
    )


def deleted_stub(document: Document) -> str:
    return (
        f'{{"domain":"QBO","status":"Deleted","Id":"{document.id}",'
        f'"MetaData":{{"LastUpdatedTime":"{moment_text(document.updated)}"}}}}'
    )


#: How each kind of document is written; every one of them accepts what its key says.
WRITERS: dict[str, Callable[..., str]] = {
    "Invoice": invoice,
    "Payment": payment,
    "CreditMemo": credit_memo,
    "JournalEntry": journal_entry,
    "SalesReceipt": sales_receipt,
    "RefundReceipt": refund_receipt,
    "Estimate": estimate,
    "Purchase": purchase,
    "Deposit": deposit,
}
