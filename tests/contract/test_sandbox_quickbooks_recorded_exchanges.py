"""Exchanges recorded at QuickBooks, repeated: the sandbox answers as the vendor did.

A field that differs is mended in the sandbox or listed, with its reason, in ``KNOWN_DIFFERENCES``,
which the page about the sandbox shows.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
import pytest

from tests.conftest import PROJECT_ROOT, SHARED_DATA
from tests.contract.conftest import Serve, ServedSandbox
from tests.contract.quickbooks_recordings import (
    COMPANY_PLACEHOLDER,
    KNOWN_DIFFERENCES,
    Difference,
    Exchange,
    company_before,
    differing_paths,
    exchanges,
    reasons,
)
from tests.contract.quickbooks_world import QuickBooksClient, write_company

RECORDINGS = SHARED_DATA / "recordings" / "quickbooks_http"
EXPIRED_TOKEN = "AB01601390262kxzxOlnHYdhtEVRXISU7piPqQrCmmbDN35Yjd"
"""The end of a dead token, which the recorded refusal echoes."""

EXACT = msgspec.json.Encoder(decimal_format="number")

Differing = dict[Exchange, set[str]]


@pytest.fixture(scope="module")
def differing(serve_for_module: Serve, tmp_path_factory: pytest.TempPathFactory) -> Differing:
    """Per exchange the paths that differ; each day of recording is a company, each recording a
    realm of it."""
    if not RECORDINGS.is_dir():
        pytest.skip(f"the recorded exchanges are not here ({RECORDINGS})")
    by_day: dict[Any, list[Exchange]] = defaultdict(list)
    for exchange in exchanges(RECORDINGS):
        by_day[exchange.recorded_at.date()].append(exchange)
    found: Differing = {}
    for day, recorded in by_day.items():
        realms = {
            recording: f"9{number:03d}"
            for number, recording in enumerate(sorted({each.recording for each in recorded}))
        }
        lists = {
            f"quickbooks/{realm}/{entity}": EXACT.encode(records).decode()
            for recording, realm in realms.items()
            for entity, records in company_before(RECORDINGS, recording).items()
        }
        start = recorded[0].recorded_at
        folder = tmp_path_factory.mktemp(str(day))
        sandbox = serve_for_module(write_company(folder, lists, clock=start.isoformat()))
        for exchange in recorded:
            found[exchange] = repeated(sandbox, exchange, realms)
    return found


def repeated(sandbox: ServedSandbox, exchange: Exchange, realms: Mapping[str, str]) -> set[str]:
    """The paths in which the sandbox's answer differs from the recorded one."""
    clock = datetime.fromisoformat(sandbox.get("/_sandbox/health").json()["clock"])
    behind = (exchange.recorded_at - clock).total_seconds()
    sandbox.advance(max(0.0, behind))
    realm = realms[exchange.recording]
    client = QuickBooksClient.sign_in(sandbox, realm if len(realms) > 1 else None)
    token = EXPIRED_TOKEN if exchange.status == 401 else client.access_token
    answer = sandbox.client.request(
        exchange.method,
        f"{sandbox.url}/v3/company/{realm}{exchange.path}",
        params=exchange.parameters,
        content=exchange.body,
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    text = answer.text.replace(realm, COMPANY_PLACEHOLDER)
    return differing_paths(exchange, answer.status_code, text)


def test_all_recorded_exchanges_are_repeated(differing: Differing) -> None:
    assert len(differing) >= 51


def test_every_difference_is_listed(differing: Differing) -> None:
    unlisted = [
        f"{exchange.recording} {exchange.method} {exchange.path}: {path}"
        for exchange, paths in differing.items()
        for path in sorted(paths)
        if not reasons(exchange, path)
    ]
    assert unlisted == []


@pytest.mark.parametrize(
    "known", KNOWN_DIFFERENCES, ids=[f"{each.recording} {each.path}" for each in KNOWN_DIFFERENCES]
)
def test_every_listed_difference_is_still_there(differing: Differing, known: Difference) -> None:
    assert any(
        known in reasons(exchange, path) for exchange, paths in differing.items() for path in paths
    )


def test_the_page_shows_every_listed_difference() -> None:
    page = (PROJECT_ROOT / "docs" / "sandbox.md").read_text(encoding="utf-8")
    section = page.partition("## Known differences from recorded answers")[2].partition("\n## ")[0]
    for known in KNOWN_DIFFERENCES:
        assert f"| QuickBooks `{known.recording}` | `{known.path}` | {known.reason} |" in section
