"""Exchanges recorded at Salesforce: what was asked and answered, and who was there before.

Belongs here: reading the recordings, the records that an organisation needs to answer them, and
the differences that are known. Does not belong here: asking the sandbox.
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, NamedTuple

LOCATOR = re.compile(r"0r8\w{15}")
LIMIT_HEADER = "sforce-limit-info"
COMPARED_HEADERS = ("content-type", "etag", "last-modified", "location", LIMIT_HEADER)
NUMBER = re.compile(r"\d+")
ABSENT = "absent"

Record = dict[str, Any]


class Exchange(NamedTuple):
    """``body`` is the exact text that was sent, ``answer`` what was in the one that came."""

    recording: str
    method: str
    path: str
    parameters: Mapping[str, str]
    body: Any
    status: int
    headers: Mapping[str, str]
    answer: Any

    @property
    def recorded_at(self) -> datetime:
        return parsedate_to_datetime(self.headers["date"])


class Difference(NamedTuple):
    """``path`` may hold ``*`` for anything and ``{this,that}`` for either."""

    recording: str
    path: str
    reason: str

    def spelt_out(self) -> list[str]:
        """One path for each alternative."""
        before, opening, rest = self.path.partition("{")
        if not opening:
            return [self.path]
        alternatives, _, after = rest.partition("}")
        return [f"{before}{each}{after}" for each in alternatives.split(",")]

    def covers(self, recording: str, path: str) -> bool:
        return recording == self.recording and any(
            matches(pattern, path) for pattern in self.spelt_out()
        )


def matches(pattern: str, path: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), path) is not None


BODY = "compositeResponse[0].body"
NO_PICKLISTS = "only a picklist that the company restricts keeps its values; others take any"
OWN_IDS = "ids are the sandbox's own"

KNOWN_DIFFERENCES = (
    Difference("create-record", "{id,header location}", OWN_IDS),
    Difference("create-sobject-collection", "[0].id", OWN_IDS),
    Difference("update-record", "header sforce-limit-info", "the recording left it out"),
    Difference("get-record", "header etag", "a tag means something to its maker only"),
    Difference(
        "get-record", "RecordTypeId", "it is shown even where an organisation has no record types"
    ),
    Difference("get-limits", "DailyApiRequests.Remaining", "it counts the calls to the sandbox"),
    Difference(
        "get-limits",
        "{Analytics,Cdp,Concurrent,Content,DailyAnalytics,DailyApex,DailyAsync,DailyBulkApi,"
        "DailyBulkV2QueryFile,DailyD,DailyE,DailyF,DailyG,DailyM,DailyS,DailyW,Data,Durable,"
        "External,File,Hourly,Mass,Max,Monthly,Package2,Permission,Platform,Private,Publish,"
        "Scheduled,Single,Streaming}*",
        "only limits that the sandbox keeps are told",
    ),
    Difference(
        "composite-request",
        "compositeResponse[0].httpHeaders.{ETag,Last-Modified}",
        "tag and moment are those of the sandbox's description",
    ),
    Difference(
        "composite-request",
        f"{BODY}.childRelationships*",
        "sub-selects are not answered, so no relationship leads to children",
    ),
    Difference(
        "composite-request",
        f"{BODY}.{{compactLayoutable,feedEnabled,layoutable,mruEnabled,searchLayoutable,searchable,"
        "triggerable}",
        "there are no layouts, feeds, recent items, search or triggers",
    ),
    Difference(
        "composite-request",
        f"{BODY}.urls.{{approvalLayouts,compactLayouts,layouts,listviews,quickActions,"
        "uiDetailTemplate,uiEditTemplate,uiNewRecord}",
        "there are no layouts and no pages for people",
    ),
    Difference(
        "composite-request",
        f"{BODY}.{{mergeable,undeletable}}",
        "merging and restoring is what people do, by a control route",
    ),
    Difference("composite-request", f"{BODY}.recordTypeInfos*", "record types decide nothing"),
    Difference("composite-request", f"{BODY}.supportedScopes*", "every user sees everything"),
    Difference("composite-request", f"{BODY}.fields[*].label", "a label is made from the name"),
    Difference(
        "composite-request",
        f"{BODY}.fields[*].{{picklistValues,controllerName,dependentPicklist,restrictedPicklist}}*",
        NO_PICKLISTS,
    ),
    Difference(
        "composite-request",
        f"{BODY}.fields[*].{{extraTypeInfo,permissionable,searchPrefilterable}}",
        "what only layouts, permissions and search ask for is not kept for each field",
    ),
    Difference(
        "composite-request",
        f"{BODY}.fields[Name].compoundFieldName",
        "a name has no parts without person accounts",
    ),
    Difference(
        "composite-request",
        f"{BODY}.fields[{{BillingAddress,ShippingAddress}}].filterable",
        "no condition on a whole address is answered",
    ),
    Difference(
        "composite-request",
        f"{BODY}.fields[{{AnnualRevenue,BillingLatitude,BillingLongitude,ShippingLatitude,"
        "ShippingLongitude}].scale",
        "every number with decimals has two of them",
    ),
    Difference(
        "composite-request",
        f"{BODY}.fields[RecordTypeId]*",
        "it is shown even where an organisation has no record types",
    ),
    Difference(
        "composite-request",
        f"{BODY}.fields[{{Active__c,BillingCountryCode,BillingStateCode,CleanStatus,"
        "CustomerPriority__c,DandbCompanyId,DunsNumber,Jigsaw,JigsawCompanyId,NaicsCode,NaicsDesc,"
        "NumberofLocations__c,OperatingHoursId,SLASerialNumber__c,SLA__c,ShippingCountryCode,"
        "ShippingStateCode,Tradestyle,UpsellOpportunity__c}]*",
        "a field that records bring along is known by their values alone",
    ),
)


def exchanges(folder: Path) -> Iterator[Exchange]:
    for path in sorted(folder.glob("*.test.json")):
        recorded = json.loads(path.read_text(encoding="utf-8"))["api"]
        for method, by_path in recorded.items():
            for address, each in by_path.items():
                yield Exchange(
                    recording=path.name.removesuffix(".test.json"),
                    method=method.upper(),
                    path=address,
                    parameters=each["request"].get("params", {}),
                    body=each["request"].get("data"),
                    status=each["status"],
                    headers=each["headers"],
                    answer=each["response"],
                )


def records_before(exchange: Exchange, exemplar: Record) -> dict[str, list[Record]]:
    """The records, by object, that let an organisation answer; ``exemplar`` shows every field that
    the recorded organisation's accounts have."""
    before: dict[str, list[Record]] = {"Account": []}
    shown = exchange.answer if isinstance(exchange.answer, dict) else {}
    if exchange.path.count("/query/"):
        missing = shown["totalSize"] - len(shown["records"])
        before["Account"] = [{"Id": f"001000000{n:06d}AAA"} for n in range(missing)]
    for row in shown.get("records", []):
        _keep(row, before)
    if exchange.method == "PATCH" and exchange.status == 204:
        before["Account"] = [{"Id": exchange.path.rpartition("/")[2], "Name": "Before"}]
    if exchange.recording in ("get-record", "composite-request"):
        _keep(exemplar, before)
    return before


