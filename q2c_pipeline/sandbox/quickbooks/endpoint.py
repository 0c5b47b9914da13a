"""An answer as an HTTP endpoint: who asks, what came of it, in which shape.

Belongs here: sign-in, statuses, headers, the envelope. Does not belong here: the answers.
"""

import logging
from collections.abc import Awaitable, Callable

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from q2c_pipeline.sandbox.company import Sandbox
from q2c_pipeline.sandbox.quickbooks import faults, gateway, oauth
from q2c_pipeline.sandbox.quickbooks.requests import realm_of
from q2c_pipeline.sandbox.quickbooks.wire import body_time

VERSION = "1988.128"

Answer = Callable[[Request], Awaitable[str | bytes]]

log = logging.getLogger(__name__)


def answering(sandbox: Sandbox, answer: Answer) -> Callable[[Request], Awaitable[Response]]:
    """The answer, JSON text or the bytes of a PDF, given to those who are signed in."""

    async def endpoint(request: Request) -> Response:
        moment = sandbox.clock.now()
        request.state.received_at = moment
        headers = {"intuit_tid": f"1-{sandbox.random_text()[:32]}", "QBO-Version": VERSION}
        status = 200
        content: str | bytes
        try:
            _sign_in(sandbox, request)
            content = await answer(request)
        except faults.Fault as fault:
            status, content = fault.status, fault.body(moment)
        except (gateway.NotAuthenticated, gateway.NotAllowed) as refusal:
            status, content = refusal.status, refusal.body(moment)
            if status == 401:
                headers["WWW-Authenticate"] = gateway.NotAuthenticated.challenge
        except ClientDisconnect:
            status, content = 400, b""  # nobody reads it
        except Exception:
            log.exception("%s %s failed", request.method, request.url.path)
            failure = faults.system_failure()
            status, content = failure.status, failure.body(moment)
        kind = "application/pdf" if isinstance(content, bytes) else "application/json"
        return Response(content, status, headers, media_type=kind)

    return endpoint


def enveloped(request: Request, content: str) -> str:
    """The body around the content. Its time is that of the request's arrival, so that a record
    which the request changes is never older than its answer."""
    return f'{{{content},"time":"{body_time(request.state.received_at)}"}}'


def _sign_in(sandbox: Sandbox, request: Request) -> None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.casefold() != "bearer" or not token:
        raise gateway.NotAuthenticated("Header Authorization has no bearer token")
    realm_id = oauth.authorised_realm(sandbox, token)
    if realm_id is None:
        # The vendor echoes part of the token here; clients must mask it, so there is one.
        raise gateway.NotAuthenticated(f"Token expired: {token}")
    if realm_id != realm_of(request):
        raise gateway.NotAllowed
