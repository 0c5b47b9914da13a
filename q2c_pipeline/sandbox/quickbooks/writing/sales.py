"""Writing sales documents: invoice, credit memo, sales receipt, refund receipt, estimate.

Belongs here: their lines, totals and defaults. Does not belong here: what is open of them, which
the books say, and sales tax.
"""

from decimal import Decimal

from q2c_pipeline.sandbox.quickbooks import faults
from q2c_pipeline.sandbox.quickbooks.wire import Payload, amount, entries, reference
from q2c_pipeline.sandbox.quickbooks.writing.custom_fields import finish_custom_fields
from q2c_pipeline.sandbox.quickbooks.writing.due_dates import due_date
from q2c_pipeline.sandbox.quickbooks.writing.estimates import refuse_foreign_estimates
from q2c_pipeline.sandbox.quickbooks.writing.realm import Realm
from q2c_pipeline.sandbox.quickbooks.writing.references import referenced
from q2c_pipeline.sandbox.quickbooks.writing.sales_tax import cents, finish_tax
from q2c_pipeline.sandbox.quickbooks.writing.transactions import (
    Draft,
    customer_of,
    finish_transaction,
    keep_line_ids,
    required_number,
)

SALES_DOCUMENTS = ("Invoice", "CreditMemo", "SalesReceipt", "RefundReceipt", "Estimate")
CUSTOMER_OPTIONAL = ("SalesReceipt",)
PSEUDO_ITEMS = ("SHIPPING_ITEM_ID", "GRATUITY_ITEM_ID")
LINE_KINDS = (
    "SalesItemLineDetail",
    "GroupLineDetail",
    "DiscountLineDetail",
    "SubTotalLineDetail",
    "DescriptionOnly",
)
UNDEPOSITED_FUNDS = "Undeposited Funds"
ONLINE_PAYMENT_SWITCHES = (
    "AllowIPNPayment",
    "AllowOnlinePayment",
    "AllowOnlineCreditCardPayment",
    "AllowOnlineACHPayment",
)
WRITABLE_LINKS = ("Estimate", "TimeActivity")
EMAIL_STATUSES = ("NotSet", "NeedToSend", "EmailSent")


def finish_sale(draft: Draft) -> Payload:
    """A sales document as it will be kept, but for what is open of it.

    Raises ``Fault`` for whatever the vendor would refuse.
    """
    realm, entity, record = draft.realm, draft.entity, draft.record
    customer: Payload = {}
    if entity not in CUSTOMER_OPTIONAL or reference(record, "CustomerRef") is not None:
        customer = customer_of(draft)
    if entity == "RefundReceipt" and reference(record, "DepositToAccountRef") is None:
        raise faults.missing("DepositToAccountRef")
    lines = [] if draft.keeps("Line", "TxnTaxDetail") else _lines(realm, record, draft.stored)
    finish_transaction(draft)
    if lines:
        _finish_total(draft, customer, lines)
    if entity == "Invoice":
        refuse_foreign_estimates(realm, record, draft.stored)
        record["DueDate"] = due_date(realm, record, customer)
    if entity in ("SalesReceipt", "RefundReceipt"):
        record["Balance"] = 0
    if entity == "SalesReceipt" and reference(record, "DepositToAccountRef") is None:
        _finish_deposit_account(realm, record)
    if realm.is_multicurrency:
        total = amount(record.get("TotalAmt")) or Decimal(0)
        record["HomeTotalAmt"] = cents(total * Decimal(record["ExchangeRate"]))
    _finish_header(draft, customer)
    return record


def zero_sale(record: Payload) -> Payload:
    """The document as a void leaves it: there, numbered and dated, and worth nothing."""
    for line in entries(record, "Line"):
        line["Amount"] = 0
        detail = line.get("SalesItemLineDetail")
        if isinstance(detail, dict):
            detail.pop("UnitPrice", None)
            detail.pop("Qty", None)
    record |= {"TotalAmt": 0, "Balance": 0, "LinkedTxn": [], "TxnTaxDetail": {"TotalTax": 0}}
    record |= {field: 0 for field in ("HomeTotalAmt", "HomeBalance", "Deposit") if field in record}
    return record


def _lines(realm: Realm, record: Payload, stored: Payload | None) -> list[Payload]:
    lines = []
    for line in entries(record, "Line"):
        kind = line.get("DetailType")
        if kind is None:
            raise faults.missing("DetailType")
        if kind not in LINE_KINDS:
            raise faults.bad_choice("DetailType", kind)
        if kind == "SalesItemLineDetail":
            _finish_item_line(realm, line)
        elif kind == "GroupLineDetail":
            line["Amount"] = 0
            for member in entries(line.get("GroupLineDetail") or {}, "Line"):
                _finish_item_line(realm, member)
        if kind not in ("SubTotalLineDetail", "DiscountLineDetail"):
            lines.append(line)
    if not any(line["DetailType"] in LINE_KINDS[:2] for line in lines):
        raise faults.missing("Line")
    keep_line_ids(lines, stored)
    for number, line in enumerate(lines, start=1):
        line["LineNum"] = number
    return lines


