"""The sandbox's own routes, under a prefix that no vendor uses.

Belongs here: health, the clock, stopping. Does not belong here: anything a vendor would answer.
"""

import json
from collections.abc import Callable
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from q2c_pipeline.sandbox.company import Sandbox

PREFIX = "/_sandbox"
ADVANCE_SECONDS_MAX = 10 * 366 * 86_400


def routes(sandbox: Sandbox, *, stop: Callable[[], None]) -> list[Route]:
    async def health(request: Request) -> Response:
        return JSONResponse(
            {
                "company": sandbox.company.name,
                "clock": sandbox.clock.now().isoformat(),
                "folder": str(sandbox.company.folder),
            }
        )

    async def advance_clock(request: Request) -> Response:
        try:
            seconds = float(json.loads(await request.body())["advance_seconds"])
        except (ValueError, KeyError, TypeError):
            seconds = -1
        if not 0 <= seconds <= ADVANCE_SECONDS_MAX:
            return JSONResponse(
                {
                    "error": 'Send {"advance_seconds": n} with n from 0 to'
                    f" {ADVANCE_SECONDS_MAX}; the clock never goes back."
                },
                status_code=400,
            )
        with sandbox.changes():
            moment = sandbox.clock.advance(timedelta(seconds=seconds))
        return JSONResponse({"clock": moment.isoformat()})

    async def stop_serving(request: Request) -> Response:
        stop()
        return Response(status_code=204)

    return [
        Route(f"{PREFIX}/health", health, methods=["GET"]),
        Route(f"{PREFIX}/clock", advance_clock, methods=["POST"]),
        Route(f"{PREFIX}/stop", stop_serving, methods=["POST"]),
    ]
