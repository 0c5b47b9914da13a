"""What is written to Salesforce, against the sandbox over HTTP: every way in which it says no."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from q2c_pipeline.core.errors import WritingStopped
from q2c_pipeline.core.retries import RetryPolicy
from q2c_pipeline.defs.crm.salesforce.writeback import SalesforceFields, write_back
from q2c_pipeline.ledger.chain import verify
from q2c_pipeline.ledger.report import Report
from q2c_pipeline.ledger.store import Ledger
from q2c_pipeline.ledger.target import Wanted
from tests.contract.salesforce_organisation import (
    STAMP,
    account,
    account_id,
    company,
    people,
    signed_in,
)

ACCOUNTS, DEALS = 500, 60
ORGANISATION = "00D000000000001EAA"
READ_AT = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
"""Where the sandbox's clock begins."""
QUICK = RetryPolicy(first_wait_seconds=0.001, throttled_seconds=0.001, attempts_max=4)
RULES = {
    "approval_locks_deals": True,
    "duplicate_rules": True,
    "custom_fields": [
        {"object": "Account", "name": "AR_Balance__c", "type": "currency"},
        {"object": "Account", "name": "AR_Currency__c", "length": 3},
        {
            "object": "Account",
            "name": "AR_Standing__c",
            "type": "picklist",
            "values": ["good", "watch", "hold"],
        },
        {"object": "Opportunity", "name": "Invoice_Note__c", "length": 20},
    ],
    "validation_rules": [
        {
            "object": "Account",
            "field": "Site",
            "forbids": "^frozen$",
            "message": "Frozen accounts are not edited.",
        }
    ],
}


def deal_id(number: int) -> str:
    return f"006{number:012d}AAA"


def wish(record_id: str, *, evaluated_at: datetime = READ_AT, **fields: Any) -> Wanted:
    object = "Account" if record_id.startswith("001") else "Opportunity"
    payload = json.dumps(fields, separators=(",", ":"))
    return Wanted(
        outbox_id=record_id,
        system="salesforce",
        entity=ORGANISATION,
        object=object,
        operation="update",
        key=record_id,
        marker=record_id,
        generation=1,
        payload=payload,
        payload_hash=hashlib.sha256(payload.encode()).hexdigest(),
        reason="it does not show it yet",
        evaluated_at=evaluated_at,
    )


