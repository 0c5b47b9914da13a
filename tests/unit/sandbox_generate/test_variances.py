"""The known variances hold in the served documents, judged without any SQL."""

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest

from q2c_pipeline.sandbox.generate import generate

from .company_folder import Folder
from .test_to_bill import GATE_OF_CASE

NEW_YORK = ZoneInfo("America/New_York")
AS_OF = date(2026, 7, 2)
PLANTED = {
    "amount_unlike_lines",
    "awaiting_invoice",
    "billed_ahead",
    "billed_at_another_price",
    "billed_less",
    "billed_more",
    "billed_over_months",
    "closed_in_the_future",
    "currency_changed",
    "expansion_never_billed",
    "extra_line_billed",
    "line_added",
    "line_cancelled",
    "line_forgotten",
    "line_without_item",
    "merged",
    "new_customer_never_billed",
    "opened_in_month",
    "owner_inactive",
    "pulled_in",
    "renewal_never_billed",
    "repriced",
    "rest_forgotten",
    "shared_invoice",
    "slipped_once",
    "slipped_twice",
    "still_to_bill",
    "without_amount",
    "won_and_reopened",
}
ODDITIES = {
    "amount_unlike_lines",
    "closed_in_the_future",
    "currency_changed",
    "line_without_item",
    "merged",
    "owner_inactive",
    "without_amount",
    "won_and_reopened",
    "shared_invoice",
}
VARIANCES = {
    "A": {"slipped", "pulled_in", "lost", "opened_in_month", "scope", "pricing", "fx"},
    "B": {"scope", "churn", "pricing", "to_backlog", "from_backlog", "fx"},
}
#: Won lately and not billed yet; ``test_to_bill`` knows each of them.
TO_BILL = {*GATE_OF_CASE, "to_bill"}
WITH_BACKLOG = {
    *TO_BILL,
    "awaiting_invoice",
    "billed_ahead",
    "billed_over_months",
    "expansion_never_billed",
    "new_customer_never_billed",
    "renewal_never_billed",
    "still_to_bill",
}
NOT_BILLED_YET = {*TO_BILL, "awaiting_invoice", "closed_in_the_future", "still_to_bill"}
QUIET_DAYS = 90

Months = dict[tuple[str, date], Decimal]


class State(NamedTuple):
    day: date
    stage: str
    amount: Decimal
    close_date: date


def _month(day: date) -> date:
    return day.replace(day=1)


def _next_month(month: date) -> date:
    return _month(month + timedelta(days=32))


def _rows(company: Folder, section: str, *categories: str) -> list[dict[str, str]]:
    return [
        row
        for row in company.answers("variances")
        if row["section"] == section and (not categories or row["category"] in categories)
    ]


def _by_month(rows: list[dict[str, str]]) -> Months:
    sums: Months = defaultdict(Decimal)
    for row in rows:
        sums[row["opportunity_id"], date.fromisoformat(row["month"])] += Decimal(row["amount_home"])
    return sums


def _histories(company: Folder) -> dict[str, list[State]]:
    histories: dict[str, list[State]] = defaultdict(list)
    for row in company.crm("OpportunityHistory"):
        moment = datetime.fromisoformat(row["CreatedDate"]).astimezone(NEW_YORK)
        histories[row["OpportunityId"]].append(
            State(
                moment.date(),
                row["StageName"],
                row["Amount"] or Decimal(0),
                date.fromisoformat(row["CloseDate"]),
            )
        )
    return histories


def _net_of_invoices(company: Folder) -> dict[str, tuple[date, Decimal]]:
    return {
        each["Id"]: (
            date.fromisoformat(each["TxnDate"]),
            each["TotalAmt"] - each["TxnTaxDetail"]["TotalTax"],
        )
        for each in company.books("Invoice")
    }


def _usd(company: Folder) -> dict[str, dict[str, Any]]:
    """Deals in home currency with their case, without those that share an invoice."""
    cases = {row["opportunity_id"]: row["case"] for row in company.answers("deals")}
    return {
        each["Id"]: {**each, "case": cases[each["Id"]]}
        for each in company.crm("Opportunity")
        if each["CurrencyIsoCode"] == "USD" and cases[each["Id"]] != "shared_invoice"
    }


