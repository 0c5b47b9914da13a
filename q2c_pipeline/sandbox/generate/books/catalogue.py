"""What the firm sells, on which terms, and under which taxes.

Belongs here: the lists that documents refer to while they are made. Does not belong here: their
wire form. A list's order is its id order; ids are text on the wire and numbers here.
"""

from datetime import date
from typing import NamedTuple


class Item(NamedTuple):
    """``price`` and ``cost`` in whole cents a unit; ``quantities`` in hundredths;
    ``retired`` is a day.

    What is delivered over a time names ``service_days`` from its document on; what is delivered on
    a later day says how many days later that is.
    """

    id: int
    sku: str
    name: str
    description: str
    price: int
    cost: int
    quantities: tuple[int, int, int]
    taxable: bool
    income_account: int
    retired: int | None = None
    formerly: str | None = None
    service_days: int = 0
    held_after_days: int = 0


class Term(NamedTuple):
    id: int
    name: str
    due_days: int


class TaxRate(NamedTuple):
    """``percent`` in thousandths of a percent, so that 8.875 % is 8875."""

    id: int
    name: str
    percent: int
    agency: int


class TaxCode(NamedTuple):
    id: int
    name: str
    state: str
    rates: tuple[TaxRate, ...]


CONSULTING, MANAGED, TRAINING, SUPPORT, EQUIPMENT, REIMBURSED = 41, 42, 43, 44, 45, 46

ITEMS = (
    Item(1, "ADV-HR", "Advisory Hours", "Advisory work, by the hour", 19500, 9800,
         (100, 6000, 25), False, CONSULTING),
    Item(2, "ADV-REVIEW", "Process Review", "Review of one business process", 340000, 168000,
         (100, 300, 100), False, CONSULTING),
    Item(3, "IMP-DAY", "Implementation Day", "Implementation, by the day", 128000, 64000,
         (100, 1200, 50), False, CONSULTING),
    Item(4, "IMP-MIGRATE", "Data Migration", "Migration of one source", 215000, 92000,
         (100, 400, 100), False, CONSULTING),
    Item(5, "MAN-DESK", "Managed Desktop", "Managed desktop, seat and month", 6400, 3100,
         (500, 12000, 100), False, MANAGED, formerly="Desktop Care"),
    Item(6, "MAN-SERVER", "Managed Server", "Managed server, month", 31200, 14800,
         (100, 2000, 100), False, MANAGED),
    Item(7, "MAN-MON", "Monitoring", "Monitoring, device and month", 1200, 450,
         (1000, 20000, 100), False, MANAGED),
    Item(8, "TRN-SEAT", "Workshop Seat", "Seat in an open workshop", 48000, 15500,
         (100, 1200, 100), False, TRAINING, held_after_days=21),
    Item(9, "TRN-HOUSE", "In-house Training", "Training at the customer's", 260000, 98000,
         (100, 300, 50), False, TRAINING),
    Item(10, "SUP-SILVER", "Support Plan Silver", "Support plan, month", 45000, 17500,
         (100, 300, 100), False, SUPPORT),
    Item(11, "SUP-GOLD", "Support Plan Gold", "Support plan, month", 98000, 39000,
         (100, 300, 100), False, SUPPORT),
    Item(12, "SUP-HR", "Incident Hours", "Support outside the plan", 16500, 8200,
         (50, 1600, 25), False, SUPPORT),
    Item(13, "EQP-LAPTOP", "Laptop", "Laptop, prepared", 134900, 108500,
         (100, 800, 100), True, EQUIPMENT),
    Item(14, "EQP-FIREWALL", "Firewall Appliance", "Firewall appliance", 89900, 69900,
         (100, 300, 100), True, EQUIPMENT),
    Item(15, "EQP-LICENCE", "Software Licence", "Licence, seat and year", 13200, 9900,
         (500, 5000, 100), True, EQUIPMENT, service_days=365),
    Item(16, "TRN-MANUAL", "Training Manual", "Printed manual", 5900, 2100,
         (100, 2500, 100), True, EQUIPMENT),
    Item(17, "EXP-TRAVEL", "Travel", "Travel, at cost", 0, 0,
         (100, 100, 100), False, REIMBURSED),
    Item(18, "MAN-FAX", "Fax Gateway", "Fax gateway, month", 3900, 1700,
         (100, 600, 100), False, MANAGED, retired=date(2024, 12, 31).toordinal()),
    Item(19, "EQP-TAPES", "On-site Backup Tapes", "Set of tapes", 21000, 13800,
         (100, 400, 100), True, EQUIPMENT, retired=date(2025, 6, 30).toordinal()),
)  # fmt: skip
AT_COST = 17
#: The id and name of a bundle of other items.
BUNDLE, BUNDLE_NAME = 20, "Ready to Work"
BUNDLE_MEMBERS = ("Managed Desktop", "Laptop")
#: The day from which the renamed item goes by its present name.
RENAMED_FROM = date(2025, 4, 1).toordinal()
ITEM_WEIGHTS = (16, 4, 9, 3, 9, 6, 6, 5, 3, 6, 4, 6, 5, 3, 6, 3, 7, 3, 2)

