"""Estimates that invoices are made from.

Belongs here: the link between the two, seen from both ends. Does not belong here: any amount; an
estimate is billed as far as its invoices say.
"""

from q2c_pipeline.sandbox.quickbooks import faults
from q2c_pipeline.sandbox.quickbooks.wire import Payload, entries, reference
from q2c_pipeline.sandbox.quickbooks.writing.realm import Realm, bumped


def refuse_foreign_estimates(realm: Realm, invoice: Payload, stored: Payload | None) -> None:
    """Raises ``Fault`` 610 for a newly named estimate that is not there, 620 for another
    customer's."""
    for estimate_id in sorted(_estimates(invoice) - _estimates(stored or {})):
        estimate = realm.get("Estimate", estimate_id)
        if estimate is None:
            raise faults.not_found()
        if reference(estimate, "CustomerRef") != reference(invoice, "CustomerRef"):
            raise faults.cannot_link(f"Estimate {estimate_id} is another customer's")


def follow_links(
    realm: Realm, invoice_id: str, before: Payload | None, after: Payload | None
) -> None:
    """Close the estimates that the invoice now names, open those that it names no longer."""
    held, named = _estimates(before or {}), _estimates(after or {})
    link = {"TxnId": invoice_id, "TxnType": "Invoice"}
    for estimate_id in sorted(held ^ named):
        estimate = realm.get("Estimate", estimate_id)
        if estimate is None:
            continue
        links = [other for other in entries(estimate, "LinkedTxn") if other != link]
        links += [link] if estimate_id in named else []
        changed = estimate | {
            "LinkedTxn": links,
            "TxnStatus": "Closed" if links else "Pending",
        }
        realm.keep("Estimate", bumped(changed))


def _estimates(invoice: Payload) -> set[str]:
    links = entries(invoice, "LinkedTxn")
    return {str(link.get("TxnId")) for link in links if link.get("TxnType") == "Estimate"}
