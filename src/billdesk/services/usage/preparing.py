"""How a usage file is to be read: its columns, what is ambiguous, and what its owner answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from billdesk.kernel.errors import Place, Problem, UnreadableFile
from billdesk.sheets import (
    Ambiguity,
    ColumnRule,
    MappingProfile,
    SheetOptions,
    Suggestion,
    Survey,
    ask_which,
    build_profile,
    open_sheet,
    suggest_mapping,
    survey_sheet,
)
from billdesk.sheets.columns import MOMENTS, NUMBERS
from billdesk.sheets.usage import USAGE_COLUMNS

_REQUIRED: Final = tuple(column.name for column in USAGE_COLUMNS if column.required)
_KINDS: Final = {column.name: column.kind for column in USAGE_COLUMNS}


@dataclass(frozen=True, slots=True)
class UsagePlan:
    """What is understood of a file. Import with `profile` once `questions` and `missing` are empty.

    `problems` name the rows where a column contradicts itself; each has its question.
    """

    file_name: str
    header: tuple[str, ...]
    sheets: tuple[str, ...]
    rows: int
    mapping: tuple[Suggestion, ...]
    profile: MappingProfile
    questions: tuple[Ambiguity, ...]
    missing: tuple[str, ...]
    examples: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    @property
    def is_ready(self) -> bool:
        """Whether nothing has to be asked any more."""
        return not self.questions and not self.missing


def prepare_usage(
    path: Path | str,
    *,
    headers: Mapping[str, str] | None = None,
    constants: Mapping[str, str] | None = None,
    answers: Mapping[tuple[str, str], str] | None = None,
    sheet: str = "",
) -> UsagePlan:
    """Read all of a file's rows once and tell how it would be read; needs no book, so it runs in the files lane.

    `headers` maps column names (subscription, metric, instant, quantity, key) to headers of the file, `constants`
    to the text that every row takes; `answers` settle ambiguities by (header, kind). Raises UnreadableFile.
    """
    opened = open_sheet(Path(path), SheetOptions(sheet=sheet))
    survey = survey_sheet(opened)
    if not survey.rows:
        raise UnreadableFile(Problem("no_rows", Place(Path(path).name, opened.sheet)))
    suggested = suggest_mapping(opened.header, USAGE_COLUMNS)
    same = {column: text for column, text in (constants or {}).items() if text}
    chosen = {item.column: item.header for item in suggested} | dict(headers or {}) | dict.fromkeys(same, "")
    profile, questions = build_profile(opened, USAGE_COLUMNS, survey, headers=chosen, answers=dict(answers or {}))
    for column, text in same.items():
        profile = profile.with_rule(ColumnRule(column, constant=text))
    mixed = _contradictions(survey, chosen, answers or {})
    return UsagePlan(
        file_name=Path(path).name,
        header=tuple(opened.header),
        sheets=tuple(opened.sheets),
        rows=survey.rows,
        mapping=tuple(suggested),
        profile=profile,
        questions=(*questions, *map(ask_which, mixed)),
        missing=tuple(name for name in _REQUIRED if not chosen.get(name) and name not in same),
        examples={facts.header: tuple(facts.examples) for facts in survey.columns},
        problems=mixed,
    )


def _contradictions(
    survey: Survey, chosen: Mapping[str, str], answers: Mapping[tuple[str, str], str]
) -> tuple[Problem, ...]:
    """Give where a column is written in two ways and nobody said yet which one is meant."""
    kinds = {header: _KINDS[column] for column, header in chosen.items() if header}
    return tuple(
        problem
        for problem, question in zip(survey.problems, map(ask_which, survey.problems), strict=True)
        if kinds.get(question.column) in (MOMENTS if question.kind == "date_order" else NUMBERS)
        and (question.column, question.kind) not in answers
    )
