"""Sales tax on a document: as it was sent, or as the vendor computes it.

Belongs here: whose figure counts, and the sum. Does not belong here: which lines there are. Outside
the United States tax is taken as sent.
"""

from collections.abc import Iterable, Iterator
from decimal import ROUND_HALF_UP, Decimal

from q2c_pipeline.sandbox.quickbooks import faults
from q2c_pipeline.sandbox.quickbooks.wire import Payload, amount, entries, reference
from q2c_pipeline.sandbox.quickbooks.writing.realm import Realm
from q2c_pipeline.sandbox.quickbooks.writing.transactions import Draft

TAXABLE = "TAX"
CENT = Decimal("0.01")


def finish_tax(
    draft: Draft, customer: Payload, lines: Iterable[Payload], *, discounted: Decimal
) -> Decimal:
    """The document's tax, which its ``TxnTaxDetail`` then tells too.

    Under automated sales tax (``TaxPrefs.PartnerTaxEnabled``) the vendor computes it, unless an
    amount came together with a tax code. Without, an amount counts as it was sent, and a code
    without an amount is computed. ``discounted`` is the share of each amount that is left to tax.

    Raises ``Fault`` 2500 for an unknown tax code.
    """
    realm, record = draft.realm, draft.record
    sent = record.get("TxnTaxDetail")
    detail = sent if isinstance(sent, dict) else {}
    if realm.preference("TaxPrefs", "UsingSalesTax") is not True:
        record["TxnTaxDetail"] = {"TotalTax": 0}
        return Decimal(0)
    code_id = reference(detail, "TxnTaxCodeRef")
    total = amount(detail.get("TotalTax"))
    if realm.preference("TaxPrefs", "PartnerTaxEnabled") is True:
        is_override = "TxnTaxDetail" in draft.sent and total is not None and code_id is not None
        if not is_override:
            total, code_id = None, _chosen_code(realm, customer)
    if total is None and code_id is not None:
        record["TxnTaxDetail"] = _computed(realm, code_id, _taxable(lines) * discounted)
    else:
        record["TxnTaxDetail"] = detail | {"TotalTax": detail.get("TotalTax", 0) if total else 0}
    return cents(amount(record["TxnTaxDetail"]["TotalTax"]) or Decimal(0))


def cents(value: Decimal) -> Decimal:
    return value.quantize(CENT, ROUND_HALF_UP)


def _chosen_code(realm: Realm, customer: Payload) -> str | None:
    """The code that the vendor chooses: the customer's, else the company's; none if exempt."""
    if customer.get("Taxable") is False:
        return None
    usual = realm.preference("TaxPrefs", "TaxGroupCodeRef")
    return reference(customer, "DefaultTaxCodeRef") or reference({"usual": usual}, "usual")


def _computed(realm: Realm, code_id: str, taxable: Decimal) -> Payload:
    code = realm.get("TaxCode", code_id)
    if code is None:
        raise faults.invalid_reference("TxnTaxCodeRef", code_id)
    tax_lines = [_tax_line(rate, taxable) for rate in _rates(realm, code)]
    total = sum((Decimal(line["Amount"]) for line in tax_lines), Decimal(0))
    return {"TxnTaxCodeRef": {"value": code_id}, "TotalTax": total, "TaxLine": tax_lines}


def _rates(realm: Realm, code: Payload) -> Iterator[Payload]:
    for detail in entries(code.get("SalesTaxRateList") or {}, "TaxRateDetail"):
        rate = realm.get("TaxRate", reference(detail, "TaxRateRef"))
        if rate is not None:
            yield rate


def _tax_line(rate: Payload, taxable: Decimal) -> Payload:
    percent = amount(rate.get("RateValue")) or Decimal(0)
    return {
        "Amount": cents(taxable * percent / 100),
        "DetailType": "TaxLineDetail",
        "TaxLineDetail": {
            "TaxRateRef": {"value": rate["Id"]},
            "PercentBased": True,
            "TaxPercent": percent,
            "NetAmountTaxable": cents(taxable),
        },
    }


def _taxable(lines: Iterable[Payload]) -> Decimal:
    total = Decimal(0)
    for line in lines:
        detail = line.get("SalesItemLineDetail")
        if isinstance(detail, dict) and reference(detail, "TaxCodeRef") == TAXABLE:
            total += amount(line.get("Amount")) or Decimal(0)
        bundle = line.get("GroupLineDetail")
        if isinstance(bundle, dict):
            total += _taxable(entries(bundle, "Line"))
    return total
