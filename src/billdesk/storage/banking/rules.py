"""Rules for bank lines between their table and their records."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, bindparam, delete, func, insert, select, update

from billdesk.domain.bank_rules import BankRule, Condition, RuleField, RuleTest
from billdesk.kernel.errors import StaleRecord
from billdesk.storage.database import Db
from billdesk.storage.tables.banking import match_rule


def list_rules(db: Db, entity_id: int) -> list[BankRule]:
    """Give the rules of an entity in the order in which they are tried."""
    query = select(match_rule).where(match_rule.c.entity_id == entity_id)
    return [_rule(row) for row in db.connection.execute(query.order_by(match_rule.c.position, match_rule.c.id))]


def insert_rule(db: Db, rule: BankRule) -> int:
    """Add a rule behind the others and give its id."""
    last = select(func.max(match_rule.c.position)).where(match_rule.c.entity_id == rule.entity_id)
    position = (db.connection.execute(last).scalar() or 0) + 1
    values = _values(rule) | {"entity_id": rule.entity_id, "position": position, "version": 1}
    return int(db.connection.execute(insert(match_rule).values(values).returning(match_rule.c.id)).scalar_one())


def update_rule(db: Db, rule: BankRule) -> None:
    """Replace a rule; raises StaleRecord when somebody else changed it."""
    same = (match_rule.c.id == rule.id) & (match_rule.c.version == rule.version)
    changed = update(match_rule).where(same).values(**_values(rule), version=rule.version + 1)
    if db.connection.execute(changed).rowcount != 1:
        raise StaleRecord("banking", rule.name, "?", "?")


def delete_rule(db: Db, rule_id: int) -> None:
    """Delete a rule; what it booked stays."""
    db.connection.execute(delete(match_rule).where(match_rule.c.id == rule_id))


def order_rules(db: Db, ids: Sequence[int]) -> None:
    """Write the order in which rules are tried."""
    rows = [{"rule": rule_id, "place": place} for place, rule_id in enumerate(ids, start=1)]
    if rows:
        statement = update(match_rule).where(match_rule.c.id == bindparam("rule")).values(position=bindparam("place"))
        db.connection.execute(statement, rows)


def _values(rule: BankRule) -> dict[str, Any]:
    return {
        "name": rule.name,
        "conditions": [[one.field.value, one.test.value, one.value] for one in rule.conditions],
        "account": rule.account,
        "customer_id": rule.customer_id,
        "text": rule.text,
        "active": rule.active,
    }


def _rule(row: Row[Any]) -> BankRule:
    values = dict(row._mapping)
    values["conditions"] = tuple(
        Condition(RuleField(field), RuleTest(test), value) for field, test, value in row.conditions
    )
    return BankRule(**values)
