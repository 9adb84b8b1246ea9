"""Sorting rows into new, changed, unchanged, repeated and rejected, one record per row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from billdesk.kernel.errors import Problem
from billdesk.services.imports.model import Checked, Outcome, SourceRow, SourceSheet

R = TypeVar("R")


@dataclass
class Work(Generic[R]):
    """Records to make, and records to write over old ones, each with the row it came from."""

    added: list[tuple[int, R]] = field(default_factory=list)
    changed: list[tuple[int, R, R]] = field(default_factory=list)


def triage(
    source: SourceSheet,
    key_column: str,
    existing: Mapping[str, R],
    build: Callable[[SourceRow, R | None], tuple[R, list[Problem]]],
) -> Checked[Work[R]]:
    """Build a record from each row and compare it with the stored one of the same key.

    A key that comes twice is a duplicate when both rows say the same, otherwise the later row is refused.
    """
    checked: Checked[Work[R]] = Checked(Work())
    seen: dict[str, tuple[int, R]] = {}
    for row in source.rows:
        key = row.text(key_column)
        old = existing.get(key)
        record, problems = build(row, old)
        if key in seen:
            first_row, first = seen[key]
            if first == record:
                checked.outcomes[row.number] = Outcome.DUPLICATE
            else:
                checked.reject(source.problem(row.number, key_column, "repeated_key", key, first_row=first_row))
            continue
        if problems:
            checked.reject(*problems)
            continue
        seen[key] = (row.number, record)
        _sort(checked, row.number, old, record)
    return checked


def _sort(checked: Checked[Work[R]], number: int, old: R | None, record: R) -> None:
    if old is None:
        checked.outcomes[number] = Outcome.ADDED
        checked.work.added.append((number, record))
    elif old == record:
        checked.outcomes[number] = Outcome.UNCHANGED
    else:
        checked.outcomes[number] = Outcome.CHANGED
        checked.work.changed.append((number, old, record))


def fill(source: SourceSheet, row: SourceRow, columns: Mapping[str, object]) -> dict[str, object]:
    """Give the values of columns that the file has, an empty cell as the column's default."""
    return {
        name: default if row.get(name) is None else row.get(name)
        for name, default in columns.items()
        if source.has(name)
    }


def names_of(source: SourceSheet, row: SourceRow, old: Mapping[str, str]) -> dict[str, str]:
    """Give names by language: those of the file over the stored ones; an empty cell takes one away."""
    found = dict(old)
    for language in ("en", "nl", "fr", "de"):
        column = f"name_{language}"
        if source.has(column):
            found.pop(language, None)
            if row.text(column):
                found[language] = row.text(column)
    return found
