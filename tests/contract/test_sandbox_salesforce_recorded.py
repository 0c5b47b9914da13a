"""Exchanges recorded at Salesforce, repeated: the sandbox answers as the vendor did.

A field that differs is mended in the sandbox or listed, with its reason, in ``KNOWN_DIFFERENCES``,
which the page about the sandbox shows.
"""

import json

import pytest

from tests.conftest import PROJECT_ROOT, SHARED_DATA
from tests.contract.salesforce_recordings import (
    KNOWN_DIFFERENCES,
    LOCATOR,
    Exchange,
    differing_paths,
    exchanges,
    matches,
    records_before,
)
from tests.contract.salesforce_world import NOON, SalesforceWorld, salesforce_world

RECORDINGS = SHARED_DATA / "recordings" / "salesforce_http"
RECORDED_DAILY_CALLS = 15_000

Differing = dict[str, set[str]]


@pytest.fixture(scope="module")
def differing(tmp_path_factory: pytest.TempPathFactory) -> Differing:
    """Per recording the paths that differ; each is repeated in an organisation of its own."""
    if not RECORDINGS.is_dir():
        pytest.skip(f"the recorded exchanges are not here ({RECORDINGS})")
    recorded = list(exchanges(RECORDINGS))
    (exemplar,) = [each.answer for each in recorded if each.recording == "get-record"]
    rules = {"daily_api_requests": RECORDED_DAILY_CALLS}
    folder = tmp_path_factory.mktemp("company")
    (folder / "company.json").write_text(json.dumps({"salesforce": rules}), encoding="utf-8")
    found: Differing = {}
    for exchange in recorded:
        with salesforce_world(folder) as organisation:
            organisation.advance(seconds=(exchange.recorded_at - NOON).total_seconds())
            for name, records in records_before(exchange, exemplar).items():
                organisation.load(name, records)
            organisation.sign_in()
            found[exchange.recording] = repeated(organisation, exchange)
    return found


def repeated(organisation: SalesforceWorld, exchange: Exchange) -> set[str]:
    """The paths in which the organisation's answer differs from the recorded one."""
    path = exchange.path
    if LOCATOR.search(path):
        root = path.partition("/query/")[0]
        first = {"q": "SELECT Id, Name FROM Account"}
        page = organisation.http.get(f"{root}/query", params=first).json()
        path = page["nextRecordsUrl"]
    answer = organisation.http.request(
        exchange.method,
        path,
        params=exchange.parameters or None,
        content=None if exchange.body is None else json.dumps(exchange.body),
    )
    shown = answer.json() if answer.content else ""
    return differing_paths(exchange, answer.status_code, answer.headers, shown)


def test_all_recorded_exchanges_are_repeated(differing: Differing) -> None:
    assert len(differing) >= 12


def test_every_difference_is_listed(differing: Differing) -> None:
    unlisted = [
        f"{recording}: {path}"
        for recording, paths in differing.items()
        for path in sorted(paths)
        if not any(known.covers(recording, path) for known in KNOWN_DIFFERENCES)
    ]
    assert unlisted == []


@pytest.mark.parametrize(
    ("recording", "pattern"),
    [(known.recording, pattern) for known in KNOWN_DIFFERENCES for pattern in known.spelt_out()],
)
def test_every_listed_difference_is_still_there(
    differing: Differing, recording: str, pattern: str
) -> None:
    assert any(matches(pattern, path) for path in differing[recording])


def test_the_page_shows_every_listed_difference() -> None:
    page = (PROJECT_ROOT / "docs" / "sandbox.md").read_text(encoding="utf-8")
    section = page.partition("## Known differences from recorded answers")[2].partition("\n## ")[0]
    for known in KNOWN_DIFFERENCES:
        assert f"| Salesforce `{known.recording}` | `{known.path}` | {known.reason} |" in section
