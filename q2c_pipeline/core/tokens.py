"""Chains of refreshed tokens, one file per grant, never lost and never used by two at once.

Belongs here: where tokens are kept and how they are replaced. Does not belong here: how a vendor
is asked for new ones.

A chain starts with the refresh token that a person put into the environment. When that one
changes, somebody re-authorised, and the stored chain gives way to a new one. One grant belongs in
one home: two homes would rotate it away from each other.

A new token is on disk before it is used. Before it is asked for, ``<name>.new`` is there with room
for it, so that a full disk is met while nothing is lost, and says when it was asked for. The answer
is written over that note and then takes the chain's name. Whoever is cut off leaves one of

- the note: the answer came too late to be kept, and whether it came nobody knows;
- the whole answer: the next to lock the chain takes it over;
- a torn answer, which tells nothing and is written over.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from q2c_pipeline.core.errors import PermanentError, StorageError

LOCK_TIMEOUT_SECONDS = 300.0
"""Longer than a refresh is retried, so that who waits gets what the other was given."""
ANSWER_BYTES = 8 * 1024
"""Twice what the longest tokens seen take."""
FOLDER_MODE = 0o700
FILE_MODE = 0o600


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """What a grant consists of now; ``expires_at`` is by this machine's clock.

    ``previous_refresh_token`` is the value before this one, which a vendor may still take.
    """

    refresh_token: str
    access_token: str | None = None
    expires_at: datetime | None = None
    previous_refresh_token: str | None = None


class TokenStore:
    """The folder of chains; ``name`` is the system and the realm, such as ``quickbooks-4620``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, name: str, *, start: str) -> Tokens:
        """The chain that began with ``start``, or its beginning if none is stored.

        Raises: StorageError when the file is there and cannot be read.
        """
        path = self._path(name)
        try:
            stored = json.loads(path.read_text())
            if stored["chain_start"] != _fingerprint(start):
                return Tokens(refresh_token=start)
            expires_at = stored["expires_at"]
            return Tokens(
                refresh_token=stored["refresh_token"],
                access_token=stored["access_token"],
                expires_at=datetime.fromisoformat(expires_at) if expires_at else None,
                previous_refresh_token=stored.get("previous_refresh_token"),
            )
        except (FileNotFoundError, NotADirectoryError):
            return Tokens(refresh_token=start)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise StorageError(
                f"The token file {path} cannot be read ({type(error).__name__}). Mend its"
                " permissions, or delete it and re-authorise: a new refresh token starts a chain"
            ) from None

    @contextmanager
    def asking(self, name: str, *, start: str, at: datetime) -> Iterator[datetime | None]:
        """Room for an answer that the block asks for. Yields since when an earlier one is missing.

        The block ends with ``write``, or with the vendor's refusal, which leaves nothing to keep.
        """
        missing_since = self._missing_since(name, start)
        if missing_since is None:
            note = {"chain_start": _fingerprint(start), "asked_at": at.isoformat()}
            try:
                self._fill(name, note)
            except OSError as error:
                raise self._unwritable(error) from None
        try:
            yield missing_since
        except PermanentError:
            if missing_since is None:
                self._new(name).unlink(missing_ok=True)
            raise

    def write(self, name: str, tokens: Tokens, *, start: str) -> None:
        """Replaces the chain in one step; when this returns it is on disk.

        Raises: StorageError that says how long the tokens on disk are still good for.
        """
        stored = {
            "chain_start": _fingerprint(start),
            **asdict(tokens),
            "expires_at": tokens.expires_at.isoformat() if tokens.expires_at else None,
        }
        try:
            self._fill(name, stored)
            self._take_over(name)
        except OSError as error:
            raise StorageError(
                f"Refreshed tokens could not be kept in {self.folder} ({error.strerror}), so they"
                " are not used. Mend that and run again soon: a vendor takes the tokens kept before"
                " for about a day longer"
            ) from None

    @contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """One refresher at a time. Fails before a token is asked for if none could be kept."""
        try:
            self.folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
            if not os.access(self.folder, os.W_OK | os.X_OK):
                raise PermissionError(13, "not writable")
            lock = FileLock(
                self._path(name).with_suffix(".lock"),
                timeout=LOCK_TIMEOUT_SECONDS,
                mode=FILE_MODE,
            )
            lock.acquire()
        except Timeout:
            raise StorageError(
                f"Another program has been refreshing the tokens {name} in {self.folder} for"
                f" {LOCK_TIMEOUT_SECONDS:.0f} seconds. Let it finish or end it, then run again"
            ) from None
        except OSError as error:
            raise self._unwritable(error) from None
        try:
            self._take_over_what_is_whole(name)
            yield
        finally:
            lock.release()

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.json"

    def _new(self, name: str) -> Path:
        return self.folder / f"{name}.new"

    def _left_behind(self, name: str) -> dict[str, Any]:
        """What a refresh that was cut off left in ``<name>.new``; empty if nothing whole."""
        try:
            left = json.loads(self._new(name).read_bytes())
        except (OSError, ValueError):
            return {}
        return left if isinstance(left, dict) else {}

    def _missing_since(self, name: str, start: str) -> datetime | None:
        note = self._left_behind(name)
        try:
            is_ours = note["chain_start"] == _fingerprint(start)
            return datetime.fromisoformat(note["asked_at"]) if is_ours else None
        except (KeyError, TypeError, ValueError):
            return None

    def _fill(self, name: str, content: dict[str, Any]) -> None:
        """Writes over the room that is there, or makes it; on disk when this returns."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW
        descriptor = os.open(self._new(name), flags, FILE_MODE)
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, FILE_MODE)
            file.write(json.dumps(content).encode().ljust(ANSWER_BYTES))
            file.truncate()
            file.flush()
            os.fsync(descriptor)

    def _take_over_what_is_whole(self, name: str) -> None:
        if "refresh_token" in self._left_behind(name):
            try:
                self._take_over(name)
            except OSError as error:
                raise self._unwritable(error) from None

    def _take_over(self, name: str) -> None:
        os.replace(self._new(name), self._path(name))
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _unwritable(self, error: OSError) -> StorageError:
        return StorageError(
            f"Refreshed tokens cannot be kept in {self.folder} ({error.strerror}), so none was"
            " asked for. Make the folder writable, or set Q2C_HOME to one that is"
        )


def _fingerprint(refresh_token: str) -> str:
    return hashlib.sha256(refresh_token.encode()).hexdigest()
