"""Every failure BillDesk reports, as typed facts; `kernel.messages` turns them into sentences."""

from __future__ import annotations

from dataclasses import dataclass, field


class BillDeskError(Exception):
    """Root of all errors that BillDesk raises on purpose."""


class InputError(BillDeskError):
    """The user can fix it: a value, a file or a choice is wrong."""


class EnvironmentFailure(BillDeskError):
    """The surroundings failed: disk, network, another program, a busy database."""


class BugError(BillDeskError):
    """BillDesk contradicts itself; the job was stopped before anything was written."""


class Cancelled(BillDeskError):
    """The user stopped a long job; its transaction is rolled back."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file or record something is wrong; every part may be unknown.

    `row` counts from 1 as the spreadsheet shows it, header included.
    """

    file: str = ""
    sheet: str = ""
    row: int | None = None
    column: str = ""
    field: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one cell or record of a batch.

    `code` selects the sentence in `kernel.messages`; `value` is the offending text as found;
    `details` fills the sentence. `blocking` problems keep their row out, others only warn.
    """

    code: str
    place: Place = field(default_factory=Place)
    value: str = ""
    details: tuple[tuple[str, str], ...] = ()
    blocking: bool = True


@dataclass(eq=False)
class InvalidValue(InputError):
    """A single value cannot be used; `problem` says which, where and why."""

    problem: Problem


@dataclass(eq=False)
class UnreadableFile(InputError):
    """A file is damaged, of another type, empty, protected or too large."""

    problem: Problem


@dataclass(eq=False)
class RowsRejected(InputError):
    """A batch has rows that cannot go in; nothing was written."""

    problems: tuple[Problem, ...]
    good_rows: int = 0


@dataclass(eq=False)
class UndoBlocked(RowsRejected):
    """An import cannot be taken back as a whole: records of it are in use or were changed; nothing was written."""


@dataclass(eq=False)
class NotFound(InputError):
    """A record named by the user does not exist in this book."""

    noun: str
    key: str


@dataclass(eq=False)
class RuleBroken(InputError):
    """A business rule forbids the step; `rule` selects the sentence in `kernel.messages`."""

    rule: str
    details: tuple[tuple[str, str], ...] = ()


@dataclass(eq=False)
class StaleRecord(InputError):
    """Somebody else changed the record since it was read."""

    noun: str
    key: str
    changed_by: str
    changed_at: str


@dataclass(eq=False)
class BookLocked(EnvironmentFailure):
    """Another process has the book open for writing."""

    path: str
    host: str
    user: str
    pid: int


@dataclass(eq=False)
class BookReadOnly(EnvironmentFailure):
    """A change was asked of a book that was opened for reading only."""

    path: str


@dataclass(eq=False)
class BookNotWritable(EnvironmentFailure):
    """The user may read the book, but not write it or make files in its folder."""

    path: str


@dataclass(eq=False)
class BookTooNew(EnvironmentFailure):
    """The book was written by a newer BillDesk; it was not touched."""

    path: str
    found: str
    known: str


@dataclass(eq=False)
class NotABook(InputError):
    """The file is not a BillDesk book, or it is damaged."""

    path: str
    reason: str


@dataclass(eq=False)
class BackupFailed(EnvironmentFailure):
    """A backup was written but did not verify; the older backups were kept."""

    path: str
    reason: str


@dataclass(eq=False)
class MailFailed(EnvironmentFailure):
    """The mail server did not take the message; `retry` says whether trying again can help."""

    recipient: str
    reason: str
    retry: bool


@dataclass(eq=False)
class DeliveryUncertain(MailFailed):
    """The connection was lost after the whole mail was sent: it may or may not arrive."""


@dataclass(eq=False)
class SecretUnavailable(EnvironmentFailure):
    """The system's keyring cannot be used or holds no such password."""

    name: str


@dataclass(eq=False)
class InvariantBroken(BugError):
    """A check before writing failed; `rows` names the records that contradict each other."""

    invariant: str
    rows: tuple[str, ...] = ()


@dataclass(eq=False)
class StorageFailed(EnvironmentFailure):
    """The disk or the database server did not take what was written, or cannot be reached."""

    path: str
    reason: str

    @classmethod
    def of(cls, error: OSError) -> StorageFailed:
        """Tell of a file that the system did not let be read or written."""
        return cls(str(error.filename or ""), error.strerror or str(error))


@dataclass(eq=False)
class OutOfRoom(EnvironmentFailure):
    """There is too little memory, or room in the folder for working files, to go through a large file."""

    folder: str
    reason: str


@dataclass(eq=False)
class DatabaseBusy(EnvironmentFailure):
    """Another program held the book longer than we wait."""

    path: str