@pytest.fixture(scope="module")
def sandbox(serve_for_module: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("writeback") / "company"
    odd = {2: {"Site": "frozen"}, 7: {"Name": "Account 8"}}
    company(
        folder,
        [account(number) | odd.get(number, {}) for number in range(ACCOUNTS)],
        Opportunity=[
            {"Id": deal_id(number), "Name": "Pumps", "SystemModstamp": STAMP, "IsDeleted": False}
            for number in range(DEALS)
        ],
        ProcessInstance=[
            {
                "Id": "04g000000000001AAA",
                "TargetObjectId": deal_id(3),
                "Status": "Pending",
                "CreatedDate": STAMP,
                "SystemModstamp": STAMP,
                "IsDeleted": False,
            }
        ],
    )
    facts = json.loads((folder / "company.json").read_text())
    (folder / "company.json").write_text(json.dumps({**facts, "salesforce": RULES}))
    return serve_for_module(folder)


class Wire(httpx.HTTPTransport):
    """Counts the records of each collection, and lets a test step in ``before`` and ``after``."""

    def __init__(self) -> None:
        super().__init__()
        self.collections: list[list[str]] = []
        self.before: Callable[[httpx.Request], httpx.Response | None] = lambda request: None
        self.after: Callable[[httpx.Request], None] = lambda request: None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.method != "PATCH":
            return super().handle_request(request)
        refused = self.before(request)
        if refused is not None:
            return refused
        self.collections.append([row["Id"] for row in json.loads(request.content)["records"]])
        answer = super().handle_request(request)
        self.after(request)
        return answer


class Desk:
    """Writes back again and again with one ledger, each time as a new run."""

    def __init__(self, sandbox: Any, folder: Path) -> None:
        self.sandbox = sandbox
        self.url = f"sqlite:///{folder / 'ledger.db'}"
        self.wire = Wire()
        self.retry = QUICK

    def run(
        self,
        wanted: Sequence[Wanted],
        *,
        read_at: datetime = READ_AT,
        stop: Callable[[], None] = lambda: None,
    ) -> Report:
        with (
            Ledger(self.url, actor="test", run_id="run") as ledger,
            signed_in(self.sandbox, self.wire, retry=self.retry) as client,
        ):
            return write_back(
                ledger, client, wanted, read_at=read_at, stop=stop, tell=lambda line: None
            )

    def states(self) -> dict[str, str]:
        """The newest state of each record, once the chain was seen to be whole."""
        with Ledger(self.url, actor="test", run_id="run") as ledger:
            assert verify(ledger, []) == []
            newest = ledger.current("salesforce", ORGANISATION)
        return {key: event.state.value for (_, key), event in newest.items()}

    def values(self, field: str, *record_ids: str) -> list[Any]:
        with signed_in(self.sandbox) as client:
            object = "Account" if record_ids[0].startswith("001") else "Opportunity"
            found = client.api.post_json(
                f"{client.root}/composite/sobjects/{object}",
                {"ids": record_ids, "fields": [field]},
                asked="the values",
                answer=list[dict[str, Any]],
            )
        return [row[field] for row in found]


@pytest.fixture
def desk(sandbox: Any, tmp_path: Path) -> Iterator[Desk]:
    yield Desk(sandbox, tmp_path)
    sandbox.client.delete(f"{sandbox.url}/_sandbox/faults")


@pytest.fixture(scope="module")
def numbers() -> Iterator[int]:
    return iter(range(10, DEALS))


@pytest.fixture
def good(numbers: Iterator[int]) -> Wanted:
    """A wish for an account of the test's own that nothing stands against."""
    return wish(account_id(next(numbers)), AR_Balance__c=1210.50)


def fault(sandbox: Any, kind: str, times: int = 1) -> None:
    plan = [{"kind": kind, "path": "*/composite/sobjects", "times": times}]
    answer = sandbox.post("/_sandbox/faults", json={"plan": plan})
    assert answer.is_success, answer.text


def deleted(desk: Desk) -> Wanted:
    with signed_in(desk.sandbox) as client:
        client.api.delete(f"{client.root}/sobjects/Account/{account_id(1)}", asked="a deletion")
    return wish(account_id(1), AR_Balance__c=1)


def revoked(desk: Desk) -> Wanted:
    people(desk.sandbox, "grant_field", object="Account", field="AR_Currency__c", access="read")
    return wish(account_id(4), AR_Currency__c="USD")


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        (lambda desk: wish(account_id(2), AR_Balance__c=1), "Frozen accounts are not edited."),
        (deleted, "entity is deleted"),
        (
            lambda desk: wish(account_id(0), AR_Standing__c="poor"),
            "restricted picklist field: poor",
        ),
        (lambda desk: wish(deal_id(0), Invoice_Note__c="x" * 21), "data value too large"),
        (lambda desk: wish(account_id(ACCOUNTS), AR_Balance__c=1), "invalid cross reference id"),
        (lambda desk: wish(deal_id(3), Invoice_Note__c="x"), "the entity is locked for editing"),
        (revoked, "Unable to create/update fields: AR_Currency__c"),
    ],
)
def test_a_row_that_is_refused_stops_no_other(
    desk: Desk, good: Wanted, bad: Callable[[Desk], Wanted], told: str
) -> None:
    refused = bad(desk)

    report = desk.run([refused, good])

    [line] = report.refused
    assert (line.object, line.key) == (refused.object, refused.key)
    assert told in line.reason
    assert [line.key for line in report.sent] == [good.key]
    assert desk.states() == {refused.key: "refused", good.key: "confirmed"}
    assert desk.values("AR_Balance__c", good.key) == [1210.5]


