"""A document as a PDF: one page that says what it is, of when, for whom and how much.

Belongs here: the little of PDF that takes. Does not belong here: a layout anybody would send.
"""

from collections.abc import Iterator

from q2c_pipeline.sandbox.quickbooks.wire import Payload

PRINTABLE = ("Invoice", "Estimate", "CreditMemo", "SalesReceipt", "RefundReceipt", "Payment")
LEFT, TOP, LINE_HEIGHT = 72, 720, 16


def printed(entity: str, record: Payload) -> bytes:
    customer = record.get("CustomerRef") or {}
    currency = record.get("CurrencyRef") or {}
    lines = (
        f"{entity} {record.get('DocNumber', '')}".strip(),
        str(record.get("TxnDate", "")),
        str(customer.get("name") or customer.get("value") or ""),
        f"{record.get('TotalAmt', 0)} {currency.get('value', '')}".strip(),
    )
    return _document(b"\n".join(_page(lines)))


def _page(lines: tuple[str, ...]) -> Iterator[bytes]:
    yield b"BT /F1 12 Tf %d TL %d %d Td" % (LINE_HEIGHT, LEFT, TOP)
    for line in lines:
        escaped = line.encode("cp1252", "replace")
        for sign in (b"\\", b"(", b")"):
            escaped = escaped.replace(sign, b"\\" + sign)
        yield b"(%s) Tj T*" % escaped
    yield b"ET"


def _document(page: bytes) -> bytes:
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(page), page),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    )
    text = b"%PDF-1.4\n"
    offsets = []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(text))
        text += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    return text + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\n"
        b"startxref\n%d\n%%%%EOF\n" % (size, table, size, len(text))
    )
