"""What the company decides about its organisation, in ``company.json`` under ``salesforce``.

Belongs here: the switches, their defaults, and the mend for a wrong one. Does not belong here:
who the company is (``folder``).
"""

import re
from pathlib import Path
from typing import Literal

import msgspec

from q2c_pipeline.core.errors import ConfigurationError


class CustomField(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A field that is there before any record holds a value; ``values`` restrict a picklist."""

    object: str
    name: str
    type: Literal[
        "boolean", "currency", "date", "datetime", "double", "picklist", "string", "textarea", "url"
    ] = "string"
    length: int = 255
    values: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.name.endswith("__c"):
            raise ValueError(f"{self.name!r} is no custom field: its name ends with __c")


class ValidationRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A record is not saved where ``forbids``, a regular expression, is found in the field."""

    object: str
    field: str
    forbids: str
    message: str

    def __post_init__(self) -> None:
        try:
            re.compile(self.forbids)
        except re.error as error:
            raise ValueError(f"{self.forbids!r} is no regular expression: {error}") from None


class OrganisationRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``duplicate_rules`` switches on the one rule that compares accounts by name.

    ``approval_locks_deals`` lets nobody edit a deal whose newest approval is pending or approved,
    which is what the vendor's wizard for approval processes proposes.
    """

    daily_api_requests: int = 100_000
    duplicate_rules: bool = False
    approval_locks_deals: bool = False
    custom_fields: tuple[CustomField, ...] = ()
    validation_rules: tuple[ValidationRule, ...] = ()


class _Facts(msgspec.Struct):
    salesforce: OrganisationRules = OrganisationRules()


def read_rules(folder: Path) -> OrganisationRules:
    """Raises ``ConfigurationError`` naming file and mend."""
    path = folder / "company.json"
    if not path.exists():
        return OrganisationRules()
    try:
        text = path.read_text(encoding="utf-8-sig")
        return msgspec.json.decode(text, type=_Facts).salesforce
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        known = ", ".join(OrganisationRules.__struct_fields__)
        raise ConfigurationError(
            f"{path}: salesforce cannot be read: {error}. It takes {known}, and no more."
        ) from error
