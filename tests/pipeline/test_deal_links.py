"""Which invoice bills which deal: what the models say, beside what the company was made with."""

from pathlib import Path
from typing import NamedTuple

import duckdb
import pytest

from q2c_pipeline.sandbox.generate import generate
from tests.pipeline.conftest import PublishedHome, give_company, run_q2c

SEEDS = (1, 2, 3, 7)
SIZES = (300, 3_000)
RECALL_MIN, PRECISION_MIN = 0.99, 0.995
#: Without any evidence, likeness alone finds at least this share.
RECALL_BY_LIKENESS_MIN = 0.95
KINDS_OF_EVIDENCE = {
    "stored_id": {"stored_id"},
    "estimate": {"estimate"},
    "document_number": {"document_number"},
    # A number that a customer uses again leaves the choice to likeness.
    "purchase_order": {"purchase_order", "scored"},
    "none": {"scored"},
}


class Found(NamedTuple):
    """Links by the truth's evidence (None: there is no such link) and the kind that found them."""

    links: dict[tuple[str | None, str | None], int]

    def number(self, *, is_true: bool | None = None, is_found: bool | None = None) -> int:
        return sum(
            count
            for (evidence, kind), count in self.links.items()
            if is_true in (None, evidence is not None) and is_found in (None, kind is not None)
        )

    def recall(self, evidence: str) -> float:
        of_evidence = {kind: n for (own, kind), n in self.links.items() if own == evidence}
        return 1 - of_evidence.get(None, 0) / sum(of_evidence.values())


def links(home: Path, company: Path) -> Found:
    with duckdb.connect(str(home / "marts.duckdb"), read_only=True) as connection:
        rows = connection.execute(
            """
            with truth as (
                select opportunity_id as deal_id, invoice_id, evidence
                from read_csv(?, all_varchar = true)
            ),
            ours as (
                select deal_id, invoice_id, link_kind
                from revenue.deal_links
                where verdict = 'accepted'
            )
            select truth.evidence, ours.link_kind, count(*)
            from truth
            full join ours using (deal_id, invoice_id)
            group by all
            """,
            [str(company / "answers" / "links.csv")],
        ).fetchall()
    return Found({(evidence, kind): count for evidence, kind, count in rows})


def judge(found: Found) -> None:
    right = found.number(is_true=True, is_found=True)
    assert right / found.number(is_true=True) >= RECALL_MIN
    assert right / found.number(is_found=True) >= PRECISION_MIN
    for (evidence, kind), count in found.links.items():
        if evidence is not None and kind is not None:
            assert kind in KINDS_OF_EVIDENCE[evidence], (evidence, kind, count)
    for evidence in ("stored_id", "estimate", "document_number"):
        assert found.recall(evidence) == 1
    assert found.recall("none") >= RECALL_BY_LIKENESS_MIN


def test_links_of_the_made_up_company_are_found(
    published_home: PublishedHome, small_company: Path
) -> None:
    judge(links(published_home.folder, small_company))


def test_what_is_not_linked_is_in_doubt_or_belongs_to_no_deal(
    published_home: PublishedHome, small_company: Path
) -> None:
    with duckdb.connect(str(published_home.folder / "marts.duckdb"), read_only=True) as connection:
        unexplained = connection.execute(
            """
            select invoice_id
            from revenue.deal_links
            where verdict = 'ambiguous' and invoice_id not in (
                select invoice_id from revenue.deal_links where verdict = 'accepted'
            )
            except
            select subject_id from controls.exceptions where type = 'deal_link_ambiguous'
            """
        ).fetchall()
        without_a_reason = connection.execute(
            "select count(*) from revenue.deal_links where trim(reason) = ''"
        ).fetchall()

    assert unexplained == []
    assert without_a_reason == [(0,)]


@pytest.fixture(params=[(seed, size) for size in SIZES for seed in SEEDS], ids=str)
def judged_company(
    request: pytest.FixtureRequest, tmp_path: Path, is_whole_proof: bool
) -> tuple[Path, Path]:
    """A home that was published from a company of some seed and size, and that company."""
    if not is_whole_proof:
        pytest.skip("eight companies for one rule: `make prove` has the time")
    seed, size = request.param
    home, company = tmp_path / "home", tmp_path / "company"
    generate(company, seed=seed, invoices=size)
    give_company(home, company)
    ran = run_q2c(home, "run")
    assert ran.returncode == 0, ran.stderr
    return home, company


@pytest.mark.prove
def test_links_of_any_company_are_found(judged_company: tuple[Path, Path]) -> None:
    judge(links(*judged_company))
