"""The properties that a body may hold, down into its lines and addresses.

Belongs here: their names as data, and the refusal of any other. Does not belong here: what may be
in them. What is not listed here is not looked into.
"""

from collections.abc import Mapping
from typing import Any

from q2c_pipeline.sandbox.quickbooks import faults
from q2c_pipeline.sandbox.quickbooks.entities import Entity, names

REFERENCE = names("value name type")
ADDRESS = names(
    "Id Line1 Line2 Line3 Line4 Line5 City Country CountryCode County CountrySubDivisionCode"
    " PostalCode PostalCodeSuffix Lat Long Tag Note"
)
PHONE = names(
    "Id FreeFormNumber DeviceType CountryCode AreaCode ExchangeCode Extension Default Tag"
)
EMAIL = names("Id Address Default Tag")
LINE = names(
    "Id LineNum Description Amount Received LinkedTxn DetailType CustomField CustomExtensions"
    " LineEx ProjectRef SalesItemLineDetail GroupLineDetail DiscountLineDetail SubTotalLineDetail"
    " DescriptionLineDetail TaxLineDetail JournalEntryLineDetail DepositLineDetail"
    " AccountBasedExpenseLineDetail ItemBasedExpenseLineDetail TDSLineDetail"
)
SOLD = names(
    "ItemRef ClassRef UnitPrice RatePercent PriceLevelRef MarkupInfo Qty UOMRef ItemAccountRef"
    " InventorySiteRef TaxCodeRef ServiceDate TaxInclusiveAmt TaxClassificationRef DiscountRate"
    " DiscountAmt DeferredRevenue"
)
SPENT = names(
    "AccountRef ItemRef Qty UnitPrice PriceLevelRef ClassRef CustomerRef BillableStatus TaxCodeRef"
    " TaxAmount TaxInclusiveAmt MarkupInfo"
)
INSIDE: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("PrimaryPhone", "AlternatePhone", "Mobile", "Fax"), PHONE),
    **dict.fromkeys(("PrimaryEmailAddr", "BillEmail", "BillEmailCc", "BillEmailBcc"), EMAIL),
    **dict.fromkeys(("BillAddr", "ShipAddr", "ShipFromAddr", "PrimaryAddr", "OtherAddr"), ADDRESS),
    "WebAddr": names("Id URI Default Tag"),
    "CustomerMemo": names("value id"),
    "MetaData": names(
        "CreateTime LastUpdatedTime CreatedByRef LastModifiedByRef LastChangedInQB Synchronized"
    ),
    "LinkedTxn": names("TxnId TxnType TxnLineId"),
    "CustomField": names("DefinitionId Name Type StringValue BooleanValue DateValue NumberValue"),
    "DeliveryInfo": names("DeliveryType DeliveryTime DeliveryErrorType"),
    "Line": LINE,
    "TaxLine": LINE,
    "TxnTaxDetail": names(
        "DefaultTaxCodeRef TxnTaxCodeRef TotalTax TaxLine TaxReviewStatus UseAutomatedSalesTax"
    ),
    "TaxLineDetail": names(
        "TaxRateRef PercentBased TaxPercent NetAmountTaxable TaxInclusiveAmount OverrideDeltaAmount"
        " ServiceDate"
    ),
    "SalesItemLineDetail": SOLD,
    "GroupLineDetail": SOLD | names("GroupItemRef Quantity Line"),
    "SubTotalLineDetail": SOLD,
    "DiscountLineDetail": names(
        "Discount DiscountRef PercentBased DiscountPercent DiscountAccountRef ServiceDate ClassRef"
        " TaxCodeRef"
    ),
    "DescriptionLineDetail": names("ServiceDate TaxCodeRef"),
    "JournalEntryLineDetail": names(
        "PostingType Entity AccountRef ClassRef DepartmentRef TaxCodeRef TaxRateRef"
        " TaxApplicableOn TaxAmount TaxInclusiveAmt BillableStatus JournalCodeRef"
    ),
    "Entity": names("Type EntityRef value name type"),
    "DepositLineDetail": names(
        "Entity ClassRef AccountRef PaymentMethodRef CheckNum TxnType TaxCodeRef TaxApplicableOn"
    ),
    "AccountBasedExpenseLineDetail": SPENT,
    "ItemBasedExpenseLineDetail": SPENT,
    "MarkupInfo": names("PercentBased Value Percent PriceLevelRef MarkUpIncomeAccountRef"),
}


def refuse_unknown_properties(entity: Entity, body: Mapping[str, Any]) -> None:
    """Raises ``Fault`` 2010 for the first property that the vendor does not know."""
    _refuse(entity.name, entity.writable, body)


def _refuse(kind: str, known: frozenset[str], body: Mapping[str, Any]) -> None:
    for name, value in body.items():
        if name not in known:
            raise faults.unknown_property(name, kind)
        inside = REFERENCE if name.endswith("Ref") else INSIDE.get(name)
        if inside is not None and name != "AttachableRef":
            for part in value if isinstance(value, list) else [value]:
                if isinstance(part, dict):
                    _refuse(name, inside, part)
