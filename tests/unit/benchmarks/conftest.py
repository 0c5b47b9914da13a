"""The benchmarks are scripts beside the package; here they are imported."""

import pytest

from tests.conftest import PROJECT_ROOT


@pytest.fixture(autouse=True)
def scripts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(PROJECT_ROOT / "benchmarks")
