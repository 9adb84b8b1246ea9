"""Rules that book bank lines without a document: fees, own transfers, a payer who never says what for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from billdesk.domain.banking import StatementLine


class RuleField(StrEnum):
    """What of a line a condition looks at."""

    TEXT = "text"
    COUNTERPARTY = "counterparty"
    ACCOUNT = "account"
    AMOUNT = "amount"
    DIRECTION = "direction"


class RuleTest(StrEnum):
    """How a condition compares; amounts compare without their sign."""

    CONTAINS = "contains"
    IS = "is"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"


INCOMING: Final = "in"
OUTGOING: Final = "out"


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that must hold; `value` is text, a direction, or whole minor units for amounts."""

    field: RuleField
    test: RuleTest
    value: str


@dataclass(frozen=True, slots=True)
class BankRule:
    """Lines for which all conditions hold go to a ledger account, or to a customer's balance.

    Rules are tried in the order of `position`; the first that holds books the line.
    """

    id: int
    entity_id: int
    position: int
    name: str
    conditions: tuple[Condition, ...]
    account: str = ""
    customer_id: int | None = None
    text: str = ""
    active: bool = True
    version: int = 1


def holds(condition: Condition, line: StatementLine) -> bool:
    """Whether a condition is true of a line; letter case and repeated blanks do not count."""
    if condition.field is RuleField.AMOUNT:
        return _compare(abs(line.amount.minor), condition.test, int(condition.value))
    if condition.field is RuleField.DIRECTION:
        return condition.value == (INCOMING if line.amount.minor > 0 else OUTGOING)
    found, wanted = _plain(_text_of(line, condition.field)), _plain(condition.value)
    return wanted in found if condition.test is RuleTest.CONTAINS else wanted == found


def _compare(amount: int, test: RuleTest, value: int) -> bool:
    if test is RuleTest.AT_LEAST:
        return amount >= value
    return amount <= value if test is RuleTest.AT_MOST else amount == value


def _text_of(line: StatementLine, field: RuleField) -> str:
    if field is RuleField.COUNTERPARTY:
        return line.counterparty
    return line.counterparty_account if field is RuleField.ACCOUNT else line.text


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def applies(rule: BankRule, line: StatementLine) -> bool:
    """Whether a rule books a line; a rule without conditions books none."""
    return bool(rule.conditions) and all(holds(condition, line) for condition in rule.conditions)


def first_rule(rules: Sequence[BankRule], line: StatementLine) -> BankRule | None:
    """Give the first active rule that books a line."""
    ordered = sorted(rules, key=lambda rule: (rule.position, rule.id))
    return next((rule for rule in ordered if rule.active and applies(rule, line)), None)


def rule_from_line(
    line: StatementLine, entity_id: int, *, account: str = "", customer_id: int | None = None
) -> BankRule:
    """Give a rule for lines like this one: same direction, same counterparty or else the same text."""
    direction = INCOMING if line.amount.minor > 0 else OUTGOING
    conditions = [Condition(RuleField.DIRECTION, RuleTest.IS, direction)]
    if line.counterparty_account:
        conditions.append(Condition(RuleField.ACCOUNT, RuleTest.IS, line.counterparty_account))
    elif line.counterparty:
        conditions.append(Condition(RuleField.COUNTERPARTY, RuleTest.IS, line.counterparty))
    else:
        conditions.append(Condition(RuleField.TEXT, RuleTest.CONTAINS, _without_numbers(line.text)))
    name = line.counterparty or _without_numbers(line.text)
    return BankRule(0, entity_id, 0, name, tuple(conditions), account, customer_id)


def _without_numbers(text: str) -> str:
    # Dates, amounts and statement numbers differ on the next line; the words before them stay.
    words: list[str] = []
    for word in text.split():
        if any(sign.isdigit() for sign in word) and words:
            break
        words.append(word)
    return " ".join(words)
