"""How long texts may be.

Belongs here: limits as data, and the refusal of what exceeds them. Does not belong here: any other
rule about a text.
"""

from collections.abc import Iterator, Mapping

from q2c_pipeline.sandbox.quickbooks import faults
from q2c_pipeline.sandbox.quickbooks.wire import Payload, entries

ADDRESS: Mapping[str, int] = {
    **{f"Line{number}": 500 for number in range(1, 6)},
    "City": 255,
    "Country": 255,
    "CountrySubDivisionCode": 255,
    "PostalCode": 30,
}
LENGTHS_MAX: Mapping[str, int] = {
    "DisplayName": 500,
    "CompanyName": 100,
    "GivenName": 100,
    "MiddleName": 100,
    "FamilyName": 100,
    "Title": 16,
    "Suffix": 16,
    "PrintOnCheckName": 110,
    "Notes": 2000,
    "ResaleNum": 16,
    "PrimaryEmailAddr.Address": 100,
    "PrimaryPhone.FreeFormNumber": 30,
    "AlternatePhone.FreeFormNumber": 30,
    "Mobile.FreeFormNumber": 30,
    "Fax.FreeFormNumber": 30,
    "WebAddr.URI": 1000,
    "Name": 100,
    "Sku": 100,
    "Description": 4000,
    "DocNumber": 21,
    "PaymentRefNum": 21,
    "PrivateNote": 4000,
    "CustomerMemo.value": 1000,
    **{
        f"{kind}.{part}": limit
        for kind in ("BillAddr", "ShipAddr", "PrimaryAddr")
        for part, limit in ADDRESS.items()
    },
}
SHORT_NAME_LENGTH_MAX = 31
SHORTLY_NAMED = ("Term", "PaymentMethod")
LINE_DESCRIPTION_LENGTH_MAX = 4000


def refuse_long_texts(entity: str, record: Payload) -> None:
    """Raises ``Fault`` 2050 for the first text that is too long."""
    limits = dict(LENGTHS_MAX)
    if entity in SHORTLY_NAMED:
        limits["Name"] = SHORT_NAME_LENGTH_MAX
    for path, limit in limits.items():
        field, _, part = path.partition(".")
        value = record.get(field)
        if part:
            value = value.get(part) if isinstance(value, dict) else None
        if isinstance(value, str) and len(value) > limit:
            raise faults.too_long(path, limit)
    for line in _lines(record):
        if len(str(line.get("Description") or "")) > LINE_DESCRIPTION_LENGTH_MAX:
            raise faults.too_long("Line.Description", LINE_DESCRIPTION_LENGTH_MAX)


def _lines(record: Payload) -> Iterator[Payload]:
    """All lines, those of a bundle too."""
    for line in entries(record, "Line"):
        yield line
        bundle = line.get("GroupLineDetail")
        if isinstance(bundle, dict):
            yield from _lines(bundle)
