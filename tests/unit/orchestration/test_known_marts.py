"""Of the marts as known on earlier days only those asked for lately are kept."""

import os
from pathlib import Path

from q2c_pipeline.orchestration.known_marts import KNOWN_DAYS_KEPT, forget_the_oldest


def test_the_days_not_asked_for_longest_go_first(tmp_path: Path) -> None:
    for number in range(KNOWN_DAYS_KEPT + 2):
        path = tmp_path / f"2026-03-{number + 1:02}-key.duckdb"
        path.write_text("")
        os.utime(path, (number, number))
    os.utime(tmp_path / "2026-03-01-key.duckdb", (100, 100))

    forget_the_oldest(tmp_path)

    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "2026-03-01-key.duckdb",
        *(f"2026-03-{number + 1:02}-key.duckdb" for number in range(3, KNOWN_DAYS_KEPT + 2)),
    ]