def _billed(company: Folder) -> Months:
    nets, billed = _net_of_invoices(company), Counter[tuple[str, date]]()
    for row in company.answers("links"):
        day, net = nets[row["invoice_id"]]
        billed[row["opportunity_id"], _month(day)] += net
    return billed


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
def test_everything_is_planted_in_the_smallest_company(tmp_path: Path, seed: int) -> None:
    generate(tmp_path / "company", seed=seed, invoices=300)
    company = Folder(tmp_path / "company")
    planted = Counter(row["case"] for row in company.answers("deals") if row["case"])
    assert planted.keys() == PLANTED | TO_BILL
    assert min(planted[case] for case in PLANTED) >= 2
    for section, categories in VARIANCES.items():
        found = {row["category"] for row in _rows(company, section)}
        assert found == categories


def test_each_variance_is_planted_often_in_the_usual_company(tmp_path: Path) -> None:
    generate(tmp_path / "company")
    company = Folder(tmp_path / "company")
    planted = Counter(row["case"] for row in company.answers("deals") if row["case"])
    for case in PLANTED - ODDITIES:
        assert planted[case] >= 20, case
    for case in ODDITIES - {"shared_invoice"}:
        assert planted[case] == 2, case
    for section, categories in VARIANCES.items():
        deals = defaultdict(set)
        for row in _rows(company, section):
            deals[row["category"]].add(row["opportunity_id"])
        assert min(len(deals[category]) for category in categories) >= 20


def test_every_contribution_names_a_deal_and_what_exists(company: Folder) -> None:
    deals = {each["Id"] for each in company.crm("Opportunity")}
    invoices = {each["Id"] for each in company.books("Invoice")}
    for row in company.answers("variances"):
        assert row["opportunity_id"] in deals
        assert not row["invoice_id"] or row["invoice_id"] in invoices
        assert row["category"] in VARIANCES[row["section"]]
        assert date.fromisoformat(row["month"]).day == 1
        assert Decimal(row["amount_home"]) != 0


def test_pipeline_and_contributions_make_bookings_in_every_month(company: Folder) -> None:
    """Opening + contributions = closing for each deal in home currency and each month."""
    told, histories = _by_month(_rows(company, "A")), _histories(company)
    for deal_id, deal in _usd(company).items():
        closed_on = date.fromisoformat(deal["CloseDate"]) if deal["IsClosed"] else None
        month = _month(histories[deal_id][0].day)
        while month <= AS_OF:
            end = _next_month(month)
            known = [state for state in histories[deal_id] if state.day < month]
            opening = Decimal(0)
            if known and not (closed_on and closed_on < month):
                state = known[-1]
                is_closed = state.stage.startswith("Closed") and state.close_date < month
                if not is_closed and state.close_date < end:
                    opening = state.amount
            is_booked = deal["IsWon"] and closed_on is not None
            is_booked = is_booked and month <= closed_on < end and closed_on <= AS_OF
            closing = deal["Amount"] if is_booked else Decimal(0)
            assert opening + told.get((deal_id, month), 0) == closing, (deal["case"], month)
            month = end


def test_what_is_not_planted_is_billed_as_booked_and_the_rest_by_its_variances(
    company: Folder,
) -> None:
    """Booked + scope + churn + pricing = billed, once nothing more is to be billed."""
    told = _by_month(_rows(company, "B", "scope", "churn", "pricing"))
    of_deal: dict[str, Decimal] = defaultdict(Decimal)
    for (deal_id, _), amount in told.items():
        of_deal[deal_id] += amount
    billed: dict[str, Decimal] = defaultdict(Decimal)
    for (deal_id, _), net in _billed(company).items():
        billed[deal_id] += net
    won = {id: deal for id, deal in _usd(company).items() if deal["IsWon"]}
    for deal_id, deal in won.items():
        if deal["case"] not in NOT_BILLED_YET:
            explained = of_deal.get(deal_id, Decimal(0))
            assert deal["Amount"] + explained == billed.get(deal_id, Decimal(0)), deal["case"]
    cases = {won[deal_id]["case"] for deal_id in of_deal}
    assert not cases & {"", *ODDITIES}


def test_backlogs_move_between_the_months_that_are_told(company: Folder) -> None:
    """Booked + contributions = billed, month by month."""
    told, billed = _by_month(_rows(company, "B")), _billed(company)
    checked = 0
    for deal_id, deal in _usd(company).items():
        if deal["case"] not in WITH_BACKLOG:
            continue
        won = _month(date.fromisoformat(deal["CloseDate"]))
        months = {month for id, month in (*told, *billed) if id == deal_id}
        for month in months | {won}:
            booked = deal["Amount"] if month == won else Decimal(0)
            assert booked + told.get((deal_id, month), 0) == billed[deal_id, month], deal["case"]
            checked += 1
    assert checked > 20


