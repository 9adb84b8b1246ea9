"""The bank: account cards, the lines at the left, what each pays at the right, OK on Enter."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QButtonGroup, QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from billdesk.kernel.changes import Noun
from billdesk.kernel.errors import BillDeskError
from billdesk.kernel.i18n import N_, _, current, ngettext
from billdesk.kernel.progress import Progress
from billdesk.services import banking
from billdesk.services.banking import AccountCard, BankLine, BankRule, BulkOutcome, Match, StatementImport
from billdesk.services.payments import Settled
from billdesk.services.result import Result
from billdesk.ui.core.screen import Context, Screen
from billdesk.ui.core.table_columns import Source
from billdesk.ui.core.table_panel import Empty, ListSpec, TablePanel
from billdesk.ui.core.tokens import Size, Space
from billdesk.ui.core.widgets import (
    PageHeader,
    SearchField,
    Segment,
    boxed,
    button,
    column,
    label,
    primary,
    scrolled,
)
from billdesk.ui.core.widgets.bars import CountedTabs, FilterBar, RowButton
from billdesk.ui.screens.banking.banking_presenter import (
    COLUMNS,
    TAB_WORDS,
    BankingPresenter,
    LineSummary,
    card_texts,
    counts_of,
    fetch_lines,
    outcome_lines,
    summarize_lines,
)
from billdesk.ui.screens.banking.dialogs import AccountDialog, RuleDialog, RulesDialog, counted
from billdesk.ui.screens.banking.import_dialog import ImportDialog
from billdesk.ui.screens.banking.line_state import LineDetail, load_detail
from billdesk.ui.screens.banking.match_pane import MatchPane

_SUFFIXES: Final = (".xml", ".csv", ".txt", ".sta", ".940", ".mt940", ".cod", ".ofx", ".qif", ".zip", ".tsv")
_CARD_WIDTH: Final = 250
_CARD_HEIGHT: Final = 92
_PROPOSALS_BY_KEY: Final = 5


class BankingView(Screen):
    """Matches bank lines with invoices: Enter takes the best proposal and goes on to the next line."""

    nouns = frozenset({Noun.BANKING, Noun.PAYMENTS, Noun.INVOICES, Noun.ENTITIES})
    help_text = N_(
        "Import a statement, then go through the lines: the right side shows what a line most likely pays and why. "
        "Enter takes the chosen proposal and goes on; Alt and a number chooses another. Several documents, part "
        "payments, fees and discounts are settled under “By hand”; nothing is booked while something remains."
    )

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._presenter = BankingPresenter()
        self._header = PageHeader(_("Bank"), "", self._head_buttons())
        self._cards = QHBoxLayout()
        self._cards_group = QButtonGroup(self)
        self._cards_group.setExclusive(False)
        self._tabs = CountedTabs([Segment(key, _(word)) for key, word in TAB_WORDS.items()], _("State of lines"))
        self._search = SearchField(_("Name, message, amount…"))
        self._bar = FilterBar(self._tabs, self._search)
        self._list = self._make_list()
        self._pane = MatchPane(context)
        self._go_to: int | None = None
        self._build()
        self._connect()
        self._add_actions()

    def refresh(self) -> None:
        self.tasks.query(banking.list_accounts, then=self._show_accounts, latest="accounts")
        if self._list.model.request.filter is None:
            self._go_to = 0
            self._list.load(self._presenter.state.wanted())
        else:
            self._list.reload()

    def open_record(self, key: str) -> None:
        self._show_line(int(key))

    def show_view(self, view: str) -> None:
        wanted = self._presenter.view(view)
        self._show_choices()
        self._go_to = 0
        self._list.load(wanted)

    def drop(self, paths: Sequence[Path]) -> bool:
        taken = [path for path in paths if path.suffix.lower() in _SUFFIXES]
        for path in reversed(taken):
            self._import(path)
        return bool(taken)

    def _head_buttons(self) -> list[QWidget]:
        return [
            button(_("Rules"), self._open_rules, "filter"),
            button(_("Match all clear lines…"), self._ask_unique, "circle-check"),
            primary(_("Import statement"), self._choose_file, "upload"),
        ]

    def _make_list(self) -> TablePanel:
        empty = Empty(
            "landmark",
            _("Nothing to match"),
            _("Import a statement: its lines stand here until it is clear what they pay."),
            (_("Import statement"), self._choose_file),
        )
        spec = ListSpec(
            "bank_lines",
            _("Bank lines"),
            COLUMNS,
            lambda record: record.id,
            empty,
            row_height=Size.ROW_COMPACT,
            sort="booked",
            descending=True,
        )
        made = TablePanel(spec, self.context.preferences)
        made.use_source(Source(fetch_lines, summarize_lines), self.context.tasks)
        return made

    def _build(self) -> None:
        self._cards.setContentsMargins(0, 0, 0, 0)
        self._cards.setSpacing(Space.ONE_HALF)
        holder = QWidget()
        holder.setLayout(self._cards)
        self._card_place = scrolled(holder)
        self._card_place.setFixedHeight(_CARD_HEIGHT + 4)
        self._card_place.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        left = QVBoxLayout()
        left.setSpacing(Space.ONE_HALF)
        left.addWidget(self._bar)
        left.addWidget(self._list, 1)
        panes = QHBoxLayout()
        panes.setSpacing(Space.TWO)
        panes.addLayout(left, 5)
        panes.addWidget(self._pane, 4)
        self.build_page(self._header, self._card_place, boxed(panes))
        panes.setContentsMargins(0, 0, 0, 0)
        self.setFocusProxy(self._list.table)

    def _connect(self) -> None:
        self._tabs.chosen.connect(lambda key: self._choose(tab=key))
        self._search.searched.connect(lambda text: self._choose(text=text))
        self._list.clear_asked.connect(lambda: self.show_view("all"))
        self._list.summarized.connect(self._show_summary)
        self._list.model.loaded.connect(self._go_on)
        self._list.current_changed.connect(self._follow)
        self._list.opened.connect(lambda _record: self._pane.accept())
        self._pane.accepted.connect(self._accept)
        self._pane.not_customer_asked.connect(self._ask_account)
        self._pane.unmatch_asked.connect(self._ask_unmatch)
        self._pane.rule_asked.connect(self._ask_rule)

    def _add_actions(self) -> None:
        self.addAction(self._search.find_action())
        for text, keys, run in (
            (_("Import a statement"), "Ctrl+I", self._choose_file),
            (_("Match all clear lines"), "Ctrl+Shift+Return", self._ask_unique),
            (_("OK: settle the line"), "Ctrl+Return", self._pane.accept),
            (_("Settle the line by hand"), "Ctrl+B", self._pane.compose_by_hand),
            (_("Not a customer's payment"), "Ctrl+Shift+N", self._pane.ask_not_customer),
            (_("Rules for bank lines"), "Ctrl+R", self._open_rules),
        ):
            self._add_action(text, keys, run)
        for place in range(_PROPOSALS_BY_KEY):
            name = _("Choose proposal {n}", n=place + 1)
            self._add_action(name, f"Alt+{place + 1}", partial(self._pane.choose_proposal, place))

    def _add_action(self, text: str, keys: str, run: Any) -> None:  # noqa: ANN401 - anything that can be called
        action = QAction(text, self)
        action.setShortcut(keys)
        action.triggered.connect(lambda *_: run())
        self.addAction(action)

    def _choose(self, **choices: Any) -> None:  # noqa: ANN401 - the types of BankState's fields
        self._go_to = 0
        self._list.load(self._presenter.choose(**choices))

    def _choose_account(self, account_id: int) -> None:
        self._go_to = 0
        self._list.load(self._presenter.choose_account(account_id))
        self._show_accounts(self._presenter.accounts)

    def _show_choices(self) -> None:
        state = self._presenter.state
        for part in (self._tabs, self._search):
            part.blockSignals(True)
        self._tabs.choose(state.tab)
        self._search.setText(state.text)
        for part in (self._tabs, self._search):
            part.blockSignals(False)
        self._show_accounts(self._presenter.accounts)

    def _show_accounts(self, cards: Sequence[AccountCard]) -> None:
        self._presenter.accounts = tuple(cards)
        while self._cards.count():
            item = self._cards.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for card in cards:
            self._cards.addWidget(self._card(card))
        self._cards.addStretch(1)
        todo = sum(card.to_match for card in cards)
        done = _("All matched") if any(card.balance_on for card in cards) else _("No statement yet")
        self._header.show_note(ngettext("{n} line to match", "{n} lines to match", todo) if todo else done)

    def _card(self, card: AccountCard) -> RowButton:
        title, balance, note = card_texts(card)
        words = column(
            label(title, "second"), label(balance, "heading"), label(note, "faint"), spacing=4, margins=(14, 10, 14, 10)
        )
        name = f"{title}, {balance}, {note}"
        made = RowButton(words, name, partial(self._choose_account, card.account.id), look="choice-row")
        made.setCheckable(True)
        made.setChecked(self._presenter.state.account_id == card.account.id)
        made.setMinimumWidth(_CARD_WIDTH)
        made.setMaximumWidth(_CARD_WIDTH + 90)
        return made

    def _show_summary(self, summary: LineSummary) -> None:
        self._tabs.show_counts(counts_of(summary))
        self._bar.fit()

    def _go_on(self) -> None:
        """After a line was settled, stand on the one that took its place."""
        place, self._go_to = self._go_to, None
        model = self._list.model
        if place is None:
            return
        if not model.rowCount():
            self._pane.show_nothing(_("No line is left here"), _("Choose another tab or import the next statement."))
            return
        index = model.index(min(place, model.rowCount() - 1), 0)
        self._list.table.setCurrentIndex(index)
        self._follow(self._list.current_record())

    def _follow(self, record: object) -> None:
        if record is not None:
            self._show_line(record.id)  # type: ignore[attr-defined]  # the list's rows are lines

    def _show_line(self, line_id: int) -> None:
        self._pane.wait()
        self.tasks.query(load_detail, line_id, then=self._pane.show_line, latest="line")

    def _accept(self, line: BankLine, match: Match) -> None:
        said = _("{amount} matched.", amount=current().money(line.line.amount))
        self._list.table.setFocus()
        self._go_to = max(0, self._list.table.currentIndex().row()) + (self._presenter.state.tab != "open")
        self.tasks.command(
            partial(banking.accept_match, version=line.version),
            line.id,
            match,
            then=partial(self._settled, line.id, said),
            failed=self._refused,
        )

    def _settled(self, line_id: int, said: str, _settled: Settled) -> None:
        undo = partial(self.tasks.command, banking.unmatch, line_id)
        self.context.messages.note(said, (_("Undo"), undo))

    def _refused(self, error: BillDeskError) -> None:
        self._go_to = None
        self._pane.allow_again()
        self.context.messages.fail(error)

    def _ask_account(self, detail: LineDetail) -> None:
        dialog = AccountDialog(self, detail)
        dialog.entered.connect(partial(self._book, detail.line))
        dialog.open()

    def _book(self, line: BankLine, account: str, text: str) -> None:
        said = _("{amount} booked to {account}.", amount=current().money(line.line.amount), account=account)
        self._go_to = max(0, self._list.table.currentIndex().row()) + (self._presenter.state.tab != "open")
        self.tasks.command(
            banking.mark_as_not_customer,
            line.id,
            account,
            text,
            then=partial(self._settled, line.id, said),
            failed=self._refused,
        )

    def _ask_unmatch(self, detail: LineDetail) -> None:
        self.context.messages.confirm(
            _("Take this match back?"),
            f"{detail.heading} · {current().money(detail.line.line.amount)}",
            _("The line waits to be matched again, and its documents are open as before. Nothing is deleted."),
            yes=_("Take back"),
            on_yes=lambda: self._unmatch(detail.line.id),
        )

    def _unmatch(self, line_id: int) -> None:
        self.tasks.command(banking.unmatch, line_id, then=lambda _settled: self._show_line(line_id))

    def _ask_rule(self, detail: LineDetail) -> None:
        self.tasks.query(banking.create_rule_from_line, detail.line.id, then=self._show_rule, latest="rule")

    def _show_rule(self, rule: BankRule) -> None:
        dialog = RuleDialog(self.context, self, rule)
        dialog.saved.connect(
            lambda: self.context.messages.note(_("The rule is saved."), (_("Apply it"), self._apply_rules))
        )
        dialog.open()

    def _open_rules(self) -> None:
        if self._presenter.accounts:
            dialog = RulesDialog(self.context, self, self._presenter.accounts[0].account.entity_id)
            dialog.apply_asked.connect(self._apply_rules)
            dialog.open()

    def _apply_rules(self) -> None:
        self._go_to = 0
        self.tasks.command(
            banking.apply_rules,
            self._presenter.state.wanted(),
            label=_("Applying rules"),
            then=lambda outcome: self.context.messages.note(counted(outcome.accepted)),
        )

    def _ask_unique(self) -> None:
        self.tasks.query(
            partial(banking.accept_unique_matches, progress=Progress()),
            self._presenter.state.wanted(),
            then=self._confirm_unique,
            latest="unique",
        )

    def _confirm_unique(self, planned: Result[BulkOutcome]) -> None:
        outcome = planned.value
        if not outcome.accepted:
            self.context.messages.note(_("No line has one clear match; look at them one by one."))
            return
        self.context.messages.confirm(
            _("Match all clear lines?"),
            *outcome_lines(outcome),
            _("Each can be taken back by itself."),
            yes=ngettext("Match {n} line", "Match {n} lines", outcome.accepted),
            on_yes=self._accept_unique,
        )

    def _accept_unique(self) -> None:
        self._go_to = 0
        self.tasks.command(
            banking.accept_unique_matches,
            self._presenter.state.wanted(),
            label=_("Matching lines"),
            then=lambda outcome: self.context.messages.note(
                ngettext("{n} line matched.", "{n} lines matched.", outcome.accepted)
            ),
        )

    def _choose_file(self) -> None:
        patterns = " ".join(f"*{suffix}" for suffix in _SUFFIXES)
        chosen, _filter = QFileDialog.getOpenFileName(
            self, _("Import a bank statement"), "", f"{_('Bank statements')} ({patterns});;{_('All files')} (*)"
        )
        if chosen:
            self._import(Path(chosen))

    def _import(self, path: Path) -> None:
        dialog = ImportDialog(self.context, self, path)
        dialog.imported.connect(self._imported)
        dialog.open()

    def _imported(self, outcome: StatementImport) -> None:
        self.show_view("open")
        if outcome.batch_id is None:
            self.context.messages.note(_("Every line of this file was known already."))
            return
        undo = partial(self.tasks.command, banking.undo_import, outcome.batch_id)
        said = ngettext("{n} line imported.", "{n} lines imported.", outcome.added)
        self.context.messages.note(said, (_("Undo"), undo))
