"""Invoices as QuickBooks sends them, 1.7 KB each, the same ones on every machine.

Belongs here: what an invoice holds. Does not belong here: how it is served, which is
``page_server.py``.
"""

import random
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec

SEED = 20260505
CUSTOMERS = 4_000
ITEMS = 300
LINES_OF_EACH = 2
CITIES = ("Bayshore", "Middlefield", "Monlo Park", "South Orange", "Half Moon Bay")
WORK = ("Design", "Installation", "Maintenance", "Pest control", "Landscaping", "Irrigation")


def invoices(count: int) -> Iterator[bytes]:
    """The text of each, without white space between its tokens, by rising Id from 1 on."""
    chance = random.Random(SEED)
    encoder = msgspec.json.Encoder(decimal_format="number")
    for number in range(1, count + 1):
        yield encoder.encode(_invoice(number, chance))


def _invoice(number: int, chance: random.Random) -> dict[str, Any]:
    customer = chance.randint(1, CUSTOMERS)
    name = f"Customer {customer} & Sons, Inc."
    city = chance.choice(CITIES)
    street = f"{chance.randint(1, 9_999)} Main Street"
    day, month = chance.randint(1, 28), chance.randint(1, 12)
    lines = [_line(position, chance) for position in range(1, LINES_OF_EACH + 1)]
    total = sum((line["Amount"] for line in lines), Decimal("0.00"))
    return {
        "AllowIPNPayment": False,
        "AllowOnlinePayment": False,
        "AllowOnlineCreditCardPayment": False,
        "AllowOnlineACHPayment": False,
        "domain": "QBO",
        "sparse": False,
        "Id": str(number),
        "SyncToken": str(chance.randint(0, 9)),
        "MetaData": {
            "CreateTime": f"2025-{month:02}-{day:02}T14:49:30-08:00",
            "LastModifiedByRef": {"value": "9341454816381446"},
            "LastUpdatedTime": f"2026-01-{day:02}T11:{month:02}:05-08:00",
        },
        "CustomField": [{"DefinitionId": "1", "Name": "Crew #", "Type": "StringType"}],
        "DocNumber": str(100_000 + number),
        "TxnDate": f"2025-{month:02}-{day:02}",
        "CurrencyRef": {"value": "USD", "name": "United States Dollar"},
        "LinkedTxn": [],
        "Line": [
            *lines,
            {"Amount": total, "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}},
        ],
        "TxnTaxDetail": {"TotalTax": 0},
        "CustomerRef": {"value": str(customer), "name": name},
        "CustomerMemo": {"value": "Thank you for your business and have a great day!"},
        "BillAddr": {
            "Id": str(number + 7),
            "Line1": name,
            "Line2": street,
            "City": city,
            "CountrySubDivisionCode": "CA",
            "PostalCode": str(chance.randint(90_000, 96_000)),
        },
        "SalesTermRef": {"value": "3", "name": "Net 30"},
        "DueDate": f"2026-{month:02}-{day:02}",
        "TotalAmt": total,
        "ApplyTaxAfterDiscount": False,
        "PrintStatus": "NeedToPrint",
        "EmailStatus": "NotSet",
        "Balance": total if number % 10 == 0 else Decimal("0.00"),
    }


def _line(position: int, chance: random.Random) -> dict[str, Any]:
    item = chance.randint(1, ITEMS)
    quantity = chance.randint(1, 20)
    price = Decimal(chance.randint(100, 99_999)) / 100
    work = chance.choice(WORK)
    return {
        "Id": str(position),
        "LineNum": position,
        "Description": f"{work}, as agreed in order {chance.randint(10_000, 99_999)}",
        "Amount": quantity * price,
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {
            "ItemRef": {"value": str(item), "name": f"{work} {item}"},
            "UnitPrice": price,
            "Qty": quantity,
            "ItemAccountRef": {"value": "45", "name": "Landscaping Services"},
            "TaxCodeRef": {"value": "NON"},
        },
    }
