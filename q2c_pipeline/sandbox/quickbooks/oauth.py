"""Intuit's OAuth 2.0 as a client meets it: codes, refresh, rotation, revocation.

Belongs here: grants (one realm each) and their tokens. Does not belong here: the consent pages of
a browser; a grant comes into being when the sandbox starts, or at once when it is asked for.
"""

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from q2c_pipeline.sandbox.company import Sandbox

ACCESS_LIFETIME = timedelta(hours=1)
REFRESH_LIFETIME = timedelta(days=101)
HARD_LIFETIME = timedelta(days=5 * 365)
ROTATION_AFTER = timedelta(hours=24)
PREVIOUS_VALID_FOR = timedelta(hours=24)

CODE_LIFETIME = timedelta(minutes=10)

CODE = "quickbooks/code"
ACCESS = "quickbooks/access"
REFRESH = "quickbooks/refresh"


@dataclass(frozen=True)
class Grant:
    """What somebody once allowed: one realm, and the refresh token that is its newest."""

    grant_id: str
    realm_id: str
    granted_at: str
    refresh_token: str
    rotated_at: str


@dataclass(frozen=True)
class IssuedTokens:
    access_token: str
    refresh_token: str
    hard_expires_in_seconds: int


def authorise(sandbox: Sandbox, realm_id: str) -> str:
    """Grant a realm afresh; the refresh token that a client starts with.

    Call within ``changes()``.
    """
    now = sandbox.clock.now().isoformat()
    grant_id = sandbox.random_text()
    token = _mint_refresh_token(sandbox, grant_id)
    _keep(sandbox, Grant(grant_id, realm_id, now, token, now))
    return token


def consent(sandbox: Sandbox, realm_id: str, redirect_uri: str) -> str:
    """The code that stands for somebody's consent until it is exchanged.

    Call within ``changes()``.
    """
    return sandbox.mint_token(CODE, f"{realm_id} {redirect_uri}", lifetime=CODE_LIFETIME)


def exchange(sandbox: Sandbox, code: str, redirect_uri: str) -> IssuedTokens | None:
    """The first tokens for a code, once; None if it is unknown, outlived, used or another's.

    Call within ``changes()``.
    """
    consented = sandbox.token_subject(CODE, code)
    if consented is None:
        return None
    sandbox.expire_token(CODE, code)
    realm_id, _, consented_uri = consented.partition(" ")
    if consented_uri != redirect_uri:
        return None
    return refresh(sandbox, authorise(sandbox, realm_id))


def refresh(sandbox: Sandbox, refresh_token: str) -> IssuedTokens | None:
    """New tokens for a valid refresh token; None if it is unknown, outlived, rotated away, revoked.

    The refresh token's value changes about once a day, and its predecessor works a day longer.
    Call within ``changes()``.
    """
    grant = _grant_of(sandbox, REFRESH, refresh_token)
    if grant is None:
        return None
    now = sandbox.clock.now()
    hard_expiry = datetime.fromisoformat(grant.granted_at) + HARD_LIFETIME
    if now >= hard_expiry:
        return None
    if now - datetime.fromisoformat(grant.rotated_at) >= ROTATION_AFTER:
        sandbox.expire_token(REFRESH, grant.refresh_token, after=PREVIOUS_VALID_FOR)
        grant = replace(
            grant,
            refresh_token=_mint_refresh_token(sandbox, grant.grant_id),
            rotated_at=now.isoformat(),
        )
        _keep(sandbox, grant)
    else:
        sandbox.expire_token(REFRESH, grant.refresh_token, after=REFRESH_LIFETIME)
    access_token = sandbox.mint_token(ACCESS, grant.grant_id, lifetime=ACCESS_LIFETIME)
    return IssuedTokens(access_token, grant.refresh_token, int((hard_expiry - now).total_seconds()))


def revoke(sandbox: Sandbox, token: str) -> None:
    """Withdraw the whole grant behind an access or refresh token. Call within ``changes()``."""
    for purpose in (ACCESS, REFRESH):
        grant = _grant_of(sandbox, purpose, token)
        if grant is not None:
            sandbox.store.set_setting(_grant_setting(grant.grant_id), "")


def authorised_realm(sandbox: Sandbox, access_token: str) -> str | None:
    """The realm that a living access token opens."""
    grant = _grant_of(sandbox, ACCESS, access_token)
    return grant.realm_id if grant else None


def _grant_of(sandbox: Sandbox, purpose: str, token: str) -> Grant | None:
    grant_id = sandbox.token_subject(purpose, token)
    kept = sandbox.store.setting(_grant_setting(grant_id)) if grant_id else None
    return Grant(**json.loads(kept)) if kept else None


def _mint_refresh_token(sandbox: Sandbox, grant_id: str) -> str:
    return sandbox.mint_token(REFRESH, grant_id, lifetime=REFRESH_LIFETIME, prefix="RT1-")


def _keep(sandbox: Sandbox, grant: Grant) -> None:
    sandbox.store.set_setting(_grant_setting(grant.grant_id), json.dumps(asdict(grant)))


def _grant_setting(grant_id: str) -> str:
    return f"quickbooks/grant/{grant_id}"
