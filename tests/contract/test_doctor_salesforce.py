"""``q2c doctor`` on a served organisation: what the integration user may not do, with the mend."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from q2c_pipeline.cli.findings import findings
from q2c_pipeline.defs.crm.salesforce.client import SalesforceClient
from tests.contract.salesforce_organisation import account, company, people

Told = Callable[[], dict[str, tuple[bool, str]]]


@pytest.fixture
def sandbox(serve: Any, tmp_path: Path) -> Any:
    fields = dict.fromkeys(("AR_Balance__c", "AR_Standing__c", "Segment__c"))
    return serve(company(tmp_path / "company", [account(1, **fields)]))


@pytest.fixture
def told(sandbox: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Told:
    """Whether all is well, and what is told, by subject."""
    for name, value in sandbox.settings.items():
        if name.startswith("SALESFORCE_"):
            monkeypatch.setenv(name, value)
    monkeypatch.setenv("Q2C_HOME", str(tmp_path / "home"))

    def look() -> dict[str, tuple[bool, str]]:
        return {found.subject.strip(): (found.is_well, found.told) for found in findings()}

    return look


def test_each_field_that_is_written_has_its_line(sandbox: Any, told: Told) -> None:
    grant = {"object": "Account", "access": "read"}
    people(sandbox, "grant_field", field="AR_Balance__c", **grant)
    people(sandbox, "grant_field", field="Segment__c", **grant)

    lines = told()

    assert lines["accounts.AR_Standing__c"] == (True, "mapped, and may be written")
    assert lines["accounts.Segment__c"] == (True, "mapped")
    is_well, words = lines["accounts.AR_Balance__c"]
    assert not is_well
    assert "let the integration user edit the field" in words
    assert lines["accounts.AR_Currency__c"][1].startswith("not shown")


def test_approvals_that_cannot_be_read_are_told_with_the_mend(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert told()["approvals"] == (True, "readable")
    shown = SalesforceClient.fields
    monkeypatch.setattr(
        SalesforceClient,
        "fields",
        lambda self, object: None if object == "ProcessInstance" else shown(self, object),
    )

    is_well, words = told()["approvals"]

    assert not is_well
    assert words.startswith("process_instances not readable, so nothing counts as approved")
