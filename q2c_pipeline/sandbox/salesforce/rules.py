"""What the company decides about its organisation, in ``company.json`` under ``salesforce``.

Belongs here: the switches, their defaults, and the mend for a wrong one. Does not belong here:
who the company is (``folder``).
"""

from pathlib import Path

import msgspec

from q2c_pipeline.core.errors import ConfigurationError


class OrganisationRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``duplicate_rules`` switches on the one rule that compares accounts by name."""

    daily_api_requests: int = 100_000
    duplicate_rules: bool = False


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
