"""What a CRM shows of made-up deals.

Belongs here: vendor fields. Does not belong here: chance, or what the deals come to.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from tests.property.deals.lives import LOST, OPEN, WON, Deal, State

Records = dict[str, list[dict[str, Any]]]
FORECAST_CATEGORIES = {OPEN: "Pipeline", WON: "Closed", LOST: "Omitted"}


def records_of(deals: Iterable[Deal]) -> Records:
    records: Records = defaultdict(list)
    for deal in deals:
        records["Opportunity"] += [_opportunity(deal, state) for state in deal.versions]
        records["OpportunityHistory"] += [
            _history(deal, number, state) for number, state in enumerate(deal.history)
        ]
        records["OpportunityLineItem"] += _line_items(deal)
    return records


def _opportunity(deal: Deal, state: State) -> dict[str, Any]:
    return {
        "Id": deal.id,
        "Name": deal.id,
        "Legal_Entity__c": deal.entity,
        "IsDeleted": state.is_deleted,
        "IsClosed": state.stage != OPEN,
        "IsWon": state.stage == WON,
        "CreatedDate": _stamp(deal.created),
        "SystemModstamp": _stamp(state.moment),
        **_tracked(state),
    }


def _history(deal: Deal, number: int, state: State) -> dict[str, Any]:
    """An entry is deleted with its deal."""
    return {
        "Id": f"{deal.id}{number:03}",
        "OpportunityId": deal.id,
        "IsDeleted": deal.versions[-1].is_deleted,
        "ForecastCategory": FORECAST_CATEGORIES[state.stage],
        "CreatedDate": _stamp(state.moment),
        "SystemModstamp": _stamp(state.moment),
        **_tracked(state),
    }


def _tracked(state: State) -> dict[str, Any]:
    return {
        "StageName": state.stage,
        "Amount": None if state.amount is None else float(state.amount),
        "CurrencyIsoCode": state.currency,
        "CloseDate": state.close_date.isoformat(),
    }


def _line_items(deal: Deal) -> Iterable[dict[str, Any]]:
    """The version that removes a line repeats what the line was."""
    for line_id, life in deal.lines.items():
        shown = life.last
        for moment, line in life.versions:
            shown = line or shown
            yield {
                "Id": line_id,
                "OpportunityId": deal.id,
                "IsDeleted": line is None,
                "Quantity": shown.quantity,
                "UnitPrice": float(shown.price),
                "TotalPrice": float(shown.quantity * shown.price),
                "CreatedDate": _stamp(life.created),
                "SystemModstamp": _stamp(moment),
            }


def _stamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.000+0000"