TERMS = (
    Term(1, "Due on receipt", 0),
    Term(2, "Net 15", 15),
    Term(3, "Net 30", 30),
    Term(4, "Net 45", 45),
    Term(5, "Net 60", 60),
)

_CALIFORNIA = TaxRate(1, "California", 7250, 1)
_SAN_MATEO = TaxRate(2, "San Mateo County", 2125, 1)
_NEW_YORK = TaxRate(3, "New York State", 4000, 2)
_NEW_YORK_CITY = TaxRate(4, "New York City", 4875, 2)
_TEXAS = TaxRate(5, "Texas", 6250, 3)
TAX_RATES = (_CALIFORNIA, _SAN_MATEO, _NEW_YORK, _NEW_YORK_CITY, _TEXAS)
TAX_CODES = (
    TaxCode(2, "California, San Mateo", "CA", (_CALIFORNIA, _SAN_MATEO)),
    TaxCode(3, "New York City", "NY", (_NEW_YORK, _NEW_YORK_CITY)),
    TaxCode(4, "Texas", "TX", (_TEXAS,)),
)
TAX_CODE_OF_STATE = {code.state: code for code in TAX_CODES}
PERCENT_WHOLE = 100_000

#: What sales forms call the customer's order number.
PURCHASE_ORDER_FIELD = "P.O. Number"

PAYMENT_METHODS = ((1, "Cash"), (2, "Check"), (3, "Visa"), (4, "ACH"), (5, "Wire"))
CHECK, CARD, ACH, WIRE = 2, 3, 4, 5
CLASSES = {
    5000000000000000101: "Advisory",
    5000000000000000102: "Managed Services",
    5000000000000000103: "Training",
    5000000000000000104: "Support",
}
#: The class of what is sold, by its income account; equipment and expenses have none.
CLASS_OF_INCOME = dict(zip((CONSULTING, MANAGED, TRAINING, SUPPORT), CLASSES, strict=True))
DEPARTMENTS = ((1, "New York"), (2, "San Mateo"), (3, "Austin"))


class Account(NamedTuple):
    id: int
    name: str
    type: str
    subtype: str
    classification: str
    currency: str = "USD"


CHECKING, EURO_BANK, UNDEPOSITED, RECEIVABLE, RECEIVABLE_EUR = 35, 36, 4, 84, 85
#: What customers owed when the books began and was taken over from another system.
RECEIVABLE_TAKEN_OVER = 86
OPENING_EQUITY, BAD_DEBT, DEPOSITS_HELD = 34, 60, 37
ACCOUNTS = (
    Account(4, "Undeposited Funds", "Other Current Asset", "UndepositedFunds", "Asset"),
    Account(33, "Accounts Payable (A/P)", "Accounts Payable", "AccountsPayable", "Liability"),
    Account(34, "Opening Balance Equity", "Equity", "OpeningBalanceEquity", "Equity"),
    Account(35, "Operating Checking", "Bank", "Checking", "Asset"),
    Account(36, "Euro Account", "Bank", "Checking", "Asset", "EUR"),
    Account(37, "Customer Deposits", "Other Current Liability", "OtherCurrentLiabilities",
            "Liability"),
    Account(38, "Sales Tax Payable", "Other Current Liability", "SalesTaxPayable", "Liability"),
    Account(CONSULTING, "Consulting Income", "Income", "ServiceFeeIncome", "Revenue"),
    Account(MANAGED, "Managed Services Income", "Income", "ServiceFeeIncome", "Revenue"),
    Account(TRAINING, "Training Income", "Income", "ServiceFeeIncome", "Revenue"),
    Account(SUPPORT, "Support Income", "Income", "ServiceFeeIncome", "Revenue"),
    Account(EQUIPMENT, "Equipment and Licence Sales", "Income", "SalesOfProductIncome", "Revenue"),
    Account(REIMBURSED, "Reimbursed Expenses", "Income", "OtherPrimaryIncome", "Revenue"),
    Account(47, "Discounts Given", "Income", "DiscountsRefundsGiven", "Revenue"),
    Account(60, "Bad Debts", "Expense", "BadDebts", "Expense"),
    Account(61, "Rent", "Expense", "RentOrLeaseOfBuildings", "Expense"),
    Account(70, "Exchange Gain or Loss", "Other Expense", "ExchangeGainOrLoss", "Expense"),
    Account(84, "Accounts Receivable (A/R)", "Accounts Receivable", "AccountsReceivable", "Asset"),
    Account(85, "Accounts Receivable (A/R) - EUR", "Accounts Receivable", "AccountsReceivable",
            "Asset", "EUR"),
    Account(86, "Receivables Taken Over", "Accounts Receivable", "AccountsReceivable", "Asset"),
    Account(90, "Retained Earnings", "Equity", "RetainedEarnings", "Equity"),
)  # fmt: skip
ACCOUNT_NAMES = {account.id: account.name for account in ACCOUNTS}
DISCOUNTS_GIVEN = 47
