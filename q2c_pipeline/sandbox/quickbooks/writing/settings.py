"""Writing a company's own settings: its information and its preferences.

Belongs here: what a client may set of them. Does not belong here: what follows from a setting.
"""

from q2c_pipeline.sandbox.quickbooks.wire import Payload

# Only a person at the vendor's own pages turns these on.
FIXED_PREFERENCES = (
    ("CurrencyPrefs", "MultiCurrencyEnabled"),
    ("CurrencyPrefs", "HomeCurrency"),
    ("TaxPrefs", "PartnerTaxEnabled"),
    ("TaxPrefs", "UsingSalesTax"),
)


def finish_company_info(stored: Payload, sent: Payload) -> Payload:
    return stored | sent


def finish_preferences(stored: Payload, sent: Payload) -> Payload:
    """The preferences with those that were sent; a group keeps what its sender left out."""
    groups = {
        name: (stored.get(name) or {}) | group
        for name, group in sent.items()
        if isinstance(group, dict)
    }
    for group, name in FIXED_PREFERENCES:
        held = stored.get(group) or {}
        if group in groups:
            groups[group].pop(name, None)
            groups[group] |= {name: held[name]} if name in held else {}
    return stored | groups
