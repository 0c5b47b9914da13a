"""Faults on request: what a client sees of each, and what of its change stays."""

import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.contract.conftest import Serve, ServedSandbox
from tests.contract.quickbooks_world import QuickBooksClient, record, write_company

COMPANY = "/v3/company/4620816365000000001"
VERSIONS = "/services/data"


@pytest.fixture(scope="module")
def sandbox(serve_for_module: Serve, tmp_path_factory: pytest.TempPathFactory) -> ServedSandbox:
    company = tmp_path_factory.mktemp("company") / "company"
    customers = [record("1", DisplayName="Brakken Ltd", Active=True)]
    return serve_for_module(write_company(company, {"quickbooks/Customer": customers}))


@pytest.fixture(scope="module")
def client(sandbox: ServedSandbox) -> QuickBooksClient:
    return QuickBooksClient.sign_in(sandbox)


@pytest.fixture(autouse=True)
def calm_afterwards(sandbox: ServedSandbox, client: QuickBooksClient) -> Iterator[None]:
    yield
    sandbox.client.delete(sandbox.url + "/_sandbox/faults")


def order(sandbox: ServedSandbox, **faults: Any) -> dict[str, Any]:
    answer = sandbox.post("/_sandbox/faults", json=faults)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def plan(sandbox: ServedSandbox, kind: str, path: str, **facts: Any) -> None:
    order(sandbox, plan=[{"kind": kind, "path": path, **facts}])


def customer_names(client: QuickBooksClient) -> list[str]:
    return [row["DisplayName"] for row in client.query("SELECT * FROM Customer")["Customer"]]


def test_quickbooks_throttles_in_its_own_words(
    sandbox: ServedSandbox, client: QuickBooksClient
) -> None:
    plan(sandbox, "429", f"{COMPANY}/companyinfo/*")

    answer = client.get(f"companyinfo/{client.realm_id}")

    assert answer.status_code == 429
    [error] = answer.json()["Fault"]["Error"]
    assert error["code"] == "003001"
    assert error["Message"] == "message=ThrottleExceeded; errorCode=003001; statusCode=429"
    assert "Retry-After" not in answer.headers
    assert client.get(f"companyinfo/{client.realm_id}").status_code == 200


def test_quickbooks_reports_a_system_failure(
    sandbox: ServedSandbox, client: QuickBooksClient
) -> None:
    plan(sandbox, "500", f"{COMPANY}/query")

    answer = client.get("query", query="SELECT * FROM Customer")

    assert answer.status_code == 500
    assert answer.json()["Fault"]["Error"][0]["code"] == "10000"


@pytest.mark.parametrize("kind", ["502", "503", "504"])
def test_a_gateway_answers_with_a_page(
    sandbox: ServedSandbox, client: QuickBooksClient, kind: str
) -> None:
    plan(sandbox, kind, f"{COMPANY}/query")

    answer = client.get("query", query="SELECT * FROM Customer")

    assert answer.status_code == int(kind)
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "Date" in answer.headers


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("406", ""),
        ("420", ""),
        ("429", ""),
        ("500", "UNKNOWN_EXCEPTION"),
        ("503", "SERVER_UNAVAILABLE"),
    ],
)
def test_salesforce_fails_in_its_own_words(sandbox: ServedSandbox, kind: str, content: str) -> None:
    plan(sandbox, kind, VERSIONS)

    answer = sandbox.get(VERSIONS)

    assert answer.status_code == int(kind)
    assert (answer.json()[0]["errorCode"] if answer.content else "") == content


def test_a_dropped_connection_is_seen_as_one(
    sandbox: ServedSandbox, client: QuickBooksClient
) -> None:
    for kind in ("drop_before", "drop_during", "drop_after"):
        plan(sandbox, kind, f"{COMPANY}/query")
        with pytest.raises(httpx.RemoteProtocolError):
            client.query("SELECT * FROM Customer")
    assert customer_names(client) == ["Brakken Ltd"]


