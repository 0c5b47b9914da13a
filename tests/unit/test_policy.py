"""The policy file is checked before anything runs, and an error names file, line and mend."""

from decimal import Decimal
from pathlib import Path

import pytest

from q2c_pipeline.core.errors import ConfigurationError
from q2c_pipeline.policy import POLICY_FILE, read_policy


def changed(tmp_path: Path, old: str, new: str) -> Path:
    text = POLICY_FILE.read_text()
    assert old in text
    path = tmp_path / "policy.yml"
    path.write_text(text.replace(old, new))
    return path


def test_amounts_are_read_as_exact_decimals() -> None:
    assert read_policy().receivables.rounding_per_application == Decimal("0.01")


def test_an_unknown_field_is_named_with_its_line(tmp_path: Path) -> None:
    path = changed(tmp_path, "credit_limit: Credit", "credit_limmit: Credit")
    line = path.read_text().splitlines().index("    credit_limmit: Credit_Limit__c") + 1

    with pytest.raises(ConfigurationError, match=rf"line {line}: crm_fields.account.credit_limmit"):
        read_policy(path)


def test_a_value_of_the_wrong_kind_is_named_with_its_line(tmp_path: Path) -> None:
    path = changed(tmp_path, "hold_after_days: 30", "hold_after_days: soon")

    with pytest.raises(ConfigurationError, match=r"receivables\.hold_after_days"):
        read_policy(path)


def test_a_file_that_is_no_yaml_is_named_with_its_line(tmp_path: Path) -> None:
    path = changed(tmp_path, "waivers: []", "waivers: [")

    with pytest.raises(ConfigurationError, match=str(path)):
        read_policy(path)


def test_a_name_that_is_there_twice_is_named_with_its_line(tmp_path: Path) -> None:
    path = changed(tmp_path, "waivers: []", "waivers: []\nwaivers: []")
    line = len(path.read_text().splitlines())

    with pytest.raises(ConfigurationError, match=rf"line {line}: waivers is there twice"):
        read_policy(path)


def test_a_waiver_without_a_reason_is_refused(tmp_path: Path) -> None:
    path = changed(
        tmp_path,
        "waivers: []",
        "waivers:\n- {entity: '1', measure: aged_receivables, amount: 4.00, until: 2026-12-31,"
        " by: A. Controller, why: ''}",
    )

    with pytest.raises(ConfigurationError, match="why"):
        read_policy(path)


def test_a_service_period_pattern_without_both_days_is_refused(tmp_path: Path) -> None:
    path = changed(tmp_path, "until)\\s*(", "until)\\s*(?:")

    with pytest.raises(ConfigurationError, match="two groups"):
        read_policy(path)


def test_a_goal_of_a_measure_is_an_exact_decimal(tmp_path: Path) -> None:
    path = changed(
        tmp_path, "measures: {}", "measures: {invoice_cycle_hours_median: {target: 24.5}}"
    )

    goal = read_policy(path).measures["invoice_cycle_hours_median"]

    assert (goal.baseline, goal.target) == (None, Decimal("24.5"))


def test_a_deal_field_that_no_model_looks_at_is_refused(tmp_path: Path) -> None:
    path = changed(tmp_path, "[purchase_order_number, amount", "[purchase_order, amount")

    with pytest.raises(ConfigurationError, match=r"completeness\.required_deal_fields\.0"):
        read_policy(path)
