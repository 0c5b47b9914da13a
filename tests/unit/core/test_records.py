"""From a vendor's text to records and refusals."""

from datetime import UTC, datetime

import msgspec
import pytest

from q2c_pipeline.core.objects import Record, Reject, fingerprint, read_records
from q2c_pipeline.defs.accounting.quickbooks.objects import CHANGING, QuickBooksObject

SPECS: dict[str, QuickBooksObject] = {spec.vendor_name: spec for spec in CHANGING}


def read(vendor_name: str, text: str) -> Record | Reject:
    [observed] = read_records(SPECS[vendor_name], [msgspec.Raw(text.encode())])
    return observed


def invoice(**fields: str) -> str:
    whole = {
        "Id": '"12"',
        "TxnDate": '"2026-04-07"',
        "TotalAmt": "100.00",
        "CustomerRef": '{"value":"1"}',
        **fields,
    }
    return "{" + ",".join(f'"{name}":{value}' for name, value in whole.items() if value) + "}"


def test_a_record_keeps_the_exact_text() -> None:
    text = '{ "Id": "12", "TxnDate":"2026-04-07", "TotalAmt": 100.00, "CustomerRef":{"value":"1"}}'

    record = read("Invoice", text)

    assert isinstance(record, Record)
    assert record.payload == text


def test_a_moment_is_read_with_its_offset() -> None:
    record = read("Invoice", invoice(MetaData='{"LastUpdatedTime":"2026-05-05T02:06:31-07:00"}'))

    assert isinstance(record, Record)
    assert record.source_updated_at == datetime(2026, 5, 5, 9, 6, 31, tzinfo=UTC)


def test_a_deleted_stub_is_a_deletion() -> None:
    record = read("Invoice", '{"domain":"QBO","status":"Deleted","Id":"9"}')

    assert isinstance(record, Record)
    assert record.is_deleted


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"Id": ""}, "Id"),
        ({"Id": '""'}, "Id"),
        ({"Id": "12"}, "Id"),
        ({"TotalAmt": '"100.00"'}, "TotalAmt"),
        ({"TotalAmt": ""}, "TotalAmt"),
        ({"TotalAmt": "true"}, "TotalAmt"),
        ({"TotalAmt": "10000000000000"}, "TotalAmt"),
        ({"Balance": '"1"'}, "Balance"),
        ({"TxnDate": '"2026-02-30"'}, "TxnDate"),
        ({"TxnDate": ""}, "TxnDate"),
        ({"CustomerRef": ""}, "CustomerRef"),
        ({"CurrencyRef": '{"value":"XQX"}'}, "CurrencyRef"),
        ({"CurrencyRef": '{"value":"EUR"}', "ExchangeRate": "0"}, "ExchangeRate"),
        ({"Line": '[{"Amount":"5"}]'}, "Line[0].Amount"),
    ],
)
def test_a_broken_field_is_named(fields: dict[str, str], field: str) -> None:
    reject = read("Invoice", invoice(**fields))

    assert isinstance(reject, Reject)
    assert reject.field == field
    assert field in reject.reason
    assert "QuickBooks" in reject.mend


def test_a_refusal_names_the_record_and_says_what_to_mend() -> None:
    reject = read("Invoice", invoice(TotalAmt='"100.00"'))

    assert isinstance(reject, Reject)
    assert reject.reason == "Invoice 12: TotalAmt: Expected a number, got a text"
    assert reject.mend.startswith("Open Invoice 12 in QuickBooks, correct its TotalAmt")


@pytest.mark.parametrize("rate", [{"ExchangeRate": "1.08"}, {}])
def test_a_foreign_document_is_taken_with_or_without_its_rate(rate: dict[str, str]) -> None:
    text = invoice(CurrencyRef='{"value":"EUR"}', **rate)

    assert isinstance(read("Invoice", text), Record)


def test_one_bad_record_leaves_the_rest_of_the_page() -> None:
    page = [invoice(), invoice(Id=""), invoice(Id='"13"')]

    observed = read_records(SPECS["Invoice"], [msgspec.Raw(text.encode()) for text in page])

    assert [type(seen) for seen in observed] == [Record, Reject, Record]


def test_white_space_and_unhashed_paths_make_no_other_fingerprint() -> None:
    first = b'{"Header":{"Time":"09:00","Currency":"USD"},"Rows":{}}'
    second = b'{ "Header": {"Time":"10:00", "Currency":"USD"}, "Rows":{} }'

    assert fingerprint(first) != fingerprint(second)
    assert fingerprint(first, unhashed=("Header.Time",)) == fingerprint(
        second, unhashed=("Header.Time",)
    )
