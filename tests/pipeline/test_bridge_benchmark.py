"""`benchmarks/bridge.py` on few deals: the bridge says what the query by hand says, and costs."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import PROJECT_ROOT

DEALS = 1_000
BENCHMARK_SECONDS_MAX = 600
FIGURES = re.compile(
    r"^\| (?P<what>[^|]+) \| (?P<seconds>[\d.,-]+) \| [\d.,-]+ \| (?P<memory>[\d,]+) \|"
    r" (?P<hand>[\d.,]+) \| [\d.,-]+ \|$",
    re.MULTILINE,
)


@pytest.mark.skipif("not config.getoption('--prove')", reason="four builds: `make prove`")
@pytest.mark.prove
def test_the_bridge_of_many_deals_is_what_a_query_by_hand_says(tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()

    ended = subprocess.run(
        [sys.executable, "benchmarks/bridge.py", "--deals", str(DEALS)],
        env={"PATH": "/usr/bin:/bin", "TMPDIR": str(scratch), "HOME": str(scratch)},
        capture_output=True,
        text=True,
        timeout=BENCHMARK_SECONDS_MAX,
        cwd=PROJECT_ROOT,
    )

    assert ended.returncode == 0, ended.stderr
    assert "1,000 deals, 10,000 invoice lines," in ended.stdout
    rows = [row.groupdict() for row in FIGURES.finditer(ended.stdout)]
    assert [row["what"].partition(", ")[0] for row in rows] == [
        "ledger", "deals", "ledger", "deals",
    ]  # fmt: skip
    assert all(int(row["memory"].replace(",", "")) > 0 for row in rows)
    assert all(float(row["hand"]) > 0 for row in rows)
    assert list(scratch.iterdir()) == []
