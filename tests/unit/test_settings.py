"""Settings come from the environment, and an error names the variable but never a secret."""

import pytest

from q2c_pipeline.core.errors import ConfigurationError
from q2c_pipeline.settings import PROJECT_ROOT, QuickBooksSettings, SalesforceSettings, Settings


def test_without_any_variable_no_system_is_configured() -> None:
    assert not QuickBooksSettings.read().is_configured
    assert not SalesforceSettings.read().is_configured
    assert Settings.read().home_folder == (PROJECT_ROOT / "data").resolve()


@pytest.mark.parametrize(
    ("name", "value"), [("Q2C_AS_OF", "2026-02-30"), ("Q2C_TIME_ZONE", "Mars/Olympus")]
)
def test_an_unusable_value_names_its_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(ConfigurationError, match=name):
        Settings.read()


def test_half_a_set_of_credentials_is_configured_and_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("QBO_CLIENT_ID", "app")
    monkeypatch.setenv("QBO_REALM_ID", "1, 2")
    monkeypatch.setenv("QBO_REFRESH_TOKEN_2", "of-two")

    settings = QuickBooksSettings.read()

    assert settings.is_configured
    assert settings.realm_ids == ("1", "2")
    assert settings.missing() == ["QBO_CLIENT_SECRET", "QBO_REFRESH_TOKEN or QBO_REFRESH_TOKEN_1"]


def test_secrets_do_not_show_when_settings_are_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QBO_CLIENT_SECRET", "hush-hush-quickbooks")
    monkeypatch.setenv("QBO_REFRESH_TOKEN", "hush-hush-token")
    monkeypatch.setenv("SALESFORCE_CLIENT_SECRET", "hush-hush-salesforce")

    shown = f"{QuickBooksSettings.read()!r} {SalesforceSettings.read()!r}"

    assert "hush-hush" not in shown
