"""Rules for bank lines: written from a line, tried on history before they are saved, applied in their order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from billdesk.domain.bank_rules import BankRule, RuleField, applies, first_rule, rule_from_line
from billdesk.domain.payments import LineState
from billdesk.kernel.changes import Noun
from billdesk.kernel.errors import InvalidValue, NotFound, Place, Problem
from billdesk.kernel.progress import Progress
from billdesk.services import audit
from billdesk.services.banking.proposals import ProposalKind
from billdesk.services.banking.settling import BulkOutcome, accept_unique_matches
from billdesk.services.result import Result
from billdesk.storage.banking import rules as storage
from billdesk.storage.banking.lines import LineFilter, list_line_ids, load_lines
from billdesk.storage.database import Db

_CHANGED: Final = frozenset({Noun.BANKING, Noun.AUDIT})
_CHUNK: Final = 1_000
_MOST: Final = 20_000


@dataclass(frozen=True, slots=True)
class RuleTrial:
    """What a rule would have done: lines looked at, lines it books, and what of them people settled with customers.

    `shadowed` lines are booked by an earlier rule. `examples` are line ids, newest first.
    """

    looked_at: int
    hits: int
    still_open: int
    against_people: int
    shadowed: int
    examples: tuple[int, ...]


def list_rules(db: Db, entity_id: int) -> list[BankRule]:
    """Give the rules of an entity in the order in which they are tried."""
    return storage.list_rules(db, entity_id)


def create_rule_from_line(db: Db, line_id: int, *, account: str = "", customer_id: int | None = None) -> BankRule:
    """Give a rule for lines like this one, not saved yet: a person looks at it and tries it first."""
    lines = load_lines(db, [line_id])
    if not lines:
        raise NotFound("banking", str(line_id))
    return rule_from_line(lines[0].line, lines[0].entity_id, account=account, customer_id=customer_id)


def test_rule(db: Db, rule: BankRule) -> RuleTrial:
    """Try a rule on the latest lines of its entity; nothing changes."""
    ids = list_line_ids(db, LineFilter(entity_id=rule.entity_id))[-_MOST:]
    # A new rule comes after the others, a saved one has its place.
    before = [one for one in storage.list_rules(db, rule.entity_id) if not rule.id or one.position < rule.position]
    hits, shadowed = [], 0
    for start in range(0, len(ids), _CHUNK):
        for line in load_lines(db, ids[start : start + _CHUNK]):
            if applies(rule, line.line):
                hits.append(line)
                shadowed += first_rule(before, line.line) is not None
    return RuleTrial(
        looked_at=len(ids),
        hits=len(hits),
        still_open=sum(line.state is LineState.OPEN for line in hits),
        against_people=sum(line.state is LineState.MATCHED for line in hits) if rule.account else 0,
        shadowed=shadowed,
        examples=tuple(line.id for line in reversed(hits))[:20],
    )


def save_rule(db: Db, rule: BankRule) -> Result[int]:
    """Add a rule (id 0) behind the others, or replace one; raises InvalidValue, or StaleRecord."""
    _check(rule)
    rule_id = rule.id
    if rule.id:
        storage.update_rule(db, rule)
    else:
        rule_id = storage.insert_rule(db, rule)
    audit.record(db, command="save_bank_rule", noun=Noun.BANKING, subject=str(rule_id), details={"name": rule.name})
    return Result(rule_id, _CHANGED)


def _check(rule: BankRule) -> None:
    if not rule.name.strip():
        raise InvalidValue(Problem("value_missing", Place(field="name")))
    if not rule.conditions:
        raise InvalidValue(Problem("value_missing", Place(field="conditions")))
    if bool(rule.account) == (rule.customer_id is not None):
        raise InvalidValue(Problem("rule_needs_one_target", Place(field="account")))
    for condition in rule.conditions:
        if condition.field is RuleField.AMOUNT and not condition.value.lstrip("-").isdigit():
            raise InvalidValue(Problem("not_a_number", Place(field="conditions"), condition.value))
        if not condition.value.strip():
            raise InvalidValue(Problem("value_missing", Place(field="conditions")))


def delete_rule(db: Db, rule_id: int) -> Result[None]:
    """Delete a rule; what it booked stays."""
    storage.delete_rule(db, rule_id)
    audit.record(db, command="delete_bank_rule", noun=Noun.BANKING, subject=str(rule_id))
    return Result(None, _CHANGED)


def order_rules(db: Db, ids: Sequence[int]) -> Result[None]:
    """Set the order in which rules are tried."""
    storage.order_rules(db, ids)
    audit.record(db, command="order_bank_rules", noun=Noun.BANKING, details={"ids": list(ids)})
    return Result(None, _CHANGED)


def apply_rules(db: Db, wanted: LineFilter | None = None, *, progress: Progress) -> Result[BulkOutcome]:
    """Book every open line for which a rule holds, unless a document is certain for it."""
    return accept_unique_matches(db, wanted, kinds=frozenset({ProposalKind.RULE}), progress=progress)


def switch_rule(db: Db, rule: BankRule, *, active: bool) -> Result[int]:
    """Turn a rule on or off."""
    return save_rule(db, replace(rule, active=active))
