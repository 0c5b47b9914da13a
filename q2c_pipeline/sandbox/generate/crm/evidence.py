"""How invoices are tied to their deals, if at all.

Belongs here: what a deal says of its invoices, and an invoice of its deal. Does not belong here:
which invoices those are. Nothing here is a marker: the firm has tied them by hand, or not.
"""

from collections.abc import Iterable
from random import Random

from q2c_pipeline.sandbox.generate.books.documents import Invoice
from q2c_pipeline.sandbox.generate.crm.deal import Deal, Evidence

#: Of deals without an estimate, in percent of all deals.
WEIGHTS = {
    Evidence.STORED_ID: 35,
    Evidence.PURCHASE_ORDER: 25,
    Evidence.DOCUMENT_NUMBER: 15,
    Evidence.NONE: 16,
}
#: Deals that say the customer's order number, whether or not the invoice does.
WITH_PURCHASE_ORDER_SHARE = 0.85
#: An order number that the customer used for the deal before, too.
BLANKET_ORDER_SHARE = 0.04
RETYPED_SHARE = 0.15


def tie(deals: Iterable[Deal], random: Random) -> None:
    """Ties won deals to their invoices; deals come customer by customer, by time."""
    before: Deal | None = None
    for deal in deals:
        if deal.evidence is Evidence.NONE:
            deal.evidence = _some_evidence(deal, random)
        if deal.evidence in (Evidence.PURCHASE_ORDER, Evidence.ESTIMATE):
            deal.purchase_order = purchase_order(deal, random)
            if before is not None and before.account is deal.account:
                is_again = random.random() < BLANKET_ORDER_SHARE
                deal.purchase_order = before.purchase_order if is_again else deal.purchase_order
            _write_on_invoices(deal, random)
            before = deal
        elif random.random() < WITH_PURCHASE_ORDER_SHARE:
            deal.purchase_order = purchase_order(deal, random)


def evidence_of(deal: Deal, invoice: Invoice) -> Evidence:
    """A deal with an estimate may have had further invoices, by the order number."""
    if deal.evidence is Evidence.ESTIMATE and invoice.estimate is None:
        return Evidence.PURCHASE_ORDER
    return deal.evidence


def purchase_order(deal: Deal, random: Random) -> str:
    """As this customer numbers its orders."""
    number = random.randrange(100, 99_999)
    style = deal.account.number % 3
    return (f"PO-{number:05d}", f"{number:07d}", f"{deal.account.name[:2].upper()} {number}")[style]


def _some_evidence(deal: Deal, random: Random) -> Evidence:
    if any(billing.invoice.estimate for billing in deal.billings):
        return Evidence.ESTIMATE
    return random.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]


def _write_on_invoices(deal: Deal, random: Random) -> None:
    for billing in deal.billings:
        if evidence_of(deal, billing.invoice) is Evidence.PURCHASE_ORDER:
            is_retyped = random.random() < RETYPED_SHARE
            order = deal.purchase_order
            billing.invoice.purchase_order = _retyped(order) if is_retyped else order


def _retyped(order: str) -> str:
    """The same number from another hand."""
    return order.lower().replace(" ", "").lstrip("0")
