"""Intuit's sign-in over HTTP: where its addresses are, consent, tokens, revocation.

Belongs here: forms, headers and error bodies of OAuth 2.0. Does not belong here: grants.
"""

import base64
import binascii
import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from q2c_pipeline.sandbox.company import Sandbox
from q2c_pipeline.sandbox.quickbooks import oauth
from q2c_pipeline.sandbox.quickbooks.wire import parse

TOKEN_PATH = "/oauth2/v1/tokens/bearer"  # noqa: S105 - an address
REVOKE_PATH = "/v2/oauth2/tokens/revoke"
CONSENT_PATH = "/connect/oauth2"
DISCOVERY_PATHS = (
    "/.well-known/openid_configuration",
    "/.well-known/openid_sandbox_configuration",
)
SCOPE = "com.intuit.quickbooks.accounting"
HARD_EXPIRY_HEADER = "x-include-refresh-token-hard-expires-in"


def sign_in_routes(sandbox: Sandbox) -> list[Route]:
    async def token(request: Request) -> Response:
        if not _is_our_client(sandbox, request):
            return _refusal(401, "invalid_client", "Client id or secret is not valid")
        form = dict(parse_qsl((await request.body()).decode(errors="replace")))
        match form.get("grant_type"):
            case "refresh_token":
                if not form.get("refresh_token"):
                    return _refusal(400, "invalid_request", "refresh_token is missing")
                with sandbox.changes():
                    issued = oauth.refresh(sandbox, form["refresh_token"])
            case "authorization_code":
                if not form.get("code") or not form.get("redirect_uri"):
                    return _refusal(400, "invalid_request", "code or redirect_uri is missing")
                with sandbox.changes():
                    issued = oauth.exchange(sandbox, form["code"], form["redirect_uri"])
            case _:
                return _refusal(400, "unsupported_grant_type", "Use refresh_token or a code")
        if issued is None:
            return _refusal(400, "invalid_grant", f"Incorrect or invalid {_proof(form)}")
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

    async def discovery(request: Request) -> Response:
        base_url = str(request.base_url).rstrip("/")
        return JSONResponse(
            {
                "issuer": f"{base_url}/op/v1",
                "authorization_endpoint": base_url + CONSENT_PATH,
                "token_endpoint": base_url + TOKEN_PATH,
                "revocation_endpoint": base_url + REVOKE_PATH,
                "userinfo_endpoint": f"{base_url}/v1/openid_connect/userinfo",
                "jwks_uri": f"{base_url}/op/v1/jwks",
                "response_types_supported": ["code"],
                "scopes_supported": [SCOPE],
                "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            }
        )

    async def consent(request: Request) -> Response:
        """What a person's click at the vendor's page leads to; nobody is asked here."""
        asked = request.query_params
        redirect_uri = asked.get("redirect_uri", "")
        is_ours = asked.get("client_id") == sandbox.credentials["quickbooks"].client_id
        if not is_ours or asked.get("response_type") != "code" or not redirect_uri:
            return _refusal(400, "invalid_request", "client_id, response_type or redirect_uri")
        if SCOPE not in asked.get("scope", "").split():
            return _refusal(400, "invalid_scope", f"Ask for {SCOPE}")
        realm_id = sandbox.company.realm_ids[0]
        with sandbox.changes():
            code = oauth.consent(sandbox, realm_id, redirect_uri)
        told = urlencode({"code": code, "state": asked.get("state", ""), "realmId": realm_id})
        return RedirectResponse(f"{redirect_uri}?{told}", status_code=302)

    return [
        *(Route(f"{path}{end}", discovery) for path in DISCOVERY_PATHS for end in ("", "/")),
        Route(CONSENT_PATH, consent, methods=["GET"]),
        Route(TOKEN_PATH, token, methods=["POST"]),
        Route(REVOKE_PATH, revoke, methods=["POST"]),
    ]


def _proof(form: Mapping[str, str]) -> str:
    return "refresh token" if form["grant_type"] == "refresh_token" else "authorization code"


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
