"""`make bench` on a small company: it runs to its end and fills in every line."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import PROJECT_ROOT
from tests.pipeline.conftest import RUN_SECONDS_MAX, SMALL_COMPANY_INVOICES

FIGURES = re.compile(
    r"\| (?P<step>[^|]+) \| (?P<seconds>[\d.,]+) \| [\d.,]+ \| (?P<memory>[\d,]+) \|"
)


@pytest.mark.skipif("not config.getoption('--prove')", reason="two whole runs: `make prove`")
@pytest.mark.prove
def test_the_benchmark_measures_every_step_and_leaves_nothing_behind(tmp_path: Path) -> None:
    table = tmp_path / "table.md"
    scratch = tmp_path / "scratch"
    scratch.mkdir()

    ended = subprocess.run(
        [
            sys.executable,
            "benchmarks/pipeline.py",
            "--invoices",
            str(SMALL_COMPANY_INVOICES),
            "--out",
            str(table),
        ],
        env={"PATH": "/usr/bin:/bin", "TMPDIR": str(scratch), "QBO_REALM_ID": "a real company's"},
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS_MAX,
        cwd=PROJECT_ROOT,
    )

    assert ended.returncode == 0, ended.stderr
    figures = [found.groupdict() for found in FIGURES.finditer(ended.stdout)]
    assert [row["step"] for row in figures] == [
        "bare DuckDB query (baseline)",
        "generate the company",
        "first run",
        "– extract",
        "– build",
        "– publish",
        "idle run",
    ]
    seconds = {row["step"]: float(row["seconds"].replace(",", "")) for row in figures}
    assert seconds["– extract"] + seconds["– build"] <= seconds["first run"]
    assert all(int(row["memory"].replace(",", "")) > 0 for row in figures)
    assert table.read_text(encoding="utf-8") == ended.stdout
    assert list(scratch.iterdir()) == []
