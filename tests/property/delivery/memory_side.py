"""The vendor in memory, as a simulation sees it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from q2c_pipeline.ledger.target import Written
from tests.property.delivery.memory_vendor import Document, MemoryVendor
from tests.property.delivery.simulation import Unit


@dataclass
class MemorySide:
    vendor: MemoryVendor

    def target(self) -> MemoryVendor:
        return self.vendor

    def records(self) -> list[Written]:
        self.vendor.work()
        return [_written(document) for document in self.vendor.documents]

    def ended_at(self, record: Written) -> datetime:
        ended_at = self._document(record).ended_at
        assert ended_at is not None
        return ended_at

    def end(self, record: Written, how: str) -> None:
        document = self._document(record)
        document.is_live = False
        document.ended_at = self.vendor.clock.now()

    def refuse(self, unit: str, is_refused: bool) -> None:
        markers = {f"q2c:1:{unit}:{generation}" for generation in range(1, 20)}
        if is_refused:
            self.vendor.refusing |= markers
            if self.vendor.chaos.random.random() < 0.3:
                self.vendor.malformed |= markers
        else:
            self.vendor.refusing -= markers
            self.vendor.malformed -= markers

    def fail(self, share: float) -> None:
        self.vendor.fault_share = share

    def settle(self) -> None:
        self.vendor.clock.sleep(1_000)
        self.vendor.work()

    def _document(self, record: Written) -> Document:
        (found,) = (one for one in self.vendor.documents if one.id == record.remote_id)
        return found


def _written(document: Document) -> Written:
    *names, generation = document.marker.split(":")[2:]
    key = names[1] if names[0] == "customer" else ":".join(names)
    return Written(
        document.object,
        key,
        int(generation),
        document.marker,
        document.id,
        "0",
        document.id,
        Decimal(str(document.payload.get("amount", 0))),
        document.is_live,
    )


def payload(unit: Unit, marker: str, customer: str | None) -> dict[str, object]:
    return {"marker": marker, "amount": 100 + unit.version, "customer": customer}


def customer_payload(key: str, marker: str) -> dict[str, object]:
    return {"marker": marker, "name": key}
