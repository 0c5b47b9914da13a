"""The summary of a run names what was written in words that a controller uses."""

import pytest

from q2c_pipeline.cli.summary import records_in


@pytest.mark.parametrize(
    ("system", "object", "count", "told"),
    [
        ("quickbooks", "Customer", 1, "1 customer in QuickBooks"),
        ("quickbooks", "Invoice", 57, "57 invoices in QuickBooks"),
        ("quickbooks", "InvoiceEmail", 1, "1 e-mail with an invoice in QuickBooks"),
        ("salesforce", "Account", 1205, "1,205 accounts in Salesforce"),
        ("salesforce", "Opportunity", 2, "2 deals in Salesforce"),
    ],
)
def test_records_are_counted_in_plain_english(
    system: str, object: str, count: int, told: str
) -> None:
    assert records_in(system, object, count) == told
