"""Writing to the books over HTTP: what each answer means for each item of a request."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest

from q2c_pipeline.core.errors import ServiceUnavailable, WritingStopped
from q2c_pipeline.defs.accounting.quickbooks import lookup
from q2c_pipeline.defs.accounting.quickbooks.writeback import Switch, mails
from q2c_pipeline.ledger.delivery import deliver
from q2c_pipeline.ledger.events import State
from q2c_pipeline.ledger.opening import open_ledger
from q2c_pipeline.ledger.report import Report
from q2c_pipeline.ledger.target import (
    Books,
    Done,
    InDoubt,
    Item,
    Looked,
    NotDone,
    Outcome,
    Refusal,
)
from tests.property.delivery.chaos import START, Chaos, Clock
from tests.property.delivery.memory_ledger import MemoryLedger
from tests.property.delivery.served_books import ServedBooks, write_books
from tests.unit.ledger.test_planning import event

MARKER = "q2c:1:salesforce:006A:-:1"
_requests = count()


@pytest.fixture
def books(tmp_path: Path) -> Iterator[ServedBooks]:
    clock = Clock()
    served = ServedBooks(
        write_books(tmp_path / "company"), clock, Chaos(Random(0)), tmp_path / "tokens"
    )
    served.refuse("", False)
    yield served
    served.close()


def invoice(marker: str = MARKER, **fields: Any) -> dict[str, Any]:
    line = {
        "Amount": 100,
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {"ItemRef": {"value": "90"}},
    }
    return {
        "CustomerRef": {"value": "1"},
        "TxnDate": "2026-07-01",
        "PrivateNote": f"{marker}\nMade up",
        "Line": [line],
    } | fields


def customer(name: str, marker: str, **fields: Any) -> dict[str, Any]:
    return {"DisplayName": name, "Notes": f"{marker}\nMade up"} | fields


def item(payload: Mapping[str, Any], object: str = "Invoice", id: str = "1") -> Item:
    return Item(id, object, "create", json.dumps(payload), None)


def sent(books: ServedBooks, payload: Mapping[str, Any], object: str = "Invoice") -> Outcome:
    """The outcome of one request of one item."""
    return books.target().send(f"request {next(_requests)}", [item(payload, object)])["1"]


def stored(books: ServedBooks, object: str) -> list[dict[str, Any]]:
    records = books.sandbox.store.records("quickbooks", books.realm_id, [object])
    return [json.loads(record.payload) for record in records]


def prefer(books: ServedBooks, group: str, **values: Any) -> None:
    (preferences,) = stored(books, "Preferences")
    preferences[group] |= values
    books.sandbox.store.put(
        "quickbooks", books.realm_id, "Preferences", "1", json.dumps(preferences), START
    )


def test_each_item_of_a_batch_has_a_fate_of_its_own(books: ServedBooks) -> None:
    outcomes = books.target().send(
        "request",
        [
            item(invoice(), id="1"),
            item(invoice(CustomerRef={"value": "999"}), id="2"),
            item(customer("Orchard", "q2c:1:customer:salesforce:001A:1"), "Customer", id="3"),
        ],
    )

    assert isinstance(outcomes["1"], Done)
    assert outcomes["1"].total == Decimal("100")
    assert outcomes["1"].document_number
    assert isinstance(outcomes["2"], Refusal)
    assert outcomes["2"].code == "2500"
    assert "activate it, or map another one" in outcomes["2"].message
    assert isinstance(outcomes["3"], Done)
    assert len(stored(books, "Invoice")) == 1


def test_a_repeated_request_is_answered_as_it_was_and_writes_nothing(books: ServedBooks) -> None:
    first = books.target().send("request", [item(invoice())])
    books.network.clock.sleep(60)

    assert books.target().send("request", [item(invoice())]) == first
    assert len(stored(books, "Invoice")) == 1


def test_a_closed_period_is_a_refusal_with_its_mend(books: ServedBooks) -> None:
    prefer(books, "AccountingInfoPrefs", BookCloseDate="2026-07-31")

    outcome = sent(books, invoice())

    assert isinstance(outcome, Refusal)
    assert outcome.code == "6210"
    assert outcome.message.endswith("move the invoice date, or have finance open the period")
    assert outcome.vendor_at is not None


def test_a_number_that_our_own_invoice_has_is_that_invoice(books: ServedBooks) -> None:
    first = sent(books, invoice(DocNumber="1042"))

    again = sent(books, invoice(DocNumber="1042"))
    other = sent(books, invoice("q2c:1:salesforce:006B:-:1", DocNumber="1042"))

    assert isinstance(first, Done)
    assert isinstance(again, Done)
    assert (again.remote_id, again.was_there) == (first.remote_id, True)
    assert isinstance(other, Refusal)
    assert other.code == "6140"


NAMED = "q2c:1:customer:salesforce:001A:1"
ADDRESS = {"Line1": "4 Quay St", "PostalCode": "94 607"}


@pytest.mark.parametrize(
    ("marker", "fields", "is_matched"),
    [
        (NAMED, {}, True),
        ("q2c:1:customer:salesforce:001B:1", {}, False),
        (
            "another",
            {"PrimaryEmailAddr": {"Address": "cfo@Orchard.example"}},
            True,
        ),
        ("another", {"PrimaryEmailAddr": {"Address": "cfo@other.example"}}, False),
        ("another", {"BillAddr": {"PostalCode": "94607"}}, True),
    ],
)
def test_a_taken_name_is_matched_by_marker_domain_or_postal_code_and_never_suffixed(
    books: ServedBooks, marker: str, fields: dict[str, Any], is_matched: bool
) -> None:
    theirs = sent(books, customer("O'Hara \\ Co", marker, **fields), "Customer")
    ours = customer(
        "O'Hara \\ Co",
        NAMED,
        PrimaryEmailAddr={"Address": "ap@orchard.example"},
        BillAddr=ADDRESS,
    )

    outcome = sent(books, ours, "Customer")

    assert isinstance(theirs, Done)
    if is_matched:
        assert isinstance(outcome, Done)
        assert (outcome.remote_id, outcome.was_there) == (theirs.remote_id, True)
    else:
        assert isinstance(outcome, Refusal)
        assert outcome.code == "6240"
    assert len(stored(books, "Customer")) == 2


def test_a_name_that_a_vendor_has_is_refused(books: ServedBooks) -> None:
    answer = books.client.api.post_json(
        f"/v3/company/{books.realm_id}/vendor",
        {"DisplayName": "Orchard"},
        asked="a vendor",
        answer=dict[str, Any],
    )
    assert "Vendor" in answer

    outcome = sent(books, customer("Orchard", NAMED), "Customer")

    assert isinstance(outcome, Refusal)
    assert outcome.code == "6240"


def test_an_update_of_a_record_that_somebody_edited_is_refused(books: ServedBooks) -> None:
    done = sent(books, customer("Orchard", NAMED), "Customer")
    assert isinstance(done, Done)
    change = {"Id": done.remote_id, "SyncToken": "0", "sparse": True}

    def update(title: str) -> Outcome:
        payload = json.dumps(change | {"CompanyName": title})
        order = Item("1", "Customer", "update", payload, done.remote_id)
        return books.target().send(title, [order])["1"]

    first, second = update("one"), update("two")

    assert isinstance(first, Done)
    assert first.sync_token == "1"
    assert isinstance(second, Refusal)
    assert second.code == "5010"


def looked(marker: str, object: str = "Invoice", since: timedelta = timedelta()) -> Looked:
    return Looked(marker, object, "{}", START + since)


def test_records_are_found_by_marker_also_voided_and_inactive_ones(books: ServedBooks) -> None:
    for number in range(3):
        sent(books, invoice(f"q2c:1:salesforce:00{number}:-:1"))
    made = sent(books, customer("Orchard", NAMED), "Customer")
    for record in books.records():
        if record.marker == "q2c:1:salesforce:001:-:1":
            books.end(record, "void")
        if record.marker == "q2c:1:salesforce:002:-:1":
            books.end(record, "delete")
    inactive = {"Id": made.remote_id, "SyncToken": "0", "sparse": True, "Active": False}
    books.target().send("x", [Item("1", "Customer", "update", json.dumps(inactive), None)])

    found = books.target().find(
        [
            *[looked(f"q2c:1:salesforce:00{number}:-:1") for number in range(3)],
            looked("q2c:1:salesforce:00:-:1"),
            looked(NAMED, "Customer"),
        ]
    )

    assert set(found) == {"q2c:1:salesforce:000:-:1", "q2c:1:salesforce:001:-:1", NAMED}


def test_what_was_there_before_the_books_were_read_is_not_looked_through(
    books: ServedBooks,
) -> None:
    sent(books, invoice())
    books.network.clock.sleep(3_600)
    reads = books.client.metered_reads

    assert books.target().find([looked(MARKER, since=timedelta(minutes=30))]) == {}
    assert books.client.metered_reads == reads + 1


def test_a_record_is_found_on_any_page(books: ServedBooks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup, "LISTED_ROWS_MAX", 3)
    markers = [f"q2c:1:salesforce:00{number}:-:1" for number in range(8)]
    for marker in markers:
        sent(books, invoice(marker))
        books.network.clock.sleep(1)

    assert set(books.target().find([looked(marker) for marker in markers])) == set(markers)


def answering(
    books: ServedBooks, monkeypatch: pytest.MonkeyPatch, answer: Callable[[], httpx.Response]
) -> None:
    """Batches are answered so from now on."""
    passed = books.network.handle_request

    def handle(request: httpx.Request) -> httpx.Response:
        return answer() if request.url.path.endswith("/batch") else passed(request)

    monkeypatch.setattr(books.network, "handle_request", handle)


def fault(code: str, message: str = "words") -> dict[str, Any]:
    return {"Fault": {"Error": [{"Message": message, "code": code}]}}


@pytest.mark.parametrize(
    ("part", "kind"),
    [
        (fault("3001"), NotDone),
        (fault("", "message=ThrottleExceeded; errorCode=003001"), NotDone),
        (fault("120"), NotDone),
        (fault("10000"), InDoubt),
        (fault("600"), InDoubt),
        (fault(""), InDoubt),
        (fault("2010"), Refusal),
        ({"Fault": {"Error": []}}, InDoubt),
        ({"Invoice": {"Id": 7}}, InDoubt),
        ({}, InDoubt),
    ],
)
def test_a_fault_of_an_item_says_whether_anything_was_done(
    books: ServedBooks, monkeypatch: pytest.MonkeyPatch, part: dict[str, Any], kind: type
) -> None:
    body = {"BatchItemResponse": [{"bId": "1"} | part, {"bId": "7"}], "time": START.isoformat()}
    answering(books, monkeypatch, lambda: httpx.Response(200, json=body))

    outcomes = books.target().send("request", [item(invoice()), item(invoice(), id="2")])

    assert set(outcomes) == {"1"}
    assert isinstance(outcomes["1"], kind)


def test_a_request_id_that_the_vendor_knows_but_does_not_answer_again_leaves_doubt(
    books: ServedBooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(books, monkeypatch, lambda: httpx.Response(400, json=fault("600")))

    assert isinstance(sent(books, invoice()), InDoubt)


def test_a_lost_answer_is_not_asked_for_again_by_itself(
    books: ServedBooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def lost() -> httpx.Response:
        asked.append(1)
        raise httpx.ReadError("reset")

    answering(books, monkeypatch, lost)

    with pytest.raises(ServiceUnavailable):
        sent(books, invoice())
    assert len(asked) == 1


def mailed(books: ServedBooks, invoice_id: str) -> Outcome:
    order = Item("1", "InvoiceEmail", "send", json.dumps({"Id": invoice_id}), invoice_id)
    return books.mail().send(f"mail {invoice_id}", [order])["1"]


def test_an_invoice_is_mailed_once_whoever_did_it(books: ServedBooks) -> None:
    done = sent(books, invoice(BillEmail={"Address": "ap@orchard.example"}))
    assert isinstance(done, Done)
    to_be_found = Looked("mail", "InvoiceEmail", json.dumps({"Id": done.remote_id}), START)
    assert books.mail().find([to_be_found]) == {}

    first = mailed(books, done.remote_id)
    second = mailed(books, done.remote_id)

    assert isinstance(first, Done)
    assert not first.was_there
    assert isinstance(second, Done)
    assert second.was_there
    assert stored(books, "Invoice")[0]["SyncToken"] == "1"
    assert set(books.mail().find([to_be_found])) == {"mail"}


def test_an_invoice_that_is_gone_is_not_mailed(books: ServedBooks) -> None:
    outcome = mailed(books, "999")

    assert isinstance(outcome, Refusal)
    assert outcome.code == "610"


def test_a_voided_invoice_is_not_mailed(books: ServedBooks) -> None:
    done = sent(books, invoice(BillEmail={"Address": "ap@orchard.example"}))
    assert isinstance(done, Done)
    (record,) = books.records()
    books.end(record, "void")

    outcome = mailed(books, done.remote_id)

    assert isinstance(outcome, Refusal)
    assert "voided" in outcome.message


def test_only_invoices_created_in_mode_send_are_mailed() -> None:
    def delivered(key: str, mode: str, state: str = "confirmed") -> tuple[tuple[str, str], Any]:
        return ("Invoice", key), event(
            State(state), key=key, marker=f"m:{key}", detail=json.dumps({"mode": mode})
        )

    current = dict(
        [
            delivered("a", "send"),
            delivered("b", "draft"),
            delivered("c", "send", "sent"),
            delivered("d", "send", "adopted"),
            delivered("e", "send"),
        ]
    )
    current["InvoiceEmail", "e"] = delivered("e", "send")[1]

    assert [(mail.key, mail.payload) for mail in mails(current)] == [
        ("a", '{"Id":"812"}'),
        ("d", '{"Id":"812"}'),
    ]


def test_a_mail_whose_answer_was_lost_is_found_and_not_sent_again(
    books: ServedBooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = sent(books, invoice(BillEmail={"Address": "ap@orchard.example"}))
    assert isinstance(done, Done)
    clock = books.network.clock
    ledger = MemoryLedger(clock.now, Chaos(Random(0)))
    open_ledger(ledger, "quickbooks", "1", None)
    detail = json.dumps({"mode": "send"})
    (wish,) = mails(
        {("Invoice", "a"): event(State.CONFIRMED, remote_id=done.remote_id, detail=detail)}
    )
    asked = []
    passed = books.network.handle_request

    def lost(request: httpx.Request) -> httpx.Response:
        response = passed(request)
        if request.url.path.endswith("/send"):
            asked.append(request)
            raise httpx.ReadError("reset")
        return response

    monkeypatch.setattr(books.network, "handle_request", lost)

    def delivered() -> Report:
        return deliver(
            ledger,
            books.mail(),
            [wish],
            target_system="quickbooks",
            entity="1",
            recheck=lambda wishes: {},
            stop=lambda: None,
            tell=lambda text: None,
            books=Books(clock.now(), ()),
            mode="send",
            now=clock.now,
            sleep=clock.sleep,
        )

    first = delivered()
    clock.sleep(700)
    second = delivered()

    assert [line.key for line in first.in_doubt] == [wish.key]
    assert [line.key for line in second.adopted] == [wish.key]
    assert len(asked) == 1


def test_the_switch_is_looked_at_before_every_single_request(books: ServedBooks) -> None:
    def stop() -> None:
        raise WritingStopped("the switch is thrown")

    books.client.api._allowance = Switch(stop)

    with pytest.raises(WritingStopped):
        sent(books, invoice())
    assert not stored(books, "Invoice")
