"""Connections that an answer may break off, as networks do.

Belongs here: how the application reaches its own connection. Does not belong here: when it does.
"""

import asyncio
from typing import Any, cast

from starlette.types import Receive, Scope
from uvicorn.protocols.http.auto import AutoHTTPProtocol


class BreakableConnection(AutoHTTPProtocol):  # type: ignore[misc, valid-type]
    """Uvicorn's own, which hands each request the means to close it without an answer."""

    app_state: dict[str, Any]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.app_state = {**self.app_state, "close": transport.close}
        super().connection_made(cast(asyncio.Transport, transport))


async def break_off(scope: Scope, receive: Receive) -> None:
    """Close the request's connection; what was sent so far still arrives, nothing after it does."""
    scope["state"]["close"]()
    while (await receive())["type"] != "http.disconnect":
        continue
