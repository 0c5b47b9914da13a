"""`benchmarks/extract.py` on few invoices: every way lands the same ones, every figure is there."""

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.conftest import PROJECT_ROOT

INVOICES = 1_200
"""More than a page, so that pages have to fit together."""
BENCHMARK_SECONDS_MAX = 300
COMPARED = re.compile(
    r"\| (?P<way>[^|]+) \| (?P<invoices>[\d,]+) \| [\d.,]+ \| (?P<rate>[\d,]+)"
    r" \| (?P<processor>[\d.,]+) \| (?P<memory>[\d,]+) \| [\d,]+% \| [\d.–]+ \|"
)
GROWN = re.compile(r"^\| (?P<invoices>[\d,]+) \| [\d.,]+ \| [\d,]+ \|$", re.MULTILINE)


@pytest.mark.skipif("not config.getoption('--prove')", reason="many processes: `make prove`")
@pytest.mark.prove
def test_every_way_lands_the_same_invoices_and_leaves_nothing_behind(tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()

    ended = subprocess.run(
        [sys.executable, "benchmarks/extract.py", "--invoices", str(INVOICES), "--runs", "1"],
        env={"PATH": "/usr/bin:/bin", "TMPDIR": str(scratch), "HOME": str(scratch)},
        capture_output=True,
        text=True,
        timeout=BENCHMARK_SECONDS_MAX,
        cwd=PROJECT_ROOT,
    )

    assert ended.returncode == 0, ended.stderr
    compared = {row["way"]: row for row in COMPARED.finditer(ended.stdout)}
    beside = ["dlt, tuned", "dlt, its defaults"] if find_spec("dlt") else []
    assert list(compared) == ["bare path", "this pipeline", *beside]
    assert all(int(row["rate"].replace(",", "")) > 0 for row in compared.values())
    assert all(float(row["processor"].replace(",", "")) > 0 for row in compared.values())
    assert GROWN.findall(ended.stdout) == ["300", "600", "1,200", "2,400"]
    assert "At the vendor's pace, 150 ms a request: 1,200 invoices" in ended.stdout
    assert list(scratch.iterdir()) == []