def test_a_rule_that_only_warns_of_a_duplicate_does_not_stop_it(desk: Desk) -> None:
    twins = [wish(account_id(number), AR_Balance__c=1) for number in (7, 8)]

    assert [line.key for line in desk.run(twins).sent] == [each.key for each in twins]


def test_an_amount_goes_out_with_its_own_digits(desk: Desk, good: Wanted) -> None:
    exact = replace(good, payload='{"AR_Balance__c":12345678901234.10}')
    bodies: list[bytes] = []
    desk.wire.after = lambda request: bodies.append(request.content)

    desk.run([exact])

    assert b'"AR_Balance__c":12345678901234.10}' in bodies[0]


def test_450_rows_take_three_requests_sorted_and_once_each(desk: Desk) -> None:
    bad = {account_id(0): "poor", account_id(250): "bad"}
    wanted = [
        wish(account_id(number), AR_Standing__c=bad.get(account_id(number), "watch"))
        for number in (0, *range(60, 500))
    ]
    deals = [wish(deal_id(number), Invoice_Note__c="sent") for number in range(50, 59)]

    report = desk.run([*reversed(wanted), *deals, wanted[5]])

    assert [len(rows) for rows in desk.wire.collections] == [200, 200, 50]
    assert [key for rows in desk.wire.collections for key in rows] == [
        *sorted(each.key for each in wanted),
        *(each.key for each in deals),
    ]
    assert {line.key for line in report.refused} == set(bad)
    assert len(report.sent) == 448
    assert Counter(desk.states().values()) == {"confirmed": 448, "refused": 2}


def test_deals_of_one_account_go_out_together(desk: Desk) -> None:
    def of_account(number: int, parent: int) -> Wanted:
        evaluated = json.dumps({"Opportunity": [{"AccountId": account_id(parent)}]})
        return replace(wish(deal_id(number), Invoice_Note__c="x"), evaluated=evaluated)

    desk.run([of_account(40, 8), of_account(41, 7), of_account(42, 8), of_account(43, 7)])

    assert desk.wire.collections == [[deal_id(number) for number in (41, 43, 40, 42)]]


def test_a_locked_row_is_asked_for_again_alone(desk: Desk, good: Wanted) -> None:
    held = wish(account_id(5), AR_Balance__c=7)
    people(desk.sandbox, "hold", object="Account", id=held.key, seconds=60)
    desk.retry = replace(QUICK, sleep=lambda seconds: desk.sandbox.advance(25))

    report = desk.run([held, good])

    assert desk.wire.collections == [[held.key, good.key], [held.key], [held.key], [held.key]]
    assert {line.key for line in report.sent} == {held.key, good.key}
    assert desk.states() == {held.key: "confirmed", good.key: "confirmed"}


def test_a_row_that_stays_locked_is_left_to_the_next_run(desk: Desk, good: Wanted) -> None:
    held = wish(account_id(6), AR_Balance__c=7)
    people(desk.sandbox, "hold", object="Account", id=held.key, seconds=3600)

    report = desk.run([held, good])

    [line] = report.not_sent
    assert line.key == held.key
    assert "somebody else holds the record (UNABLE_TO_LOCK_ROW" in line.reason
    assert desk.states() == {held.key: "withdrawn", good.key: "confirmed"}
    desk.sandbox.advance(3600)
    assert [line.key for line in desk.run([held, good]).sent] == [held.key]


@pytest.mark.parametrize("kind", ["drop_after", "drop_during", "truncate", "504", "503", "429"])
def test_a_lost_answer_and_a_tired_vendor_are_asked_again(
    desk: Desk, good: Wanted, kind: str
) -> None:
    fault(desk.sandbox, kind, times=2)

    report = desk.run([good])

    assert [line.key for line in report.sent] == [good.key]
    assert len(desk.wire.collections) == 3
    assert desk.values("AR_Balance__c", good.key) == [1210.5]


