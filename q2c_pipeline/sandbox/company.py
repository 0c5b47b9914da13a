"""The company that the sandbox plays, and everything a route needs to play it.

Belongs here: who the company is, its running state, and tokens, which both vendors hand out.
Does not belong here: reading the company's folder (``folder``) or what any vendor's request means.
"""

import hashlib
import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from q2c_pipeline.sandbox.clock import SandboxClock
from q2c_pipeline.sandbox.store import Store

CLOCK_SETTING = "clock"


@dataclass(frozen=True)
class Company:
    """``clock`` is the moment at which the folder says that the company's life goes on."""

    folder: Path
    name: str
    clock: datetime
    home_currency: str
    time_zone: ZoneInfo
    realm_ids: tuple[str, ...]
    organisation_id: str


@dataclass(frozen=True)
class ClientCredentials:
    client_id: str
    client_secret: str


@dataclass(frozen=True)
class Sandbox:
    """One running sandbox; ``credentials`` by system (``quickbooks``, ``salesforce``).

    ``is_kept`` says that the state outlives the process, so each answer's moment is stored too.
    """

    store: Store
    clock: SandboxClock
    company: Company
    credentials: Mapping[str, ClientCredentials]
    is_kept: bool = False
    random_text: Callable[[], str] = field(default=lambda: secrets.token_urlsafe(32))

    @contextmanager
    def changes(self) -> Iterator[None]:
        """One transaction for all that a request changes, the clock's moment with it."""
        with self.store.transaction():
            yield
            self.store.set_setting(CLOCK_SETTING, self.clock.now().isoformat())

    def remember_the_moment(self) -> datetime:
        """The moment of an answer; once told, a restart never goes back behind it."""
        moment = self.clock.now()
        if self.is_kept:
            with self.store.transaction():
                self.store.set_setting(CLOCK_SETTING, moment.isoformat())
        return moment

    def mint_token(
        self, purpose: str, subject: str, *, lifetime: timedelta, prefix: str = ""
    ) -> str:
        """A new token that stands for ``subject`` (a realm, a user) until ``lifetime`` is over.

        Only its digest is kept. Call within ``changes()``.
        """
        token = prefix + self.random_text()
        expires_at = self.clock.now() + lifetime
        self.store.set_setting(
            _token_setting(purpose, token),
            json.dumps({"subject": subject, "expires_at": expires_at.isoformat()}),
        )
        return token

    def token_subject(self, purpose: str, token: str) -> str | None:
        """Whom a living token stands for; None if unknown, expired or revoked."""
        kept = self.store.setting(_token_setting(purpose, token))
        if kept is None:
            return None
        grant = json.loads(kept)
        if self.clock.now() >= datetime.fromisoformat(grant["expires_at"]):
            return None
        return str(grant["subject"])

    def expire_token(self, purpose: str, token: str, *, after: timedelta = timedelta(0)) -> None:
        """Let a living token die ``after`` a while. Call within ``changes()``."""
        subject = self.token_subject(purpose, token)
        if subject is not None:
            expires_at = self.clock.now() + after
            self.store.set_setting(
                _token_setting(purpose, token),
                json.dumps({"subject": subject, "expires_at": expires_at.isoformat()}),
            )


def _token_setting(purpose: str, token: str) -> str:
    return f"token/{purpose}/{hashlib.sha256(token.encode()).hexdigest()}"
