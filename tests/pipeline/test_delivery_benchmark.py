"""The delivery benchmark measures what it says."""

import subprocess
import sys

from tests.conftest import PROJECT_ROOT

UNITS = 31


def test_the_delivery_benchmark_delivers_in_batches_and_compares() -> None:
    done = subprocess.run(
        [sys.executable, "benchmarks/delivery.py", "--units", str(UNITS), "--latency", "0"],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    rows = [line.split(" | ") for line in done.stdout.splitlines() if line.startswith("| ")]
    by_way = {row[0].strip("| "): row for row in rows}
    assert (by_way["delivery"][1], by_way["delivery"][5], by_way["delivery"][6]) == (
        str(UNITS),
        "6",
        "0",
    )
    assert (by_way["one by one"][1], by_way["one by one"][5]) == (str(UNITS), str(UNITS))
