"""Sign-in: client credentials for a session, and the session behind each request.

Belongs here: tokens and their two hours. Does not belong here: what a session may do; the one
integration user may do everything.
"""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote_plus

from q2c_pipeline.sandbox.company import Sandbox
from q2c_pipeline.sandbox.salesforce.faults import invalid_session
from q2c_pipeline.sandbox.salesforce.ids import INTEGRATION_USER_ID

SESSION_LIFETIME = timedelta(hours=2)
SESSION_PURPOSE = "salesforce session"


class SignInRefused(Exception):
    """Sign-in refuses with an object, where all else refuses with an array."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.body = {"error": error, "error_description": description}


class Sessions:
    """Sessions that live on while they are used.

    As at the vendor, use renews a session only once half its time is over, so that most reads
    write nothing.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._renewed_at: dict[str, datetime] = {}

    def sign_in(
        self, form: Mapping[str, str], authorization: str | None, instance_url: str
    ) -> dict[str, Any]:
        """The answer to a token request; it tells no expiry.

        Raises ``SignInRefused``.
        """
        if form.get("grant_type") != "client_credentials":
            raise SignInRefused("unsupported_grant_type", "grant type not supported")
        client_id, client_secret = _client_credentials(form, authorization)
        known = self._sandbox.credentials["salesforce"]
        if client_id != known.client_id:
            raise SignInRefused("invalid_client_id", "client identifier invalid")
        if client_secret != known.client_secret:
            raise SignInRefused("invalid_client", "invalid client credentials")
        organisation_id = self._sandbox.company.organisation_id
        with self._sandbox.changes():
            token = self._sandbox.mint_token(
                SESSION_PURPOSE,
                INTEGRATION_USER_ID,
                lifetime=SESSION_LIFETIME,
                prefix=f"{organisation_id[:15]}!",
            )
        now = self._sandbox.clock.now()
        self._renewed_at[token] = now
        identity = f"{instance_url}/id/{organisation_id}/{INTEGRATION_USER_ID}"
        issued_at = str(int(now.timestamp() * 1000))
        return {
            "access_token": token,
            "signature": _signature(known.client_secret, identity + issued_at),
            "instance_url": instance_url,
            "id": identity,
            "token_type": "Bearer",
            "issued_at": issued_at,
        }

    def check(self, authorization: str | None) -> None:
        """Let a living session pass, and live on.

        Raises ``Refusal`` (INVALID_SESSION_ID) for any other.
        """
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() not in ("bearer", "oauth"):
            raise invalid_session()
        if self._sandbox.token_subject(SESSION_PURPOSE, token) is None:
            self._renewed_at.pop(token, None)
            raise invalid_session()
        now = self._sandbox.clock.now()
        renewed_at = self._renewed_at.get(token)
        if renewed_at is None or now - renewed_at >= SESSION_LIFETIME / 2:
            with self._sandbox.changes():
                self._sandbox.expire_token(SESSION_PURPOSE, token, after=SESSION_LIFETIME)
            self._renewed_at[token] = now


def _client_credentials(form: Mapping[str, str], authorization: str | None) -> tuple[str, str]:
    scheme, _, encoded = (authorization or "").partition(" ")
    if scheme.lower() != "basic":
        return form.get("client_id", ""), form.get("client_secret", "")
    try:
        decoded = base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise SignInRefused("invalid_client", "invalid client credentials") from error
    client_id, _, client_secret = decoded.partition(":")
    return unquote_plus(client_id), unquote_plus(client_secret)


def _signature(secret: str, text: str) -> str:
    return base64.b64encode(hashlib.sha256((secret + text).encode()).digest()).decode()
