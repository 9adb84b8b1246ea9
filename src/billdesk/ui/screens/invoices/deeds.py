"""Carries out what is asked of documents: asks first, runs the use case, says what was done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from billdesk.kernel.i18n import _, current, ngettext
from billdesk.kernel.money import Money
from billdesk.services import delivery, invoices, payments, wallets
from billdesk.services.delivery import Bundle, file_name
from billdesk.services.delivery.showing import write_document
from billdesk.services.invoices import Comparison, Correction, DocumentFilter, DocumentRow, Issued
from billdesk.ui.core.screen import Context
from billdesk.ui.core.table_model import RecordModel
from billdesk.ui.screens.invoices.bulk import (
    MOST,
    BulkPlan,
    issued_text,
    plan_export,
    plan_issue,
    plan_lines,
    plan_send,
    rows_of,
)
from billdesk.ui.screens.invoices.dialogs import CreditDialog, ExportChoice, ExportDialog, PaymentDialog, ReasonDialog
from billdesk.ui.screens.invoices.payments import Paid, RowMoney
from billdesk.ui.screens.invoices.record import RecordState, Settling


class Deeds:
    """The actions of the invoices screen; each asks with what is safe and tells what came of it."""

    def __init__(self, context: Context, screen: QWidget, edit: Callable[[int], object]) -> None:
        self._context = context
        self._screen = screen
        self._tasks = context.tasks.of(screen)
        self._edit = edit

    def do(self, state: RecordState, deed: str) -> None:
        """Do one deed with the document of the panel."""
        deeds: dict[str, Callable[[RecordState], object]] = {
            "issue": self._issue,
            "edit": lambda state: self._edit(state.row.id),
            "void": self._void,
            "pay": self._pay,
            "refund": self._refund,
            "offset": self._offset,
            "wallet": self._put_in_wallet,
            "send": lambda state: self.send_many([state.row]),
            "pdf": partial(self._save, "pdf"),
            "explained": partial(self._save, "pdf", explain=True),
            "xlsx": partial(self._save, "xlsx"),
            "balance": self._pay_from_balance,
            "correct": self._correct,
            "credit": self._credit,
            "write_off": self._write_off,
            "uncollectible": self._mark_uncollectible,
            "check": self._compare,
            "copy": self._copy,
        }
        deeds[deed](state)

    def do_if_possible(self, state: RecordState, deed: str) -> None:
        """Do a deed of a shortcut, or say why it cannot be."""
        if deed in {known.key for known in state.deeds}:
            self.do(state, deed)
        else:
            self._context.messages.note(_("That cannot be done with {document}.", document=state.title))

    def with_rows(
        self,
        model: RecordModel,
        ranges: list[tuple[int, int]],
        wanted: DocumentFilter,
        deed: Callable[[list[DocumentRow]], object],
    ) -> None:
        """Hand the documents of row ranges to a deed; a whole list is read by its filter."""
        if sum(last - first + 1 for first, last in ranges) == model.rowCount() > 0:
            self.with_all(wanted, deed)
        else:
            model.fetch_ranges(ranges, deed, MOST)

    def with_all(self, wanted: DocumentFilter, deed: Callable[[list[DocumentRow]], object]) -> None:
        """Hand all documents of a filter to a deed, at most as many as one step takes."""
        self._tasks.query(rows_of, wanted, then=deed, latest="rows")

    def issue_many(self, rows: Sequence[DocumentRow]) -> None:
        """Ask, then issue the drafts among these documents."""
        plan = plan_issue(rows)
        self._confirm(
            plan,
            ngettext("Issue {n} draft?", "Issue {n} drafts?", plan.taken),
            _("They get their numbers and can no longer be changed, only corrected."),
            yes=_("Issue"),
            go=lambda: self._run_issue(plan.ids),
        )

    def send_many(self, rows: Sequence[DocumentRow]) -> None:
        """Ask, then put the issued ones among these documents in the outbox."""
        plan = plan_send(rows)
        self._confirm(
            plan,
            ngettext("Send {n} document?", "Send {n} documents?", plan.taken),
            _("Each goes to the outbox, by the way its customer wants it. Customers without one are left out."),
            yes=_("Put in the outbox"),
            go=lambda: self._tasks.command(
                delivery.queue_documents, plan.ids, label=_("Filling the outbox"), then=self._queued
            ),
        )

    def export_many(self, rows: Sequence[DocumentRow]) -> None:
        """Ask for formats and folder, then write the files."""
        plan = plan_export(rows)
        if not plan.taken:
            self._context.messages.note(_("Nothing is selected."))
            return
        dialog = ExportDialog(self._screen, plan_lines(plan), self._ask_folder)
        dialog.entered.connect(partial(self._load_for_export, plan))
        dialog.open()

    def change_memo(self, state: RecordState) -> None:
        """Ask for another note."""
        dialog = ReasonDialog(
            self._screen, _("Note on {number}", number=state.title), (_("Only you see it; it is not printed."),),
            yes=_("Save"), text=state.view.memo,
        )  # fmt: skip
        dialog.allow_empty(_("Note"))
        dialog.entered.connect(
            lambda text: self._tasks.command(invoices.change_memo, state.row.id, text, state.row.version)
        )
        dialog.open()

    def retry(self, delivery_id: int) -> None:
        """Put a failed mail back in the outbox."""
        self._tasks.command(delivery.retry_delivery, delivery_id, then=lambda _value: self._queued(1))

    def take_back(self, one: Settling) -> None:
        """Ask, then take back a payment or another step."""
        self._context.messages.confirm(
            _("Take back {amount}?", amount=current().money(one.amount)),
            one.text,
            _("The document is open again for that amount. The step stays in the history with its reversal."),
            yes=_("Take back"),
            on_yes=lambda: self._tasks.command(payments.take_back, one.settlement_id),
            is_dangerous=True,
        )

    def _confirm(self, plan: BulkPlan, heading: str, note: str, *, yes: str, go: Callable[[], object]) -> None:
        if not plan.taken:
            self._context.messages.note(_("None of the selected documents can be taken."))
            return
        self._context.messages.confirm(heading, *plan_lines(plan), note, yes=yes, on_yes=go)

    def _issue(self, state: RecordState) -> None:
        self.issue_many([state.row])

    def _run_issue(self, ids: Sequence[int]) -> None:
        self._tasks.command(invoices.issue_documents, ids, label=_("Issuing"), then=self._issued)

    def _issued(self, issued: Issued) -> None:
        self._context.messages.note(issued_text(issued.numbers, issued.totals))

    def _queued(self, count: int) -> None:
        self._context.messages.note(
            ngettext("{n} document is in the outbox.", "{n} documents are in the outbox.", count)
        )

    def _void(self, state: RecordState) -> None:
        self._context.messages.confirm(
            _("Delete this draft?"),
            f"{state.row.customer_name} · {current().money(state.row.total)}",
            _("What it bills is due again and comes back with the next billing run."),
            yes=_("Delete draft"),
            on_yes=lambda: self._tasks.command(invoices.void_drafts, [state.row.id], then=self._voided),
            is_dangerous=True,
        )

    def _voided(self, count: int) -> None:
        self._context.messages.note(ngettext("{n} draft deleted.", "{n} drafts deleted.", count))

    def _pay(self, state: RecordState) -> None:
        dialog = PaymentDialog(self._screen, state.row, _today(), _("Record payment"))
        dialog.entered.connect(partial(self._note_payment, state.row))
        dialog.open()

    def _note_payment(self, document: DocumentRow, paid: Paid) -> None:
        said = _("{amount} noted on {number}.", amount=current().money(paid.amount), number=document.number)
        self._tasks.command(payments.note_payment, RowMoney(document).payment(paid), then=partial(self._settled, said))

    def _refund(self, state: RecordState) -> None:
        dialog = PaymentDialog(self._screen, state.row, _today(), _("Pay back"))
        dialog.entered.connect(partial(self._note_refund, state.row))
        dialog.open()

    def _note_refund(self, document: DocumentRow, paid: Paid) -> None:
        said = _("{amount} paid back on {number}.", amount=current().money(paid.amount), number=document.number)
        self._tasks.command(
            payments.refund_customer, RowMoney(document).payment(paid), then=partial(self._settled, said)
        )

    def _offset(self, state: RecordState) -> None:
        amount = current().money(-state.row.open)
        self._context.messages.confirm(
            _("Set {amount} off against open invoices?", amount=amount),
            _("The invoices that {number} corrects come first, then those due first.", number=state.title),
            _("What is left stays open and pays the next invoice. Each step can be taken back on the invoice."),
            yes=_("Set off"),
            on_yes=lambda: self._tasks.command(invoices.offset_note, state.row.id, then=self._offset_done),
        )

    def _offset_done(self, settled: Sequence[payments.Settled]) -> None:
        count = len(settled)
        self._context.messages.note(ngettext("Set off against {n} invoice.", "Set off against {n} invoices.", count))

    def _put_in_wallet(self, state: RecordState) -> None:
        amount = current().money(-state.row.open)
        self._context.messages.confirm(
            _("Turn {amount} into prepaid credit?", amount=amount),
            _("{number} counts as settled; the credit pays the customer's next invoices.", number=state.title),
            yes=_("Turn into credit"),
            on_yes=lambda: self._tasks.command(
                wallets.refund_into_wallet,
                state.row.id,
                then=lambda _row: self._context.messages.note(_("{amount} is prepaid credit now.", amount=amount)),
            ),
        )

    def _settled(self, said: str, settled: payments.Settled) -> None:
        undo = partial(self._tasks.command, payments.take_back, settled.settlement_id)
        self._context.messages.note(said, (_("Undo"), undo))

    def _pay_from_balance(self, state: RecordState) -> None:
        said = _("{number} was paid from the balance.", number=state.title)
        self._tasks.command(payments.allocate_balance, state.row.id, then=partial(self._settled, said))

    def _correct(self, state: RecordState) -> None:
        lines = (
            _("{number} is taken back as a whole by a credit note, issued today.", number=state.title),
            _("A draft with the same lines takes its place: put it right, then issue it. Payments are kept."),
        )
        dialog = ReasonDialog(self._screen, _("Correct {number}", number=state.title), lines, yes=_("Correct"))
        dialog.entered.connect(
            lambda reason: self._tasks.command(
                invoices.correct_document, state.row.id, reason, label=_("Correcting"), then=self._corrected
            )
        )
        dialog.open()

    def _corrected(self, correction: Correction) -> None:
        self._context.messages.note(_("{number} is issued.", number=correction.credit_note_number))
        self._edit(correction.draft_id)

    def _credit(self, state: RecordState) -> None:
        dialog = CreditDialog(self._screen, state)
        dialog.entered.connect(partial(self._draft_credit, state.row.id))
        dialog.open()

    def _draft_credit(self, document_id: int, reason: str, amounts: dict[int, Money] | None) -> None:
        show = lambda draft_id: self._context.navigate("invoices", record=str(draft_id))  # noqa: E731
        self._tasks.command(invoices.credit_document, document_id, reason, amounts, then=show)

    def _write_off(self, state: RecordState) -> None:
        amount = current().money(state.row.open)
        lines = (_("{amount} is written off; the invoice counts as settled.", amount=amount),)
        dialog = ReasonDialog(self._screen, _("Write off {amount}", amount=amount), lines, yes=_("Write off"))
        said = _("{amount} written off.", amount=amount)
        dialog.entered.connect(
            lambda reason: self._tasks.command(
                payments.write_off, state.row.id, note=reason, then=partial(self._settled, said)
            )
        )
        dialog.open()

    def _mark_uncollectible(self, state: RecordState) -> None:
        amount = current().money(state.row.open)
        lines = (
            _("{amount} is written off for good, and the invoice is marked as uncollectible.", amount=amount),
            _("Keep the proof for the tax office with the reason."),
        )
        dialog = ReasonDialog(
            self._screen, _("Mark {number} as uncollectible", number=state.title), lines, yes=_("Mark")
        )
        dialog.entered.connect(lambda reason: self._tasks.command(invoices.mark_uncollectible, state.row.id, reason))
        dialog.open()

    def _compare(self, state: RecordState) -> None:
        self._tasks.query(invoices.recompute_and_compare, state.row.id, then=self._compared)

    def _compared(self, comparison: Comparison) -> None:
        done = ngettext("{n} line was computed again.", "{n} lines were computed again.", len(comparison.lines))
        heading = _("Every amount agrees") if comparison.agrees else _("The document differs")
        self._context.messages.inform(heading, *(comparison.differences or [done]))

    def _copy(self, state: RecordState) -> None:
        QGuiApplication.clipboard().setText(state.title)
        self._context.messages.note(_("{number} copied.", number=state.title))

    def _save(self, extension: str, state: RecordState, *, explain: bool = False) -> None:
        name = file_name(state.view.document, extension)
        chosen, _filter = QFileDialog.getSaveFileName(self._screen, _("Save"), name, f"(*.{extension})")
        if chosen:
            then = partial(self._write, extension, Path(chosen))
            self._tasks.query(delivery.load_bundle, [state.row.id], explain=explain, then=then)

    def _write(self, extension: str, path: Path, bundle: Bundle) -> None:
        said = _("Saved as {name}.", name=path.name)
        self._tasks.files(
            write_document, bundle, extension, path, then=lambda _value: self._context.messages.note(said)
        )

    def _ask_folder(self) -> str:
        return QFileDialog.getExistingDirectory(self._screen, _("Where to put the files"))

    def _load_for_export(self, plan: BulkPlan, chosen: ExportChoice) -> None:
        then = partial(self._export, chosen.formats, Path(chosen.folder))
        self._tasks.query(delivery.load_bundle, plan.ids, explain=chosen.explain, then=then)

    def _export(self, formats: tuple[str, ...], folder: Path, bundle: Bundle) -> None:
        self._tasks.files(
            delivery.export_documents, bundle, folder, formats, label=_("Writing files"), then=self._exported
        )

    def _exported(self, paths: list[Any]) -> None:
        folder = paths[0].parent.name if paths else ""
        said = ngettext("{n} file written to {folder}.", "{n} files written to {folder}.", len(paths), folder=folder)
        self._context.messages.note(said)


def _today() -> date:
    return datetime.now(UTC).astimezone().date()
