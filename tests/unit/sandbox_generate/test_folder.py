import json
import subprocess
import sys
from pathlib import Path

import pytest

from q2c_pipeline.core.errors import ConfigurationError
from q2c_pipeline.sandbox.generate import generate


def _bytes(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_same_seed_and_size_give_the_same_bytes_in_any_process(tmp_path: Path) -> None:
    generate(tmp_path / "one", seed=5, invoices=300)
    program = (
        "import sys; from pathlib import Path; from q2c_pipeline.sandbox.generate import generate;"
        "generate(Path(sys.argv[1]), seed=5, invoices=300)"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path / "two")], check=True)
    assert _bytes(tmp_path / "one") == _bytes(tmp_path / "two")


def test_another_seed_gives_other_books(tmp_path: Path) -> None:
    generate(tmp_path / "one", seed=5, invoices=300)
    generate(tmp_path / "two", seed=6, invoices=300)
    one, two = _bytes(tmp_path / "one"), _bytes(tmp_path / "two")
    assert one.keys() == two.keys()
    for name in ("quickbooks/Invoice.json", "salesforce/Opportunity.json"):
        assert one[name] != two[name]


@pytest.mark.parametrize("invoices", [300, 650, 2000])
def test_as_many_invoices_as_asked_for_and_those_that_look_alike(
    tmp_path: Path, invoices: int
) -> None:
    generate(tmp_path / "company", invoices=invoices)
    records = json.loads((tmp_path / "company/quickbooks/Invoice.json").read_text("utf-8"))
    summary = json.loads((tmp_path / "company/answers/summary.json").read_text("utf-8"))
    alike, of_lookalikes = (
        summary["planted"][kind] for kind in ("invoice_alike", "billed_to_lookalike")
    )
    assert alike == 1
    assert of_lookalikes > 0
    written = sum("status" not in record for record in records)
    assert written == invoices + alike + of_lookalikes


@pytest.mark.parametrize("invoices", [299, 1_000_001])
def test_a_size_out_of_bounds_is_refused_with_the_bounds(tmp_path: Path, invoices: int) -> None:
    with pytest.raises(ConfigurationError, match="from 300 to 1000000"):
        generate(tmp_path / "company", invoices=invoices)
    assert not (tmp_path / "company").exists()


def test_a_folder_in_use_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep")
    with pytest.raises(ConfigurationError, match="not empty"):
        generate(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_file_in_the_way_is_refused(tmp_path: Path) -> None:
    (tmp_path / "company").write_text("keep")
    with pytest.raises(ConfigurationError, match="is a file"):
        generate(tmp_path / "company")


def test_a_parent_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match=r"file.company"):
        generate(tmp_path / "file" / "company", invoices=300)


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    generate(tmp_path, invoices=300)
    assert (tmp_path / "company.json").is_file()


def test_an_interrupted_generation_leaves_nothing_behind(tmp_path: Path) -> None:
    def stop(part: str, done: int, total: int) -> None:
        if part == "salesforce/Account":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        generate(tmp_path / "company", invoices=300, progress=stop)
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_generation_left_is_cleared_by_the_next(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    left = tmp_path / f".company.{dead.pid}.growing"
    left.mkdir()
    (left / "half.json").write_text("[")
    generate(tmp_path / "company", invoices=300)
    assert [path.name for path in tmp_path.iterdir()] == ["company"]


def test_progress_counts_every_part_to_the_end(tmp_path: Path) -> None:
    heard: list[tuple[str, int, int]] = []
    generate(tmp_path / "company", invoices=300, progress=lambda *told: heard.append(told))
    assert [done for _, done, _ in heard] == list(range(len(heard)))
    assert {total for *_, total in heard} == {len(heard) - 1}
    assert heard[0][0] == "books"
    assert heard[-1][0] == "done"


def test_the_company_says_who_it_is(tmp_path: Path) -> None:
    generate(tmp_path / "company", invoices=300)
    company = json.loads((tmp_path / "company/company.json").read_text("utf-8"))
    assert company["clock"] == "2026-07-02T09:00:00-04:00"
    assert company["time_zone"] == "America/New_York"
    assert company["home_currency"] == "USD"
    assert company["realm_id"] != "4620816365000000001"
    assert len(company["organisation_id"]) == 18