def _finish_item_line(realm: Realm, line: Payload) -> None:
    detail = line.setdefault("SalesItemLineDetail", {})
    quantity, price = amount(detail.get("Qty")), amount(detail.get("UnitPrice"))
    product = None if quantity is None or price is None else quantity * price
    if line.get("Amount") is None and product is not None:
        line["Amount"] = cents(product)
    line["Amount"] = _as_sent(required_number(line, "Amount"))
    # Zero quantity at zero price passes with any amount; clients rely on it.
    is_priced = product is not None and bool(quantity or price)
    if is_priced and cents(product or Decimal(0)) != cents(line["Amount"]):
        raise faults.amount_mismatch()
    item_id = reference(detail, "ItemRef")
    if item_id is not None and item_id not in PSEUDO_ITEMS:
        item = referenced(realm, "Item", "ItemRef", item_id)
        if item.get("Type") == "Category":
            raise faults.business("A category groups items and cannot be sold")
        detail["ItemRef"] = {"value": item_id, "name": item.get("Name", "")}
    tax_code = reference(detail, "TaxCodeRef")
    if realm.home_currency == "USD":
        if tax_code not in (None, "TAX", "NON"):
            raise faults.wrong_tax_code()
        detail.setdefault("TaxCodeRef", {"value": "NON"})


def _line_amount(line: Payload) -> Decimal:
    if line["DetailType"] == "GroupLineDetail":
        members = entries(line.get("GroupLineDetail") or {}, "Line")
        return sum((member["Amount"] for member in members), Decimal(0))
    return Decimal(line["Amount"]) if line["DetailType"] == "SalesItemLineDetail" else Decimal(0)


def _finish_total(draft: Draft, customer: Payload, lines: list[Payload]) -> None:
    record = draft.record
    subtotal = sum((_line_amount(line) for line in lines), Decimal(0))
    discounts = _discount_lines(record, subtotal)
    discount = sum((Decimal(line["Amount"]) for line in discounts), Decimal(0))
    record["Line"] = [*lines, _subtotal_line(subtotal), *discounts]
    is_taxed_after = record.get("ApplyTaxAfterDiscount") is True and subtotal
    left = (subtotal - discount) / subtotal if is_taxed_after else Decimal(1)
    tax = finish_tax(draft, customer, lines, discounted=left)
    record["TotalAmt"] = cents(subtotal - discount + tax)
    if record["TotalAmt"] < 0:
        raise faults.business("The total of a transaction must be zero or more")


def _subtotal_line(subtotal: Decimal) -> Payload:
    return {
        "Amount": cents(subtotal),
        "DetailType": "SubTotalLineDetail",
        "SubTotalLineDetail": {},
    }


def _discount_lines(record: Payload, subtotal: Decimal) -> list[Payload]:
    discounts = [line for line in entries(record, "Line") if _is_discount(line)]
    for line in discounts:
        detail = line.setdefault("DiscountLineDetail", {})
        if detail.get("PercentBased") is True:
            share = required_number(detail, "DiscountPercent") / 100
            line["Amount"] = cents(subtotal * share)
        else:
            line["Amount"] = _as_sent(required_number(line, "Amount"))
    return discounts


def _is_discount(line: Payload) -> bool:
    return line.get("DetailType") == "DiscountLineDetail"


def _finish_deposit_account(realm: Realm, record: Payload) -> None:
    """What is not said to be deposited waits among the undeposited funds."""
    for _, account in realm.records(["Account"]):
        if account.get("Name") == UNDEPOSITED_FUNDS:
            record["DepositToAccountRef"] = {"value": account["Id"], "name": UNDEPOSITED_FUNDS}
            return


def _finish_header(draft: Draft, customer: Payload) -> None:
    record, stored = draft.record, draft.stored
    if record.setdefault("EmailStatus", "NotSet") not in EMAIL_STATUSES:
        raise faults.bad_choice("EmailStatus", record["EmailStatus"])
    if record["EmailStatus"] == "NeedToSend" and not (record.get("BillEmail") or {}).get("Address"):
        raise faults.missing("BillEmail")
    record.setdefault("PrintStatus", "NeedToPrint")
    record.setdefault("ApplyTaxAfterDiscount", False)
    finish_custom_fields(draft.realm, record)
    if draft.entity == "Invoice":
        for name in ONLINE_PAYMENT_SWITCHES:
            record.setdefault(name, False)
    for field in ("BillAddr", "ShipAddr"):
        if field not in record and isinstance(customer.get(field), dict):
            record[field] = customer[field]
    asked = [link for link in entries(record, "LinkedTxn") if link.get("TxnType") in WRITABLE_LINKS]
    held = [
        link
        for link in entries(stored or {}, "LinkedTxn")
        if link.get("TxnType") not in WRITABLE_LINKS
    ]
    record["LinkedTxn"] = asked + held
    if draft.entity != "Invoice" and not record["LinkedTxn"]:
        del record["LinkedTxn"]


def _as_sent(value: Decimal) -> Decimal:
    """With at least two decimals, as the vendor writes amounts; more are kept."""
    exponent = value.as_tuple().exponent
    return value if isinstance(exponent, int) and exponent <= -2 else cents(value)