def test_lines_say_by_how_much_quantity_or_price_differ(company: Folder) -> None:
    skus = {each["Id"]: each["Sku"] for each in company.books("Item") if "Sku" in each}
    codes = {each["Id"]: each for each in company.crm("Product2")}
    names = {each["Name"].removesuffix(" (deleted)"): each["Sku"] for each in company.books("Item")
             if "Sku" in each}  # fmt: skip
    booked: dict[str, dict[str, list[Decimal]]] = defaultdict(lambda: defaultdict(list))
    for line in company.crm("OpportunityLineItem"):
        sku = names.get(codes[line["Product2Id"]]["Name"], "unknown")
        booked[line["OpportunityId"]][sku] += [line["Quantity"], line["UnitPrice"]]
    sold: dict[str, dict[str, list[Decimal]]] = {
        each["Id"]: _sold(each, skus) for each in company.books("Invoice")
    }
    cases = {row["opportunity_id"]: row for row in company.answers("deals")}
    told: dict[str, Decimal] = defaultdict(Decimal)
    for row in _rows(company, "B", "scope", "churn", "pricing"):
        told[row["opportunity_id"]] += Decimal(row["amount_home"])
    for deal_id, own in booked.items():
        case = cases[deal_id]["case"]
        if case not in {"billed_more", "billed_less", "rest_forgotten", "billed_at_another_price"}:
            continue
        explained = Decimal(0)
        for sku, (quantity, price, *more) in own.items():
            if more:
                continue
            parts = [sold[id].get(sku, []) for id in cases[deal_id]["invoices"].split()]
            billed = sum((part[0] for part in parts if part), Decimal(0))
            value = sum((part[1] for part in parts if part), Decimal(0))
            if case == "billed_at_another_price":
                assert billed == quantity
                explained += value - quantity * price
            else:
                assert value == billed * price
                explained += (billed - quantity) * price
        several = any(len(each) > 2 for each in own.values())
        assert several or explained == told[deal_id], case


def _sold(invoice: dict[str, Any], skus: dict[str, str]) -> dict[str, list[Decimal]]:
    """Quantity and amount by item."""
    sold: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    lines = [
        line
        for outer in invoice["Line"]
        for line in outer.get("GroupLineDetail", {}).get("Line", [outer])
        if "SalesItemLineDetail" in line and "Qty" in line["SalesItemLineDetail"]
    ]
    for line in lines:
        detail = line["SalesItemLineDetail"]
        part = sold[skus[detail["ItemRef"]["value"]]]
        part[0] += detail["Qty"]
        part[1] += line["Amount"]
    return sold


def test_what_leaked_was_won_long_ago_and_is_not_closed(company: Folder) -> None:
    deals, billed = _usd(company), _billed(company)
    rows = company.answers("leakage")
    assert {row["kind"] for row in rows} == {"never_billed", "partly_billed"}
    kinds = {deals[row["opportunity_id"]]["Type"] for row in rows if row["kind"] == "never_billed"}
    assert len(kinds) == 3
    for row in rows:
        deal = deals[row["opportunity_id"]]
        amount = Decimal(row["amount"])
        assert deal["Billing_Status__c"] is None
        assert (AS_OF - date.fromisoformat(deal["CloseDate"])).days > QUIET_DAYS
        known = sum(net for (deal_id, _), net in billed.items() if deal_id == deal["Id"])
        assert deal["Amount"] == known + amount
        assert bool(known) is (row["kind"] == "partly_billed")


def test_closed_deals_say_so_after_their_last_invoice(company: Folder) -> None:
    deals, nets = _usd(company), _net_of_invoices(company)
    last: dict[str, date] = {}
    for row in company.answers("links"):
        day, _ = nets[row["invoice_id"]]
        last[row["opportunity_id"]] = max(day, last.get(row["opportunity_id"], day))
    states = Counter(deal["Billing_Status__c"] for deal in deals.values())
    assert states.keys() == {None, "Complete", "Cancelled"}
    for deal_id, deal in deals.items():
        if deal["Billing_Status__c"]:
            closed = date.fromisoformat(deal["Billing_Closed_Date__c"])
            assert last[deal_id] < closed < last[deal_id] + timedelta(days=QUIET_DAYS)
            assert _month(last[deal_id]) < _month(closed)


def test_no_ordinary_deal_is_ever_quiet_before_it_is_billed(company: Folder) -> None:
    nets = _net_of_invoices(company)
    for row in company.answers("deals"):
        days = sorted(nets[invoice_id][0] for invoice_id in row["invoices"].split())
        if days:
            events = [date.fromisoformat(row["close_date"]), *days]
            gaps = [after - before for before, after in zip(sorted(events), sorted(events)[1:],
                    strict=False)]  # fmt: skip
            assert max(gaps).days < QUIET_DAYS
