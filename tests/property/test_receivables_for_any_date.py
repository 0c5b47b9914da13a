"""For any company and any date our receivables are QuickBooks' own, to the cent.

Many made-up companies are built side by side, as they became known night by night, and served by
a sandbox whose bookkeeping knows nothing of our SQL. In transaction currency nothing may differ,
for any customer, currency or bucket; in home currency a cent per application of a foreign document
may.
"""

import json
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import duckdb
import pytest

from tests.golden.models import build_models
from tests.golden.raw_company import Company, write_raw
from tests.pipeline.conftest import serving
from tests.property.books.company import known_by, latest, made_up_books
from tests.property.books.desk import FAR_FUTURE, LONG_AGO
from tests.property.books.lists import HOME_CURRENCY
from tests.property.books.wire import Records
from tests.property.served_reports import ReportedDocument, Reports, reports_of

SAMPLE_SIZE = 24, 4, 1
PROOF_SIZE = 96, 12, 3
"""Companies, dates of each, and nights in which the books were read."""
PROOF_PAIRS_MIN = 1_000
FIRST_REALM = 1001
AS_OF_DATE = "2026-06-30"
MONTH_ENDS = [date(2025, month, 1) - timedelta(days=1) for month in (10, 11, 12)]
MONTH_ENDS += [date(2026, month, 1) - timedelta(days=1) for month in range(1, 8)]
OTHER_DATES = [
    date.fromisoformat(AS_OF_DATE),
    date(2026, 1, 1),
    date(2026, 4, 1),
    date(2027, 2, 28),
    LONG_AGO,
    FAR_FUTURE,
]
CENT = Decimal("0.01")
OPEN_ITEMS = """
    select
        entity, customer_id, currency, bucket, open_amount, open_amount_home, application_count
    from finance.ar_open_items_as_of(date '{day}')
    where entity in {entities}
"""

Sums = dict[tuple[str, str, str], Decimal]
"""By customer, currency and bucket."""


class OpenItem(NamedTuple):
    customer_id: str
    currency: str
    bucket: str
    open_amount: Decimal
    open_amount_home: Decimal
    application_count: int


class Proof(NamedTuple):
    """``pairs`` are (company, date) with what we say is open then."""

    pairs: dict[tuple[str, date], list[OpenItem]]
    reports: Reports


@pytest.fixture(scope="module")
def proof(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Proof]:
    is_whole = request.config.getoption("--prove")
    companies, dates, nights = PROOF_SIZE if is_whole else SAMPLE_SIZE
    home = tmp_path_factory.mktemp("any date")
    books = {str(FIRST_REALM + seed): made_up_books(seed) for seed in range(companies)}
    for night in range(nights):
        (home / "raw.duckdb").unlink(missing_ok=True)
        known = {entity: known_by(night, nights, records) for entity, records in books.items()}
        companies_read = [Company(entity, records) for entity, records in known.items()]
        write_raw(home / "raw.duckdb", companies_read, as_of_date=AS_OF_DATE)
        build_models(home, "+ar_open_items_as_of", as_of_date=AS_OF_DATE)
    pairs = [
        (entity, day)
        for entity, records in books.items()
        for day in _dates(random.Random(entity), records, dates)
    ]
    with (
        serving(_company_folder(home / "company", books), home / "sandbox.env") as settings,
        reports_of(settings) as reports,
    ):
        yield Proof(_open_items(home / "warehouse.duckdb", pairs), reports)


def _company_folder(folder: Path, books: dict[str, Records]) -> Path:
    for entity, records in books.items():
        realm = folder / "quickbooks" / entity
        realm.mkdir(parents=True)
        for vendor_object, rows in latest(records).items():
            (realm / f"{vendor_object}.json").write_text(json.dumps(rows))
    company = {"clock": f"{AS_OF_DATE}T12:00:00-07:00", "home_currency": HOME_CURRENCY}
    (folder / "company.json").write_text(json.dumps(company))
    return folder


