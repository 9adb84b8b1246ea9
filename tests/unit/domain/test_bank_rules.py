from __future__ import annotations

import pytest

from billdesk.domain.bank_rules import (
    BankRule,
    Condition,
    RuleField,
    RuleTest,
    applies,
    first_rule,
    holds,
    rule_from_line,
)
from builders.banking import a_line

FEE = a_line("-2.50", "Monthly  FEE 03/2026", name="KBC Bank", account="BE01")


@pytest.mark.parametrize(
    ("field", "test", "value", "expected"),
    [
        (RuleField.TEXT, RuleTest.CONTAINS, "monthly fee", True),
        (RuleField.TEXT, RuleTest.IS, "monthly fee", False),
        (RuleField.COUNTERPARTY, RuleTest.IS, "kbc bank", True),
        (RuleField.ACCOUNT, RuleTest.IS, "BE02", False),
        (RuleField.DIRECTION, RuleTest.IS, "out", True),
        (RuleField.DIRECTION, RuleTest.IS, "in", False),
        (RuleField.AMOUNT, RuleTest.AT_MOST, "250", True),
        (RuleField.AMOUNT, RuleTest.AT_LEAST, "251", False),
        (RuleField.AMOUNT, RuleTest.IS, "250", True),
    ],
)
def test_a_condition_compares_text_without_case_and_amounts_without_sign(
    field: RuleField, test: RuleTest, value: str, *, expected: bool
) -> None:
    assert holds(Condition(field, test, value), FEE) is expected


def _rule(position: int, text: str, *, active: bool = True) -> BankRule:
    conditions = (Condition(RuleField.TEXT, RuleTest.CONTAINS, text),)
    return BankRule(position, 1, position, text, conditions, "656000", active=active)


def test_the_first_active_rule_that_holds_books_the_line() -> None:
    rules = [_rule(3, "fee"), _rule(2, "monthly"), _rule(1, "fee", active=False)]
    found = first_rule(rules, FEE)
    assert found is not None
    assert found.name == "monthly"
    assert first_rule([_rule(1, "rent")], FEE) is None


def test_a_rule_without_conditions_books_nothing() -> None:
    assert not applies(BankRule(1, 1, 1, "all", ()), FEE)


@pytest.mark.parametrize(
    ("account", "name", "text", "field", "value"),
    [
        ("BE01", "KBC", "Fee 03/2026", RuleField.ACCOUNT, "BE01"),
        ("", "KBC", "Fee 03/2026", RuleField.COUNTERPARTY, "KBC"),
        ("", "", "Fee for March 03/2026 nr 7", RuleField.TEXT, "Fee for March"),
        ("", "", "2026 fee", RuleField.TEXT, "2026 fee"),
    ],
)
def test_a_rule_from_a_line_recognises_the_next_one_like_it(
    account: str, name: str, text: str, field: RuleField, value: str
) -> None:
    line = a_line("-2.50", text, name=name, account=account)
    rule = rule_from_line(line, 1, account="656000")
    assert rule.conditions[1] == Condition(field, rule.conditions[1].test, value)
    assert applies(rule, line)
    assert not applies(rule, a_line("2.50", text, name=name, account=account))
