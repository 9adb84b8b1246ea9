"""Which header means which column, and how a file's values are written: suggested, then kept as a profile."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Final

from billdesk.kernel.written.moments import DateOrder
from billdesk.kernel.written.numbers import Mark
from billdesk.sheets.columns import MOMENTS, NUMBERS, Column, normalise
from billdesk.sheets.sources import SheetFile
from billdesk.sheets.survey import Ambiguity, Survey

EXACT: Final = 100
SYNONYM: Final = 95
LEAST_SCORE: Final = 82
"""Below this likeness a header is left for the user to map."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A header proposed for a column; `score` is 0–100 and `reason` is exact, synonym, similar or none."""

    column: str
    header: str
    score: int
    reason: str


@dataclass(frozen=True, slots=True)
class ColumnRule:
    """Where a column's values come from and how they are written. An empty `header` takes `constant` for every row."""

    column: str
    header: str = ""
    decimal_mark: str = ""
    date_order: str = ""
    constant: str = ""


@dataclass(frozen=True, slots=True)
class MappingProfile:
    """How one kind of file is read; recognised by its headers. `zone` names the local time of its instants."""

    name: str
    signature: str
    rules: tuple[ColumnRule, ...]
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    header_row: int | None = None
    zone: str = ""

    def rule(self, column: str) -> ColumnRule | None:
        """Give the rule of a column, None when it is not mapped."""
        return next((rule for rule in self.rules if rule.column == column), None)

    def matches(self, header: Sequence[str]) -> bool:
        """Tell whether a file with these headers is of this kind."""
        return self.signature == header_signature(header)

    def with_rule(self, rule: ColumnRule) -> MappingProfile:
        """Give the profile with one column read by another rule."""
        return replace(self, rules=(*(r for r in self.rules if r.column != rule.column), rule))

    def to_json(self) -> str:
        """Write the profile for storing."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> MappingProfile:
        """Read a stored profile."""
        values = json.loads(text)
        return cls(**{**values, "rules": tuple(ColumnRule(**rule) for rule in values["rules"])})


def header_signature(header: Sequence[str]) -> str:
    """Reduce headers to what stays the same when the same program writes the same list again."""
    return "|".join(normalise(title) for title in header)


def recognise(header: Sequence[str], profiles: Iterable[MappingProfile]) -> MappingProfile | None:
    """Give the first profile that was made for these headers."""
    return next((profile for profile in profiles if profile.matches(header)), None)


def suggest_mapping(header: Sequence[str], columns: Sequence[Column]) -> tuple[Suggestion, ...]:
    """Propose a header for each column, best likeness first, no header twice."""
    scored = [
        (score, reason, position, index)
        for position, column in enumerate(columns)
        for index, title in enumerate(header)
        for score, reason in (_likeness(title, column),)
        if score >= LEAST_SCORE
    ]
    scored.sort(key=lambda item: (-item[0], item[2], item[3]))
    chosen: dict[int, Suggestion] = {}
    used: set[int] = set()
    for score, reason, position, index in scored:
        if position not in chosen and index not in used:
            chosen[position] = Suggestion(columns[position].name, header[index], score, reason)
            used.add(index)
    return tuple(chosen.get(i, Suggestion(column.name, "", 0, "none")) for i, column in enumerate(columns))


def _likeness(title: str, column: Column) -> tuple[int, str]:
    plain = normalise(title)
    if not plain:
        return 0, "none"
    names = [normalise(name) for name in column.names()]
    if plain in names[:2]:
        return EXACT, "exact"
    if plain in names:
        return SYNONYM, "synonym"
    from rapidfuzz.fuzz import ratio

    return max((int(min(ratio(plain, name), SYNONYM - 1)) for name in names if name), default=0), "similar"


def build_profile(
    sheet: SheetFile,
    columns: Sequence[Column],
    facts: Survey,
    *,
    headers: Mapping[str, str] | None = None,
    answers: Mapping[tuple[str, str], str] | None = None,
    name: str = "",
) -> tuple[MappingProfile, tuple[Ambiguity, ...]]:
    """Make the profile of a file and give the questions that are still open.

    `headers` maps column names to headers where the user chose (empty: not in the file); the rest is suggested.
    `answers` maps (header, question kind) to a choice. With open questions the profile must not be used.
    """
    suggested = {item.column: item.header for item in suggest_mapping(sheet.header, columns)}
    chosen = {**suggested, **(headers or {})}
    given = dict(answers or {})
    open_questions: list[Ambiguity] = []
    rules = []
    for column in columns:
        header = chosen.get(column.name, "")
        if not header:
            continue
        rules.append(_rule(column, header, facts, given))
        open_questions += [
            q for q in facts.ambiguities if _applies(q, column, header) and (header, q.kind) not in given
        ]
    profile = MappingProfile(
        name,
        header_signature(sheet.header),
        tuple(rules),
        encoding=sheet.encoding,
        delimiter=sheet.delimiter,
        sheet=sheet.sheet,
    )
    return profile, tuple(open_questions)


def _rule(column: Column, header: str, facts: Survey, answers: Mapping[tuple[str, str], str]) -> ColumnRule:
    found = facts.facts(header)
    mark = answers.get((header, "decimal_mark")) or (found.mark or "")
    order = answers.get((header, "date_order")) or (found.order or "")
    return ColumnRule(
        column.name,
        header,
        decimal_mark=str(Mark(mark)) if mark and column.kind in NUMBERS else "",
        date_order=str(DateOrder(order)) if order and column.kind in MOMENTS else "",
    )


def _applies(question: Ambiguity, column: Column, header: str) -> bool:
    if question.column != header:
        return False
    return column.kind in (NUMBERS if question.kind == "decimal_mark" else MOMENTS)