def test_half_of_an_answer_arrives_before_the_connection_breaks(
    sandbox: ServedSandbox, client: QuickBooksClient
) -> None:
    whole = sandbox.get(VERSIONS)
    plan(sandbox, "drop_during", VERSIONS)

    arrived: list[bytes] = []
    with sandbox.client.stream("GET", sandbox.url + VERSIONS) as answer:
        assert answer.headers["Content-Length"] == str(len(whole.content))
        with pytest.raises(httpx.RemoteProtocolError):
            arrived.extend(answer.iter_bytes())

    assert b"".join(arrived) == whole.content[: len(whole.content) // 2]


def test_a_truncated_answer_is_whole_to_http_and_no_json(
    sandbox: ServedSandbox, client: QuickBooksClient
) -> None:
    plan(sandbox, "truncate", f"{COMPANY}/query*Customer*")

    answer = client.get("query", query="SELECT * FROM Customer")

    assert answer.status_code == 200
    assert len(answer.content) == int(answer.headers["Content-Length"])
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        answer.json()


@pytest.mark.parametrize(
    ("kind", "is_committed"),
    [
        ("drop_before", False),
        ("429", False),
        ("500", False),
        ("503", False),
        ("drop_during", True),
        ("drop_after", True),
        ("504", True),
        ("truncate", True),
    ],
)
def test_a_change_is_committed_or_not_as_the_kind_says(
    sandbox: ServedSandbox, client: QuickBooksClient, kind: str, is_committed: bool
) -> None:
    name = f"Struck by {kind}"
    plan(sandbox, kind, f"{COMPANY}/customer")

    try:
        answer = client.post("customer", {"DisplayName": name})
    except httpx.TransportError:
        assert kind.startswith("drop")
    else:
        assert answer.status_code == (200 if kind == "truncate" else int(kind))

    assert (name in customer_names(client)) is is_committed


def test_a_repeated_request_id_finds_the_change_whose_answer_was_lost(
    sandbox: ServedSandbox, client: QuickBooksClient
) -> None:
    plan(sandbox, "drop_after", f"{COMPANY}/customer")
    body = {"DisplayName": "Once Ltd"}
    with pytest.raises(httpx.TransportError):
        client.post("customer", body, requestid="lost-1")

    answer = client.write("Customer", body, requestid="lost-1")

    assert customer_names(client).count("Once Ltd") == 1
    assert client.read("Customer", answer["Id"])["DisplayName"] == "Once Ltd"


def test_latency_delays_an_answer_and_changes_nothing(
    sandbox: ServedSandbox, client: QuickBooksClient
) -> None:
    order(sandbox, latency_seconds=0.2, plan=[{"kind": "latency", "path": f"{COMPANY}/query"}])

    begun = time.monotonic()
    names = customer_names(client)

    assert time.monotonic() - begun >= 0.2
    assert names[0] == "Brakken Ltd"


def test_a_plan_strikes_as_often_as_it_says_and_tells_what_is_left(
    sandbox: ServedSandbox, client: QuickBooksClient
) -> None:
    plan(sandbox, "503", f"{COMPANY}/*", times=3)

    statuses = [client.get("preferences").status_code for _ in range(2)]
    told = sandbox.get("/_sandbox/faults").json()

    assert statuses == [503, 503]
    assert told["done"] == {"503": 2}
    assert [planned["times"] for planned in told["plan"]] == [1]


def strikes(sandbox: ServedSandbox, seed: int, asked: int) -> list[int | str]:
    """What each of many requests comes to: a status, or the loss of the connection."""
    order(sandbox, seed=seed, share=0.2, latency_seconds=0)
    outcomes: list[int | str] = []
    for number in range(asked):
        try:
            outcomes.append(sandbox.get(VERSIONS, params={"page": number % 7}).status_code)
        except httpx.RemoteProtocolError:
            outcomes.append("lost")
    return outcomes


def test_a_storm_is_the_same_for_the_same_seed_and_strikes_its_share(
    sandbox: ServedSandbox,
) -> None:
    first, again, other = (strikes(sandbox, seed, 150) for seed in (3, 3, 4))

    assert first == again
    assert first != other
    told = sandbox.get("/_sandbox/faults").json()
    assert told["requests"] == 150
    assert 0.1 < sum(told["done"].values()) / 150 < 0.3
    assert set(Counter(first)) >= {200, 500, 503, "lost"}


def test_neither_the_order_of_requests_nor_the_time_of_day_changes_a_storm(
    sandbox: ServedSandbox,
) -> None:
    def struck(pages: range, moment: str) -> dict[int, int | str]:
        order(sandbox, seed=5, share=0.5, kinds=["500"])
        return {
            page: sandbox.get(VERSIONS, params={"page": page, "since": moment}).status_code
            for page in pages
        }

    forward = struck(range(20), "2026-03-02T09:00:00-08:00")
    assert struck(range(19, -1, -1), "2026-03-02T17:11:12Z") == forward
    assert set(forward.values()) == {200, 500}


def test_a_storm_over_one_system_spares_the_other(
    sandbox: ServedSandbox, client: QuickBooksClient
) -> None:
    order(sandbox, share=1, system="salesforce", kinds=["503"])

    assert client.get("preferences").status_code == 200
    assert sandbox.get(VERSIONS).status_code == 503


def test_signing_in_can_fail_and_the_sandbox_itself_cannot(sandbox: ServedSandbox) -> None:
    order(sandbox, share=1, kinds=["503"])

    for path in ("/oauth2/v1/tokens/bearer", "/services/oauth2/token"):
        assert sandbox.post(path).status_code == 503
    assert sandbox.get("/_sandbox/health").status_code == 200
    sandbox.client.delete(sandbox.url + "/_sandbox/faults")
    assert sandbox.get(VERSIONS).status_code == 200


@pytest.mark.parametrize(
    ("faults", "complaint"),
    [
        ({"kinds": ["418"]}, "'418' is no kind of fault; there are latency, drop_before"),
        ({"system": "hubspot"}, "'hubspot' is no system"),
        ({"share": 2}, "$.share"),
        ({"plan": [{"kind": "500"}]}, "missing required field `path`"),
        ({"strength": 1}, "unknown field `strength`"),
    ],
)
def test_an_order_that_cannot_be_obeyed_is_refused_in_one_sentence(
    sandbox: ServedSandbox, faults: dict[str, Any], complaint: str
) -> None:
    answer = sandbox.post("/_sandbox/faults", json=faults)

    assert answer.status_code == 400
    assert complaint in answer.json()["error"]
