"""Stories of single deliveries: what is done after which misfortune, and what is left alone."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from random import Random
from typing import Any

import pytest

from q2c_pipeline.core.errors import (
    RateLimited,
    RequestRejected,
    ServiceUnavailable,
    StaleRecord,
    WritingStopped,
)
from q2c_pipeline.ledger.delivery import deliver
from q2c_pipeline.ledger.events import State
from q2c_pipeline.ledger.intents import Intents, Step
from q2c_pipeline.ledger.opening import open_ledger
from q2c_pipeline.ledger.report import Line, Report, unsent_sentence
from q2c_pipeline.ledger.target import (
    Books,
    Done,
    InDoubt,
    Item,
    Looked,
    NotDone,
    Outcome,
    Refusal,
    Wanted,
    Written,
)
from tests.property.delivery.chaos import START, Chaos, Clock, Killed
from tests.property.delivery.memory_ledger import MemoryLedger

Answer = Outcome | Exception


def wanted(key: str, *, object: str = "Invoice", **facts: Any) -> Wanted:
    marker = f"q2c:1:{key}:{facts.get('generation', 1)}"
    payload = facts.pop("payload", json.dumps({"marker": marker}))
    known: dict[str, Any] = {
        "outbox_id": key,
        "system": "quickbooks",
        "entity": "1",
        "object": object,
        "operation": "create",
        "key": key,
        "marker": marker,
        "generation": 1,
        "payload": payload,
        "payload_hash": sha256(payload.encode()).hexdigest(),
        "reason": "won and approved",
        "evaluated_at": START,
    }
    return Wanted(**known | facts)


def done(remote_id: str) -> Done:
    return Done(remote_id, "0", remote_id, None, START)


@dataclass
class Vendor:
    """Answers from a script, by key or else with success; remembers what it was asked."""

    objects: frozenset[str] = frozenset({"Customer", "Invoice"})
    batch_items_max: int = 3
    script: dict[str, list[Answer]] = field(default_factory=dict)
    there: dict[str, Done] = field(default_factory=dict)
    asked: list[tuple[str, list[str]]] = field(default_factory=list)
    payloads: list[str] = field(default_factory=list)
    sought: list[str] = field(default_factory=list)

    def send(self, request_id: str, items: Sequence[Item]) -> Mapping[str, Outcome]:
        markers = [json.loads(item.payload)["marker"] for item in items]
        self.asked.append((request_id, markers))
        self.payloads += [item.payload for item in items]
        outcomes: dict[str, Outcome] = {}
        for item, marker in zip(items, markers, strict=True):
            answers = self.script.get(marker)
            answer = answers.pop(0) if answers else done(f"id of {marker}")
            if isinstance(answer, Exception):
                raise answer
            outcomes[item.id] = answer
        return outcomes

    def find(self, looked: Sequence[Looked]) -> Mapping[str, Done]:
        self.sought += [one.marker for one in looked]
        return {one.marker: self.there[one.marker] for one in looked if one.marker in self.there}


@dataclass
class Desk:
    """One ledger and one vendor, over several deliveries."""

    vendor: Vendor = field(default_factory=Vendor)
    clock: Clock = field(default_factory=Clock)
    chaos: Chaos = field(default_factory=lambda: Chaos(Random(0)))
    changed: dict[str, str] = field(default_factory=dict)
    stops_after: int | None = None

    def __post_init__(self) -> None:
        self.ledger = MemoryLedger(self.clock.now, self.chaos)
        open_ledger(self.ledger, "quickbooks", "1", None)

    def deliver(self, *wishes: Wanted, written: Sequence[Written] = (), **choices: Any) -> Report:
        calls = 0

        def stop() -> None:
            nonlocal calls
            calls += 1
            if self.stops_after is not None and calls > self.stops_after:
                raise WritingStopped("the switch is thrown")

        known: dict[str, Any] = {
            "recheck": lambda wishes: self.changed,
            "books": Books(self.clock.now(), written),
        }
        return deliver(
            self.ledger,
            self.vendor,
            wishes,
            target_system="quickbooks",
            entity="1",
            stop=stop,
            tell=lambda text: None,
            mode="draft",
            now=self.clock.now,
            sleep=self.clock.sleep,
            **known | choices,
        )

    def states(self, key: str) -> list[str]:
        return [str(event.state) for event in self.ledger.kept if event.key == key]


@pytest.fixture
def desk() -> Desk:
    return Desk()


def failures(report: Report) -> list[Line]:
    """What fails a run, at once or at its end."""
    return [*report.refused, *report.in_doubt, *report.not_sent]


def keys(lines: Sequence[Any]) -> list[str]:
    return [line.key for line in lines]


def test_a_batch_is_planned_sent_and_confirmed_item_by_item(desk: Desk) -> None:
    refusal = Refusal("6210", "the period is closed", None, START)
    desk.vendor.script = {"q2c:1:b:1": [refusal]}

    report = desk.deliver(wanted("a"), wanted("b"), wanted("c"), wanted("d"))

    assert [markers for _, markers in desk.vendor.asked] == [
        ["q2c:1:a:1", "q2c:1:b:1", "q2c:1:c:1"],
        ["q2c:1:d:1"],
    ]
    assert keys(report.sent) == ["a", "c", "d"]
    assert [(line.key, line.reason) for line in report.refused] == [("b", "the period is closed")]
    assert desk.states("a") == ["planned", "sent", "confirmed"]


def test_what_was_delivered_is_skipped_the_next_time(desk: Desk) -> None:
    desk.deliver(wanted("a"))

    report = desk.deliver(wanted("a"))

    assert len(desk.vendor.asked) == 1
    assert keys(report.skipped) == ["a"]


def test_an_invoice_waits_for_its_customer_and_names_it_by_its_id(desk: Desk) -> None:
    payload = '{"marker":"q2c:1:a:1","customer":"c"}'
    invoice = wanted("a", payload=payload, depends_on="c")
    lonely = wanted("b", depends_on="nobody")

    report = desk.deliver(invoice, lonely, wanted("c", object="Customer"))

    assert desk.vendor.payloads[-1] == '{"marker":"q2c:1:a:1","customer":"id of q2c:1:c:1"}'
    assert keys(report.sent) == ["c", "a"]
    assert keys(report.skipped) == ["b"]


def test_what_has_changed_since_it_was_evaluated_is_withdrawn_before_it_is_sent(
    desk: Desk,
) -> None:
    desk.changed = {"a": "the amount was changed"}

    report = desk.deliver(wanted("a"), wanted("b"))

    assert [markers for _, markers in desk.vendor.asked] == [["q2c:1:b:1"]]
    assert [line.reason for line in report.withdrawn] == ["the amount was changed"]
    assert failures(report) == []


def test_what_waited_long_for_its_turn_is_looked_at_once_more(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    send, looked = desk.vendor.send, []

    def slowly(request_id: str, items: Sequence[Item]) -> Mapping[str, Outcome]:
        desk.clock.sleep(31)
        return send(request_id, items)

    def recheck(wishes: Sequence[Wanted]) -> Mapping[str, str]:
        looked.append(keys(wishes))
        return {"d": "the amount was changed"} if len(looked) == 2 else {}

    monkeypatch.setattr(desk.vendor, "send", slowly)
    report = desk.deliver(*[wanted(key) for key in "abcde"], recheck=recheck)

    assert looked == [["a", "b", "c", "d", "e"], ["d", "e"]]
    assert keys(report.sent) == ["a", "b", "c", "e"]
    assert keys(report.withdrawn) == ["d"]


def test_a_lost_answer_is_asked_for_again_under_the_same_request_id(desk: Desk) -> None:
    desk.vendor.script = {"q2c:1:a:1": [ServiceUnavailable("lost")]}

    report = desk.deliver(wanted("a"), wanted("b"))

    assert len(desk.vendor.asked) == 2
    assert desk.vendor.asked[0] == desk.vendor.asked[1]
    assert keys(report.sent) == ["a", "b"]


@pytest.mark.parametrize(
    "then", [RateLimited("throttled", retry_after_seconds=60), RequestRejected("no batch")]
)
def test_a_no_to_a_repetition_does_not_say_what_became_of_the_first(
    desk: Desk, then: Exception
) -> None:
    desk.vendor.script = {"q2c:1:a:1": [ServiceUnavailable("lost"), then]}

    report = desk.deliver(wanted("a"))

    assert keys(report.in_doubt) == ["a"]
    assert not report.refused
    assert desk.states("a")[-1] == "sent"


def away(desk: Desk, marker: str = "q2c:1:a:1") -> None:
    desk.vendor.script = {marker: [ServiceUnavailable("lost")] * 3}


def test_a_doubt_is_settled_by_the_same_request_within_ten_minutes(desk: Desk) -> None:
    away(desk)
    first = desk.deliver(wanted("a"))
    desk.clock.sleep(500)

    second = desk.deliver(wanted("a"))

    assert keys(first.in_doubt) == ["a"]
    assert {request_id for request_id, _ in desk.vendor.asked} == {desk.vendor.asked[0][0]}
    assert not desk.vendor.sought
    assert keys(second.sent) == ["a"]


def test_a_doubt_about_what_is_not_wanted_any_more_is_not_settled_by_asking_again(
    desk: Desk,
) -> None:
    away(desk)
    desk.deliver(wanted("a"))
    asked = len(desk.vendor.asked)

    desk.deliver()
    desk.clock.sleep(700)
    desk.deliver()

    assert len(desk.vendor.asked) == asked
    assert desk.vendor.sought == ["q2c:1:a:1"]
    assert desk.states("a")[-1] == "withdrawn"


def test_the_switch_also_ends_the_settling_of_doubts(desk: Desk) -> None:
    away(desk)
    desk.deliver(wanted("a"))
    desk.clock.sleep(700)

    def stopped(looked: Sequence[Looked]) -> Mapping[str, Done]:
        raise WritingStopped("the switch is thrown")

    desk.vendor.find = stopped

    report = desk.deliver(wanted("a"), wanted("b"))

    assert report.stopped == "the switch is thrown"
    assert keys(report.in_doubt) == ["a"]
    assert keys(report.skipped) == ["b"]


def test_a_later_doubt_is_settled_by_what_the_books_hold(desk: Desk) -> None:
    away(desk)
    desk.deliver(wanted("a"))
    desk.clock.sleep(700)
    desk.vendor.there = {"q2c:1:a:1": done("812")}

    report = desk.deliver(wanted("a"))

    assert [(line.key, line.remote_id) for line in report.adopted] == [("a", "812")]
    assert len(desk.vendor.asked) == 3


def test_what_the_books_do_not_hold_is_checked_and_asked_again_under_its_id(desk: Desk) -> None:
    away(desk)
    desk.deliver(wanted("a"), wanted("b"))
    desk.clock.sleep(700)
    desk.changed = {"b": "approval withdrawn"}

    report = desk.deliver(wanted("a"), wanted("b"))

    assert desk.vendor.asked[-1] == (desk.vendor.asked[0][0], ["q2c:1:a:1"])
    assert keys(report.sent) == ["a"]
    assert keys(report.withdrawn) == ["b"]


def test_absence_counts_only_when_no_try_can_be_under_way(desk: Desk) -> None:
    away(desk)
    desk.deliver(wanted("a"))
    desk.clock.sleep(570)
    away(desk)
    desk.deliver(wanted("a"))
    desk.clock.sleep(100)

    report = desk.deliver(wanted("a"))

    assert not desk.vendor.sought
    assert keys(report.in_doubt) == ["a"]


def test_an_answer_that_leaves_doubt_is_looked_up_and_then_asked_for_anew(desk: Desk) -> None:
    desk.vendor.script = {"q2c:1:a:1": [InDoubt("an application error")]}
    first = desk.deliver(wanted("a"))
    desk.clock.sleep(60)
    desk.deliver(wanted("a"))
    asked_meanwhile = len(desk.vendor.asked)
    desk.clock.sleep(700)

    report = desk.deliver(wanted("a"))

    assert [line.reason for line in first.in_doubt] == ["an application error"]
    assert asked_meanwhile == 1
    assert desk.vendor.sought == ["q2c:1:a:1"]
    assert desk.vendor.asked[0][0] != desk.vendor.asked[1][0]
    assert keys(report.sent) == ["a"]


def test_what_was_surely_not_done_is_sent_by_the_next_delivery_under_another_id(
    desk: Desk,
) -> None:
    desk.vendor.script = {"q2c:1:a:1": [NotDone("locked")]}
    first = desk.deliver(wanted("a"))

    second = desk.deliver(wanted("a"))

    assert keys(first.not_sent) == ["a"]
    assert keys(second.sent) == ["a"]
    assert desk.vendor.asked[0][0] != desk.vendor.asked[1][0]


def test_a_throttled_vendor_ends_the_delivery_and_nothing_is_in_doubt(desk: Desk) -> None:
    desk.vendor.script = {"q2c:1:a:1": [RateLimited("throttled", retry_after_seconds=60)]}
    wishes = [wanted(key) for key in "abcd"]

    report = desk.deliver(*wishes)

    assert len(desk.vendor.asked) == 1
    assert keys(report.not_sent) == ["a", "b", "c", "d"]
    assert not report.in_doubt


def test_a_request_refused_as_a_whole_is_made_again_of_each_item(desk: Desk) -> None:
    desk.vendor.script = {"q2c:1:b:1": [RequestRejected("no batch")] * 2}

    report = desk.deliver(wanted("a"), wanted("b"), wanted("c"))

    assert [len(markers) for _, markers in desk.vendor.asked] == [3, 1, 1, 1]
    assert keys(report.sent) == ["a", "c"]
    assert keys(report.refused) == ["b"]


def test_one_batch_that_nobody_answers_does_not_hold_up_the_others(desk: Desk) -> None:
    away(desk)

    report = desk.deliver(*[wanted(key) for key in "abcd"])

    assert keys(report.in_doubt) == ["a", "b", "c"]
    assert keys(report.sent) == ["d"]


def test_a_vendor_that_answers_nothing_twice_is_left_alone(desk: Desk) -> None:
    away(desk)
    desk.vendor.script["q2c:1:d:1"] = [ServiceUnavailable("lost")] * 3

    report = desk.deliver(*[wanted(key) for key in "abcdefgh"])

    assert keys(report.in_doubt) == ["a", "b", "c", "d", "e", "f"]
    assert keys(report.not_sent) == ["g", "h"]


def test_the_switch_ends_the_delivery_before_the_next_request(desk: Desk) -> None:
    desk.stops_after = 1

    report = desk.deliver(*[wanted(key) for key in "abcd"])

    assert len(desk.vendor.asked) == 1
    assert report.stopped == "the switch is thrown"
    assert keys(report.skipped) == ["d"]
    assert failures(report) == []


def test_a_crm_that_cannot_be_asked_lets_nothing_be_sent(desk: Desk) -> None:
    def away_from_it(wishes: Sequence[Wanted]) -> Mapping[str, str]:
        raise ServiceUnavailable("the CRM is away")

    report = desk.deliver(wanted("a"), recheck=away_from_it)

    assert not desk.vendor.asked
    assert keys(report.not_sent) == ["a"]
    assert desk.states("a") == ["planned", "withdrawn"]


def test_what_a_killed_delivery_had_planned_is_sent_by_the_next(desk: Desk) -> None:
    desk.chaos.steps_left = 2
    with pytest.raises(Killed):
        desk.deliver(wanted("a"))

    report = desk.deliver(wanted("a"))

    assert desk.states("a") == ["planned", "withdrawn", "planned", "sent", "confirmed"]
    assert keys(report.sent) == ["a"]


WRITTEN = Written("Invoice", "a", 1, "q2c:1:a:1", "812", "0", "1042", None, True)


def test_a_live_record_of_the_books_that_the_ledger_does_not_know_is_adopted(desk: Desk) -> None:
    report = desk.deliver(wanted("a"), written=[WRITTEN])

    assert [(line.key, line.remote_id) for line in report.adopted] == [("a", "812")]
    assert not report.skipped
    assert not desk.vendor.asked


def test_a_voided_record_is_made_anew_as_the_next_generation(desk: Desk) -> None:
    desk.deliver(wanted("a"))

    report = desk.deliver(wanted("a", generation=2), written=[WRITTEN._replace(is_live=False)])

    assert [markers for _, markers in desk.vendor.asked] == [["q2c:1:a:1"], ["q2c:1:a:2"]]
    assert keys(report.sent) == ["a"]


def reopened(desk: Desk) -> None:
    """The ledger is lost, and opened anew where the books had been read before."""
    desk.ledger = MemoryLedger(desk.clock.now, desk.chaos)
    open_ledger(desk.ledger, "quickbooks", "1", START)


def test_a_lost_ledger_sends_nothing_until_the_books_were_read_again(desk: Desk) -> None:
    reopened(desk)
    desk.clock.sleep(600)

    before = desk.deliver(wanted("a"), books=Books(START, ()))
    after = desk.deliver(wanted("a"), books=Books(START + timedelta(seconds=1), ()))

    assert keys(before.skipped) == ["a"]
    assert keys(after.sent) == ["a"]


def test_a_lost_ledger_waits_for_what_may_be_under_way_and_then_looks_first(desk: Desk) -> None:
    reopened(desk)
    books = Books(START + timedelta(seconds=1), ())
    desk.clock.sleep(60)
    desk.vendor.there = {"q2c:1:a:1": done("812")}

    early = desk.deliver(wanted("a"), books=books)
    desk.clock.sleep(61)
    late = desk.deliver(wanted("a"), wanted("b"), books=books)

    assert keys(early.skipped) == ["a"]
    assert keys(late.adopted) == ["a"]
    assert keys(late.sent) == ["b"]


def test_a_refusal_that_the_vendor_only_remembers_is_asked_for_anew(desk: Desk) -> None:
    old = Refusal("6210", "the period is closed", None, START - timedelta(hours=1))
    desk.vendor.script = {"q2c:1:a:1": [old]}
    desk.deliver(wanted("a"))

    assert keys(desk.deliver(wanted("a")).sent) == ["a"]


def update(key: str, **facts: Any) -> Wanted:
    return wanted(key, object="Customer", operation="update", remote_id="63", **facts)


def test_a_doubtful_update_is_decided_anew_once_the_record_was_read_again(desk: Desk) -> None:
    away(desk)
    desk.deliver(update("a"))
    stale = Books(desk.clock.now() - timedelta(days=1), ())
    desk.clock.sleep(1_000)

    waiting = desk.deliver(update("a"), books=stale)
    settled = desk.deliver(update("a"))

    assert keys(waiting.in_doubt) == ["a"]
    assert not desk.vendor.sought
    assert keys(settled.sent) == ["a"]


def mail(key: str) -> Wanted:
    return wanted(key, object="InvoiceEmail", operation="send")


def test_an_e_mail_in_doubt_is_looked_up_and_never_sent_again(desk: Desk) -> None:
    desk.vendor.objects = frozenset({"InvoiceEmail"})
    away(desk)
    first = desk.deliver(mail("a"))
    desk.clock.sleep(700)
    second = desk.deliver(mail("a"))
    desk.vendor.there = {"q2c:1:a:1": done("812")}

    third = desk.deliver(mail("a"))

    assert len(desk.vendor.asked) == 1
    assert keys(first.in_doubt) == keys(second.in_doubt) == ["a"]
    assert keys(third.adopted) == ["a"]


def test_nobody_moves_on_what_another_delivery_moved_meanwhile(desk: Desk) -> None:
    ours, theirs = (Intents(desk.ledger, "quickbooks", "1") for _ in range(2))
    desk.deliver(wanted("a"))
    newest = Intents(desk.ledger, "quickbooks", "1").newest("Invoice", "a")
    assert newest is not None
    assert newest.state is State.CONFIRMED
    draft = desk.ledger.kept[1]

    with pytest.raises(StaleRecord, match="another delivery"):
        ours.advance([Step(None, draft)])
    assert theirs.newest("Invoice", "a") is None


def test_what_could_not_be_sent_is_told_in_a_sentence() -> None:
    report = Report(refused=[Line("Invoice", "9", "closed")])
    assert unsent_sentence("QuickBooks", [report]) is None
    report.not_sent = [Line("Invoice", str(number), "no connection") for number in range(7)]

    told = unsent_sentence("QuickBooks", [report])

    assert told is not None
    assert told.startswith("7 records could not be sent to QuickBooks: Invoice 0: no connection; ")
    assert "and 2 more" in told
