"""What the environment says, read in this one file.

Belongs here: names and types of variables. Does not belong here: what is done with them, or
business policy, which is a reviewed file.
"""

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from dotenv import load_dotenv
from pydantic import AliasChoices, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from q2c_pipeline.core.errors import ConfigurationError
from q2c_pipeline.core.home import Home

PROJECT_ROOT = Path(__file__).resolve().parent.parent


class Mode(StrEnum):
    """How far delivery goes: nowhere, to a table, into the books, or on to the customer by mail."""

    OFF = "off"
    PREVIEW = "preview"
    DRAFT = "draft"
    SEND = "send"

    @property
    def writes(self) -> bool:
        return self in (Mode.DRAFT, Mode.SEND)


def _known_zone(name: str | None) -> str | None:
    if name:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"{name!r} is no IANA time zone such as America/New_York") from None
    return name or None


def _realms(value: object) -> object:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


class _Environment(BaseSettings):
    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", frozen=True)

    @classmethod
    def read(cls) -> Self:
        """The values now in the environment.

        Raises ConfigurationError that names the variable; the value itself is never repeated.
        """
        try:
            return cls()
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            field = (
                cls.model_fields[str(first["loc"][0])]
                if first["loc"][0] in cls.model_fields
                else None
            )
            name = field.validation_alias if field else first["loc"][0]
            reason = first["msg"].removeprefix("Value error, ")
            raise ConfigurationError(
                f"{name} is not usable: {reason}. Set it in the environment or in .env."
            ) from None


class Settings(_Environment):
    """Where things are and for which day; every value has a default."""

    home: Path = Field(PROJECT_ROOT / "data", validation_alias="Q2C_HOME")
    as_of_date: date | None = Field(None, validation_alias="Q2C_AS_OF")
    time_zone: Annotated[str | None, BeforeValidator(_known_zone)] = Field(
        None, validation_alias="Q2C_TIME_ZONE"
    )

    mode: Mode = Field(Mode.PREVIEW, validation_alias="Q2C_MODE")
    ledger: SecretStr | None = Field(None, validation_alias="Q2C_LEDGER_URL")

    @property
    def home_folder(self) -> Path:
        """The home as an absolute path; a relative one counts from the project."""
        return (PROJECT_ROOT / self.home.expanduser()).resolve()

    @property
    def ledger_url(self) -> str:
        """The database of the ledger, password included; without a setting a file in the home."""
        return revealed(self.ledger) or f"sqlite:///{Home(self.home_folder).ledger}"


class QuickBooksSettings(_Environment):
    """How to reach QuickBooks Online; ``realm_ids`` empty means it is left out."""

    base_url: str = Field("https://quickbooks.api.intuit.com", validation_alias="QBO_BASE_URL")
    token_url: str = Field(
        "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer",
        validation_alias="QBO_TOKEN_URL",
    )
    realm_ids: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_realms)] = Field(
        (), validation_alias="QBO_REALM_ID"
    )
    client_id: str | None = Field(None, validation_alias="QBO_CLIENT_ID")
    client_secret: SecretStr | None = Field(None, validation_alias="QBO_CLIENT_SECRET")
    refresh_token: SecretStr | None = Field(None, validation_alias="QBO_REFRESH_TOKEN")

    @property
    def is_configured(self) -> bool:
        """Whether any credential is set; half a set is an error when it is used, not silence."""
        return bool(self.realm_ids or self.client_id or self.client_secret or self.refresh_token)

    def refresh_token_of(self, realm_id: str) -> SecretStr | None:
        """The realm's own ``QBO_REFRESH_TOKEN_<realm>``, else the common one."""

        class RealmToken(_Environment):
            token: SecretStr | None = Field(
                None, validation_alias=AliasChoices(f"QBO_REFRESH_TOKEN_{realm_id}")
            )

        return RealmToken.read().token or self.refresh_token

    def missing(self) -> list[str]:
        """Names of the variables that are still needed."""
        absent = []
        if not self.realm_ids:
            absent.append("QBO_REALM_ID")
        if not self.client_id:
            absent.append("QBO_CLIENT_ID")
        if not self.client_secret:
            absent.append("QBO_CLIENT_SECRET")
        if not self.realm_ids and not self.refresh_token:
            absent.append("QBO_REFRESH_TOKEN")
        absent += [
            f"QBO_REFRESH_TOKEN or QBO_REFRESH_TOKEN_{realm}"
            for realm in self.realm_ids
            if self.refresh_token_of(realm) is None
        ]
        return absent


class SalesforceSettings(_Environment):
    """How to reach Salesforce; without a client id it is left out."""

    login_url: str | None = Field(None, validation_alias="SALESFORCE_LOGIN_URL")
    client_id: str | None = Field(None, validation_alias="SALESFORCE_CLIENT_ID")
    client_secret: SecretStr | None = Field(None, validation_alias="SALESFORCE_CLIENT_SECRET")
    api_version: str = Field("66.0", validation_alias="SALESFORCE_API_VERSION")
    daily_calls_percent: int = Field(
        80, ge=1, le=100, validation_alias="SALESFORCE_DAILY_CALLS_PERCENT"
    )

    @property
    def is_configured(self) -> bool:
        """Whether any credential is set; half a set is an error when it is used, not silence."""
        return bool(self.login_url or self.client_id or self.client_secret)

    def missing(self) -> list[str]:
        """Names of the variables that are still needed."""
        return [
            name
            for name, value in (
                ("SALESFORCE_LOGIN_URL", self.login_url),
                ("SALESFORCE_CLIENT_ID", self.client_id),
                ("SALESFORCE_CLIENT_SECRET", self.client_secret),
            )
            if not value
        ]


def refuse_half(system: QuickBooksSettings | SalesforceSettings) -> None:
    """Raises ConfigurationError that names what is missing where only some credentials are set."""
    if system.is_configured and (missing := system.missing()):
        raise ConfigurationError(
            f"Only some of a system's credentials are set; missing: {', '.join(missing)}. Set them"
            " in the environment or in .env, or take the others out."
        )


def revealed(secret: SecretStr | None) -> str:
    """The secret itself, for the client that sends it; empty when none is set."""
    return secret.get_secret_value() if secret else ""


def load_env_file() -> None:
    """Take variables that are not set yet from the project's ``.env``."""
    load_dotenv(PROJECT_ROOT / ".env", override=False)