def test_what_stays_in_doubt_is_set_by_the_next_run(desk: Desk, good: Wanted) -> None:
    fault(desk.sandbox, "drop_after", times=9)

    report = desk.run([good])

    assert [line.key for line in report.in_doubt] == [good.key]
    assert desk.states() == {good.key: "sent"}
    desk.sandbox.client.delete(f"{desk.sandbox.url}/_sandbox/faults")
    assert [line.key for line in desk.run([good]).sent] == [good.key]


@pytest.mark.parametrize(("silent", "sent"), [(1, 2), (2, 0)])
def test_one_request_without_an_answer_holds_up_no_other_and_two_in_a_row_do(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, silent: int, sent: int
) -> None:
    monkeypatch.setattr(SalesforceFields, "batch_items_max", 1)
    wanted = [wish(account_id(number), AR_Balance__c=number) for number in (401, 402, 403)]
    mute = [each.key for each in wanted[:silent]]

    def lose(request: httpx.Request) -> None:
        if json.loads(request.content)["records"][0]["Id"] in mute:
            raise httpx.ReadTimeout("nobody answers")

    desk.wire.before = lose

    report = desk.run(wanted)

    assert [line.key for line in report.in_doubt] == mute
    assert len(report.sent) == sent
    assert len(report.not_sent) == 3 - silent - sent
    assert "nobody answers" in report.in_doubt[0].reason


def test_what_was_in_doubt_and_is_wished_no_more_has_come_about(desk: Desk, good: Wanted) -> None:
    fault(desk.sandbox, "drop_after", times=9)
    desk.run([good])

    assert not [*desk.run([]).lines()]
    later = datetime.now(UTC) + timedelta(days=3650)
    assert [line.key for line in desk.run([], read_at=later).adopted] == [good.key]
    assert desk.states() == {good.key: "adopted"}


def test_throttled_to_the_end_nothing_is_in_doubt(desk: Desk, good: Wanted) -> None:
    fault(desk.sandbox, "429", times=9)

    report = desk.run([good, wish(deal_id(44), Invoice_Note__c="x")])

    assert {line.key for line in report.not_sent} == {good.key, deal_id(44)}
    assert all("HTTP 429" in line.reason for line in report.not_sent)
    assert not report.in_doubt
    assert set(desk.states().values()) == {"withdrawn"}


def test_an_ended_session_is_renewed(desk: Desk, good: Wanted) -> None:
    def end_the_session(request: httpx.Request) -> None:
        desk.sandbox.advance(3 * 3600)
        desk.wire.before = lambda request: None

    desk.wire.before = end_the_session

    assert [line.key for line in desk.run([good]).sent] == [good.key]
    assert len(desk.wire.collections) == 2


def test_an_answer_of_another_length_confirms_nothing(desk: Desk, good: Wanted) -> None:
    desk.wire.before = lambda request: httpx.Response(200, json=[])

    report = desk.run([good])

    assert [line.key for line in report.in_doubt] == [good.key]
    assert desk.states() == {good.key: "sent"}


def test_one_unreadable_row_does_not_stop_the_rest_of_its_request(desk: Desk) -> None:
    wanted = [wish(account_id(number), AR_Balance__c=number) for number in range(300, 340)]
    poison = wanted[13].key

    def refuse_whole(request: httpx.Request) -> httpx.Response | None:
        if poison not in request.content.decode():
            return None
        error = {"errorCode": "JSON_PARSER_ERROR", "message": "Cannot deserialize instance"}
        return httpx.Response(400, json=[error])

    desk.wire.before = refuse_whole

    report = desk.run(wanted)

    assert [line.key for line in report.refused] == [poison]
    assert len(report.sent) == 39
    assert Counter(desk.states().values()) == {"confirmed": 39, "refused": 1}


