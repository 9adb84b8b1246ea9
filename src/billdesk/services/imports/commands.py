"""Preview, apply and undo of imports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from billdesk.domain.usage import BatchState, ImportBatch
from billdesk.kernel.changes import Changes, Noun
from billdesk.kernel.errors import Place, Problem, RowsRejected, RuleBroken, UndoBlocked, UnreadableFile
from billdesk.kernel.progress import Progress
from billdesk.services import audit
from billdesk.services.imports.model import (
    Checked,
    Counts,
    Held,
    ImportKind,
    ImportOutcome,
    ImportPreview,
    ImportRequest,
    PartPreview,
    UndoPlan,
)
from billdesk.services.imports.profiles import save_profile, saved_profiles
from billdesk.services.imports.reading import ReadPart, file_hash, read_file
from billdesk.services.imports.registry import import_kinds
from billdesk.services.imports.staging import Staged
from billdesk.services.result import Result
from billdesk.storage import imports as storage
from billdesk.storage.database import Db
from billdesk.storage.imports import RecordChange

DETECT: Final = ImportRequest()
SEVERAL: Final = "several"
"""The kind of a batch whose file had sheets of several kinds."""


@dataclass
class _Checked:
    part: ReadPart
    found: Checked[Any] | None


@dataclass(frozen=True, slots=True)
class UndoPreview:
    """What undoing a batch would do: records deleted and restored, and rows that must stay, with the reason."""

    batch: ImportBatch
    removed: int
    restored: int
    blocked: tuple[Problem, ...] = ()


def preview_import(
    db: Db, path: str | Path, request: ImportRequest = DETECT, *, progress: Progress | None = None
) -> ImportPreview:
    """Say what importing a file would do, without writing; raises UnreadableFile when nothing can be read of it."""
    file = Path(path)
    parts = _check(db, file, request, progress or Progress())
    sha256 = file_hash(file)
    return ImportPreview(
        file.name,
        sha256,
        tuple(_preview(checked) for checked in parts),
        storage.find_same_file(db, sha256),
    )


def _check(db: Db, path: Path, request: ImportRequest, progress: Progress) -> list[_Checked]:
    staged = Staged(db, request.entity_id)
    return [_Checked(part, _check_part(staged, part)) for part in _read(db, staged, path, request, progress)]


def _read(db: Db, staged: Staged, path: Path, request: ImportRequest, progress: Progress) -> list[ReadPart]:
    parts = read_file(path, request, saved_profiles(db), staged.entity.time_zone, progress)
    if not any(part.kind for part in parts):
        known = ", ".join(kind.key for kind in import_kinds())
        raise UnreadableFile(Problem("kind_unknown", Place(path.name), request.kind, (("kinds", known),)))
    if all(part.is_empty for part in parts if part.kind):
        raise UnreadableFile(Problem("no_rows", Place(path.name, parts[0].sheet)))
    return parts


def _check_part(staged: Staged, part: ReadPart) -> Checked[Any] | None:
    if part.kind is None or part.source is None:
        return None
    checked = part.kind.check(staged, part.source)
    part.outcomes |= checked.outcomes
    part.problems += checked.problems
    return checked


def _preview(checked: _Checked) -> PartPreview:
    part = checked.part
    return PartPreview(
        part.sheet,
        part.kind.key if part.kind else "",
        part.kind.label if part.kind else "",
        part.header,
        part.header_row,
        part.mapping,
        part.columns,
        part.questions,
        part.missing,
        Counts.of(part.outcomes),
        tuple(part.problems),
        part.grid(),
        part.profile,
        part.rather.label if part.rather else "",
    )


def apply_import(
    db: Db,
    path: str | Path,
    request: ImportRequest = DETECT,
    *,
    skip_bad_rows: bool = False,
    progress: Progress | None = None,
) -> Result[ImportOutcome]:
    """Import a file in one go: all of its sheets or nothing.

    Raises UnreadableFile, RuleBroken `import_questions` while something must be asked, and RowsRejected when rows
    are wrong and `skip_bad_rows` is not set. Importing the same file again changes nothing.
    """
    file, steps = Path(path), progress or Progress()
    staged = Staged(db, request.entity_id)
    parts = _read(db, staged, file, request, steps)
    _require_answers(parts)
    checked = [_Checked(part, _check_part(staged, part)) for part in parts]
    counts = sum((Counts.of(one.part.outcomes) for one in checked), Counts())
    problems = tuple(problem for one in checked for problem in one.part.problems)
    if counts.rejected and not skip_bad_rows:
        raise RowsRejected(problems, counts.read - counts.rejected)
    log = _apply(staged, checked, steps)
    kinds = tuple(one.part.kind.key for one in checked if one.part.kind)
    _remember(db, request, checked)
    outcome = ImportOutcome(_write_batch(db, file, kinds, counts, log), file.name, kinds, counts, problems)
    if outcome.batch_id is None:
        return Result(outcome)
    details = {"file": file.name, "kinds": list(kinds), "added": counts.added, "changed": counts.changed}
    audit.record(db, command="import_file", noun=Noun.MIGRATION, subject=str(outcome.batch_id), details=details)
    touched = frozenset[Noun]().union(*(one.part.kind.changes for one in checked if one.part.kind))
    return Result(outcome, touched | {Noun.MIGRATION})


def _require_answers(parts: Sequence[ReadPart]) -> None:
    for part in parts:
        if part.missing:
            raise UnreadableFile(part.problems[0])
        if part.questions:
            first = part.questions[0]
            facts = (
                ("column", first.column),
                ("choices", ", ".join(first.choices)),
                ("examples", ", ".join(first.examples)),
            )
            raise RuleBroken("import_questions", facts)


def _apply(staged: Staged, checked: Sequence[_Checked], progress: Progress) -> list[RecordChange]:
    log: list[RecordChange] = []
    for number, one in enumerate(checked):
        if one.part.kind is not None and one.found is not None:
            progress.step(number, len(checked), one.part.kind.label)
            log += one.part.kind.apply(staged, one.found)
    return log


def _write_batch(db: Db, file: Path, kinds: Sequence[str], counts: Counts, log: Sequence[RecordChange]) -> int | None:
    if not log:
        return None
    batch = ImportBatch(
        0,
        kinds[0] if len(kinds) == 1 else SEVERAL,
        file.name,
        file_hash(file),
        db.now,
        db.user,
        BatchState.APPLIED,
        rows_read=counts.read,
        rows_added=counts.added,
        rows_changed=counts.changed,
        rows_duplicate=counts.duplicate + counts.unchanged,
        rows_rejected=counts.rejected,
    )
    batch_id = storage.insert_batch(db, batch)
    storage.insert_changes(db, batch_id, log)
    return batch_id


def _remember(db: Db, request: ImportRequest, checked: Sequence[_Checked]) -> None:
    if not request.save_as:
        return
    for one in checked:
        if one.part.kind is not None and one.part.profile is not None:
            save_profile(db, one.part.kind.key, replace(one.part.profile, name=request.save_as))


def preview_undo(db: Db, batch_id: int) -> UndoPreview:
    """Say what undoing a batch would do, without writing; raises NotFound and RuleBroken."""
    batch, plan = _plan(db, batch_id)
    removed = sum(len(ids) for ids in plan.gone.values()) + len(plan.revoked)
    blocked = tuple(_blocked(batch, change, reason) for change, reason in plan.blocked)
    return UndoPreview(batch, removed, len(plan.restored), blocked)


def undo_import(db: Db, batch_id: int, *, leave_blocked: bool = False) -> Result[UndoPreview]:
    """Take a batch back: delete what it made, restore what it changed.

    Raises UndoBlocked when some of it is in use or was changed since, unless `leave_blocked` keeps those records.
    """
    preview = preview_undo(db, batch_id)
    if preview.blocked and not leave_blocked:
        raise UndoBlocked(preview.blocked)
    _batch, plan = _plan(db, batch_id)
    kinds = import_kinds()[::-1]
    for kind in kinds:
        kind.undo(db, plan)
    storage.set_state(db, batch_id, BatchState.UNDONE)
    details = {"file": preview.batch.file_name, "removed": preview.removed, "restored": preview.restored}
    audit.record(db, command="undo_import", noun=Noun.MIGRATION, subject=str(batch_id), details=details)
    return Result(replace(preview, batch=storage.load_batch(db, batch_id)), _touched(kinds))


def _touched(kinds: Sequence[ImportKind]) -> Changes:
    return frozenset[Noun]().union(*(kind.changes for kind in kinds)) | {Noun.MIGRATION}


def _plan(db: Db, batch_id: int) -> tuple[ImportBatch, UndoPlan]:
    batch = storage.load_batch(db, batch_id)
    if batch.state is BatchState.UNDONE:
        raise RuleBroken("import_undone", (("file", batch.file_name),))
    changes, kinds = storage.load_changes(db, batch_id), import_kinds()
    known = {name for kind in kinds for name in kind.records}
    if not changes or any(change.record not in known for change in changes):
        raise RuleBroken("import_not_ours", (("kind", batch.kind),))
    plan = UndoPlan()
    for kind in reversed(kinds):
        kind.plan_undo(db, [change for change in changes if change.record in kind.records], plan)
    return batch, plan


def _blocked(batch: ImportBatch, change: RecordChange, held: Held) -> Problem:
    place = Place(file=batch.file_name, row=change.row or None)
    return Problem(held.code, place, _key(change), (("user", held.user),))


@dataclass(frozen=True, slots=True)
class BatchChange:
    """A record that a batch made (`fields` empty) or changed, by the number or code people know it by."""

    row: int
    record: str
    key: str
    fields: tuple[tuple[str, str, str], ...] = ()


def list_batch_changes(db: Db, batch_id: int) -> list[BatchChange]:
    """Give what a batch made and changed, with old and new values, in the order of the file."""
    return [
        BatchChange(change.row, change.record, _key(change), _changed_fields(change))
        for change in storage.load_changes(db, batch_id)
    ]


def _key(change: RecordChange) -> str:
    named: Mapping[str, Any] = change.after or {}
    return str(named.get("number") or named.get("code") or change.record_id)


def _changed_fields(change: RecordChange) -> tuple[tuple[str, str, str], ...]:
    before, after = change.before or {}, change.after or {}
    return tuple(
        (name, str(old), str(after.get(name)))
        for name, old in before.items()
        if name != "version" and old != after.get(name)
    )


def list_batches(db: Db, *, kind: str = "", offset: int = 0, limit: int = 100) -> list[ImportBatch]:
    """Give import batches, newest first, those of usage included."""
    return storage.list_batches(db, kind=kind, offset=offset, limit=limit)


def count_batches(db: Db, *, kind: str = "") -> int:
    """Give how many batches there are."""
    return storage.count_batches(db, kind=kind)
