"""The settings that a client of the sandbox needs, and how they reach it.

Belongs here: names, values and their announcement. Does not belong here: what they open.
"""

import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from q2c_pipeline.core.errors import ConfigurationError
from q2c_pipeline.sandbox.company import Sandbox
from q2c_pipeline.sandbox.quickbooks.oauth import authorise

SALESFORCE_API_VERSION = "66.0"


def client_settings(sandbox: Sandbox, base_url: str) -> dict[str, str]:
    """By variable name, with a fresh authorisation for every realm."""
    realm_ids = sandbox.company.realm_ids
    quickbooks = sandbox.credentials["quickbooks"]
    salesforce = sandbox.credentials["salesforce"]
    with sandbox.changes():
        refresh_tokens = {
            "QBO_REFRESH_TOKEN" + (f"_{realm_id}" if len(realm_ids) > 1 else ""): authorise(
                sandbox, realm_id
            )
            for realm_id in realm_ids
        }
    return {
        "QBO_BASE_URL": base_url,
        "QBO_TOKEN_URL": f"{base_url}/oauth2/v1/tokens/bearer",
        "QBO_REALM_ID": ",".join(realm_ids),
        "QBO_CLIENT_ID": quickbooks.client_id,
        "QBO_CLIENT_SECRET": quickbooks.client_secret,
        **refresh_tokens,
        "SALESFORCE_LOGIN_URL": base_url,
        "SALESFORCE_CLIENT_ID": salesforce.client_id,
        "SALESFORCE_CLIENT_SECRET": salesforce.client_secret,
        "SALESFORCE_API_VERSION": SALESFORCE_API_VERSION,
    }


def announce(settings: Mapping[str, str], env_file: Path | None) -> None:
    """As ``NAME=value`` lines: whole and readable by their owner only, or on standard output."""
    text = "".join(f"{name}={value}\n" for name, value in settings.items())
    if env_file is None:
        sys.stdout.write(text)
        sys.stdout.flush()
    else:
        _write_privately(env_file, text)


def _write_privately(path: Path, text: str) -> None:
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        unfinished.replace(path)
    except OSError as error:
        with suppress(OSError):
            unfinished.unlink()
        raise ConfigurationError(
            f"The settings cannot be written to {path}: {error.strerror}. Name another --env-file."
        ) from error
