"""What an undo may take back: shared by the kinds whose rows are one record each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from billdesk.services.imports.model import Held, UndoPlan
from billdesk.services.imports.snapshots import to_json
from billdesk.storage.database import Db
from billdesk.storage.imports import RecordChange, held_back


@dataclass(frozen=True, slots=True)
class RecordTable:
    """A table of records: its parts that live and go with it, and how to load records by id."""

    name: str
    own: tuple[str, ...]
    load: Callable[[Db, Iterable[int]], Mapping[int, object]]


def plan_records(db: Db, table: RecordTable, changes: Sequence[RecordChange], plan: UndoPlan) -> None:
    """Let new records go that nothing else points to, and restore changed ones that nobody changed since."""
    mine = [change for change in changes if change.record == table.name]
    new = [change for change in mine if change.before is None]
    held = held_back(db, table.name, [change.record_id for change in new], plan.gone, table.own)
    plan.removes(table.name).update(change.record_id for change in new if change.record_id not in held)
    plan.blocked += [(change, Held.by(held[change.record_id])) for change in new if change.record_id in held]
    old = [change for change in mine if change.before is not None]
    now = table.load(db, [change.record_id for change in old])
    for change in old:
        if change.record_id in now and says_the_same(to_json(now[change.record_id]), change.after):
            plan.restored.append(change)
        else:
            plan.blocked.append((change, Held("changed_since")))


def says_the_same(now: Any, then: Any) -> bool:  # noqa: ANN401 - JSON
    """Whether a record is as an import left it; what later programs added to records does not count."""
    if isinstance(now, dict) and isinstance(then, dict):
        return all(name in now and says_the_same(now[name], value) for name, value in then.items())
    if isinstance(now, list) and isinstance(then, list):
        return len(now) == len(then) and all(says_the_same(*pair) for pair in zip(now, then, strict=True))
    return bool(now == then)
