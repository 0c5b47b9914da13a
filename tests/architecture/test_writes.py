"""What can change somebody else's records stands in one file for each vendor."""

import ast
from collections.abc import Iterator
from pathlib import Path

from q2c_pipeline.core.http import ApiClient
from tests.conftest import PROJECT_ROOT

PACKAGE = PROJECT_ROOT / "q2c_pipeline"
READS = {"get", "get_text", "get_bytes", "redacted", "close"}
ASKS = {name for name in vars(ApiClient) if not name.startswith("_")} - READS
ALLOWED = {
    ("sign_in.py", "post_form"),
    # A job that reads is ordered and put away; the organisation's records stay as they are.
    ("bulk.py", "post_json"),
    ("bulk.py", "delete"),
}


def calls(path: Path) -> Iterator[str]:
    """Names of the methods and functions that a file calls."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", None) or getattr(node.func, "id", None)
            if name is not None:
                yield name


def test_only_a_write_back_asks_a_vendor_to_change_anything() -> None:
    elsewhere = {
        (path.name, name)
        for path in (PACKAGE / "defs").rglob("*.py")
        if path.name != "writeback.py"
        for name in calls(path)
        if name in ASKS
    }

    assert elsewhere == ALLOWED


def test_a_bulk_job_only_reads() -> None:
    bulk = (PACKAGE / "defs" / "crm" / "salesforce" / "bulk.py").read_text()

    assert '"operation": "queryAll"' in bulk
    assert "jobs/ingest" not in bulk


def test_requests_are_sent_in_one_place() -> None:
    senders = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if "sandbox" not in path.parts and "httpx.Client(" in path.read_text()
    }

    assert senders == {"core/http.py"}
