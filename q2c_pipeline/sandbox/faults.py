"""Faults on request: requests that fail the way the vendors document, by chance or by plan.

Belongs here: which request fails in which way, and doing it. Does not belong here: a vendor's words
while it fails (``outages``), and its limits (``throttle``).

Chance hangs on the seed, on what is asked and on how often it was asked before, so the order in
which a client's threads come in changes nothing. Moments and cursors in what is asked do not count,
for they differ from one run to the next.
"""

import asyncio
import re
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Annotated, Any, NamedTuple
from urllib.parse import unquote_plus

import msgspec
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from q2c_pipeline.sandbox.addresses import system_of
from q2c_pipeline.sandbox.connections import break_off
from q2c_pipeline.sandbox.generate.chance import stream
from q2c_pipeline.sandbox.outages import OUTAGES

LATENCY_SECONDS_MAX = 60
CONNECTION_KINDS = ("latency", "drop_before", "drop_during", "drop_after", "truncate")
KINDS = tuple(
    dict.fromkeys([*CONNECTION_KINDS, *(kind for kinds in OUTAGES.values() for kind in kinds)])
)
KIND_AFTER_THE_COMMIT = "504"
"""The gateway gave up waiting; the vendor did not."""
_TIME_OR_CURSOR = re.compile(r"T\d\d:\d\d:\d\d[^\s&]*|(?<=/)\w{18}(?=-\d)")

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Times = Annotated[int, msgspec.Meta(ge=1)]
LatencySeconds = Annotated[float, msgspec.Meta(ge=0, le=LATENCY_SECONDS_MAX)]


class Asked(NamedTuple):
    """One request; ``target`` is its path and query in plain letters."""

    system: str
    method: str
    path: str
    target: str


class PlannedFault(msgspec.Struct, forbid_unknown_fields=True):
    """``path`` is a shell pattern for the path, with or without its query."""

    kind: str
    path: str
    times: Times = 1

    def strikes(self, request: Asked) -> bool:
        return (
            self.times > 0
            and _is_known(self.kind, request.system)
            and (fnmatchcase(request.path, self.path) or fnmatchcase(request.target, self.path))
        )


class FaultOrder(msgspec.Struct, forbid_unknown_fields=True):
    """``share`` of the requests to ``system`` (or to both) fail, each in one of ``kinds``."""

    seed: int = 0
    share: Share = 0
    kinds: tuple[str, ...] = KINDS
    system: str | None = None
    latency_seconds: LatencySeconds = 0.05
    plan: tuple[PlannedFault, ...] = ()

    def __post_init__(self) -> None:
        for kind in (*self.kinds, *(planned.kind for planned in self.plan)):
            if kind not in KINDS:
                raise ValueError(f"{kind!r} is no kind of fault; there are {', '.join(KINDS)}")
        if self.system not in (None, *OUTAGES):
            raise ValueError(f"{self.system!r} is no system; there are {', '.join(OUTAGES)}")


class Faults:
    """What was ordered, and what came of it: ``requests`` seen and faults ``done``, by kind."""

    def __init__(self) -> None:
        self.order(FaultOrder())

    def order(self, order: FaultOrder) -> None:
        """Takes the place of what was ordered before."""
        self.ordered = order
        self.done: Counter[str] = Counter()
        self.requests = 0
        self._asked: Counter[tuple[str, str]] = Counter()

    def stop(self) -> None:
        """No more faults; what was done stays to be told."""
        self.ordered = FaultOrder()

    def told(self) -> dict[str, Any]:
        return {**msgspec.to_builtins(self.ordered), "requests": self.requests, "done": self.done}

    def due(self, request: Asked) -> str | None:
        """The kind of fault that strikes this request; None for none."""
        self.requests += 1
        kind = self._planned(request) or self._by_chance(request)
        if kind is not None:
            self.done[kind] += 1
        return kind

    def _planned(self, request: Asked) -> str | None:
        for planned in self.ordered.plan:
            if planned.strikes(request):
                planned.times -= 1
                return planned.kind
        return None

    def _by_chance(self, request: Asked) -> str | None:
        storm = self.ordered
        if not storm.share or storm.system not in (None, request.system):
            return None
        key = request.method, _TIME_OR_CURSOR.sub("", request.target)
        self._asked[key] += 1
        chance = stream(storm.seed, *key, self._asked[key])
        kinds = [kind for kind in storm.kinds if _is_known(kind, request.system)]
        return chance.choice(kinds) if kinds and chance.random() < storm.share else None


class FaultLayer:
    """Lets faults strike what passes through to the vendors; ``now`` is the sandbox's clock."""

    def __init__(self, application: ASGIApp, faults: Faults, now: Callable[[], datetime]) -> None:
        self._application = application
        self._faults = faults
        self._now = now

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        system = system_of(scope["path"])
        kind = self._faults.due(_asked(system, scope)) if system else None
        if system is None or kind is None:
            await self._application(scope, receive, send)
        elif kind == "latency":
            await asyncio.sleep(self._faults.ordered.latency_seconds)
            await self._application(scope, receive, send)
        elif kind == "drop_before":
            await break_off(scope, receive)
        elif kind in CONNECTION_KINDS:
            await _spoilt(kind, await self._answered(scope, receive), scope, receive, send)
        else:
            if kind == KIND_AFTER_THE_COMMIT:
                await self._answered(scope, receive)
            await OUTAGES[system][kind](self._now())(scope, receive, send)

    async def _answered(self, scope: Scope, receive: Receive) -> list[Message]:
        """The whole answer, held back: by then, whatever it tells has been committed."""
        messages: list[Message] = []

        async def hold(message: Message) -> None:
            messages.append(message)

        await self._application(scope, receive, hold)
        return messages


async def _spoilt(
    kind: str, answer: list[Message], scope: Scope, receive: Receive, send: Send
) -> None:
    start, *rest = answer
    body = b"".join(message.get("body", b"") for message in rest)
    half = body[: len(body) // 2]
    if kind == "truncate":
        if half:
            MutableHeaders(scope=start)["Content-Length"] = str(len(half))
        await send(start)
        await send({"type": "http.response.body", "body": half or body})
        return
    if kind == "drop_during" and half:
        await send(start)
        await send({"type": "http.response.body", "body": half, "more_body": True})
    await break_off(scope, receive)


def _asked(system: str, scope: Scope) -> Asked:
    query = unquote_plus(scope["query_string"].decode(errors="replace"))
    path = scope["path"]
    return Asked(system, scope["method"], path, f"{path}?{query}" if query else path)


def _is_known(kind: str, system: str) -> bool:
    """Whether this vendor fails in this way."""
    return kind in CONNECTION_KINDS or kind in OUTAGES[system]
