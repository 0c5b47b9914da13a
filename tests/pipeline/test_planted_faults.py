"""Whatever people and vendors do between two runs, the next one finds it; the proof in numbers."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from itertools import count
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest

from q2c_pipeline.core.pacing import Pacer
from q2c_pipeline.core.retries import RetryPolicy
from q2c_pipeline.core.tokens import TokenStore
from q2c_pipeline.core.warehouse import RawStore
from q2c_pipeline.defs.accounting.quickbooks.client import QuickBooksClient
from q2c_pipeline.defs.accounting.quickbooks.extract import extract_quickbooks
from q2c_pipeline.defs.accounting.quickbooks.objects import TABLES as QUICKBOOKS_TABLES
from q2c_pipeline.defs.accounting.quickbooks.sign_in import QuickBooksAccess
from q2c_pipeline.defs.crm.salesforce.client import SalesforceClient
from q2c_pipeline.defs.crm.salesforce.extract import extract_salesforce
from q2c_pipeline.defs.crm.salesforce.objects import TABLES as SALESFORCE_TABLES
from q2c_pipeline.defs.crm.salesforce.sign_in import SalesforceAccess
from tests.contract.conftest import ServedSandbox
from tests.planted_faults.company import make_company
from tests.planted_faults.door import Door, door_before
from tests.planted_faults.fault import Outcome, Tally, lines_of
from tests.planted_faults.proof import Proof
from tests.planted_faults.quickbooks_desk import TABLES as QUICKBOOKS
from tests.planted_faults.quickbooks_desk import QuickBooksDesk
from tests.planted_faults.quickbooks_nights import quickbooks_nights
from tests.planted_faults.salesforce_desk import TABLES as SALESFORCE
from tests.planted_faults.salesforce_desk import SalesforceDesk
from tests.planted_faults.salesforce_nights import salesforce_nights

SEED = 11
REPORTED_ON = date(2024, 1, 31)
"""Early in the books, for control reports are not the subject, and later there are many."""
FAULTS_WHOLE_MIN = 500
SLOWER_KINDS = {"edited without a stamp", "purged from a quiet list"}
"""What no change tells of: the vendor has to be asked for everything, or to count."""


class Size(NamedTuple):
    """``struck``: how many records of each object a kind of fault strikes in a round."""

    rounds: int
    struck: int
    estimates: int


WHOLE, SAMPLE = Size(rounds=2, struck=3, estimates=2_300), Size(rounds=1, struck=1, estimates=1_200)


@pytest.fixture
def size(is_whole_proof: bool) -> Size:
    return WHOLE if is_whole_proof else SAMPLE


@pytest.fixture
def sandbox(tmp_path: Path, size: Size) -> Iterator[ServedSandbox]:
    company = make_company(tmp_path / "company", estimates=size.estimates)
    served = ServedSandbox(company, tmp_path / "sandbox.env")
    served.start()
    yield served
    served.client.close()
    served.stop()


@pytest.fixture
def door(sandbox: ServedSandbox) -> Iterator[Door]:
    with door_before(sandbox.url) as door:
        yield door


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    return tmp_path / "raw.duckdb"


@pytest.fixture
def read_quickbooks(sandbox: ServedSandbox, door: Door, raw: Path) -> Callable[[], object]:
    settings = sandbox.settings
    access = QuickBooksAccess(
        base_url=door.url,
        token_url=settings["QBO_TOKEN_URL"].replace(sandbox.url, door.url),
        realm=settings["QBO_REALM_ID"],
        client_id=settings["QBO_CLIENT_ID"],
        client_secret=settings["QBO_CLIENT_SECRET"],
        refresh_token=settings["QBO_REFRESH_TOKEN"],
    )
    tokens, numbers = TokenStore(raw.parent / "tokens"), count(1)

    def read() -> None:
        with (
            QuickBooksClient(access, tokens, pacer=unhurried_by_limits()) as client,
            RawStore(raw) as store,
        ):
            store.prepare({"quickbooks": QUICKBOOKS_TABLES})
            extract_quickbooks(
                store,
                client,
                run_id=f"quickbooks {next(numbers)}",
                as_of=REPORTED_ON,
                time_zone=None,
                progress=lambda line: None,
            )

    return read


@pytest.fixture
def read_salesforce(sandbox: ServedSandbox, door: Door, raw: Path) -> Callable[[], object]:
    settings = sandbox.settings
    access = SalesforceAccess(
        login_url=door.url,
        client_id=settings["SALESFORCE_CLIENT_ID"],
        client_secret=settings["SALESFORCE_CLIENT_SECRET"],
        api_version=settings["SALESFORCE_API_VERSION"],
    )
    numbers = count(1)

    def read() -> None:
        retry = RetryPolicy(first_wait_seconds=0.01)
        with (
            SalesforceClient(access, pacer=unhurried_by_limits(), retry=retry) as client,
            RawStore(raw) as store,
        ):
            store.prepare({"salesforce": SALESFORCE_TABLES})
            extract_salesforce(
                store,
                client,
                run_id=f"salesforce {next(numbers)}",
                as_of=REPORTED_ON,
                time_zone=None,
                progress=lambda line: None,
            )

    return read


def unhurried_by_limits() -> Pacer:
    """The sandbox has none unless it is told to; the pacer's own tests prove the waiting."""
    return Pacer(per_second=10_000, per_minute=600_000, in_flight=8)


@pytest.mark.prove
def test_every_planted_fault_is_repaired(
    sandbox: ServedSandbox,
    door: Door,
    raw: Path,
    read_quickbooks: Callable[[], object],
    read_salesforce: Callable[[], object],
    size: Size,
    is_whole_proof: bool,
) -> None:
    tally: Tally = Counter()
    random = Random(SEED)
    books, crm = QuickBooksDesk(sandbox), SalesforceDesk(sandbox)
    quickbooks = Proof("quickbooks", QUICKBOOKS, books, door, raw, read_quickbooks, random, tally)
    salesforce = Proof("salesforce", SALESFORCE, crm, door, raw, read_salesforce, random, tally)

    quickbooks.begin()
    for _ in range(size.rounds):
        quickbooks_nights(quickbooks, books, size.struck)
    salesforce.begin()
    for _ in range(size.rounds):
        salesforce_nights(salesforce, crm, size.struck)

    print("", *lines_of(tally), sep="\n")
    assert quickbooks.misses + salesforce.misses == []
    assert {kind for kind, _, found in tally if found is not Outcome.NEXT_RUN} <= SLOWER_KINDS
    assert sum(tally.values()) >= (FAULTS_WHOLE_MIN if is_whole_proof else 1)
