"""The entities of QuickBooks: what each is called, how it is found, what may be written to it.

Belongs here: facts about entities as data. Does not belong here: behaviour.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType


class FieldKind(Enum):
    ID = "id"
    UPDATED = "updated"
    MOMENT = "moment"
    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"


@dataclass(frozen=True)
class Field:
    """A field that statements may filter by; ``path`` is where the payload holds it."""

    path: str
    kind: FieldKind
    is_sortable: bool = True


@dataclass(frozen=True)
class Entity:
    """``writable`` lists the top-level properties a write may carry; none means read-only.

    ``name_field`` marks a name list: it is listed by name, and inactivated instead of deleted.
    """

    name: str
    fields: Mapping[str, Field]
    writable: frozenset[str] = frozenset()
    name_field: str | None = None
    is_in_cdc: bool = True
    is_paged: bool = True


def names(text: str) -> frozenset[str]:
    """The names in a text that spaces part; long lists read best so."""
    return frozenset(text.split())


COMMON_FIELDS = {
    "Id": Field("$.Id", FieldKind.ID),
    "MetaData.CreateTime": Field("$.MetaData.CreateTime", FieldKind.MOMENT),
    "MetaData.LastUpdatedTime": Field("$.MetaData.LastUpdatedTime", FieldKind.UPDATED),
}
COMMON_PROPERTIES = (
    "Id SyncToken MetaData domain sparse status AttachableRef CustomField HeaderFull HeaderLite"
)
HIDING_INACTIVE = names(
    "Account Class Customer Department Employee Item PaymentMethod Term TaxCode TaxRate Vendor"
    " Budget"
)


def _fields(
    *, text: str = "", number: str = "", refs: str = "", active: bool = False
) -> dict[str, Field]:
    fields = dict(COMMON_FIELDS)
    fields |= {name: Field(f"$.{name}", FieldKind.TEXT) for name in text.split()}
    fields |= {name: Field(f"$.{name}", FieldKind.NUMBER) for name in number.split()}
    for name in refs.split():
        field = Field(f"$.{name}.value", FieldKind.TEXT, is_sortable=False)
        fields |= {name: field, f"{name}.value": field}
    if active:
        fields["Active"] = Field("$.Active", FieldKind.BOOLEAN)
    return fields


def _entity(
    name: str,
    fields: Mapping[str, Field],
    writable: str = "",
    *,
    name_field: str | None = None,
    is_in_cdc: bool = True,
    is_paged: bool = True,
) -> Entity:
    properties = names(f"{COMMON_PROPERTIES} {writable}" if writable else "")
    return Entity(name, fields, properties, name_field, is_in_cdc, is_paged)


_PERSON_TEXT = (
    "DisplayName CompanyName GivenName MiddleName FamilyName FullyQualifiedName PrintOnCheckName"
)
_PERSON_PROPERTIES = (
    "DisplayName Title GivenName MiddleName FamilyName Suffix CompanyName PrintOnCheckName Active"
    " PrimaryPhone AlternatePhone Mobile Fax PrimaryEmailAddr WebAddr BillAddr"
    " ShipAddr OtherAddr Notes Balance BalanceWithJobs OpenBalanceDate CurrencyRef Taxable"
    " PrimaryTaxIdentifier OtherContactInfo V4IDPseudonym Source ClientEntityId Organization"
    " UserId"
)
_SALES_PROPERTIES = (
    "DocNumber TxnDate CurrencyRef ExchangeRate PrivateNote TxnStatus LinkedTxn Line TxnTaxDetail"
    " TxnSource AutoDocNumber CustomerRef CustomerMemo BillAddr ShipAddr ShipFromAddr ClassRef"
    " SalesTermRef DepartmentRef ProjectRef ShipMethodRef ShipDate TrackingNum TotalAmt"
    " HomeTotalAmt ApplyTaxAfterDiscount PrintStatus EmailStatus BillEmail BillEmailCc"
    " BillEmailBcc DeliveryInfo Balance HomeBalance GlobalTaxCalculation FreeFormAddress"
    " DepositToAccountRef PaymentMethodRef PaymentRefNum PaymentType CheckPayment"
    " CreditCardPayment RecurDataRef TaxExemptionRef TransactionLocationType Tag PONumber FOB"
    " SalesRepRef RemitToRef DiscountRate DiscountAmt DueDate"
)
_TRANSACTION_PROPERTIES = (
    "DocNumber TxnDate CurrencyRef ExchangeRate PrivateNote LinkedTxn Line TxnTaxDetail TotalAmt"
    " HomeTotalAmt GlobalTaxCalculation DepartmentRef TransactionLocationType TxnStatus TxnSource"
    " RecurDataRef Tag"
)
_SALES_FIELDS = _fields(text="DocNumber TxnDate", number="TotalAmt Balance", refs="CustomerRef")
_DATED_FIELDS = _fields(text="DocNumber TxnDate", number="TotalAmt")
_NAMED_FIELDS = _fields(text="Name FullyQualifiedName", active=True)
_CONTACT_FIELDS = {
    "PrimaryEmailAddr": Field("$.PrimaryEmailAddr.Address", FieldKind.TEXT),
    "PrimaryPhone": Field("$.PrimaryPhone.FreeFormNumber", FieldKind.TEXT),
}

_CATALOGUE = (
    _entity(
        "Customer",
        _fields(text=_PERSON_TEXT, number="Balance", refs="ParentRef", active=True)
        | _CONTACT_FIELDS,
        f"{_PERSON_PROPERTIES} FullyQualifiedName Job BillWithParent ParentRef Level IsProject"
        " SalesTermRef PaymentMethodRef PreferredDeliveryMethod DefaultTaxCodeRef"
        " TaxExemptionReasonId ResaleNum ARAccountRef CustomerTypeRef CreditLimit",
        name_field="DisplayName",
    ),
    _entity(
        "Vendor",
        _fields(text=_PERSON_TEXT, number="Balance", active=True) | _CONTACT_FIELDS,
        f"{_PERSON_PROPERTIES} AcctNum Vendor1099 TaxIdentifier TermRef APAccountRef BillRate"
        " CostRate VendorPaymentBankDetail TaxReportingBasis",
        name_field="DisplayName",
    ),
    _entity(
        "Employee",
        _fields(text=_PERSON_TEXT, active=True) | _CONTACT_FIELDS,
        f"{_PERSON_PROPERTIES} PrimaryAddr SSN EmployeeNumber EmployeeType BillableTime BillRate"
        " HiredDate ReleasedDate BirthDate Gender CostRate",
        name_field="DisplayName",
    ),
    _entity(
        "Item",
        _fields(text="Name FullyQualifiedName Type", number="UnitPrice", active=True)
        | {"Sku": Field("$.Sku", FieldKind.TEXT, is_sortable=False)},
        "Name Sku Description Active FullyQualifiedName SubItem ParentRef Level Taxable"
        " SalesTaxIncluded UnitPrice RatePercent Type PaymentMethodRef IncomeAccountRef"
        " PurchaseDesc PurchaseCost PurchaseTaxIncluded ExpenseAccountRef AssetAccountRef"
        " PrefVendorRef TrackQtyOnHand QtyOnHand InvStartDate SalesTaxCodeRef PurchaseTaxCodeRef"
        " ClassRef ItemGroupDetail PrintGroupedItems ReorderPoint TaxClassificationRef Source",
        name_field="Name",
    ),
    _entity(
        "Invoice",
        _SALES_FIELDS | _fields(text="DueDate"),
        f"{_SALES_PROPERTIES} Deposit AllowIPNPayment AllowOnlinePayment"
        " AllowOnlineCreditCardPayment AllowOnlineACHPayment EInvoiceStatus InvoiceLink"
        " ECloudStatusTimeStamp invoiceStatus invoiceStatusLog callToAction LessCIS InvoiceEx"
        " ARAccountRef",
    ),
    _entity(
        "CreditMemo", _SALES_FIELDS, f"{_SALES_PROPERTIES} RemainingCredit InvoiceRef ARAccountRef"
    ),
    _entity("SalesReceipt", _SALES_FIELDS, _SALES_PROPERTIES),
    _entity("RefundReceipt", _SALES_FIELDS, f"{_SALES_PROPERTIES} TxnSource"),
    _entity(
        "Estimate",
        _SALES_FIELDS,
        f"{_SALES_PROPERTIES} ExpirationDate AcceptedBy AcceptedDate",
    ),
    _entity(
        "Payment",
        _fields(text="TxnDate PaymentRefNum", number="TotalAmt", refs="CustomerRef"),
        f"{_TRANSACTION_PROPERTIES} CustomerRef DepositToAccountRef ARAccountRef PaymentMethodRef"
        " PaymentRefNum PaymentType CheckPayment CreditCardPayment UnappliedAmt ProcessPayment"
        " TaxExemptionRef HomeUnappliedAmt",
    ),
    _entity(
        "JournalEntry",
        _DATED_FIELDS,
        f"{_TRANSACTION_PROPERTIES} Adjustment HomeCurrencyAdjustment",
    ),
    _entity(
        "Deposit",
        _DATED_FIELDS,
        f"{_TRANSACTION_PROPERTIES} DepositToAccountRef CashBack",
    ),
    _entity(
        "Purchase",
        _DATED_FIELDS,
        f"{_TRANSACTION_PROPERTIES} AccountRef PaymentMethodRef PaymentRefNum EntityRef RemitToAddr"
        " PaymentType CheckPayment CreditCardPayment Credit PrintStatus Memo",
    ),
    _entity(
        "Account",
        _fields(
            text="Name FullyQualifiedName AccountType AccountSubType Classification AcctNum",
            number="CurrentBalance",
            active=True,
        ),
        "Name Description Active FullyQualifiedName SubAccount ParentRef Classification AccountType"
        " AccountSubType AcctNum CurrentBalance CurrentBalanceWithSubAccounts CurrencyRef"
        " TaxCodeRef TxnLocationType OpeningBalance OpeningBalanceDate",
        name_field="Name",
    ),
    _entity(
        "Class",
        _NAMED_FIELDS,
        "Name Active FullyQualifiedName SubClass ParentRef",
        name_field="Name",
    ),
    _entity(
        "Department",
        _NAMED_FIELDS,
        "Name Active FullyQualifiedName SubDepartment ParentRef Address",
        name_field="Name",
    ),
    _entity(
        "Term",
        _NAMED_FIELDS,
        "Name Active Type DiscountPercent DueDays DiscountDays DayOfMonthDue DueNextMonthDays"
        " DiscountDayOfMonth",
        name_field="Name",
    ),
    _entity("PaymentMethod", _NAMED_FIELDS, "Name Active Type", name_field="Name"),
    _entity("TaxCode", _NAMED_FIELDS, name_field="Name", is_in_cdc=False),
    _entity("TaxRate", _NAMED_FIELDS, name_field="Name", is_in_cdc=False),
    _entity(
        "TaxAgency",
        _fields(text="DisplayName"),
        "DisplayName TaxRegistrationNumber TaxTrackedOnPurchases TaxTrackedOnSales LastFileDate"
        " TaxAgencyConfig ReportingPeriod",
        name_field="DisplayName",
        is_in_cdc=False,
    ),
    _entity(
        "CompanyCurrency",
        _fields(text="Code Name", active=True),
        "Code Name Active",
        name_field="Name",
    ),
    _entity("CustomerType", _NAMED_FIELDS, name_field="Name"),
    _entity(
        "Budget",
        _fields(text="Name StartDate EndDate BudgetType", active=True),
        name_field="Name",
    ),
    _entity("JournalCode", _fields(text="Name Type"), name_field="Name", is_in_cdc=False),
    _entity("TimeActivity", _fields(text="TxnDate"), is_in_cdc=False),
    _entity("ExchangeRate", _fields(text="SourceCurrencyCode AsOfDate"), is_in_cdc=False),
    _entity(
        "CompanyInfo",
        _fields(),
        "CompanyName LegalName CompanyAddr CustomerCommunicationAddr LegalAddr"
        " CustomerCommunicationEmailAddr PrimaryPhone CompanyStartDate EmployerId"
        " FiscalYearStartMonth Country Email WebAddr SupportedLanguages NameValue"
        " DefaultTimeZone",
        is_in_cdc=False,
        is_paged=False,
    ),
    _entity(
        "Preferences",
        _fields(),
        "AccountingInfoPrefs ProductAndServicesPrefs SalesFormsPrefs EmailMessagesPrefs"
        " VendorAndPurchasesPrefs TimeTrackingPrefs TaxPrefs CurrencyPrefs ReportPrefs OtherPrefs",
        is_in_cdc=False,
        is_paged=False,
    ),
    *(
        _entity(name, _DATED_FIELDS)
        for name in names(
            "Bill BillPayment VendorCredit PurchaseOrder Transfer CreditCardPayment"
            " InventoryAdjustment ReimburseCharge RecurringTransaction StatementCharge Attachable"
        )
    ),
)

ENTITIES: Mapping[str, Entity] = MappingProxyType({entity.name: entity for entity in _CATALOGUE})
_BY_FOLDED_NAME = {name.casefold(): entity for name, entity in ENTITIES.items()}


def find_entity(name: str) -> Entity | None:
    """The entity of that name in any case, as paths and statements may spell it."""
    return _BY_FOLDED_NAME.get(name.casefold())
