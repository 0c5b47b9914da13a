"""Whether what a decision rests on still stands in Salesforce, asked just before sending.

Belongs here: reading the records that a wish was evaluated on, and comparing them field by field.
Does not belong here: which fields those are, which is SQL, and what follows from a difference.

A newer stamp alone is no change. A read that fails is an error, so that nothing is sent.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

import msgspec

from q2c_pipeline.core.errors import ContractBroken, RequestRejected
from q2c_pipeline.defs.crm.salesforce import soql
from q2c_pipeline.defs.crm.salesforce.client import SalesforceClient
from q2c_pipeline.ledger.target import Wanted

IDS_PER_QUERY = 200
"""With their quotes and commas escaped, some 6,000 of the 16,384 characters of a URL."""
CHANGES_TOLD_MAX = 3

DEAL, APPROVAL = "Opportunity", "ProcessInstance"
DEAL_OF: Mapping[str, str] = {
    "OpportunityLineItem": "OpportunityId",
    "OpportunityLineItemSchedule": "OpportunityLineItem.OpportunityId",
    APPROVAL: "TargetObjectId",
}
"""Where a record names its deal. These are read by deal, so that added ones are seen."""
BY_ID = frozenset({DEAL, "Account"})
ALWAYS_READ: Mapping[str, tuple[str, ...]] = {APPROVAL: ("CreatedDate",)}

Row = dict[str, Any]
Evaluated = dict[str, list[Row]]

_evaluated = msgspec.json.Decoder(Evaluated, float_hook=Decimal)
_row = msgspec.json.Decoder(Row, float_hook=Decimal)


class _Live(NamedTuple):
    """What is there now, by object: records by id, and their ids by deal."""

    records: Mapping[str, Mapping[str, Row]]
    of_deal: Mapping[str, Mapping[str, list[str]]]

    def rows(self, object: str, evaluated: Sequence[Row], deals: Iterable[str]) -> dict[str, Row]:
        """What stands where these rows stood, by id."""
        records = self.records[object]
        named = [row["Id"] for row in evaluated]
        there = [record_id for deal in deals for record_id in self.of_deal[object][deal]]
        if object in BY_ID:
            there = named
        elif object == APPROVAL and there:
            # What was decided before may be left out of an evaluation; what came after may not.
            newest = max(there, key=lambda each: (records[each]["CreatedDate"], each))
            there = [newest, *(each for each in there if each in named)]
        return {record_id: records[record_id] for record_id in there if record_id in records}


class Recheck:
    """Asks one organisation about many wishes at once, in a few requests."""

    def __init__(self, client: SalesforceClient) -> None:
        self._client = client

    def __call__(self, wanted: Sequence[Wanted]) -> dict[str, str]:
        """By key, what is no longer as it was evaluated; a wish that still holds is not named.

        Raises: Q2CError; then it is not known of any.
        """
        evaluated = {wish.key: _read(wish) for wish in wanted}
        live = self._live(evaluated.values())
        changes = {key: list(_changes(was, live)) for key, was in evaluated.items()}
        return {key: _sentence(found) for key, found in changes.items() if found}

    def _live(self, evaluated: Collection[Evaluated]) -> _Live:
        fields: dict[str, set[str]] = defaultdict(set)
        ids: dict[str, set[str]] = defaultdict(set)
        for was in evaluated:
            for object, rows in was.items():
                fields[object].update(*rows)
                ids[object].update(row["Id"] for row in rows)
        records: dict[str, dict[str, Row]] = {}
        of_deal: dict[str, dict[str, list[str]]] = {}
        for object in sorted(fields):
            path = DEAL_OF.get(object, "Id")
            wanted = ids[object if object in BY_ID else DEAL]
            found = self._rows(object, fields[object], path, wanted, is_awaited=bool(ids[object]))
            records[object] = {row["Id"]: row for row in found}
            of_deal[object] = defaultdict(list)
            for row in found:
                of_deal[object][_at(row, path)].append(row["Id"])
        return _Live(records, of_deal)

    def _rows(
        self, object: str, fields: set[str], path: str, ids: set[str], *, is_awaited: bool
    ) -> list[Row]:
        """Living rows; none of an object that is not shown, if none was there before."""
        read = sorted({"Id", "IsDeleted", path, *ALWAYS_READ.get(object, ()), *fields})
        ordered = sorted(ids)
        rows: list[Row] = []
        try:
            for start in range(0, len(ordered), IDS_PER_QUERY):
                query = soql.naming(object, read, path, ordered[start : start + IDS_PER_QUERY])
                for page in self._client.pages(query, asked=f"{object} rows as they are now"):
                    rows += map(_row.decode, page.rows)
        except RequestRejected as error:
            if error.code == "INVALID_TYPE" and not is_awaited:
                return []
            raise
        return [row for row in rows if not row["IsDeleted"]]


def _read(wish: Wanted) -> Evaluated:
    """What a wish was evaluated on.

    Raises: ContractBroken where it is not said, for then nothing can be compared.
    """
    try:
        evaluated = _evaluated.decode(wish.evaluated or "{}")
    except msgspec.DecodeError as error:
        raise ContractBroken(
            f"{wish.object} {wish.key}: what it rests on is unreadable: {error}"
        ) from None
    unknown = sorted(evaluated.keys() - BY_ID - DEAL_OF.keys())
    has_ids = all("Id" in row for rows in evaluated.values() for row in rows)
    if unknown or not evaluated or not has_ids:
        raise ContractBroken(
            f"{wish.object} {wish.key}: what it rests on names"
            f" {', '.join(unknown) or 'no record'}, which cannot be asked of Salesforce again."
            " Nothing was sent; report this message"
        )
    return evaluated


def _changes(evaluated: Evaluated, live: _Live) -> Iterator[str]:
    deals = [row["Id"] for row in evaluated.get(DEAL, [])]
    for object, rows in evaluated.items():
        was = {row["Id"]: row for row in rows}
        now = live.rows(object, rows, deals)
        for record_id in sorted(was.keys() & now.keys()):
            yield from _differences(f"{object} {record_id}", was[record_id], now[record_id])
        for record_id in sorted(now.keys() - was.keys()):
            yield f"{object} {record_id} was added"
        for record_id in sorted(was.keys() - now.keys()):
            yield f"{object} {record_id} is not there any more"


def _differences(record: str, was: Row, now: Row) -> Iterator[str]:
    for name in sorted(was):
        before, after = was[name], now.get(name)
        if not _is_same(before, after):
            yield f"{name} of {record} was {_told(before)} and is {_told(after)}"


def _is_same(one: object, other: object) -> bool:
    """Numbers by their value, moments by their instant, everything else as it is written."""
    if _is_number(one) or _is_number(other):
        return _decimal(one) == _decimal(other)
    return _instant(one) == _instant(other)


def _is_number(value: object) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _decimal(value: object) -> object:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return value


def _instant(value: object) -> object:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return value
    return moment if moment and moment.tzinfo else value


def _told(value: object) -> str:
    return "empty" if value is None else f"{value:,}" if _is_number(value) else str(value)


def _sentence(changes: Sequence[str]) -> str:
    told = "; ".join(changes[:CHANGES_TOLD_MAX])
    more = len(changes) - CHANGES_TOLD_MAX
    return f"{told}; and {more} more" if more > 0 else told


def _at(row: Row, path: str) -> str:
    """What stands at a path of fields, through the parents."""
    value: Any = row
    for name in path.split("."):
        value = value[name]
    return str(value)
