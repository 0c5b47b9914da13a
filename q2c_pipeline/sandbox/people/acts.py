"""The acts that may be ordered, as data.

Belongs here: what an order must say. Does not belong here: what comes of it.
"""

from typing import Annotated, Literal

import msgspec

HOLD_SECONDS_MAX = 86_400


class Refused(Exception):
    """An act that cannot be done, and why."""


class Ordered(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="act"
):
    """``realm`` says whose books; a company of one realm need not."""

    system: str
    realm: str | None = None


class Merging(Ordered, frozen=True, kw_only=True):
    loser: str
    winner: str


class OnRecord(Ordered, frozen=True, kw_only=True):
    object: str
    id: str


class MergeCustomers(Merging, frozen=True, kw_only=True, tag="merge_customers"):
    """The loser vanishes; its transactions and jobs are the winner's from now on."""


class MergeAccounts(Merging, frozen=True, kw_only=True, tag="merge_accounts"):
    """The loser goes to the recycle bin and names the winner, which takes its records over."""


class Purge(OnRecord, frozen=True, kw_only=True, tag="purge"):
    """The record is gone and leaves nothing that says so."""


class Restore(OnRecord, frozen=True, kw_only=True, tag="restore"):
    """A deleted QuickBooks record comes back."""


class Undelete(OnRecord, frozen=True, kw_only=True, tag="undelete"):
    """A Salesforce record comes back from the recycle bin, with what went there with it."""


class EditUnstamped(OnRecord, frozen=True, kw_only=True, tag="edit_unstamped"):
    """Fields are replaced, and the record's own time stays as it was."""

    fields: dict[str, msgspec.Raw]


class Hold(OnRecord, frozen=True, kw_only=True, tag="hold"):
    """Somebody else's transaction keeps the record to itself for so long."""

    seconds: Annotated[float, msgspec.Meta(gt=0, le=HOLD_SECONDS_MAX)]


class GrantField(Ordered, frozen=True, kw_only=True, tag="grant_field"):
    """An administrator decides what the integration user may do with a field."""

    object: str
    field: str
    access: Literal["edit", "read", "none"]


Act = (
    MergeCustomers | MergeAccounts | Purge | Restore | Undelete | EditUnstamped | Hold | GrantField
)
