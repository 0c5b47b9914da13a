"""The truth about the made-up sales side: deals, their invoices, variances and what leaked.

Belongs here: rows of answers about deals. Does not belong here: the books (``answers``). Amounts
are exact text; those of a variance are whole contributions to the bridge in home currency, signed
so that opening and contributions add up to the closing, and exact for deals in home currency.
"""

from collections import Counter
from collections.abc import Callable, Iterator

from q2c_pipeline.sandbox.generate import profile
from q2c_pipeline.sandbox.generate.crm.deals import Crm
from q2c_pipeline.sandbox.generate.crm.evidence import evidence_of
from q2c_pipeline.sandbox.generate.crm.ids import opportunity_id
from q2c_pipeline.sandbox.generate.days import day_text, month_start
from q2c_pipeline.sandbox.generate.money import amount_text

Row = tuple[str | int, ...]
#: Variances of deals on which nothing was planted come from how deals go.
ORDINARY = "ordinary"


def _deals(crm: Crm) -> Iterator[Row]:
    for deal in crm.deals:
        yield (
            opportunity_id(deal.number),
            deal.customer.id if deal.customer else "",
            deal.status,
            deal.currency,
            "" if deal.last_step.amount is None else amount_text(deal.last_step.amount),
            day_text(deal.last_step.close_day),
            " ".join(str(billing.invoice.id) for billing in deal.billings),
            deal.case,
        )


def _links(crm: Crm) -> Iterator[Row]:
    for deal in crm.deals:
        for billing in deal.billings:
            evidence = evidence_of(deal, billing.invoice).value
            yield (opportunity_id(deal.number), billing.invoice.id, evidence)


def _variances(crm: Crm) -> Iterator[Row]:
    for deal in crm.deals:
        for variance in deal.variances:
            yield (
                opportunity_id(deal.number),
                variance.invoice.id if variance.invoice else "",
                day_text(month_start(variance.day)),
                variance.section,
                variance.category,
                amount_text(variance.cents),
                deal.case if deal.currency == profile.HOME_CURRENCY and deal.case else ORDINARY,
            )


def _leakage(crm: Crm) -> Iterator[Row]:
    for deal in crm.deals:
        if deal.leaked:
            kind = "partly_billed" if deal.billings else "never_billed"
            yield (opportunity_id(deal.number), amount_text(deal.leaked), kind)


SALES_ANSWERS: dict[str, tuple[tuple[str, ...], Callable[[Crm], Iterator[Row]]]] = {
    "deals": (
        (
            "opportunity_id",
            "customer_id",
            "status",
            "currency",
            "amount",
            "close_date",
            "invoices",
            "case",
        ),
        _deals,
    ),
    "links": (("opportunity_id", "invoice_id", "evidence"), _links),
    "variances": (
        (
            "opportunity_id",
            "invoice_id",
            "month",
            "section",
            "category",
            "amount_home",
            "note",
        ),
        _variances,
    ),
    "leakage": (("opportunity_id", "amount", "kind"), _leakage),
}


def counted_cases(crm: Crm) -> dict[str, int]:
    """How many deals show each case."""
    return dict(sorted(Counter(deal.case for deal in crm.deals if deal.case).items()))
