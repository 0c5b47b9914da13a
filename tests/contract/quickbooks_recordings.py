"""Exchanges recorded at QuickBooks by others, and how the sandbox is made ready to repeat them.

Belongs here: reading the recordings, the company before each of them, comparing answers field by
field, and ``KNOWN_DIFFERENCES``. Does not belong here: sending requests.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import yaml

from tests.contract.quickbooks_world import record

COMPANY_PLACEHOLDER = "-COMPANY_ID-"
MOMENT_SECONDS_MAX = 120
Records = dict[str, list[dict[str, Any]]]


class Exchange(NamedTuple):
    """One request and the answer that was recorded; ``path`` begins below the company."""

    recording: str
    method: str
    path: str
    parameters: tuple[tuple[str, str], ...]
    body: str
    recorded_at: datetime
    status: int
    answer: str


class Difference(NamedTuple):
    """Fields of answers that differ for a reason; ``path`` may hold ``*``.

    The path ``status`` stands for an answer of another status, whose fields all differ.
    """

    recording: str
    path: str
    reason: str


KNOWN_DIFFERENCES = (
    Difference("attachment/*", "status", "attachments are left out"),
    Difference("reports/*", "status", "of the reports, three are played"),
    Difference(
        "cdc/basic",
        "status",
        "it looks back nine years; the vendor has since limited that to 30 days",
    ),
    Difference("batch/basic", "BatchItemResponse[2].Fault.Error[0].Detail", "it names a person"),
    Difference(
        "error/400_json", "Fault.Error[0].Detail", "the vendor lists the properties that it knows"
    ),
    Difference("error/500", "Fault.Error[0].Detail", "it names the vendor's own host"),
)

USUAL_PREFERENCES = record(
    "1",
    SalesFormsPrefs={
        "CustomTxnNumbers": False,
        "DefaultTerms": {"value": "3"},
        "CustomField": [
            {
                "CustomField": [
                    {
                        "Name": "SalesFormsPrefs.UseSalesCustom1",
                        "Type": "BooleanType",
                        "BooleanValue": True,
                    }
                ]
            },
            {
                "CustomField": [
                    {
                        "Name": "SalesFormsPrefs.SalesCustomName1",
                        "Type": "StringType",
                        "StringValue": "Crew #",
                    }
                ]
            },
        ],
    },
    TaxPrefs={"UsingSalesTax": True, "TaxGroupCodeRef": {"value": "2"}},
    CurrencyPrefs={"MultiCurrencyEnabled": False, "HomeCurrency": {"value": "USD"}},
)
UNDEPOSITED_FUNDS = record(
    "4",
    Name="Undeposited Funds",
    AccountType="Other Current Asset",
    AccountSubType="UndepositedFunds",
    Active=True,
)
# What a recording takes for granted, and does not show.
TAKEN_FOR_GRANTED: dict[str, Records] = {
    "batch/basic": {"Vendor": [record("70", DisplayName="The last one", Active=True)]},
    "create/customer": {"Customer": [record("69", DisplayName="The last one", Active=True)]},
    "create/invoice": {
        "Item": [record("1", Name="Services", Type="Service", Active=True)],
        "Term": [record("3", Name="Net 30", Type="STANDARD", DueDays=30, Active=True)],
        "Invoice": [record("265", DocNumber="1042", TxnDate="2020-09-29", TotalAmt=0, Line=[])],
    },
    "error/validation": {
        "Customer": [record("29", DisplayName="Weiskopf Consulting", Active=True)]
    },
    "get_pdf/invoice": {"Invoice": [record("130", DocNumber="1037", TotalAmt=362.07, Line=[])]},
    "update/sales_receipt": {"Item": [record("4", Name="Design", Type="Service", Active=True)]},
}
# Records that another recording shows.
BORROWED = {"create/invoice": ("get/display_name", "Customer")}


@cache
def exchanges(folder: Path) -> tuple[Exchange, ...]:
    """All recorded exchanges, in the order in which they happened."""
    found = []
    for path in sorted(folder.glob("*/*.yml")):
        recording = path.relative_to(folder).with_suffix("").as_posix()
        for interaction in yaml.safe_load(path.read_text(encoding="utf-8"))["http_interactions"]:
            request, response = interaction["request"], interaction["response"]
            address = urlsplit(request["uri"])
            path_below = re.sub(r"^/v3(/company/[^/]+)?", "", address.path)
            found.append(
                Exchange(
                    recording=recording,
                    method=request["method"].upper(),
                    path=path_below,
                    parameters=tuple(parse_qsl(address.query, keep_blank_values=True)),
                    body=request["body"]["string"],
                    recorded_at=parsedate_to_datetime(interaction["recorded_at"]),
                    status=response["status"]["code"],
                    answer=response["body"]["string"],
                )
            )
    return tuple(sorted(found, key=lambda exchange: exchange.recorded_at))


def parsed(text: str) -> Any:
    """JSON with amounts of exactly the digits on the wire."""
    return json.loads(text, parse_float=Decimal)


def company_before(folder: Path, recording: str) -> Records:
    """The records that were there when the recording began."""
    before: Records = defaultdict(list)
    for entity, records in TAKEN_FOR_GRANTED.get(recording, {}).items():
        before[entity] += records
    if recording in BORROWED:
        lender, entity = BORROWED[recording]
        before[entity] += company_before(folder, lender)[entity]
    seen: set[tuple[str, str]] = set()
    for exchange in exchanges(folder):
        if exchange.recording == recording:
            for entity, found in _records_in(exchange):
                key = (entity, found["Id"])
                is_new = key not in seen and not _is_written(exchange, entity)
                seen.add(key)
                if is_new:
                    before[entity].append(found)
    before["Preferences"] = [USUAL_PREFERENCES]
    before["Account"].append(UNDEPOSITED_FUNDS)
    return dict(before)


def _records_in(exchange: Exchange) -> Iterator[tuple[str, dict[str, Any]]]:
    if exchange.status == 200 and exchange.answer.startswith("{"):
        yield from _records(parsed(exchange.answer))


def _records(value: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Whole records anywhere in an answer, each under the name of its entity."""
    if isinstance(value, list):
        for part in value:
            yield from _records(part)
    elif isinstance(value, dict):
        for name, part in value.items():
            for candidate in part if isinstance(part, list) else [part]:
                if isinstance(candidate, dict) and {"Id", "MetaData"} <= candidate.keys():
                    yield name, candidate
                else:
                    yield from _records(candidate)


