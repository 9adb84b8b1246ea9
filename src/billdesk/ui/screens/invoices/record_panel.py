"""The panel of one document: overview, the real page, and what happened to it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from billdesk.kernel.i18n import _, current
from billdesk.services.delivery import Bundle, load_bundle
from billdesk.services.delivery.showing import render_pdf
from billdesk.ui.core.pdf_view import PdfView
from billdesk.ui.core.screen import Context
from billdesk.ui.core.tokens import Space
from billdesk.ui.core.widgets import (
    Fact,
    IconLabel,
    KeyValueList,
    MoneyLabel,
    Segment,
    SegmentedTabs,
    StatusChip,
    avatar,
    button,
    column,
    icon_button,
    label,
    link,
    primary,
    row,
    rule,
)
from billdesk.ui.core.widgets.bars import RowButton
from billdesk.ui.core.widgets.elided import ElidedLabel
from billdesk.ui.screens.invoices.columns import STATUSES
from billdesk.ui.screens.invoices.explain_popup import ExplainPopup
from billdesk.ui.screens.invoices.record import Deed, Happening, RecordState, Settling, ShownLine

_PAGE_HEIGHT = 520
_FOOTER_DEEDS = 2

Do = Callable[[str], object]


class RecordContent(QWidget):
    """What the panel shows of a document; `tab` stays as it was while one walks through the list."""

    tab_changed = Signal(str)
    memo_changed = Signal()
    customer_asked = Signal(int)
    retry_asked = Signal(int)
    take_back_asked = Signal(object)

    def __init__(self, context: Context, state: RecordState, tab: str) -> None:
        super().__init__()
        self._context = context
        self._tasks = context.tasks.of(self)
        self._state = state
        self._page: PdfView | None = None
        self._parts: dict[str, QWidget] = {}
        self._place = QVBoxLayout()
        words = [Segment("overview", _("Overview")), Segment("page", _("Page")), Segment("history", _("History"))]
        tabs = SegmentedTabs(words, _("Parts of the document"))
        tabs.chosen.connect(self._choose)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.TWO)
        layout.addLayout(self._head())
        layout.addWidget(tabs)
        layout.addLayout(self._place)
        tabs.choose(tab)

    def _choose(self, tab: str) -> None:
        makers = {"overview": self._overview, "page": self._make_page, "history": self._history}
        if tab not in self._parts:
            # Built at first sight, so that walking through the list stays quick; and not a stack, which would
            # be as tall as its tallest page and scroll over nothing.
            self._parts[tab] = makers[tab]()
            self._place.addWidget(self._parts[tab])
        for key, part in self._parts.items():
            part.setVisible(key == tab)
        self.tab_changed.emit(tab)

    def _make_page(self) -> PdfView:
        self._page = PdfView(self._context.tasks)
        self._page.setMinimumHeight(_PAGE_HEIGHT)
        self._tasks.query(load_bundle, [self._state.row.id], then=self._render, latest="bundle")
        return self._page

    def _render(self, bundle: Bundle) -> None:
        self._tasks.files(render_pdf, bundle, then=self._show_page, latest="pdf")

    def _show_page(self, pdf: bytes) -> None:
        if self._page is not None:
            self._page.show_pdf(pdf, self._state.title)

    def _head(self) -> QVBoxLayout:
        shown = self._state.row
        amount = label(current().money(shown.total), "display", selectable=True)
        amount.setAccessibleName(_("Total {amount}", amount=amount.text()))
        status = STATUSES[shown.status]
        chip = StatusChip(_(status.label), status.tone)
        return column(amount, row(chip, None), self._customer(), spacing=Space.ONE)

    def _customer(self) -> RowButton:
        buyer = self._state.view.document.buyer.name
        name, note = ElidedLabel(buyer, "strong"), ElidedLabel(self._state.customer_note, "faint")
        words = column(name, note, spacing=1)
        note.setVisible(bool(self._state.customer_note))
        inside = row(avatar(buyer), spacing=Space.ONE_HALF, margins=(0, 4, 0, 4))
        inside.addLayout(words, 1)
        go = partial(self.customer_asked.emit, self._state.row.customer_id)
        return RowButton(inside, _("Open customer {name}", name=buyer), go)

    def _overview(self) -> QWidget:
        holder = QWidget()
        layout = QVBoxLayout(holder)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.ONE)
        layout.addWidget(KeyValueList([Fact(name, text) for name, text in self._state.facts]))
        layout.addWidget(rule())
        layout.addWidget(label(_("Lines"), "heading"))
        lines = QVBoxLayout()
        lines.setSpacing(0)
        for line in self._state.lines:
            lines.addWidget(self._line(line))
        layout.addLayout(lines)
        layout.addWidget(rule())
        *parts, (name, total) = self._state.totals
        facts = [Fact(word, amount, "") for word, amount in parts]
        layout.addWidget(KeyValueList([*facts, Fact(name, total, is_total=True)]))
        self._add_settled(layout)
        self._add_memo(layout)
        layout.addStretch(1)
        return holder

    def _line(self, line: ShownLine) -> RowButton:
        inside = row(margins=(0, 5, 0, 5))
        inside.addLayout(column(ElidedLabel(line.title, "medium"), ElidedLabel(line.note, "faint"), spacing=1), 1)
        inside.addWidget(MoneyLabel(line.amount, "medium"))
        made = RowButton(inside, _("Explain {line}", line=line.title), lambda: self._explain(made, line))
        made.setToolTip(_("How this amount came about"))
        made.setAccessibleDescription(f"{line.note}, {current().money(line.amount)}")
        return made

    def _explain(self, anchor: QWidget, line: ShownLine) -> None:
        ExplainPopup(self, line).show_beside(anchor)

    def _add_settled(self, layout: QVBoxLayout) -> None:
        if not self._state.settled:
            return
        layout.addSpacing(Space.ONE)
        layout.addWidget(label(_("Payments"), "heading"))
        for one in self._state.settled:
            layout.addLayout(self._settled(one))

    def _settled(self, one: Settling) -> QHBoxLayout:
        undo = icon_button("undo", _("Take this back"), partial(self.take_back_asked.emit, one))
        made = row()
        made.addLayout(column(ElidedLabel(one.text, "medium"), label(current().day(one.day), "faint"), spacing=1), 1)
        for part in (MoneyLabel(one.amount, "medium"), undo):
            made.addWidget(part)
        return made

    def _add_memo(self, layout: QVBoxLayout) -> None:
        memo = self._state.view.memo
        layout.addSpacing(Space.ONE)
        layout.addLayout(row(label(_("Note"), "heading"), None, link(_("Change"), self.memo_changed.emit, "pencil")))
        layout.addWidget(label(memo or _("Only you see it; it is not printed."), "" if memo else "faint", wrap=True))

    def _history(self) -> QWidget:
        holder = QWidget()
        layout = QVBoxLayout(holder)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.ONE_HALF)
        for one in self._state.happened:
            layout.addLayout(self._happening(one))
        if not self._state.happened:
            layout.addWidget(label(_("Nothing happened to it yet."), "faint"))
        layout.addStretch(1)
        return holder

    def _happening(self, one: Happening) -> QHBoxLayout:
        words = column(label(one.text, "medium", wrap=True), spacing=1)
        if one.detail:
            words.addWidget(label(_breakable(one.detail), "faint", wrap=True, selectable=True))
        if one.delivery_id is not None:
            words.addWidget(link(_("Try again"), partial(self.retry_asked.emit, one.delivery_id), "rotate-ccw"))
        day = label(current().day(one.day), "faint")
        day.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight)
        made = row(IconLabel(one.icon, "text_faint"), spacing=Space.ONE_HALF)
        made.addLayout(words, 1)
        made.addWidget(day)
        return made


def footer_of(state: RecordState, do: Do) -> tuple[QWidget, ...]:
    """Make the buttons that stay in place: the likeliest deed is the coloured one, at the right."""
    likely = state.deeds[:_FOOTER_DEEDS]
    made: list[QWidget] = [button(_(deed.label), partial(do, deed.key)) for deed in likely[1:]]
    return (*made, *(primary(_(deed.label), partial(do, deed.key)) for deed in likely[:1]))


def tools_of(state: RecordState, do: Do) -> tuple[QWidget, ...]:
    """Make the icons beside the title: save the PDF, copy the number, and all other deeds."""
    more = icon_button("ellipsis", _("More"), lambda: None, shortcut="Ctrl+.")
    menu = QMenu(more)
    for deed in state.deeds:
        _add(menu, deed, do)
    more.setMenu(menu)
    more.setPopupMode(more.ToolButtonPopupMode.InstantPopup)
    return (
        icon_button("download", _("Save PDF"), partial(do, "pdf")),
        icon_button("copy", _("Copy number"), partial(do, "copy")),
        more,
    )


def _add(menu: QMenu, deed: Deed, do: Do) -> None:
    menu.addAction(_(deed.label)).triggered.connect(lambda *_: do(deed.key))


def _breakable(text: str) -> str:
    """Let long addresses break after @ and dots; they would push the day out of the panel."""
    return text.replace("@", "@\u200b").replace(".", ".\u200b")
