"""The policy file is checked before anything runs, and an error names file, line and mend."""

import re
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


LINK = (
    "{entity: '1', deal_id: '006', invoice_id: '9', decision: rejected, why: not theirs, by: Ida}"
)
PAIR = (
    "{left: salesforce/00D/001, right: quickbooks/123/5, decision: same, why: one firm, by: Ida}",
    "{left: quickbooks/123/5, right: quickbooks/12/5, decision: different, why: not one, by: Ida}",
)


def deciding(tmp_path: Path, *entries: str, section: str = "duplicate_decisions") -> Path:
    lines = "".join(f"\n- {entry}" for entry in entries)
    return changed(tmp_path, f"{section}: []", f"{section}:{lines}")


def line_of(path: Path, text: str) -> int:
    return next(n for n, line in enumerate(path.read_text().splitlines(), 1) if text in line)


def test_a_pair_of_records_is_told_in_one_order_whichever_was_named_first(tmp_path: Path) -> None:
    first, second = read_policy(deciding(tmp_path, *PAIR)).duplicate_decisions

    assert (first.left, first.right) == ("quickbooks:123:5", "salesforce:00D:001")
    # By the keys; by what was written, the slash would come before the digit.
    assert (second.left, second.right) == ("quickbooks:123:5", "quickbooks:12:5")


@pytest.mark.parametrize(
    ("named", "place", "told"),
    [
        (
            "xero/1/5",
            ".left",
            "xero/1/5 begins with no system that has customers; a record is named",
        ),
        ("Quickbooks/1/5", ".left", "hubspot/<portal>/<company id>"),
        ("''", ".left", "begins with no system"),
        ("quickbooks/5", ".left", "named quickbooks/<realm>/<customer id>"),
        ("quickbooks//5", ".left", "quickbooks//5 names no record"),
        ("hubspot/1/5/6", ".left", "named hubspot/<portal>/<company id>"),
        ("salesforce/00D/", ".left", "named salesforce/<organisation>/<account id>"),
        ("quickbooks:1:5", ".left", "begins with no system"),
        ("quickbooks/123/5", "", "left and right are one record, quickbooks:123:5; name two"),
    ],
)
def test_a_record_that_cannot_be_meant_is_named_with_its_line(
    tmp_path: Path, named: str, place: str, told: str
) -> None:
    path = deciding(tmp_path, PAIR[1], PAIR[0].replace("salesforce/00D/001", named))
    line = line_of(path, "one firm")

    with pytest.raises(ConfigurationError, match=re.escape(told)) as caught:
        read_policy(path)
    assert f"line {line}: duplicate_decisions.1{place}: " in str(caught.value)


def test_a_decision_that_is_neither_same_nor_different_is_refused(tmp_path: Path) -> None:
    path = deciding(tmp_path, PAIR[0].replace("decision: same", "decision: maybe"))

    with pytest.raises(ConfigurationError, match="'same' or 'different'"):
        read_policy(path)


def test_a_pair_that_is_decided_twice_is_refused_in_either_order(tmp_path: Path) -> None:
    turned = PAIR[0].replace("left:", "x:").replace("right:", "left:").replace("x:", "right:")
    path = deciding(tmp_path, PAIR[0], PAIR[1], turned)

    with pytest.raises(
        ConfigurationError, match="entries 1 and 3 both decide quickbooks:123:5 and"
    ):
        read_policy(path)


def test_a_link_that_is_decided_twice_is_refused(tmp_path: Path) -> None:
    twice = (LINK, LINK.replace("rejected", "confirmed"))

    with pytest.raises(
        ConfigurationError, match="entries 1 and 2 both decide deal 006 and invoice"
    ):
        read_policy(deciding(tmp_path, *twice, section="deal_links"))


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