def _dates(chance: random.Random, records: Records, wanted: int) -> list[date]:
    """Month-ends, quarter days, today, far ahead, and days on or beside what happened."""
    events = {
        date.fromisoformat(record[field])
        for versions in records.values()
        for record in versions
        for field in ("TxnDate", "DueDate")
        if field in record
    }
    beside = sorted(
        day + timedelta(days=days)
        for day in events
        for days in (-1, 0, 1, 30, 31, 60, 61, 90, 91)
        if day + timedelta(days=days) <= FAR_FUTURE
    )
    chosen = {chance.choice(MONTH_ENDS), chance.choice(OTHER_DATES)}
    while len(chosen) < wanted:
        chosen.add(chance.choice(beside))
    return sorted(chosen)


def _open_items(
    warehouse: Path, pairs: list[tuple[str, date]]
) -> dict[tuple[str, date], list[OpenItem]]:
    found: dict[tuple[str, date], list[OpenItem]] = {pair: [] for pair in pairs}
    entities: dict[date, list[str]] = defaultdict(list)
    for entity, day in pairs:
        entities[day].append(entity)
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        for day, asked in entities.items():
            rows = connection.execute(OPEN_ITEMS.format(day=day, entities=asked)).fetchall()
            for entity, *item in rows:
                found[entity, day].append(OpenItem(*item))
    return found


@pytest.mark.prove
def test_receivables_are_those_of_quickbooks_at_any_date(
    proof: Proof, is_whole_proof: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    figures: Counter[str] = Counter()
    differences: list[str] = []
    for (entity, day), ours in proof.pairs.items():
        theirs = proof.reports.open_documents(entity, day, home=HOME_CURRENCY)
        our_sums, their_sums = _by_bucket(ours), _by_bucket(theirs)
        figures["pairs"] += 1
        figures["customers"] += len({key[:2] for key in their_sums})
        figures["buckets"] += len(their_sums)
        figures["documents"] += len(theirs)
        figures["cents"] += sum(int(abs(amount) * 100) for amount in their_sums.values())
        differences += [
            f"{entity} on {day}, {key}: ours {our_sums[key]}, theirs {their_sums[key]}"
            for key in sorted(our_sums.keys() | their_sums.keys())
            if our_sums[key] != their_sums[key]
        ]
        differences += _differences_at_home(proof.reports, entity, day, ours)
    with capsys.disabled():
        print("\n" + ", ".join(f"{count:,} {name}" for name, count in figures.items()))
    assert not differences, "\n".join([f"{len(differences)} differences", *differences[:40]])
    assert not is_whole_proof or figures["pairs"] >= PROOF_PAIRS_MIN


def _by_bucket(items: Iterable[OpenItem | ReportedDocument]) -> Sums:
    sums: Sums = defaultdict(Decimal)
    for item in items:
        sums[item.customer_id, item.currency, item.bucket] += item.open_amount
    return defaultdict(Decimal, {key: amount for key, amount in sums.items() if amount})


def _differences_at_home(
    reports: Reports, entity: str, day: date, items: list[OpenItem]
) -> Iterator[str]:
    """Beyond a cent for each application of a foreign document that is in the figure."""
    theirs = reports.home_buckets(entity, day)
    ours: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    allowed: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for item in items:
        key = item.customer_id, item.bucket
        ours[key] += item.open_amount_home
        if item.currency != HOME_CURRENCY:
            allowed[key] += CENT * item.application_count
    for key in sorted(ours.keys() | theirs.keys()):
        if abs(ours[key] - theirs.get(key, 0)) > allowed[key]:
            yield f"{entity} on {day}, {key} at home: ours {ours[key]}, theirs {theirs.get(key)}"
    total, control = sum(ours.values()), reports.control_accounts(entity, day)
    if abs(total - control) > sum(allowed.values()):
        yield f"{entity} on {day}, control accounts: ours {total}, theirs {control}"
    if sum(theirs.values()) != control:
        yield f"{entity} on {day}: its ageing report says {sum(theirs.values())}, not {control}"
