"""The documents of the made-up books, before they have a wire form.

Belongs here: what each kind of document knows. Does not belong here: how one comes about, or
what it looks like in JSON. Amounts are cents in the document's currency and never negative;
``receivable_sign`` says which way a document moves accounts receivable.
"""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from q2c_pipeline.sandbox.generate.books.catalogue import Item, TaxCode, TaxRate
from q2c_pipeline.sandbox.generate.books.customers import Customer
from q2c_pipeline.sandbox.generate.money import RATE_UNIT


class SalesLine(NamedTuple):
    """``quantity`` in hundredths, ``price`` in cents; ``amount`` is exactly their product."""

    item: Item
    quantity: int
    price: int
    amount: int


class Tax(NamedTuple):
    code: TaxCode
    taxable: int
    parts: tuple[tuple[TaxRate, int], ...]

    @property
    def total(self) -> int:
        return sum(amount for _, amount in self.parts)


@dataclass(slots=True, eq=False)
class Document:
    """``created`` and ``updated`` are moments; ``id`` is given once all documents exist.

    ``applications`` are (day they count from, cents); their sum is what is settled by now.
    ``settled_at_once`` is what the document itself says was settled on its own day.
    """

    entity: ClassVar[str]
    receivable_sign: ClassVar[int] = 0

    customer: Customer
    day: int
    created: int
    total: int
    rate: int = RATE_UNIT
    id: int = 0
    number: int = 0
    updated: int = 0
    sync_token: int = 0
    is_void: bool = False
    is_deleted: bool = False
    note: str = ""
    applications: list[tuple[int, int]] | None = None
    payments: "list[Payment] | None" = None

    @property
    def is_in_books(self) -> bool:
        return not (self.is_void or self.is_deleted)

    @property
    def sign(self) -> int:
        return self.receivable_sign

    @property
    def open(self) -> int:
        """What is still open once everything entered so far has taken effect."""
        if not self.is_in_books:
            return 0
        return self.total - sum(cents for _, cents in self.applications or ())

    def touch(self, moment: int) -> None:
        if moment > self.updated:
            self.updated = moment


@dataclass(slots=True, eq=False)
class SalesDocument(Document):
    """The first ``bundled`` lines are sold as one bundle."""

    lines: tuple[SalesLine, ...] = ()
    bundled: int = 0
    discount: int = 0
    tax: Tax | None = None

    @property
    def subtotal(self) -> int:
        return sum(line.amount for line in self.lines)

    @property
    def net(self) -> int:
        return self.subtotal - self.discount


@dataclass(slots=True, eq=False)
class Invoice(SalesDocument):
    """``purchase_order`` is what the customer wants to read on it; ``sent`` a moment, or 0."""

    entity = "Invoice"
    receivable_sign = 1
    due: int = 0
    sent: int = 0
    purchase_order: str = ""
    deposit: int = 0
    estimate: "Estimate | None" = None


@dataclass(slots=True, eq=False)
class CreditMemo(SalesDocument):
    entity = "CreditMemo"
    receivable_sign = -1


@dataclass(slots=True, eq=False)
class SalesReceipt(SalesDocument):
    entity = "SalesReceipt"
    is_anonymous: bool = False


@dataclass(slots=True, eq=False)
class RefundReceipt(SalesDocument):
    entity = "RefundReceipt"


@dataclass(slots=True, eq=False)
class Estimate(SalesDocument):
    entity = "Estimate"
    status: str = "Pending"
    invoice: Invoice | None = None


class PaymentLine(NamedTuple):
    """One line; two linked documents mean one application between the two."""

    amount: int
    linked: tuple[Document, ...]


@dataclass(slots=True, eq=False)
class Payment(Document):
    entity = "Payment"
    receivable_sign = -1
    lines: tuple[PaymentLine, ...] = ()
    unapplied: int = 0
    deposit: "Deposit | None" = None
    method: int = 0
    reference: int = 0


@dataclass(slots=True, eq=False)
class JournalEntry(Document):
    """One receivable line of ``customer``; a transfer has a second, opposite one.

    ``is_taken_over`` says that it is on the account of what another system left behind.
    """

    entity = "JournalEntry"
    is_debit: bool = True
    is_taken_over: bool = False
    other_account: int = 0
    other_customer: Customer | None = None
    label: str = ""

    @property
    def sign(self) -> int:
        return 1 if self.is_debit else -1


@dataclass(slots=True, eq=False)
class Purchase(Document):
    """Money paid to a customer against accounts receivable, by cheque or by debit card."""

    entity = "Purchase"
    receivable_sign = 1
    is_cheque: bool = True


@dataclass(slots=True, eq=False)
class Deposit(Document):
    """Money taken to the bank; without payments it was booked straight to receivables."""

    entity = "Deposit"
    receivable_sign = -1
    taken: tuple[Payment, ...] = ()

    @property
    def sign(self) -> int:
        return 0 if self.taken else -1
