"""What the made-up company sells: products, lines, instalments, approvals, and oddities."""

from collections import Counter, defaultdict
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from .company_folder import Folder

APPROVED_AMISS = {
    "approval_pending",
    "approval_rejected",
    "approved_by_owner",
    "approved_by_submitter",
}
CENT = Decimal("0.01")
CLOCK = "2026-07-02T13:00:00.000+0000"


def _by_id(company: Folder, sobject: str) -> dict[str, dict[str, Any]]:
    return {each["Id"]: each for each in company.crm(sobject)}


def _lines(company: Folder) -> dict[str, list[dict[str, Any]]]:
    """Lines by deal."""
    lines: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in company.crm("OpportunityLineItem"):
        lines[line["OpportunityId"]].append(line)
    return lines


def _case_of_deal(company: Folder) -> dict[str, str]:
    return {row["opportunity_id"]: row["case"] for row in company.answers("deals")}


def test_products_are_the_items_by_code_or_at_least_by_name(company: Folder) -> None:
    items = company.books("Item")
    skus = {item["Sku"] for item in items if "Sku" in item}
    names = {item["Name"] for item in items}
    products = company.crm("Product2")
    assert len(skus) == sum(item["Type"] != "Group" for item in items)
    by_code = [product for product in products if product["ProductCode"] in skus]
    for product in by_code:
        assert product["StockKeepingUnit"] == product["ProductCode"]
    others = [product for product in products if product["ProductCode"] not in skus]
    by_name = [product for product in others if product["Name"] in names]
    assert len(by_code) > 10
    assert len(by_name) == 4, "one of them is a bundle"
    assert len(others) == 5, "one product is unknown to the books"


def test_items_cost_less_than_they_are_sold_for(company: Folder) -> None:
    sold = [item for item in company.books("Item") if item.get("UnitPrice")]
    assert all(0 < item["PurchaseCost"] < item["UnitPrice"] for item in sold)


def test_every_product_has_a_price_in_each_currency_of_a_deal(company: Folder) -> None:
    products, books = _by_id(company, "Product2"), _by_id(company, "Pricebook2")
    prices = {
        (entry["Product2Id"], entry["CurrencyIsoCode"]): entry
        for entry in company.crm("PricebookEntry")
    }
    assert prices.keys() == {(id, currency) for id in products for currency in ("USD", "EUR")}
    for entry in prices.values():
        assert entry["Pricebook2Id"] in books
        assert entry["Name"] == products[entry["Product2Id"]]["Name"]
        assert entry["ProductCode"] == products[entry["Product2Id"]]["ProductCode"]


def test_lines_say_what_the_vendor_derives(company: Folder) -> None:
    deals, products = _by_id(company, "Opportunity"), _by_id(company, "Product2")
    entries = _by_id(company, "PricebookEntry")
    for line in company.crm("OpportunityLineItem"):
        deal, product = deals[line["OpportunityId"]], products[line["Product2Id"]]
        entry = entries[line["PricebookEntryId"]]
        assert entry["Product2Id"] == product["Id"]
        assert entry["CurrencyIsoCode"] == line["CurrencyIsoCode"] == deal["CurrencyIsoCode"]
        assert line["ProductCode"] == product["ProductCode"]
        assert line["Name"] == f"{deal['Name']} {product['Name']}"
        assert line["ListPrice"] == entry["UnitPrice"]
        assert line["Subtotal"] == line["Quantity"] * line["UnitPrice"]
        discount = line["Subtotal"] * (line["Discount"] or 0) / 100
        assert line["TotalPrice"] == (line["Subtotal"] - discount).quantize(CENT, ROUND_HALF_UP)
        assert line["Quantity"] > 0
        assert deal["CreatedDate"] <= line["CreatedDate"] <= line["LastModifiedDate"] <= CLOCK
        assert line["IsDeleted"] == deal["IsDeleted"]


def test_an_amount_is_the_sum_of_its_lines_but_where_that_is_planted(company: Folder) -> None:
    lines, cases = _lines(company), _case_of_deal(company)
    differing = set()
    for deal in company.crm("Opportunity"):
        own = lines.get(deal["Id"], [])
        assert deal["HasOpportunityLineItem"] is bool(own)
        assert (deal["Pricebook2Id"] is not None) is bool(own)
        if own and sum(line["TotalPrice"] for line in own) != deal["Amount"]:
            differing.add(cases[deal["Id"]])
    assert differing == {"amount_above_lines", "amount_unlike_lines"}


def test_most_won_and_open_deals_have_lines(company: Folder) -> None:
    deals = [deal for deal in company.crm("Opportunity") if not deal["IsDeleted"]]
    for wanted in ([d for d in deals if d["IsWon"]], [d for d in deals if not d["IsClosed"]]):
        share = sum(deal["HasOpportunityLineItem"] for deal in wanted) / len(wanted)
        assert 0.8 <= share < 1


def test_instalments_add_up_to_their_line_and_are_as_many_as_invoices(company: Folder) -> None:
    lines = _by_id(company, "OpportunityLineItem")
    links = Counter(row["opportunity_id"] for row in company.answers("links"))
    instalments: dict[str, list[dict[str, Any]]] = defaultdict(list)
    days: dict[str, set[str]] = defaultdict(set)
    for each in company.crm("OpportunityLineItemSchedule"):
        instalments[each["OpportunityLineItemId"]].append(each)
        deal_id = lines[each["OpportunityLineItemId"]]["OpportunityId"]
        assert each["ScheduleDate"] not in days[deal_id]
        days[deal_id].add(each["ScheduleDate"])
    for line_id, own in instalments.items():
        assert sum(each["Revenue"] for each in own) == lines[line_id]["TotalPrice"]
        assert sum(each["Quantity"] for each in own) == lines[line_id]["Quantity"]
    billed = {deal_id: len(own) for deal_id, own in days.items() if deal_id in links}
    assert len(billed) > 2
    for deal_id, count in billed.items():
        assert links[deal_id] == count


