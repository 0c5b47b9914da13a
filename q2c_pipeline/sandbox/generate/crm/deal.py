"""What a deal is: its lines, how it was billed, and what is known to differ.

Belongs here: the forms. Does not belong here: how a deal comes about. Amounts are cents in the
deal's currency, net of tax, but for those of a variance, which are in home currency.
"""

from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from q2c_pipeline.sandbox.generate.books.customers import Customer
from q2c_pipeline.sandbox.generate.books.documents import Invoice, SalesLine
from q2c_pipeline.sandbox.generate.crm.accounts import CrmAccount
from q2c_pipeline.sandbox.generate.crm.products import Product
from q2c_pipeline.sandbox.generate.crm.stages import LOST, WON, Step


class Kind(Enum):
    NEW = "New Customer"
    EXPANSION = "Existing Customer - Expansion"
    RENEWAL = "Renewal"


class Evidence(Enum):
    """What ties an invoice to its deal, from hard to none."""

    STORED_ID = "stored_id"
    ESTIMATE = "estimate"
    PURCHASE_ORDER = "purchase_order"
    DOCUMENT_NUMBER = "document_number"
    NONE = "none"


class Instalment(NamedTuple):
    """Planned for ``day``; ``quantity`` in hundredths."""

    day: int
    quantity: int
    amount: int


@dataclass(slots=True, eq=False)
class DealLine:
    """``quantity`` in hundredths and ``price`` in cents, with an exact product.

    ``description`` is the product's own, unless somebody wrote another one.
    """

    product: Product
    quantity: int
    price: int
    created: int = 0
    modified: int = 0
    instalments: tuple[Instalment, ...] = ()
    description: str = ""

    @property
    def amount(self) -> int:
        return self.quantity * self.price // 100


class Billing(NamedTuple):
    """What an invoice bills of the deal: all of it, or the lines of it that are the deal's."""

    invoice: Invoice
    lines: tuple[SalesLine, ...]

    @property
    def net(self) -> int:
        is_whole = len(self.lines) == len(self.invoice.lines)
        return self.invoice.net if is_whole else sum(line.amount for line in self.lines)


class Variance(NamedTuple):
    """A whole contribution to the bridge; ``day`` is some day of its month."""

    section: str
    category: str
    day: int
    cents: int
    invoice: Invoice | None = None


class Approval(NamedTuple):
    submitted: int
    completed: int
    approver: int


@dataclass(slots=True, eq=False)
class Deal:
    """``amount`` is the present one; ``steps`` run from creation to now.

    ``case`` names what was planted on the deal; without one it was billed exactly as booked.
    ``leaked`` is what was forgotten to be billed.
    """

    account: CrmAccount
    name: str
    kind: Kind
    lead_source: str
    owner: int
    close_day: int
    amount: int | None = None
    lines: list[DealLine] = field(default_factory=list)
    billings: list[Billing] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    number: int = 0
    case: str = ""
    variances: list[Variance] = field(default_factory=list)
    leaked: int = 0
    evidence: Evidence = Evidence.NONE
    purchase_order: str = ""
    approval: Approval | None = None
    billing_status: str = ""
    billing_closed: int | None = None
    currency_at_first: str = ""
    deleted: int | None = None

    @property
    def customer(self) -> Customer | None:
        return self.account.customer

    @property
    def currency(self) -> str:
        return self.account.currency

    @property
    def created(self) -> int:
        return self.steps[0].moment

    @property
    def last_step(self) -> Step:
        return self.steps[-1]

    @property
    def is_won(self) -> bool:
        return self.last_step.stage is WON

    @property
    def status(self) -> str:
        if self.deleted is not None:
            return "deleted"
        return {WON: "won", LOST: "lost"}.get(self.last_step.stage, "open")

    def differ(
        self, section: str, category: str, day: int, cents: int, invoice: Invoice | None = None
    ) -> None:
        """Remembers a contribution, unless it comes to nothing."""
        if cents:
            self.variances.append(Variance(section, category, day, cents, invoice))

    def total_lines(self) -> None:
        self.amount = sum(line.amount for line in self.lines)
