"""A CRM that nobody here made up, as a company folder with Salesforce and without books.

Belongs here: Maven Analytics' table of sales opportunities in Salesforce's wire form. Its dirt is
kept: a product that no list knows, deals without an account, misspelt sectors. What it does not
tell is left out, so there is no history, and an open deal has neither amount nor close date.
"""

import csv
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from q2c_pipeline.sandbox.generate.crm.ids import account_id, opportunity_id, salesforce_id, user_id

IMPORTED_AT = "2018-01-02T09:00:00.000+0000"
"""Every record was written then; a deal was created on the day it was engaged, if that is told."""
COMPANY = {"name": "Maven CRM", "clock": "2018-01-02T10:00:00+00:00", "time_zone": "UTC"}
PRICE_BOOK = salesforce_id("01s", 1)

Row = dict[str, str]
Record = dict[str, Any]


def write_maven_company(folder: Path, data: Path) -> Path:
    """The company folder, made of the tables in ``data``."""
    accounts, products, teams, deals = (
        list(_rows(data / f"{name}.csv"))
        for name in ("accounts", "products", "sales_teams", "sales_pipeline")
    )
    managers = dict.fromkeys(team["manager"] for team in teams)
    people = _numbered([*managers, *(team["sales_agent"] for team in teams)])
    companies = _numbered(account["account"] for account in accounts)
    catalogue = _numbered(product["product"] for product in products)
    objects = {
        "User": [
            *(_user(people, name, None) for name in managers),
            *(_user(people, team["sales_agent"], team) for team in teams),
        ],
        "Account": [_account(companies, account) for account in accounts],
        "Product2": [_product(catalogue, product) for product in products],
        "PricebookEntry": [_price(catalogue, product) for product in products],
        "Opportunity": [
            _opportunity(number, deal, companies, people, catalogue)
            for number, deal in enumerate(deals, 1)
        ],
        "OpportunityLineItem": [
            _line(number, deal, catalogue[deal["product"]])
            for number, deal in enumerate(deals, 1)
            if _is_itemised(deal, catalogue)
        ],
    }
    (folder / "salesforce").mkdir(parents=True)
    (folder / "company.json").write_text(json.dumps(COMPANY))
    for name, records in objects.items():
        (folder / "salesforce" / f"{name}.json").write_text(json.dumps(records))
    return folder


def _rows(table: Path) -> Iterator[Row]:
    with table.open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def _numbered(names: Iterable[str]) -> dict[str, int]:
    return {name: number for number, name in enumerate(names, 1)}


def _record(id: str, created: str = IMPORTED_AT, **fields: object) -> Record:
    stamps = {
        "CreatedDate": created,
        "LastModifiedDate": IMPORTED_AT,
        "SystemModstamp": IMPORTED_AT,
    }
    return {"Id": id, **fields, **stamps}


def _user(people: dict[str, int], name: str, team: Row | None) -> Record:
    return _record(
        user_id(people[name]),
        Name=name,
        IsActive=True,
        Department=team["regional_office"] if team else None,
        ManagerId=user_id(people[team["manager"]]) if team else None,
    )


def _account(companies: dict[str, int], account: Row) -> Record:
    parent = account["subsidiary_of"]
    return _record(
        account_id(companies[account["account"]]),
        IsDeleted=False,
        Name=account["account"],
        ParentId=account_id(companies[parent]) if parent else None,
        Industry=account["sector"],
        BillingCountry=account["office_location"],
    )


def _product(catalogue: dict[str, int], product: Row) -> Record:
    return _record(
        _product_id(catalogue[product["product"]]),
        IsDeleted=False,
        Name=product["product"],
        Family=product["series"],
        IsActive=True,
    )


def _price(catalogue: dict[str, int], product: Row) -> Record:
    number = catalogue[product["product"]]
    return _record(
        _price_id(number),
        IsDeleted=False,
        Pricebook2Id=PRICE_BOOK,
        Product2Id=_product_id(number),
        UnitPrice=int(product["sales_price"]),
        IsActive=True,
    )


def _opportunity(
    number: int, deal: Row, companies: dict[str, int], people: dict[str, int],
    catalogue: dict[str, int],
) -> Record:  # fmt: skip
    stage, engaged = deal["deal_stage"], deal["engage_date"]
    return _record(
        opportunity_id(number),
        f"{engaged}T00:00:00.000+0000" if engaged else IMPORTED_AT,
        IsDeleted=False,
        AccountId=account_id(companies[deal["account"]]) if deal["account"] else None,
        Name=f"{deal['product']} {deal['opportunity_id']}",
        StageName=stage,
        Amount=int(deal["close_value"]) if deal["close_value"] else None,
        CloseDate=deal["close_date"] or None,
        IsClosed=stage in ("Won", "Lost"),
        IsWon=stage == "Won",
        HasOpportunityLineItem=_is_itemised(deal, catalogue),
        Pricebook2Id=PRICE_BOOK if _is_itemised(deal, catalogue) else None,
        OwnerId=user_id(people[deal["sales_agent"]]),
    )


def _is_itemised(deal: Row, catalogue: dict[str, int]) -> bool:
    """Whether product and price are known: it was won, and a list knows the product."""
    return deal["deal_stage"] == "Won" and deal["product"] in catalogue


def _line(number: int, deal: Row, product: int) -> Record:
    """One piece at the price of the deal; the table tells no quantities."""
    price = int(deal["close_value"])
    return _record(
        salesforce_id("00k", number),
        IsDeleted=False,
        OpportunityId=opportunity_id(number),
        PricebookEntryId=_price_id(product),
        Product2Id=_product_id(product),
        Quantity=1,
        UnitPrice=price,
        TotalPrice=price,
        SortOrder=1,
    )


def _product_id(number: int) -> str:
    return salesforce_id("01t", number)


def _price_id(number: int) -> str:
    return salesforce_id("01u", number)
