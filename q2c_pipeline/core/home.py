"""The folder that holds all state of one company, and whose company it is.

Belongs here: names of files and the rule that a home is never shared. Does not belong here: what
the files contain.
"""

import errno
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from q2c_pipeline.core.errors import ConfigurationError, StorageError

OWNER_ONLY = 0o700
FREE_MEGABYTES_MIN = 100
"""Less than a small company needs; with less, a run would only end half-way."""


@dataclass(frozen=True)
class Claim:
    """The company that a home belongs to: its realms, its CRM organisation, made up or not."""

    realm_ids: tuple[str, ...]
    crm_organisation: str | None
    is_made_up: bool


@dataclass(frozen=True)
class Home:
    """Paths of everything that is kept between runs."""

    folder: Path

    @property
    def raw(self) -> Path:
        """Every version ever seen; backed up, never rebuilt."""
        return self.folder / "raw.duckdb"

    @property
    def warehouse(self) -> Path:
        """Models; can be rebuilt from raw at any time."""
        return self.folder / "warehouse.duckdb"

    @property
    def marts(self) -> Path:
        """What is published; only ever replaced as a whole."""
        return self.folder / "marts.duckdb"

    @property
    def ledger(self) -> Path:
        """What was delivered; backed up, never rebuilt. Elsewhere where a URL names PostgreSQL."""
        return self.folder / "ledger.db"

    @property
    def tokens(self) -> Path:
        return self.folder / "tokens"

    @property
    def dagster(self) -> Path:
        return self.folder / "dagster"

    @property
    def dbt(self) -> Path:
        """Compiled models and dbt's own logs."""
        return self.folder / "dbt"

    @property
    def sandbox(self) -> Path:
        return self.folder / "sandbox"

    @property
    def known(self) -> Path:
        """Marts as known on earlier days; can be built again at any time."""
        return self.folder / "known"

    @property
    def writing_stopped(self) -> Path:
        """While this file is there, nothing is written to any vendor; it says who stopped it."""
        return self.folder / "writing.stopped"

    @property
    def log(self) -> Path:
        """Where stack traces go."""
        return self.folder / "logs" / "q2c.log"

    @property
    def claim_file(self) -> Path:
        return self.folder / "home.json"

    def create(self) -> None:
        """Make the folders, readable by their owner alone.

        Raises StorageError when the folder cannot be written or its disk is all but full.
        """
        with writing_to(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True, mode=OWNER_ONLY)
            for folder in (self.tokens, self.dagster, self.dbt, self.sandbox, self.log.parent):
                folder.mkdir(exist_ok=True, mode=OWNER_ONLY)
            probe = self.folder / f".writable-{os.getpid()}"
            probe.write_text("")
            probe.unlink()
        if free_megabytes(self.folder) < FREE_MEGABYTES_MIN:
            raise StorageError(disk_full_message(self.folder))

    def claim(self, wanted: Claim) -> None:
        """Record whose home this is, or check that it is the same company as before.

        A real company may gain realms; everything else must stay as the first run found it.
        Raises ConfigurationError that says whose home it is.
        """
        known = self.claimed()
        if known is None:
            self._write(wanted)
            return
        remedy = f"Set Q2C_HOME to another folder than {self.folder} for this company."
        if known.is_made_up != wanted.is_made_up:
            kinds = ("a real company", "a made-up company")
            raise ConfigurationError(
                f"This home belongs to {kinds[known.is_made_up]}, and this run reads"
                f" {kinds[wanted.is_made_up]}. {remedy}"
            )
        kept = set(known.realm_ids) & set(wanted.realm_ids)
        strangers = set(wanted.realm_ids) - set(known.realm_ids)
        if known.realm_ids and strangers and (known.is_made_up or not kept):
            raise ConfigurationError(
                f"This home belongs to QuickBooks realm {', '.join(known.realm_ids)}, and this"
                f" run reads {', '.join(wanted.realm_ids)}. {remedy}"
            )
        crm_organisation = known.crm_organisation or wanted.crm_organisation
        if wanted.crm_organisation not in (None, crm_organisation):
            raise ConfigurationError(
                f"This home belongs to CRM organisation {known.crm_organisation}, and this run"
                f" reads {wanted.crm_organisation}. {remedy}"
            )
        merged = Claim(
            tuple(sorted({*known.realm_ids, *wanted.realm_ids})), crm_organisation, known.is_made_up
        )
        if merged != known:
            self._write(merged)

    def claimed(self) -> Claim | None:
        """The recorded company; None before the first run.

        Raises StorageError when the record cannot be read.
        """
        try:
            record = json.loads(self.claim_file.read_text())
            return Claim(
                tuple(record["realm_ids"]), record["crm_organisation"], record["is_made_up"]
            )
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError):
            raise StorageError(
                f"{self.claim_file} does not say whose home this is any more. Restore it from a"
                " backup; it names the realms, the CRM organisation and whether they are made up."
            ) from None

    def _write(self, claim: Claim) -> None:
        with writing_to(self.claim_file):
            replacement = self.claim_file.with_suffix(".new")
            replacement.write_text(
                json.dumps(
                    {
                        "realm_ids": list(claim.realm_ids),
                        "crm_organisation": claim.crm_organisation,
                        "is_made_up": claim.is_made_up,
                    },
                    indent=2,
                )
                + "\n"
            )
            replacement.replace(self.claim_file)


@contextmanager
def writing_to(path: Path) -> Iterator[None]:
    """Turn the operating system's refusal to write into a sentence with the mend.

    Raises StorageError that names the path.
    """
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageError(disk_full_message(path)) from error
        raise StorageError(
            f"{path} cannot be written: {error.strerror or error}. Give the user that runs q2c"
            " write permission there, or set Q2C_HOME to another folder."
        ) from error


def flush_to_disk(path: Path) -> None:
    """Returns once the file, or the folder's list of files, is on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def disk_full_message(path: Path) -> str:
    """What to say when the disk that holds ``path`` is full."""
    return (
        f"No space left on the disk of {path} ({free_megabytes(path):,} MB free). Free some, or"
        " set Q2C_HOME to a folder on a larger disk; what was published before is as it was."
    )


def is_disk_full(text: str) -> bool:
    """Whether an error's text, from the system, DuckDB or SQLite, means a full disk."""
    return any(sign in text for sign in (os.strerror(errno.ENOSPC), "disk is full", "disk I/O"))


def free_megabytes(path: Path) -> int:
    """Free space on the disk that holds ``path``, in whole MB."""
    existing = next(parent for parent in (path, *path.parents) if parent.exists())
    return shutil.disk_usage(existing).free // (1024 * 1024)