def test_when_every_request_is_refused_it_is_not_asked_for_each_row(desk: Desk) -> None:
    error = {"errorCode": "API_DISABLED", "message": "Not for you"}
    asked: list[httpx.Request] = []

    def refuse(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(400, json=[error])

    desk.wire.before = refuse

    report = desk.run([wish(account_id(n), AR_Balance__c=n) for n in range(300, 340)])

    assert (len(report.refused), len(report.not_sent)) == (5, 35)
    assert len(asked) < 20
    assert not report.in_doubt


def test_what_is_set_is_not_sent_again_until_it_is_read_otherwise(desk: Desk, good: Wanted) -> None:
    desk.run([good])

    assert [line.reason for line in desk.run([good]).skipped] == [
        "set already since the record was read"
    ]
    other = wish(good.key, AR_Balance__c=0)
    assert [line.key for line in desk.run([other]).sent] == [good.key]
    undone = replace(other, evaluated_at=datetime.now(UTC) + timedelta(days=3650))
    assert [line.key for line in desk.run([undone]).sent] == [good.key]
    assert len(desk.wire.collections) == 3


def test_what_was_refused_is_asked_again_a_day_later_or_once_its_cause_has_changed(
    desk: Desk,
) -> None:
    frozen = wish(account_id(2), AR_Balance__c=1)
    desk.run([frozen])
    now = desk.sandbox.get("/_sandbox/health").json()["clock"]

    def runs(**changes: Any) -> int:
        """Requests that a run with a changed wish makes."""
        before = len(desk.wire.collections)
        desk.run([replace(frozen, **changes)])
        return len(desk.wire.collections) - before

    soon, later = (datetime.fromisoformat(now) + timedelta(hours=hours) for hours in (23, 25))
    assert runs(evaluated_at=soon) == 0
    assert runs(preconditions_hash="changed") == 1
    assert runs(preconditions_hash="changed", evaluated_at=later) == 1


def test_the_switch_ends_it_before_the_next_request(desk: Desk) -> None:
    wanted = [wish(account_id(number), AR_Balance__c=3) for number in range(100, 400)]

    def stop() -> None:
        if desk.wire.collections:
            raise WritingStopped("writing is switched off")

    report = desk.run(wanted, stop=stop)

    assert report.stopped == "writing is switched off"
    assert (len(report.sent), len(report.skipped)) == (200, 100)
    assert Counter(desk.states().values()) == {"confirmed": 200}


def test_the_switch_stops_a_request_that_would_be_repeated(desk: Desk, good: Wanted) -> None:
    fault(desk.sandbox, "drop_after", times=1)

    def stop() -> None:
        if desk.wire.collections:
            raise WritingStopped("writing is switched off")

    report = desk.run([good], stop=stop)

    assert len(desk.wire.collections) == 1
    assert [line.key for line in report.in_doubt] == [good.key]


class Killed(BaseException):
    """The process is gone."""


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("request_number", [1, 2, 3])
def test_killed_at_any_request_the_next_run_completes_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, moment: str, request_number: int
) -> None:
    monkeypatch.setattr(SalesforceFields, "batch_items_max", 20)
    day = f"{request_number}{moment}"
    wanted = [
        wish(account_id(number), AR_Balance__c=number + request_number / 4, Site=day)
        for number in range(60, 104)
    ]
    seen = Counter[str]()

    def kill(request: httpx.Request) -> None:
        seen["requests"] += 1
        if seen["requests"] == request_number:
            raise Killed

    setattr(desk.wire, moment, kill)
    with pytest.raises(Killed):
        desk.run(wanted)
    setattr(desk.wire, moment, lambda request: None)
    confirmed_before = Counter(desk.states().values())["confirmed"]

    report = desk.run(wanted)

    assert confirmed_before == 20 * (request_number - 1)
    assert len(report.sent) == 44 - confirmed_before
    assert Counter(desk.states().values()) == {"confirmed": 44}
    ids = [each.key for each in wanted]
    assert desk.values("Site", *ids) == [day] * 44
