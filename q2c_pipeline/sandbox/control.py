"""The sandbox's own routes, under a prefix that no vendor uses.

Belongs here: health, the clock, stopping, and the way to orders for faults, limits and people.
Does not belong here: anything a vendor would answer, and what an order does.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Annotated, Any

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from q2c_pipeline.sandbox.addresses import CONTROL_PREFIX
from q2c_pipeline.sandbox.company import Sandbox
from q2c_pipeline.sandbox.faults import FaultOrder, Faults
from q2c_pipeline.sandbox.people import Act, Refused, perform
from q2c_pipeline.sandbox.throttle import Limits, Throttle

ADVANCE_SECONDS_MAX = 10 * 366 * 86_400

Endpoint = Callable[[Request], Awaitable[Response]]


class ClockOrder(msgspec.Struct, forbid_unknown_fields=True):
    advance_seconds: Annotated[float, msgspec.Meta(ge=0, le=ADVANCE_SECONDS_MAX)]


def routes(
    sandbox: Sandbox, *, faults: Faults, throttle: Throttle, stop: Callable[[], None]
) -> list[Route]:
    async def health(request: Request) -> Response:
        return JSONResponse(
            {
                "company": sandbox.company.name,
                "clock": sandbox.clock.now().isoformat(),
                "folder": str(sandbox.company.folder),
            }
        )

    def advance(order: ClockOrder) -> dict[str, Any]:
        with sandbox.changes():
            moment = sandbox.clock.advance(timedelta(seconds=order.advance_seconds))
        return {"clock": moment.isoformat()}

    def order_faults(order: FaultOrder) -> dict[str, Any]:
        faults.order(order)
        return faults.told()

    async def tell_faults(request: Request) -> Response:
        return JSONResponse(faults.told())

    async def stop_faults(request: Request) -> Response:
        faults.stop()
        return JSONResponse(faults.told())

    def limit(limits: Limits) -> dict[str, Any]:
        throttle.limit(limits)
        return throttle.told()

    async def tell_limits(request: Request) -> Response:
        return JSONResponse(throttle.told())

    def perform_act(act: Act) -> dict[str, Any]:
        perform(sandbox, act)
        return {"clock": sandbox.clock.now().isoformat()}

    async def stop_serving(request: Request) -> Response:
        stop()
        return Response(status_code=204)

    return [
        _route("health", "GET", health),
        _route("clock", "POST", _ordered(ClockOrder, advance)),
        _route("faults", "POST", _ordered(FaultOrder, order_faults)),
        _route("faults", "GET", tell_faults),
        _route("faults", "DELETE", stop_faults),
        _route("throttle", "POST", _ordered(Limits, limit)),
        _route("throttle", "GET", tell_limits),
        _route("people", "POST", _ordered(Act, perform_act)),
        _route("stop", "POST", stop_serving),
    ]


def _route(name: str, method: str, endpoint: Endpoint) -> Route:
    return Route(f"{CONTROL_PREFIX}/{name}", endpoint, methods=[method])


def _ordered(shape: Any, obey: Callable[[Any], dict[str, Any]]) -> Endpoint:
    """The endpoint that reads an order, obeys it and tells what came of it."""

    async def endpoint(request: Request) -> Response:
        try:
            order = msgspec.json.decode(await request.body(), type=shape)
            return JSONResponse(obey(order))
        except (msgspec.DecodeError, UnicodeDecodeError, Refused) as error:
            return JSONResponse({"error": str(error)}, status_code=400)

    return endpoint
