"""The CRM as delivery to the books sees it: asked, just before sending, what still holds.

Belongs here: the role of a resource that a CRM's folder fills. Does not belong here: any vendor.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import dagster as dg

from q2c_pipeline.ledger.target import Recheck

LIVE_DEALS = "live_deals"
"""Key of the resource: the role, whichever CRM there is."""


class LiveDeals(dg.ConfigurableResource[Any]):
    """Checks what wishes rest on against the CRM of the environment."""

    @contextmanager
    def recheck(self) -> Iterator[Recheck]:
        """Raises Q2CError when the CRM cannot be reached; then nothing may be sent."""
        raise NotImplementedError
