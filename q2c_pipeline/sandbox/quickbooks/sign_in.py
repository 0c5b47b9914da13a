"""Intuit's token and revocation addresses over HTTP.

Belongs here: forms, headers and error bodies of OAuth 2.0. Does not belong here: grants.
"""

import base64
import binascii
import hmac
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from q2c_pipeline.sandbox.company import Sandbox
from q2c_pipeline.sandbox.quickbooks import oauth
from q2c_pipeline.sandbox.quickbooks.wire import parse

HARD_EXPIRY_HEADER = "x-include-refresh-token-hard-expires-in"


def sign_in_routes(sandbox: Sandbox) -> list[Route]:
    async def token(request: Request) -> Response:
        if not _is_our_client(sandbox, request):
            return _refusal(401, "invalid_client", "Client id or secret is not valid")
        form = dict(parse_qsl((await request.body()).decode(errors="replace")))
        if form.get("grant_type") != "refresh_token":
            return _refusal(400, "unsupported_grant_type", "Use grant_type=refresh_token")
        if not form.get("refresh_token"):
            return _refusal(400, "invalid_request", "refresh_token is missing")
        with sandbox.changes():
            issued = oauth.refresh(sandbox, form["refresh_token"])
        if issued is None:
            return _refusal(400, "invalid_grant", "Incorrect or invalid refresh token")
        answer: dict[str, Any] = {
            "token_type": "bearer",
            "access_token": issued.access_token,
            "expires_in": int(oauth.ACCESS_LIFETIME.total_seconds()),
            "refresh_token": issued.refresh_token,
            "x_refresh_token_expires_in": int(oauth.REFRESH_LIFETIME.total_seconds()),
        }
        if request.headers.get(HARD_EXPIRY_HEADER, "").casefold() == "true":
            answer["x_refresh_token_hard_expires_in"] = issued.hard_expires_in_seconds
        return JSONResponse(answer, headers={"Cache-Control": "no-cache, no-store"})

    async def revoke(request: Request) -> Response:
        if not _is_our_client(sandbox, request):
            return _refusal(401, "invalid_client", "Client id or secret is not valid")
        token = _token_to_revoke(await request.body())
        if token is None:
            return _refusal(400, "invalid_request", "token is missing")
        with sandbox.changes():
            oauth.revoke(sandbox, token)
        return Response(status_code=200)

    return [
        Route("/oauth2/v1/tokens/bearer", token, methods=["POST"]),
        Route("/v2/oauth2/tokens/revoke", revoke, methods=["POST"]),
    ]


def _is_our_client(sandbox: Sandbox, request: Request) -> bool:
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    if scheme.casefold() != "basic":
        return False
    try:
        given = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        return False
    ours = sandbox.credentials["quickbooks"]
    return hmac.compare_digest(given, f"{ours.client_id}:{ours.client_secret}".encode())


def _token_to_revoke(body: bytes) -> str | None:
    try:
        content = parse(body)
    except ValueError:
        content = dict(parse_qsl(body.decode(errors="replace")))
    token = content.get("token") if isinstance(content, dict) else None
    return token if isinstance(token, str) and token else None


def _refusal(status: int, error: str, description: str) -> Response:
    return JSONResponse({"error": error, "error_description": description}, status_code=status)
