"""Chains of refreshed tokens, one file per grant, never lost and never used by two at once.

Belongs here: where tokens are kept and how they are replaced. Does not belong here: how a vendor
is asked for new ones.

A chain starts with the refresh token that a person put into the environment. When that one
changes, somebody re-authorised, and the stored chain gives way to a new one. A new token is on
disk before it is used: a crash between the two would lose the connection.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from q2c_pipeline.core.errors import StorageError

LOCK_TIMEOUT_SECONDS = 60.0
FOLDER_MODE = 0o700
FILE_MODE = 0o600


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """What a grant consists of now; ``expires_at`` is by this machine's clock."""

    refresh_token: str
    access_token: str | None = None
    expires_at: datetime | None = None


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
            )
        except (FileNotFoundError, NotADirectoryError):
            return Tokens(refresh_token=start)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise StorageError(
                f"The token file {path} cannot be read ({type(error).__name__}). Mend its"
                " permissions, or delete it and re-authorise: a new refresh token starts a chain"
            ) from None

    def write(self, name: str, tokens: Tokens, *, start: str) -> None:
        """Replaces the chain in one step; when this returns it is on disk."""
        path = self._path(name)
        stored = {
            "chain_start": _fingerprint(start),
            **asdict(tokens),
            "expires_at": tokens.expires_at.isoformat() if tokens.expires_at else None,
        }
        unfinished = path.with_suffix(".new")
        try:
            unfinished.unlink(missing_ok=True)
            descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
            with os.fdopen(descriptor, "w") as file:
                json.dump(stored, file)
                file.flush()
                os.fsync(file.fileno())
            os.replace(unfinished, path)
        except OSError as error:
            raise self._unwritable(error) from None

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
            yield
        finally:
            lock.release()

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.json"

    def _unwritable(self, error: OSError) -> StorageError:
        return StorageError(
            f"Refreshed tokens cannot be kept in {self.folder} ({error.strerror}), so none was"
            " asked for. Make the folder writable, or set Q2C_HOME to one that is"
        )


def _fingerprint(refresh_token: str) -> str:
    return hashlib.sha256(refresh_token.encode()).hexdigest()