def _keep(row: Record, before: dict[str, list[Record]]) -> None:
    """The row as a record of its object, and its parents as records of theirs."""
    record: Record = {}
    for name, value in row.items():
        if isinstance(value, dict) and "attributes" in value:
            _keep({"Id": row[f"{name}Id"], **value}, before)
        elif name != "attributes" and not isinstance(value, dict):
            record[name] = value
    known = before.setdefault(row["attributes"]["type"], [])
    if record["Id"] not in [other["Id"] for other in known]:
        known.append(record)


def differing_paths(
    exchange: Exchange, status: int, headers: Mapping[str, str], answer: Any
) -> set[str]:
    """Where an answer differs from the recorded one; a list's items go by their names."""
    ours = {"status": status, **_headers(headers), **dict(_leaves(answer, ""))}
    theirs = {
        "status": exchange.status,
        **_headers(exchange.headers),
        **dict(_leaves(exchange.answer, "")),
    }
    return {
        path
        for path in ours.keys() | theirs.keys()
        if ours.get(path, ABSENT) != theirs.get(path, ABSENT)
    }


def _headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The compared headers; of a count only that there is one."""
    return {
        f"header {name}": NUMBER.sub("0", value) if name == LIMIT_HEADER else value
        for name in COMPARED_HEADERS
        if (value := headers.get(name)) is not None
    }


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for name, part in value.items():
            yield from _leaves(part, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and value:
        for number, part in enumerate(value):
            name = part.get("name") if isinstance(part, dict) else None
            yield from _leaves(part, f"{path}[{number if name is None else name}]")
    else:
        yield path, value
