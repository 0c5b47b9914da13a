"""What a delivery did, and the sentence for a run that it fails.

Belongs here: lines and words. Does not belong here: what is done about them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

FAILURES_NAMED_MAX = 5


class Line(NamedTuple):
    """One record, and what became of the wish for it."""

    object: str
    key: str
    reason: str
    remote_id: str | None = None


@dataclass
class Report:
    """What became of every wish and every doubt, each in one list.

    ``sent`` was asked for and confirmed; ``adopted`` was there already; ``refused`` by the vendor
    now; ``withdrawn`` because it is not as it was evaluated; ``in_doubt`` may have been done and
    waits to be looked up; ``not_sent`` could not be asked for; ``skipped`` need not or may not be.
    ``stopped`` says why nothing more was sent, if somebody threw the switch.
    """

    sent: list[Line] = field(default_factory=list)
    adopted: list[Line] = field(default_factory=list)
    refused: list[Line] = field(default_factory=list)
    withdrawn: list[Line] = field(default_factory=list)
    in_doubt: list[Line] = field(default_factory=list)
    not_sent: list[Line] = field(default_factory=list)
    skipped: list[Line] = field(default_factory=list)
    stopped: str | None = None

    def lines(self) -> Iterable[Line]:
        for lines in (
            self.sent,
            self.adopted,
            self.refused,
            self.withdrawn,
            self.in_doubt,
            self.not_sent,
            self.skipped,
        ):
            yield from lines


def unsent_sentence(target_name: str, reports: Iterable[Report]) -> str | None:
    """What could not even be asked for and why, or None; what was refused stands in the ledger."""
    unsent = [line for report in reports for line in report.not_sent]
    if not unsent:
        return None
    named = "; ".join(
        f"{line.object} {line.key}: {line.reason}" for line in unsent[:FAILURES_NAMED_MAX]
    )
    more = len(unsent) - FAILURES_NAMED_MAX
    return (
        f"{len(unsent)} {'record' if len(unsent) == 1 else 'records'} could not be sent to"
        f" {target_name}: {named}{f'; and {more} more' if more > 0 else ''}. Nothing is lost; the"
        " next run sends them."
    )
