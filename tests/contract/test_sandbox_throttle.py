"""The vendor's limits on request: a client that asks too much is told so, and let in again."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from q2c_pipeline.core.tokens import TokenStore
from q2c_pipeline.defs.accounting.quickbooks.client import QuickBooksClient as OurClient
from q2c_pipeline.defs.accounting.quickbooks.objects import SETTINGS
from q2c_pipeline.defs.accounting.quickbooks.sign_in import QuickBooksAccess
from q2c_pipeline.sandbox.throttle import Limits, RealmLimits, Throttle
from tests.contract.conftest import Serve, ServedSandbox
from tests.contract.quickbooks_world import QuickBooksClient, fault, write_company

REALMS = ("101", "102")


@pytest.fixture(scope="module")
def sandbox(serve_for_module: Serve, tmp_path_factory: pytest.TempPathFactory) -> ServedSandbox:
    folder = tmp_path_factory.mktemp("company") / "company"
    lists: dict[str, list[Any] | str] = {f"quickbooks/{realm}/Customer": [] for realm in REALMS}
    return serve_for_module(write_company(folder, lists))


@pytest.fixture(scope="module")
def clients(sandbox: ServedSandbox) -> list[QuickBooksClient]:
    return [QuickBooksClient.sign_in(sandbox, realm) for realm in REALMS]


@pytest.fixture(autouse=True)
def unlimited_afterwards(sandbox: ServedSandbox) -> Iterator[None]:
    yield
    sandbox.post("/_sandbox/throttle", json={})
    sandbox.client.delete(sandbox.url + "/_sandbox/faults")


def limit(sandbox: ServedSandbox, **limits: int) -> None:
    answer = sandbox.post("/_sandbox/throttle", json={"quickbooks": limits})
    assert answer.status_code == 200, answer.text


def statuses(client: QuickBooksClient, asked: int) -> list[int]:
    return [client.get("preferences").status_code for _ in range(asked)]


def test_without_an_order_nothing_is_limited(clients: list[QuickBooksClient]) -> None:
    assert set(statuses(clients[0], 30)) == {200}


def test_too_many_requests_meet_the_vendors_refusal(
    sandbox: ServedSandbox, clients: list[QuickBooksClient]
) -> None:
    limit(sandbox, per_minute=3)

    assert statuses(clients[0], 3) == [200, 200, 200]
    refused = clients[0].get("preferences")

    assert refused.status_code == 429
    assert fault(refused)[0] == "003001"
    assert sandbox.get("/_sandbox/throttle").json()["refused"] == 1


def test_limits_hold_for_each_realm_on_its_own_and_not_for_signing_in(
    sandbox: ServedSandbox, clients: list[QuickBooksClient]
) -> None:
    limit(sandbox, per_minute=1)

    assert [statuses(client, 2) for client in clients] == [[200, 429], [200, 429]]
    assert QuickBooksClient.sign_in(sandbox, REALMS[0]).access_token


def test_the_batch_address_has_a_limit_besides(
    sandbox: ServedSandbox, clients: list[QuickBooksClient]
) -> None:
    limit(sandbox, batch_per_minute=2)
    batch = {"BatchItemRequest": [{"bId": "1", "Query": "SELECT * FROM Customer"}]}

    answers = [clients[0].post("batch", batch).status_code for _ in range(3)]

    assert answers[2] == 429
    assert 429 not in answers[:2]
    assert statuses(clients[0], 2) == [200, 200]


def test_requests_under_way_count_until_they_are_answered(
    sandbox: ServedSandbox, clients: list[QuickBooksClient]
) -> None:
    limit(sandbox, in_flight=2)
    slow = {"share": 1, "kinds": ["latency"], "latency_seconds": 0.5}
    sandbox.post("/_sandbox/faults", json=slow)

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: clients[0].get("preferences").status_code, range(4)))
    sandbox.client.delete(sandbox.url + "/_sandbox/faults")

    assert sorted(found) == [200, 200, 429, 429]
    assert statuses(clients[0], 1) == [200]


def test_a_second_is_over_after_a_second() -> None:
    moments = iter([0.0] * 15 + [0.999] * 15 + [1.0] * 15 + [1.5] * 15 + [2.0] * 15)
    throttle = Throttle(monotonic_seconds=lambda: next(moments))
    throttle.limit(Limits(quickbooks=RealmLimits(per_second=10, per_minute=500)))

    def is_admitted() -> bool:
        with throttle.turn("1", is_batch=False) as admitted:
            return admitted

    admissions = [sum(is_admitted() for _ in range(15)) for _ in range(5)]

    assert admissions == [10, 0, 10, 0, 10]


def test_our_own_client_keeps_inside_the_vendors_limits(
    sandbox: ServedSandbox, tmp_path: Path
) -> None:
    settings = sandbox.settings
    access = QuickBooksAccess(
        base_url=settings["QBO_BASE_URL"],
        token_url=settings["QBO_TOKEN_URL"],
        realm=REALMS[0],
        client_id=settings["QBO_CLIENT_ID"],
        client_secret=settings["QBO_CLIENT_SECRET"],
        refresh_token=settings[f"QBO_REFRESH_TOKEN_{REALMS[0]}"],
    )
    limit(sandbox, per_second=10, per_minute=500, in_flight=10)

    with (
        OurClient(access, TokenStore(tmp_path / "tokens")) as client,
        ThreadPoolExecutor(20) as pool,
    ):
        counts = list(pool.map(lambda _: client.count(SETTINGS[0]), range(30)))

    assert set(counts) == {1}
    assert sandbox.get("/_sandbox/throttle").json()["refused"] == 0


def test_an_unknown_limit_is_refused(sandbox: ServedSandbox) -> None:
    answer = sandbox.post("/_sandbox/throttle", json={"quickbooks": {"per_hour": 1}})

    assert answer.status_code == 400
    assert "per_hour" in answer.json()["error"]
