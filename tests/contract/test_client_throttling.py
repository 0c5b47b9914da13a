"""The client's pacing against the vendor's throttling, with clocks that run."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from q2c_pipeline.core.pacing import Pacer
from q2c_pipeline.core.retries import RetryPolicy
from q2c_pipeline.core.tokens import TokenStore
from q2c_pipeline.defs.accounting.quickbooks.client import QuickBooksClient
from q2c_pipeline.defs.accounting.quickbooks.objects import SETTINGS
from q2c_pipeline.defs.accounting.quickbooks.sign_in import QuickBooksAccess
from tests.contract.conftest import Serve, ServedSandbox
from tests.contract.quickbooks_world import record, write_company

THREADS = 8
REST_SECONDS = 1.5


@pytest.fixture
def sandbox(serve: Serve, tmp_path: Path) -> ServedSandbox:
    customers = [record("1", DisplayName="Odden")]
    return serve(write_company(tmp_path / "company", {"quickbooks/Customer": customers}))


def calls_for(
    sandbox: ServedSandbox, folder: Path, requests: int, pacer: Pacer | None = None
) -> int:
    """How many calls it takes eight threads to be answered so often."""
    settings = sandbox.settings
    access = QuickBooksAccess(
        base_url=settings["QBO_BASE_URL"],
        token_url=settings["QBO_TOKEN_URL"],
        realm=settings["QBO_REALM_ID"],
        client_id=settings["QBO_CLIENT_ID"],
        client_secret=settings["QBO_CLIENT_SECRET"],
        refresh_token=settings["QBO_REFRESH_TOKEN"],
    )
    retry = RetryPolicy(throttled_seconds=REST_SECONDS, first_wait_seconds=0.1)
    with (
        QuickBooksClient(access, TokenStore(folder), retry=retry, pacer=pacer) as client,
        ThreadPoolExecutor(THREADS) as threads,
    ):
        list(threads.map(lambda _: client.setting(SETTINGS[0]), range(requests)))
        return client.api.calls


def test_the_client_as_it_comes_is_never_throttled(sandbox: ServedSandbox, tmp_path: Path) -> None:
    limits = {"per_second": 10, "per_minute": 500, "in_flight": 10, "batch_per_minute": 120}
    assert sandbox.post("/_sandbox/throttle", json={"quickbooks": limits}).is_success

    assert calls_for(sandbox, tmp_path, requests=40) == 40


def test_threads_that_share_a_realm_rest_together_once_one_is_throttled(
    sandbox: ServedSandbox, tmp_path: Path
) -> None:
    limits = {"per_second": 10, "per_minute": 500, "in_flight": 10, "batch_per_minute": 120}
    assert sandbox.post("/_sandbox/throttle", json={"quickbooks": limits}).is_success
    hasty = Pacer(per_second=1000, per_minute=60_000, in_flight=THREADS)

    calls = calls_for(sandbox, tmp_path, requests=30, pacer=hasty)

    refused_together = calls - 30
    assert 1 <= refused_together <= 3 * THREADS
