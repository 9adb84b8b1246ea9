"""From a file to checked rows: which sheets it has, what each is, how its columns map, which cells are wrong."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from billdesk.kernel.errors import Place, Problem, UnreadableFile
from billdesk.kernel.progress import Progress
from billdesk.services.imports.model import GridRow, ImportKind, ImportRequest, Outcome, SourceRow, SourceSheet
from billdesk.services.imports.registry import import_kinds
from billdesk.sheets import (
    Ambiguity,
    Column,
    ColumnRule,
    MappingProfile,
    SheetFile,
    SheetOptions,
    Suggestion,
    Survey,
    ask_which,
    build_profile,
    open_sheet,
    read_rows,
    recognise,
    suggest_mapping,
    survey_sheet,
)
from billdesk.sheets.cells import shown
from billdesk.sheets.columns import MOMENTS, NUMBERS, normalise
from billdesk.sheets.corrected import CorrectedSheet

GRID_ROWS: Final = 200
"""Rows of a sheet that the checking grid shows."""
_LEAST_FIT: Final = 0.5


@dataclass
class ReadPart:
    """One sheet as read for one kind; `source` has the rows without a wrong cell."""

    kind: ImportKind | None
    sheet: str
    header: tuple[str, ...]
    header_row: int
    columns: tuple[Column, ...] = ()
    mapping: tuple[Suggestion, ...] = ()
    questions: tuple[Ambiguity, ...] = ()
    missing: tuple[Column, ...] = ()
    rather: ImportKind | None = None
    profile: MappingProfile | None = None
    source: SourceSheet | None = None
    problems: list[Problem] = field(default_factory=list)
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    raw: dict[int, tuple[str, ...]] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing below the header; unknown, so not, while a column is missing."""
        return self.source is not None and not self.raw

    def grid(self) -> tuple[GridRow, ...]:
        """Give the first rows, and all that were refused beyond them."""
        return tuple(
            GridRow(number, cells, self.outcomes.get(number, Outcome.REJECTED)) for number, cells in self.raw.items()
        )


def file_hash(path: Path) -> str:
    """Give the SHA-256 of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_file(
    path: Path, request: ImportRequest, saved: Mapping[str, Sequence[MappingProfile]], zone: str, progress: Progress
) -> list[ReadPart]:
    """Read every sheet that is of a known kind, in the order in which they go in; raises UnreadableFile.

    `saved` are mappings by kind. A sheet that is of no kind comes back without rows.
    """
    parts = [_read_part(sheet, request, saved, zone, progress) for sheet in _sheets(path, request)]
    order = {kind.key: position for position, kind in enumerate(import_kinds())}
    return sorted(parts, key=lambda part: order[part.kind.key] if part.kind else len(order))


def _sheets(path: Path, request: ImportRequest) -> Iterator[SheetFile]:
    options = SheetOptions(encoding=request.encoding, delimiter=request.delimiter, sheet=request.sheet)
    first = open_sheet(path, options)
    yield first
    if request.sheet:
        return
    for name in first.sheets:
        if name != first.sheet:
            try:
                yield open_sheet(path, SheetOptions(sheet=name))
            except UnreadableFile as error:
                # A workbook may well have an empty sheet; it has nothing to import.
                if error.problem.code != "sheet_empty":
                    raise


def _read_part(
    file: SheetFile,
    request: ImportRequest,
    saved: Mapping[str, Sequence[MappingProfile]],
    zone: str,
    progress: Progress,
) -> ReadPart:
    name = file.sheet if len(file.sheets) > 1 else ""
    kind, profile = detect_kind(file, request, saved)
    if kind is None:
        return ReadPart(None, file.sheet, file.header, file.header_row)
    headers = {column: header for (sheet, column), header in request.headers.items() if sheet in {name, file.sheet}}
    part = ReadPart(kind, file.sheet, file.header, file.header_row, mapping=suggest_mapping(file.header, kind.columns))
    given = {column: text for (sheet, column), text in request.constants.items() if sheet in {name, file.sheet}}
    constants = {column: text for column, text in (_constants_of(profile) | given).items() if text}
    chosen = {item.column: item.header for item in part.mapping} | _headers_of(profile) | headers
    chosen |= dict.fromkeys(constants, "")
    filled = {column for column, header in chosen.items() if header} | constants.keys()
    part.missing = tuple(column for column in kind.columns if column.required and column.name not in filled)
    part.columns = tuple(column for column in kind.columns if column.name in filled)
    part.mapping = tuple(_as_chosen(item, chosen.get(item.column, "")) for item in part.mapping)
    corrected = _corrected(file, request, chosen)
    facts = survey_sheet(corrected, progress)
    answers = {
        (header, kind_): text for (sheet, header, kind_), text in request.answers.items() if sheet in {name, file.sheet}
    }
    answers = _answers_of(profile) | answers
    part.profile, questions = build_profile(corrected, kind.columns, facts, headers=chosen, answers=answers)
    for column, text in constants.items():
        part.profile = part.profile.with_rule(ColumnRule(column, constant=text))
    contradictions = _contradictions(part, facts, chosen, answers)
    part.questions = (*questions, *contradictions)
    part.problems += [
        Problem("column_missing", Place(file.path.name, file.sheet, file.header_row or None), column.title)
        for column in part.missing
    ]
    if part.missing:
        part.rather = _rather(file, kind)
    else:
        _read_rows(part, corrected, chosen, zone, progress)
    return part


def _rather(file: SheetFile, asked: ImportKind) -> ImportKind | None:
    """Give the kind that a sheet fits better than the one it was said to be."""
    scored = [(fit(file, kind), -kind.order, kind) for kind in import_kinds() if kind.key != asked.key]
    best, _order, kind = max(scored, key=lambda item: item[:2])
    return kind if best >= _LEAST_FIT else None


def _headers_of(profile: MappingProfile | None) -> dict[str, str]:
    return {} if profile is None else {rule.column: rule.header for rule in profile.rules if rule.header}


def _constants_of(profile: MappingProfile | None) -> dict[str, str]:
    return {} if profile is None else {rule.column: rule.constant for rule in profile.rules if rule.constant}


def _answers_of(profile: MappingProfile | None) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for rule in profile.rules if profile else ():
        if rule.decimal_mark:
            found[rule.header, "decimal_mark"] = rule.decimal_mark
        if rule.date_order:
            found[rule.header, "date_order"] = rule.date_order
    return found


def _as_chosen(item: Suggestion, header: str) -> Suggestion:
    return item if item.header == header else Suggestion(item.column, header, 100 if header else 0, "chosen")


def _corrected(file: SheetFile, request: ImportRequest, chosen: Mapping[str, str]) -> SheetFile:
    cells = {
        (at.row, file.header.index(chosen[at.column])): text
        for at, text in request.corrections.items()
        if at.sheet in {"", file.sheet} and chosen.get(at.column) in file.header
    }
    return CorrectedSheet(file, cells) if cells else file


def _contradictions(
    part: ReadPart, facts: Survey, chosen: Mapping[str, str], answers: Mapping[tuple[str, str], str]
) -> list[Ambiguity]:
    """Ask about columns that are written in two ways; until then the file's own evidence is told."""
    kinds = {chosen[column.name]: column.kind for column in part.columns}
    asked = []
    for problem in facts.problems:
        question = ask_which(problem)
        fits = kinds.get(question.column) in (MOMENTS if question.kind == "date_order" else NUMBERS)
        if fits and (question.column, question.kind) not in answers:
            part.problems.append(problem)
            asked.append(question)
    return asked


