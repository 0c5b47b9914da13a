"""Which wishes become intents, and under which request id."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from q2c_pipeline.ledger.events import Draft, Event, State
from q2c_pipeline.ledger.planning import Attempt, Pass, decide, request_id_of, resolved
from q2c_pipeline.ledger.target import Wanted, Written

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
WANTED = Wanted(
    outbox_id="1",
    system="quickbooks",
    entity="1",
    object="Invoice",
    operation="create",
    key="salesforce:006A:-",
    marker="q2c:1:salesforce:006A:-:1",
    generation=1,
    payload='{"CustomerRef":{"value":"salesforce:001A"}}',
    payload_hash="content",
    reason="won and approved",
    evaluated_at=NOON,
    preconditions_hash="conditions",
)
WRITTEN = Written("Invoice", WANTED.key, 1, WANTED.marker, "812", "0", "1042", None, True)


def event(state: State, **facts: Any) -> Event:
    known: dict[str, Any] = {
        "target_system": "quickbooks",
        "entity": "1",
        "object": "Invoice",
        "key": WANTED.key,
        "operation": "create",
        "generation": 1,
        "attempt": 1,
        "state": state,
        "marker": WANTED.marker,
        "request_id": "q2c-1",
        "position": 1,
        "payload": "{}",
        "payload_hash": "content",
        "preconditions_hash": "conditions",
        "remote_id": "812",
        "sequence": 7,
        "happened_at": NOON,
        "before": State.SENT,
        "actor": "test",
        "run_id": "test",
        "previous_hash": "",
        "hash": "",
    }
    return Event(**known | facts)


def test_what_was_never_tried_is_tried() -> None:
    assert decide(WANTED, None) == Attempt(1)


@pytest.mark.parametrize("state", [State.PLANNED, State.SENT])
def test_an_unresolved_intent_gets_no_second_one(state: State) -> None:
    assert isinstance(decide(WANTED, event(state)), Pass)


@pytest.mark.parametrize("state", [State.CONFIRMED, State.ADOPTED])
def test_what_is_delivered_is_not_sent_again(state: State) -> None:
    assert isinstance(decide(replace(WANTED, payload_hash="other"), event(state)), Pass)


def test_a_refusal_is_tried_again_only_when_content_or_preconditions_have_changed() -> None:
    refused = event(State.REFUSED, attempt=2, detail='{"message":"closed"}')

    assert decide(WANTED, refused) == Pass("refused before, and nothing changed since: closed")
    assert decide(replace(WANTED, payload_hash="other"), refused) == Attempt(3)
    assert decide(replace(WANTED, preconditions_hash="other"), refused) == Attempt(3)


def test_what_was_withdrawn_keeps_its_attempt_unless_it_had_been_sent() -> None:
    assert decide(WANTED, event(State.WITHDRAWN, before=State.PLANNED)) == Attempt(1)
    assert decide(WANTED, event(State.WITHDRAWN, before=State.SENT)) == Attempt(2)


def test_nothing_is_made_beside_a_live_record_of_any_generation() -> None:
    second = replace(WANTED, generation=2)

    assert decide(second, None, [WRITTEN]) == Pass("the books hold it already as Invoice 812")


def test_a_new_generation_needs_the_former_one_to_be_voided_or_deleted_in_the_books() -> None:
    second = replace(WANTED, generation=2)
    ended = WRITTEN._replace(is_live=False)

    assert decide(second, event(State.CONFIRMED), [ended]) == Attempt(1)
    assert isinstance(decide(second, event(State.CONFIRMED), []), Pass)
    assert decide(second, event(State.REFUSED), [ended]) == Attempt(1)


def test_an_older_generation_than_the_ledgers_is_left_alone() -> None:
    assert isinstance(decide(WANTED, event(State.WITHDRAWN, generation=2)), Pass)


def test_an_update_is_sent_again_only_when_the_record_was_read_after_it_and_differs_still() -> None:
    update = replace(WANTED, operation="update")
    earlier, later = NOON - timedelta(minutes=1), NOON + timedelta(minutes=1)

    assert isinstance(decide(update, event(State.CONFIRMED, vendor_at=later)), Pass)
    assert decide(update, event(State.CONFIRMED, vendor_at=earlier)) == Attempt(2)
    other = replace(update, payload_hash="other")
    assert decide(other, event(State.CONFIRMED, vendor_at=later)) == Attempt(2)


def draft(**facts: Any) -> Draft:
    found = event(State.PLANNED)
    known = {name: getattr(found, name) for name in Draft.__dataclass_fields__}
    return Draft(**known | facts)


def test_a_request_id_follows_from_markers_and_attempts_alone() -> None:
    id = request_id_of([draft(), draft(marker="other")])

    assert len(id) <= 36
    assert request_id_of([draft(payload_hash="new"), draft(marker="other")]) == id
    assert request_id_of([draft(), draft(marker="other", attempt=2)]) != id
    assert request_id_of([draft(marker="other"), draft()]) != id
    assert request_id_of([draft()]) != id


def test_updates_of_different_content_have_different_request_ids() -> None:
    one = request_id_of([draft(operation="update")])

    assert request_id_of([draft(operation="update", payload_hash="new")]) != one


def test_a_payload_gets_the_id_of_what_it_depends_on_and_only_there() -> None:
    payload = '{"CustomerRef":{"value":"c:1"},"PrivateNote":"for \\"c:1\\", c:1"}'
    wanted = replace(WANTED, payload=payload, depends_on="c:1")

    assert resolved(wanted, {"c:1": "63"}) == (
        '{"CustomerRef":{"value":"63"},"PrivateNote":"for \\"c:1\\", c:1"}'
    )
    assert resolved(WANTED, {}) == WANTED.payload
