"""The truth about what may be billed: every unit that was won lately, and the gates it fails.

Belongs here: rows of answers about billing units. Does not belong here: what a gate asks
(``crm.gates``).
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from q2c_pipeline.sandbox.generate import profile
from q2c_pipeline.sandbox.generate.books.keeping import Books
from q2c_pipeline.sandbox.generate.crm.deal import Deal
from q2c_pipeline.sandbox.generate.crm.deals import Crm
from q2c_pipeline.sandbox.generate.crm.gates import ALIKE_DAYS, BILLING_FROM, Judge, Unit, units
from q2c_pipeline.sandbox.generate.crm.ids import opportunity_id, schedule_id


class Answer(NamedTuple):
    """A unit with the ids of its records and the gates that it fails."""

    unit: Unit
    opportunity: str
    instalment: str | None
    failed: list[str]


def billing_answers(books: Books, crm: Crm) -> Iterator[str]:
    """An object for each unit; instalments are numbered as their records are."""
    judge = Judge(books.rates, _billed_without_a_deal(books, crm))
    answers = list(_judged_singly(crm, judge))
    ready = sorted((answer for answer in answers if not answer.failed), key=_in_turn)
    judge.hold_above_credit((answer.unit, answer.failed) for answer in ready)
    for answer in answers:
        yield json.dumps(
            {
                "opportunity_id": answer.opportunity,
                "instalment_id": answer.instalment,
                "case": answer.unit.deal.case,
                "ready": not answer.failed,
                "failed_gates": answer.failed,
            }
        )


def _judged_singly(crm: Crm, judge: Judge) -> Iterator[Answer]:
    instalments_before = 0
    for deal in crm.deals:
        if _is_won_lately(deal):
            for unit in units(deal):
                number = None if unit.position is None else instalments_before + unit.position + 1
                yield Answer(
                    unit,
                    opportunity_id(deal.number),
                    None if number is None else schedule_id(number),
                    judge.failed(unit),
                )
        for line in deal.lines:
            instalments_before += len(line.instalments)


def _in_turn(answer: Answer) -> tuple[int, str, str]:
    """By approval, and then by the ids."""
    approval = answer.unit.deal.approval
    completed = approval.completed if approval else 0
    return completed, answer.opportunity, answer.instalment or ""


def _is_won_lately(deal: Deal) -> bool:
    return BILLING_FROM <= deal.close_day <= profile.CLOCK_DAY and deal.status == "won"


def _billed_without_a_deal(books: Books, crm: Crm) -> dict[int, set[int]]:
    """Net amounts and totals that customers, by rank, were billed lately for no deal."""
    lately = profile.CLOCK_DAY - ALIKE_DAYS
    with_a_deal = {
        billing.invoice.id
        for deal in crm.deals
        if deal.billings and deal.billings[-1].invoice.day >= lately
        for billing in deal.billings
    }
    amounts: dict[int, set[int]] = defaultdict(set)
    for rank, own in enumerate(books.invoices):
        for invoice in reversed(own):
            if invoice.day < lately:
                break
            if invoice.is_in_books and invoice.id not in with_a_deal:
                amounts[rank] |= {invoice.net, invoice.total}
    return amounts