def test_deals_have_the_dimensions_that_finance_asks_for(company: Folder) -> None:
    deals = company.crm("Opportunity")
    kinds = {"New Customer", "Existing Customer - Expansion", "Renewal"}
    assert {deal["Type"] for deal in deals} == kinds
    assert len({deal["LeadSource"] for deal in deals}) > 3
    regions = {account["Region__c"] for account in company.crm("Account")}
    assert regions == {"West", "Northeast", "South", "Europe"}


def test_most_won_deals_are_approved_by_finance_before_they_are_billed(company: Folder) -> None:
    deals, users = _by_id(company, "Opportunity"), _by_id(company, "User")
    history = defaultdict(list)
    for row in company.crm("OpportunityHistory"):
        history[row["OpportunityId"]].append(row["CreatedDate"])
    first_invoice = company.first_invoices()
    cases = _case_of_deal(company)
    steps = defaultdict(list)
    for step in company.crm("ProcessInstanceStep"):
        steps[step["ProcessInstanceId"]].append(step)
    processes = company.crm("ProcessInstance")
    without_order = 0
    for process in processes:
        deal = deals[process["TargetObjectId"]]
        if cases[deal["Id"]] in APPROVED_AMISS:
            continue
        started, approved = steps[process["Id"]]
        assert deal["IsWon"]
        assert process["Status"] == "Approved"
        assert process["SubmittedById"] == started["ActorId"] == deal["OwnerId"]
        assert process["LastActorId"] == approved["ActorId"] != deal["OwnerId"]
        assert approved["ActorId"] in users
        assert (started["StepStatus"], approved["StepStatus"]) == ("Started", "Approved")
        assert history[deal["Id"]][-1] < started["CreatedDate"] < approved["CreatedDate"] <= CLOCK
        assert process["CompletedDate"] == approved["CreatedDate"]
        if deal["Id"] in first_invoice and cases[deal["Id"]] != "billed_ahead":
            assert process["CompletedDate"] < first_invoice[deal["Id"]]
        without_order += deal["PO_Number__c"] is None
    won = sum(deal["IsWon"] for deal in deals.values())
    assert won * 0.85 < len(processes) < won
    assert 0 < without_order < len(processes) / 3


def test_most_invoices_were_mailed_soon(company: Folder) -> None:
    invoices = company.books("Invoice")
    sent = [each for each in invoices if each["EmailStatus"] == "EmailSent"]
    assert len(invoices) * 0.88 < len(sent) < len(invoices)
    for invoice in sent:
        assert invoice["MetaData"]["CreateTime"] < invoice["DeliveryInfo"]["DeliveryTime"]
    for invoice in invoices:
        assert ("DeliveryInfo" in invoice) is (invoice["EmailStatus"] == "EmailSent")


def test_oddities_are_served_as_they_are(company: Folder) -> None:
    deals, lines, cases = _by_id(company, "Opportunity"), _lines(company), _case_of_deal(company)
    users = _by_id(company, "User")
    history: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in company.crm("OpportunityHistory"):
        history[row["OpportunityId"]].append(row)

    def of(case: str) -> list[dict[str, Any]]:
        found = [deals[id] for id, planted in cases.items() if planted == case]
        assert len(found) == 2, case
        return found

    for deal in of("line_without_item"):
        assert any(line["ProductCode"] == "SPECIAL-1" for line in lines[deal["Id"]])
    for deal in of("won_and_reopened"):
        stages = [row["StageName"] for row in history[deal["Id"]]]
        assert stages.count("Closed Won") == 2
        assert stages[-2:] == ["Negotiation/Review", "Closed Won"]
    for deal in of("closed_in_the_future"):
        assert deal["IsWon"]
        assert deal["CloseDate"] > "2026-08"
    for deal in of("owner_inactive"):
        assert not users[deal["OwnerId"]]["IsActive"]
        assert not deal["IsClosed"]
    for deal in of("currency_changed"):
        assert deal["CurrencyIsoCode"] == "EUR"
        assert history[deal["Id"]][0]["CurrencyIsoCode"] == "USD"
    for deal in of("merged"):
        assert deal["IsDeleted"]
        assert "2026-06-20" < deal["SystemModstamp"] < CLOCK
        twins = [other for other in deals.values() if other["Name"] == deal["Name"]]
        assert len(twins) == 2
    for deal in of("without_amount"):
        assert deal["Amount"] is None
        assert not deal["IsClosed"]
    open_deals = [deal for deal in deals.values() if not deal["IsClosed"]]
    assert sum(not users[deal["OwnerId"]]["IsActive"] for deal in open_deals) == 2


def test_no_deal_was_touched_after_the_clock(company: Folder) -> None:
    for sobject in ("Opportunity", "OpportunityHistory", "ProcessInstance"):
        for record in company.crm(sobject):
            assert record["CreatedDate"] <= record["SystemModstamp"] <= CLOCK


def test_amounts_are_exact_to_the_cent(company: Folder) -> None:
    for line in company.crm("OpportunityLineItem"):
        for name in ("UnitPrice", "TotalPrice", "Quantity"):
            assert line[name] == Decimal(line[name]).quantize(Decimal("0.01"))
