"""Invoices, credit memos, receipts, refunds and estimates in QuickBooks' wire form.

Belongs here: documents with sales lines and tax. Does not belong here: payments and postings.
"""

from functools import cache

from q2c_pipeline.sandbox.generate.books import catalogue
from q2c_pipeline.sandbox.generate.books.catalogue import Item
from q2c_pipeline.sandbox.generate.books.documents import (
    CreditMemo,
    Estimate,
    Invoice,
    RefundReceipt,
    SalesDocument,
    SalesLine,
    SalesReceipt,
    Tax,
)
from q2c_pipeline.sandbox.generate.days import day_text, moment_text
from q2c_pipeline.sandbox.generate.money import amount_text, home_cents, rate_text
from q2c_pipeline.sandbox.generate.quickbooks.fragments import (
    account_reference,
    bank_of,
    customer_address,
    customer_reference,
    head,
    links_to,
    mail_address,
    payment_links,
    reference,
    text,
    totals,
)

ESTIMATE_VALID_DAYS = 30


def invoice(document: Invoice) -> str:
    customer = document.customer
    links = [] if document.is_void else payment_links(document)
    if document.estimate:
        links.append((document.estimate.id, "Estimate"))
    deposit = ""
    if document.deposit and not document.is_void:
        deposit = (
            f'"Deposit":{amount_text(document.deposit)},'
            f'"DepositToAccountRef":{account_reference(bank_of(customer))},'
        )
    balance = document.open
    return (
        '{"AllowIPNPayment":false,"AllowOnlinePayment":false,"AllowOnlineCreditCardPayment":false,'
        f'"AllowOnlineACHPayment":true,{head(document)}'
        f'{_custom_fields(document.purchase_order)},"LinkedTxn":[{links_to(links)}],{_sales_body(document)},'
        f'"SalesTermRef":{reference(customer.term.id, customer.term.name)},'
        f'"DueDate":"{day_text(document.due)}",{_delivery(document)}'
        f'"BillEmail":{{"Address":"{mail_address(customer)}"}},{deposit}'
        f'"Balance":{amount_text(balance)},'
        f'"HomeBalance":{amount_text(home_cents(balance, document.rate))}}}'
    )


def _delivery(document: Invoice) -> str:
    if not document.sent:
        return '"EmailStatus":"NotSet",'
    return (
        '"EmailStatus":"EmailSent","DeliveryInfo":{"DeliveryType":"Email",'
        f'"DeliveryTime":"{moment_text(document.sent)}"}},'
    )


def _custom_fields(purchase_order: str = "") -> str:
    """The one field that the firm has defined; left empty, it has no value."""
    value = f',"StringValue":{text(purchase_order)}' if purchase_order else ""
    name = text(catalogue.PURCHASE_ORDER_FIELD)
    return f'"CustomField":[{{"DefinitionId":"1","Name":{name},"Type":"StringType"{value}}}]'


def credit_memo(document: CreditMemo) -> str:
    remaining = amount_text(document.open)
    return (
        f'{{"RemainingCredit":{remaining},{head(document)}{_custom_fields()},'
        f'{_sales_body(document)},"EmailStatus":"NotSet","Balance":{remaining}}}'
    )


def sales_receipt(document: SalesReceipt) -> str:
    body = _sales_body(document)
    if document.is_anonymous:
        body = body.replace(f'"CustomerRef":{customer_reference(document.customer)},', "")
    return f"{{{head(document)}{_custom_fields()},{body},{_cash_sale(document)}}}"


def refund_receipt(document: RefundReceipt) -> str:
    return f"{{{head(document)}{_custom_fields()},{_sales_body(document)},{_cash_sale(document)}}}"


def _cash_sale(document: SalesReceipt | RefundReceipt) -> str:
    customer = document.customer
    return (
        f'"PaymentMethodRef":{{"value":"{customer.method}"}},'
        f'"DepositToAccountRef":{account_reference(bank_of(customer))},"Balance":0'
    )


def estimate(document: Estimate) -> str:
    links = [(document.invoice.id, "Invoice")] if document.invoice else []
    return (
        f'{{{head(document)}{_custom_fields()},"TxnStatus":"{document.status}",'
        f'"LinkedTxn":[{links_to(links)}],{_sales_body(document)},'
        f'"ExpirationDate":"{day_text(document.day + ESTIMATE_VALID_DAYS)}",'
        '"EmailStatus":"EmailSent"}'
    )


def _sales_body(document: SalesDocument) -> str:
    customer = document.customer
    return (
        f"{_sales_lines(document)},{_tax_detail(document)},"
        f'"CustomerRef":{customer_reference(customer)},"BillAddr":{customer_address(customer)},'
        f"{totals(document)},"
        '"ApplyTaxAfterDiscount":false,"PrintStatus":"NotSet"'
    )


def _sales_lines(document: SalesDocument) -> str:
    lines = [
        _sales_line(position, line, document)
        for position, line in enumerate(document.lines, start=1)
    ]
    if document.bundled:
        lines[: document.bundled] = [_bundle(lines[: document.bundled])]
    subtotal = "0" if document.is_void else amount_text(document.subtotal)
    lines.append(
        f'{{"Amount":{subtotal},"DetailType":"SubTotalLineDetail","SubTotalLineDetail":{{}}}}'
    )
    if document.discount:
        lines.append(_discount_line(len(document.lines) + 1, document))
    return f'"Line":[{",".join(lines)}]'


def _bundle(members: list[str]) -> str:
    """A line without an amount of its own around the lines that have one."""
    return (
        '{"Id":"0","LineNum":1,"Amount":0,"DetailType":"GroupLineDetail","GroupLineDetail":'
        f'{{"GroupItemRef":{reference(catalogue.BUNDLE, catalogue.BUNDLE_NAME)},"Quantity":1,'
        f'"Line":[{",".join(members)}]}}}}'
    )


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
    if item.service_days:
        last = day_text(document.day + item.service_days - 1)
        description = f"{description}, {day_text(document.day)} to {last}"
    return (
        f'{{"Id":"{position}","LineNum":{position},"Description":{text(description)},'
        f'"Amount":{amount},"DetailType":"SalesItemLineDetail","SalesItemLineDetail":'
        f'{{"ItemRef":{_item_reference(item)},{measures}{_service_date(item, document.day)}'
        f"{_item_references(item, document.customer.is_foreign)}}}}}"
    )


def _service_date(item: Item, day: int) -> str:
    if not item.held_after_days:
        return ""
    return f'"ServiceDate":"{day_text(day + item.held_after_days)}",'


@cache
def _item_references(item: Item, foreign: bool) -> str:
    code = "TAX" if item.taxable and not foreign else "NON"
    of_class = catalogue.CLASS_OF_INCOME.get(item.income_account)
    classed = ""
    if of_class is not None:
        classed = f'"ClassRef":{reference(of_class, catalogue.CLASSES[of_class])},'
    return (
        f'{classed}"ItemAccountRef":{account_reference(item.income_account)},'
        f'"TaxCodeRef":{{"value":"{code}"}}'
    )


@cache
def _item_reference(item: Item) -> str:
    return reference(item.id, item.name)


def _discount_line(position: int, document: SalesDocument) -> str:
    amount = "0" if document.is_void else amount_text(document.discount)
    return (
        f'{{"Id":"{position}","LineNum":{position},"Amount":{amount},'
        '"DetailType":"DiscountLineDetail","DiscountLineDetail":{"PercentBased":false,'
        f'"DiscountAccountRef":{account_reference(catalogue.DISCOUNTS_GIVEN)}}}}}'
    )


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