def _read_rows(part: ReadPart, file: SheetFile, chosen: Mapping[str, str], zone: str, progress: Progress) -> None:
    """Fill the part with rows; a row with a wrong cell is refused with a problem for each."""
    if part.profile is None:
        return
    rows: list[SourceRow] = []
    names = tuple(column.name for column in part.columns)
    for batch in read_rows(file, part.profile, part.columns, zone=ZoneInfo(zone), progress=progress):
        part.problems += batch.problems
        part.outcomes.update((row.number, Outcome.REJECTED) for row in batch.rejected)
        rows += [
            SourceRow(number, dict(zip(names, values, strict=True)))
            for number, values in zip(batch.numbers, batch.rows, strict=True)
        ]
    headers = {column.name: chosen[column.name] or column.title for column in part.columns}
    part.source = SourceSheet(file.path.name, file.sheet, headers, tuple(rows))
    constants = _constants_of(part.profile)
    _keep_cells(part, file, [constants.get(name) or file.header.index(chosen[name]) for name in names])


def _keep_cells(part: ReadPart, file: SheetFile, places: Sequence[int | str]) -> None:
    """Keep rows as text for the checking grid; a place is an index in the row, or the text of every row."""
    wanted = set(part.outcomes)
    for batch in file.batches():
        for number, cells in zip(batch.numbers, batch.rows, strict=True):
            if len(part.raw) < GRID_ROWS or number in wanted:
                part.raw[number] = tuple(_cell_text(cells, place) for place in places)


def _cell_text(cells: Sequence[object], place: int | str) -> str:
    if isinstance(place, str):
        return place
    return shown(cells[place]) if place < len(cells) else ""


def detect_kind(
    file: SheetFile, request: ImportRequest, saved: Mapping[str, Sequence[MappingProfile]]
) -> tuple[ImportKind | None, MappingProfile | None]:
    """Tell what a sheet holds: what the person says, a saved mapping for its headers, or the kind that fits best."""
    kinds = [kind for kind in import_kinds() if request.kind in {"", kind.key}]
    for kind in kinds:
        candidates = [request.profile] if request.profile else []
        found = recognise(file.header, [*candidates, *saved.get(kind.key, ())])
        if found is not None and (found is not request.profile or request.kind):
            return kind, found
    if request.kind:
        return (kinds[0] if kinds and _may_be(file, kinds[0], request) else None), None
    scored = [(fit(file, kind), -kind.order, kind) for kind in kinds]
    best, _order, kind = max(scored, key=lambda item: item[:2])
    return (kind if best >= _LEAST_FIT else None), None


def _may_be(file: SheetFile, kind: ImportKind, request: ImportRequest) -> bool:
    """Take the asked sheet, the only one, or of several those that have what the kind requires."""
    return bool(request.sheet) or len(file.sheets) <= 1 or fit(file, kind) >= _LEAST_FIT


def fit(file: SheetFile, kind: ImportKind) -> float:
    """Score how well a sheet is of a kind: 0 without a required column, more for a telling name of the sheet."""
    mapping = {item.column: item.score for item in suggest_mapping(file.header, kind.columns)}
    if any(column.required and not mapping[column.name] for column in kind.columns):
        return 0
    named = file.sheet if len(file.sheets) > 1 else file.path.stem
    words = normalise(named)
    bonus = 1.0 if any(normalise(name) in words for name in kind.sheet_names) else 0.0
    return sum(mapping.values()) / 100 / max(len([title for title in file.header if title]), 1) + bonus
