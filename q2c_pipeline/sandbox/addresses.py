"""Which vendor an address belongs to.

Belongs here: the first parts of paths. Does not belong here: what is answered there.
"""

import re

CONTROL_PREFIX = "/_sandbox"
SALESFORCE_PREFIX = "/services"
REALM_FORM = re.compile(r"/v3/company/(?P<realm_id>[^/]+)/")


def system_of(path: str) -> str | None:
    """``quickbooks`` or ``salesforce``; None for the sandbox's own routes."""
    if path.startswith(CONTROL_PREFIX):
        return None
    return "salesforce" if path.startswith(SALESFORCE_PREFIX) else "quickbooks"


def realm_of(path: str) -> str | None:
    """The realm whose books an address is about; None for any other address."""
    match = REALM_FORM.match(path)
    return match["realm_id"] if match else None