def _is_written(exchange: Exchange, entity: str) -> bool:
    """Whether the exchange itself made these records what they are."""
    if exchange.path == "/batch":
        return f'"operation":"create","{entity}"' in exchange.body
    return exchange.method == "POST" and exchange.path != "/query"


def fields(answer: str) -> dict[str, Any]:
    """Every value of an answer by its path; of what is no JSON, its first bytes."""
    if not answer.startswith("{"):
        return {"content": answer[:8]}
    return dict(_flat("", parsed(answer)))


def _flat(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for name, part in value.items():
            yield from _flat(f"{path}.{name}" if path else name, part)
    elif isinstance(value, list) and value:
        for number, part in enumerate(value):
            yield from _flat(f"{path}[{number}]", part)
    else:
        yield path, value


def differing_paths(exchange: Exchange, status: int, answer: str) -> set[str]:
    if status != exchange.status:
        return {"status"}
    recorded, ours = fields(exchange.answer), fields(answer)
    return {
        path
        for path in recorded.keys() | ours.keys()
        if not _is_same(recorded.get(path, ...), ours.get(path, ...))
    }


def _is_same(recorded: Any, ours: Any) -> bool:
    """Equal to the digit, or two moments as close as a repetition can be."""
    if recorded == ours:
        return str(recorded) == str(ours)
    first, second = _moment(recorded), _moment(ours)
    if first is None or second is None or first[1] != second[1]:
        return False
    return abs(first[0] - second[0]) <= MOMENT_SECONDS_MAX


def _moment(value: Any) -> tuple[float, str] | None:
    """The moment in seconds, and how it is written."""
    if isinstance(value, int) and value > 10**12:
        return value / 1000, "milliseconds since 1970"
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+[+-]\d\d:\d\d", value):
        return datetime.fromisoformat(value).timestamp(), f"text of {len(value)} characters"
    return None


def reasons(exchange: Exchange, path: str) -> set[Difference]:
    return {
        known
        for known in KNOWN_DIFFERENCES
        if fnmatchcase(exchange.recording, known.recording)
        and (path == known.path or fnmatchcase(path, known.path.replace("[", "[[]")))
    }
