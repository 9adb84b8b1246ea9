"""State of the billing screen: the day, what a run makes, and how far it got."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any, Final

from billdesk.domain.invoices import Document, DocumentStatus
from billdesk.kernel.errors import BillDeskError
from billdesk.kernel.i18n import _, current, ngettext
from billdesk.kernel.progress import Progress
from billdesk.services.alerts import look_at_alerts
from billdesk.services.billing import (
    LateState,
    LateUsageRow,
    RunOutcome,
    RunPreview,
    RunRow,
    decide_late_usage,
    load_run,
    preview_billing,
    preview_documents,
    run_billing,
    undo_run,
)
from billdesk.services.invoices import DocumentFilter, Issued, issue_documents, issue_run, load_document
from billdesk.services.invoices import count_documents as count_documents_of
from billdesk.services.settings import change_settings, load_settings
from billdesk.services.wallets import expire_wallets
from billdesk.ui.core.tasks import Job, OwnedTasks
from billdesk.ui.screens.billing.billing_rows import BillRow, count_words, rows_of

Failed = Callable[[BillDeskError], object]


class Stage(StrEnum):
    """How far the run on screen is."""

    EMPTY = "empty"
    PREVIEW = "preview"
    DRAFTS = "drafts"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class BillingState:
    """What the screen shows; `currency` and `text` narrow the rows, `waiting` drafts are not issued yet.

    `running_usage`: usage so far of periods that still run is billed too.
    """

    as_of: date
    stage: Stage = Stage.EMPTY
    preview: RunPreview | None = None
    rows: tuple[BillRow, ...] = ()
    run_id: int | None = None
    currency: str = ""
    text: str = ""
    waiting: int = 0
    running_usage: bool = False

    def shown(self, *, only_remarkable: bool, kinds: frozenset[str] = frozenset()) -> list[BillRow]:
        """Give the rows of the chosen currency, or of those only what a person should look at, or kinds of that."""
        return [
            row
            for row in self.rows
            if (not only_remarkable or _is_looked_at(row, kinds))
            and (not self.currency or (row.draft is not None and row.draft.total.currency == self.currency))
            and self.text.casefold() in row.customer.casefold()
        ]

    @property
    def remarkable(self) -> int:
        """How many rows a person should look at."""
        return sum(1 for row in self.rows if row.remarks)

    @property
    def to_issue(self) -> tuple[int, ...]:
        """The drafts that can be issued."""
        ids = (row.draft.document_id for row in self.rows if row.draft and not row.is_held)
        return tuple(key for key in ids if key is not None)

    @property
    def is_complete(self) -> bool:
        """Whether every document of the run is among the rows."""
        return self.preview is not None and self.preview.documents == len(self.preview.rows)


def _is_looked_at(row: BillRow, kinds: frozenset[str]) -> bool:
    return bool(row.codes & kinds) if kinds else bool(row.remarks)


@dataclass(frozen=True, slots=True)
class RunState:
    """An earlier run with the drafts that are left of it."""

    run: RunRow
    drafts: int


@dataclass(frozen=True, slots=True)
class Due:
    """What a run would make, and how many drafts wait already."""

    preview: RunPreview
    waiting: int


def load_due(db: Any, as_of: date, *, running_usage: bool, progress: Progress) -> Due:  # noqa: ANN401
    """Give what is due up to a day, and the drafts that wait to be issued."""
    drafts = DocumentFilter(statuses=frozenset({DocumentStatus.DRAFT}))
    preview = preview_billing(db, as_of, running_usage=running_usage, progress=progress)
    return Due(preview, count_documents_of(db, drafts))


def load_run_state(db: Any, run_id: int) -> RunState:  # noqa: ANN401
    """Give a run and how many of its drafts wait."""
    wanted = DocumentFilter(run_id=run_id, statuses=frozenset({DocumentStatus.DRAFT}))
    return RunState(load_run(db, run_id), count_documents_of(db, wanted))


def load_documents(
    db: Any,  # noqa: ANN401
    as_of: date,
    row: BillRow,
    *,
    running_usage: bool,
) -> tuple[Document, ...]:
    """Give the document of a row: the stored draft, or what a run would make."""
    if row.draft is not None and row.draft.document_id is not None:
        return (load_document(db, row.draft.document_id),)
    found = preview_documents(db, as_of, row.customer_id, running_usage=running_usage)
    wanted = row.draft.total if row.draft else None
    return tuple(one for one in found if one.total == wanted) or found


CHANGE_PERCENT: Final = "change_warning_percent"


class BillingPresenter:
    """Previews, makes and issues; each step is its own decision of a person."""

    def __init__(self, tasks: OwnedTasks, today: date) -> None:
        self._tasks = tasks
        self.state = BillingState(today)

    def choose_day(self, day: date, *, running_usage: bool = False) -> None:
        """Bill up to another day, with the usage so far of periods that still run if it is wanted."""
        self.state = replace(self._anew(), as_of=day, running_usage=running_usage)

    def narrow(self, *, currency: str | None = None, text: str | None = None) -> None:
        """Show the rows of one currency, or of customers with these words."""
        state = self.state
        self.state = replace(
            state,
            currency=state.currency if currency is None else currency,
            text=state.text if text is None else text,
        )

    def load_percent(self, then: Callable[[int], object]) -> None:
        """Give from which change against the last invoice on a document is looked at."""
        self._tasks.query(load_settings, then=lambda found: then(int(found[CHANGE_PERCENT])))

    def change_percent(self, percent: int, then: Callable[[], object]) -> None:
        """Look at other changes from now on; the setting is kept in the book."""
        self._tasks.command(change_settings, {CHANGE_PERCENT: percent}, then=lambda _nothing: then())

    def preview(self, then: Callable[[], object], failed: Failed) -> Job:
        """Work out what a run makes."""

        def take(found: Due) -> None:
            rows = rows_of(found.preview)
            stage = Stage.PREVIEW if rows else Stage.NOTHING
            self.state = replace(self._anew(), stage=stage, preview=found.preview, rows=rows, waiting=found.waiting)
            then()

        state = self.state
        return self._tasks.preview(
            load_due, state.as_of, running_usage=state.running_usage, then=take, failed=failed, latest="preview"
        )

    def _anew(self) -> BillingState:
        """Forget the run, not what a person looks at: the search and the currency still stand on the screen."""
        old = self.state
        return BillingState(old.as_of, running_usage=old.running_usage, text=old.text, currency=old.currency)

    def run(self, then: Callable[[RunOutcome], object], failed: Failed) -> Job:
        """Make the drafts; credit that expired is written off first."""

        def take(outcome: RunOutcome) -> None:
            found = outcome.preview
            stage = Stage.DRAFTS if found.documents else Stage.NOTHING
            self.state = replace(self._anew(), stage=stage, preview=found, rows=rows_of(found), run_id=outcome.run_id)
            then(outcome)
            self._tasks.command(look_at_alerts, label=_("Looking at thresholds"))

        self._tasks.command(expire_wallets)
        state = self.state
        return self._tasks.command(
            run_billing, state.as_of, running_usage=state.running_usage, then=take, failed=failed
        )

    def issue(self, day: date | None, then: Callable[[Issued], object], failed: Failed, *, deliver: bool) -> Job:
        """Issue the drafts on screen; a run with more than is shown goes by its number."""
        state = self.state
        if state.is_complete or state.run_id is None:
            ids: Sequence[int] = state.to_issue
            return self._tasks.command(issue_documents, ids, day, deliver=deliver, then=then, failed=failed)
        return self._tasks.command(issue_run, state.run_id, day, deliver=deliver, then=then, failed=failed)

    def forget(self) -> None:
        """Begin anew after the drafts were issued or taken back."""
        self.state = self._anew()

    def load_documents(self, row: BillRow, then: Callable[[tuple[Document, ...]], object]) -> None:
        """Load the document behind a row."""
        state = self.state
        self._tasks.query(
            load_documents, state.as_of, row, running_usage=state.running_usage, then=then, latest="documents"
        )

    def load_run(self, run_id: int, then: Callable[[RunState], object]) -> None:
        """Load an earlier run."""
        self._tasks.query(load_run_state, run_id, then=then, latest="run")

    def issue_earlier(self, run_id: int, day: date | None, then: Callable[[Issued], object], *, deliver: bool) -> None:
        """Issue what is left of an earlier run."""
        self._tasks.command(issue_run, run_id, day, deliver=deliver, label=_("Issuing"), then=then)

    def decide(self, rows: Sequence[LateUsageRow], state: LateState, then: Callable[[int], object]) -> None:
        """Bill late usage, leave it out, or let it wait again."""
        self._tasks.command(decide_late_usage, [row.id for row in rows], state, label=_("Noting it"), then=then)

    def undo(self, run_id: int, then: Callable[[int], object]) -> None:
        """Delete the drafts of a run that were not issued."""
        self._tasks.command(undo_run, run_id, label=_("Taking the run back"), then=then)


def stage_words(state: BillingState) -> str:
    """Give the line below the title: how far the run is and what to do next."""
    day, number = current().day(state.as_of), current().number
    if state.stage is Stage.NOTHING:
        return _("Everything up to {day} is billed already, nothing to do.", day=day)
    if state.stage is Stage.DRAFTS:
        return _("Drafts up to {day} are made; look at them, then issue.", day=day)
    if state.preview is None:
        return ""
    usual = state.preview.documents - sum(1 for line in state.rows if line.remarks and line.draft)
    return _(
        "{usual} as usual, look at these {n}. Nothing is written yet.", usual=number(usual), n=number(state.remarkable)
    )


def waiting_words(count: int) -> str:
    """Say that drafts wait to be issued."""
    return ngettext("{n} draft waits to be issued.", "{n} drafts wait to be issued.", count)


def outcome_words(outcome: RunOutcome) -> str:
    """Say what a run did."""
    if not outcome.preview.documents:
        return _("Already billed, nothing to do.")
    if not outcome.created:
        same = count_words(outcome.unchanged)
        return _("Already made, nothing to do: {documents} as they were.", documents=same)
    made = ngettext("{n} draft made", "{n} drafts made", outcome.created)
    kept = ngettext("{n} stayed as it was", "{n} stayed as they were", outcome.unchanged)
    return _("{made}, {kept}.", made=made, kept=kept) if outcome.unchanged else f"{made}."


def issued_words(issued: Issued) -> str:
    """Say what was issued."""
    if not issued.numbers:
        return _("No draft was left to issue.")
    sums = " + ".join(current().money(total) for total in issued.totals)
    first, last = issued.numbers[0], issued.numbers[-1]
    count = count_words(len(issued.numbers))
    return _("{count} issued, {first} to {last}: {sums}.", count=count, first=first, last=last, sums=sums)
