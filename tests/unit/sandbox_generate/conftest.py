"""One generated company, shared by the tests that only read it."""

import pytest

from q2c_pipeline.sandbox.generate import generate

from .company_folder import INVOICES, Folder


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    path = tmp_path_factory.mktemp("generated") / "company"
    generate(path, seed=3, invoices=INVOICES)
    return Folder(path)
