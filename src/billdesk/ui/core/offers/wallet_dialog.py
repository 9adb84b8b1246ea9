"""The statement of one wallet: each movement with the balance after it, adding to it, taking back, saving as a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from billdesk.kernel.decimals import from_text
from billdesk.kernel.i18n import N_, _, current
from billdesk.kernel.money import Money
from billdesk.services.customer_offers import OffersCard
from billdesk.services.offer_words import wallet_text
from billdesk.services.wallets import (
    StatementLine,
    TopUp,
    WalletRow,
    WalletStatement,
    load_statement,
    statement_file,
    top_up_wallet,
    undo_refund_into_wallet,
    withdraw_wallet,
)
from billdesk.ui.core.offers.offer_dialog import OfferDialog
from billdesk.ui.core.offers.offer_values import top_up_fields, withdraw_fields
from billdesk.ui.core.saving import save_file
from billdesk.ui.core.screen import Context
from billdesk.ui.core.table_columns import Column, Kind
from billdesk.ui.core.table_panel import Empty, ListSpec, TablePanel
from billdesk.ui.core.tokens import Size, Space
from billdesk.ui.core.widgets import FormDialog, boxed, button, column, label, row

_WIDTH, _HEIGHT = 760, 520
COLUMNS: Final[tuple[Column[StatementLine], ...]] = (
    Column("day", N_("Date"), lambda line: line.movement.day, Kind.DATE, is_sortable=False),
    Column("what", N_("What"), lambda line: line.words, stretch=2, is_strong=True, is_sortable=False),
    Column("reason", N_("Why"), lambda line: line.movement.reason, Kind.MUTED, stretch=1, rank=1, is_sortable=False),
    Column("by", N_("By"), lambda line: line.movement.made_by, Kind.MUTED, rank=2, is_sortable=False),
    Column("amount", N_("Amount"), lambda line: line.movement.amount, Kind.MONEY, is_sortable=False),
    Column("balance", N_("Balance"), lambda line: line.balance, Kind.MONEY, is_strong=True, is_sortable=False),
)


class WalletDialog(FormDialog):
    """Announces when something of the wallet was changed."""

    changed = Signal()

    def __init__(self, context: Context, parent: QWidget, wallet: WalletRow, card: OffersCard) -> None:
        self._context = context
        self._row, self._card = wallet, card
        self._statement: WalletStatement | None = None
        self._balance, self._note = label("", "display"), label("", "second", wrap=True)
        spec = ListSpec("wallet", _("Movements"), COLUMNS, id, Empty("wallet", _("No movement yet")), Size.ROW_COMPACT)
        self._table = TablePanel(spec, context.preferences)
        self._add = button(_("Add credit…"), self._ask_top_up, "plus")
        self._take = button(_("Take back…"), self._ask_withdraw, "undo")
        self._undo = button(_("Undo the refund…"), self._ask_undo, "rotate-ccw")
        self._save = button(_("Save as…"), self._save_as, "download")
        super().__init__(parent, wallet.wallet.label, self._content(), yes=_("Close"), can_cancel=False)
        self.resize(_WIDTH, _HEIGHT)
        self._tasks = context.tasks.of(self)
        self.reload()

    def reload(self) -> None:
        """Read the movements again."""
        self._tasks.query(load_statement, self._row.wallet.id, then=self._show, latest="statement")

    def _content(self) -> QWidget:
        bar = row(self._add, self._take, self._undo, self._save, None)
        return boxed(column(self._balance, self._note, bar, self._table, spacing=Space.ONE_HALF))

    def _show(self, found: WalletStatement) -> None:
        self._statement, self._row = found, found.row
        wallet = found.row.wallet
        self._balance.setText(current().money(wallet.balance))
        self._note.setText(wallet_text(found.row, self._card.today))
        self._take.setEnabled(bool(wallet.balance))
        self._add.setEnabled(wallet.expires_on is None or self._card.today < wallet.expires_on)
        self._undo.setVisible(found.can_undo_refund)
        self._table.show_records(found.lines)

    def _ask_top_up(self) -> None:
        def make(values: Mapping[str, object]) -> Callable[..., Any]:
            return partial(top_up_wallet, wallet_id=self._row.wallet.id, given=self._top_up(values))

        self._ask((_("Add credit"), _("Add")), top_up_fields(self._row), make)

    def _top_up(self, values: Mapping[str, object]) -> TopUp:
        units, amount = values.get("units"), values.get("amount")
        return TopUp(
            amount=None if amount is None else self._money(amount),
            units=None if units is None else int(str(units)),
            reason=str(values.get("reason") or ""),
        )

    def _money(self, text: object) -> Money:
        return Money.of(from_text(str(text)), self._row.granted.currency)

    def _ask_withdraw(self) -> None:
        def make(values: Mapping[str, object]) -> Callable[..., Any]:
            amount = values.get("amount")
            taken = None if amount is None else self._money(amount)
            reason = str(values.get("reason") or "")
            return partial(withdraw_wallet, wallet_id=self._row.wallet.id, amount=taken, reason=reason)

        self._ask((_("Take credit back"), _("Take it back")), withdraw_fields(self._row), make)

    def _ask(self, words: tuple[str, str], fields: tuple[Any, ...], make: Callable[..., Any]) -> None:
        heading, yes = words
        dialog = OfferDialog(self._context, self, heading, fields, self._card.today, yes=yes)
        dialog.completed.connect(self._after)
        dialog.run(make)

    def _ask_undo(self) -> None:
        wallet = self._row.wallet
        self._context.messages.confirm(
            _("Turn {label} back into an open credit note?", label=wallet.label),
            _(
                "The credit of {amount} goes, and the credit note is open again.",
                amount=current().money(wallet.balance),
            ),
            yes=_("Undo the refund"),
            on_yes=partial(self._tasks.command, undo_refund_into_wallet, wallet.id, then=lambda _row: self._after()),
        )

    def _after(self) -> None:
        self.changed.emit()
        self.reload()

    def _save_as(self) -> None:
        if self._statement is not None:
            save_file(self, self._context, self._row.wallet.label, partial(statement_file, [self._statement]))
