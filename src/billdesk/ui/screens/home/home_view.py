"""The home screen: figures as links, two charts, what waits today, what became overdue."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import Final

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from billdesk.kernel.changes import Noun
from billdesk.kernel.i18n import N_, _, current
from billdesk.kernel.money import Money
from billdesk.services.home import Overview
from billdesk.ui.core.charts import Bar, Donut, Legend, Slice, StackedBars
from billdesk.ui.core.charts.axis import Label
from billdesk.ui.core.screen import Context, Screen
from billdesk.ui.core.tokens import Space
from billdesk.ui.core.widgets import (
    Card,
    Figure,
    FigureTile,
    PageHeader,
    button,
    link,
    primary,
    row,
    scrolled,
)
from billdesk.ui.screens.home.home_presenter import (
    AGE_LINKS,
    AGE_NAMES,
    HomePresenter,
    Link,
    compact,
    month_name,
    note_text,
    short,
    tiles,
    unbilled_line,
    waiting,
)
from billdesk.ui.screens.home.home_rows import FirstSteps, OverdueRows, UnbilledFigure, WaitingRows

_SERIES: Final = {"open": 0, "overdue": 4, "received": 2, "recurring": 0}
_BAR_COLOURS: Final = (0, 1, 4)
_AGE_COLOURS: Final = (0, 1, 3, 4)
_CHART_HEIGHT: Final = 196


class HomeView(Screen):
    """What a person sees first in the morning."""

    nouns = frozenset(Noun)
    help_text = N_(
        "Home shows how the company stands today and what waits for somebody. Every figure and every line is a "
        "link to the list behind it. Figures are in your company's currency; invoices in other currencies count "
        "at the rate they were issued with."
    )

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._presenter = HomePresenter(self.tasks)
        self._header = PageHeader(_("Home"), "", self._buttons())
        self._tiles = {
            "open": FigureTile(_("Open")),
            "overdue": FigureTile(_("Overdue")),
            "received": FigureTile(_("Received this month")),
            "recurring": FigureTile(_("Recurring per month")),
        }
        self._bars, self._donut = StackedBars(), Donut()
        self._waiting, self._unbilled = WaitingRows(self._go), UnbilledFigure(self._go)
        self._overdue = OverdueRows(self._go)
        self._steps = FirstSteps(self._go)
        self._stack = QStackedWidget()
        self._build()
        self._add_actions()

    def refresh(self) -> None:
        self._presenter.load(self._show)
        self._presenter.load_unbilled(self._show_unbilled)

    def show_view(self, view: str) -> None:
        if view == "unbilled":
            self._presenter.load_unbilled(self._show_unbilled, however_many=True)

    def _buttons(self) -> list[QWidget]:
        return [
            button(_("New customer"), partial(self._go, Link("customers", view="new")), "plus"),
            primary(_("Bill now"), partial(self._go, Link("billing")), "play"),
        ]

    def _add_actions(self) -> None:
        for text, keys, target in (
            (_("Bill now"), "Ctrl+B", Link("billing")),
            (_("New customer"), "Ctrl+N", Link("customers", view="new")),
            (_("Show overdue invoices"), "Ctrl+E", Link("invoices", view="overdue")),
        ):
            action = QAction(text, self)
            action.setShortcut(keys)
            action.triggered.connect(partial(self._follow, target))
            self.addAction(action)

    def _build(self) -> None:
        self._stack.addWidget(scrolled(self._figures()))
        self._stack.addWidget(scrolled(self._steps))
        self._stack.setVisible(False)
        self.build_page(self._header, self._stack)
        self.setFocusProxy(self._tiles["open"])
        self._donut.chosen.connect(self._follow_age)
        for key, tile in self._tiles.items():
            tile.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            tile.clicked.connect(partial(self._follow_tile, key))

    def _figures(self) -> QWidget:
        holder = QWidget()
        layout = QVBoxLayout(holder)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.TWO)
        layout.addLayout(row(*self._tiles.values(), spacing=Space.TWO))
        layout.addLayout(_beside(self._bars_card(), self._ages_card()), 1)
        layout.addLayout(_beside(self._overdue_card(), self._waiting_card()))
        return holder

    def _bars_card(self) -> Card:
        card = Card(_("Invoiced"), _("last 12 months, tax included"))
        card.head.addWidget(Legend(_bar_names(), _BAR_COLOURS))
        self._bars.setMinimumHeight(_CHART_HEIGHT)
        card.body.addWidget(self._bars, 1)
        return card

    def _ages_card(self) -> Card:
        card = Card(_("Receivables by age"))
        card.body.addWidget(self._donut, 1)
        return card

    def _overdue_card(self) -> Card:
        card = Card(_("Recently overdue"))
        card.head.addWidget(link(_("Show all"), partial(self._go, Link("invoices", view="overdue"))))
        card.body.addWidget(self._overdue)
        card.body.addStretch(1)
        return card

    def _waiting_card(self) -> Card:
        card = Card(_("Today"))
        card.body.addWidget(self._waiting)
        card.body.addWidget(self._unbilled)
        card.body.addStretch(1)
        return card

    def _show(self) -> None:
        overview = self._presenter.overview
        if overview is None:
            return
        self._header.show_note(note_text(overview))
        self._stack.setCurrentIndex(int(self._presenter.is_new))
        self._stack.setVisible(True)
        for tile in tiles(overview):
            figure = Figure(tile.value, tile.note, history=tile.history, series=_SERIES[tile.key])
            self._tiles[tile.key].show_figure(figure)
            self._tiles[tile.key].setToolTip(tile.tip)
        self._show_charts(overview)
        self._waiting.show_lines(waiting(overview))
        self._overdue.show_documents(overview.recently_overdue)
        self._steps.show_beginnings(self._presenter.beginnings)

    def _show_unbilled(self) -> None:
        overview = self._presenter.overview
        if overview is not None:
            self._unbilled.show_line(unbilled_line(self._presenter.unbilled, overview.currency))

    def _show_charts(self, overview: Overview) -> None:
        full, brief = _writers(overview.currency)
        bars = [
            Bar(month_name(bar.month), tuple(part.major for part in (bar.paid, bar.open, bar.overdue)))
            for bar in overview.figures.months
        ]
        self._bars.show_bars(_("Invoiced"), _bar_names(), bars, label=brief, full=full, colours=_BAR_COLOURS)
        parts = zip(AGE_NAMES, overview.ages, _AGE_COLOURS, strict=True)
        slices = [Slice(_(name), amount.major, series, str(i)) for i, (name, amount, series) in enumerate(parts)]
        middle = (short(overview.open.amount), _("open"))
        self._donut.show_slices(_("Receivables by age"), slices, middle=middle, label=brief)

    def _follow_tile(self, key: str, _checked: bool = False) -> None:  # noqa: FBT001, FBT002 - Qt's `clicked`
        overview = self._presenter.overview
        if overview is not None:
            self._go(next(tile.link for tile in tiles(overview) if tile.key == key))

    def _follow_age(self, key: str) -> None:
        self._go(Link("invoices", view=AGE_LINKS[int(key)]))

    def _follow(self, target: Link, _checked: bool = False) -> None:  # noqa: FBT001, FBT002 - Qt's `triggered`
        self._go(target)

    def _go(self, target: Link) -> None:
        self.context.navigate(target.screen, record=target.record, view=target.view)


def _beside(wide: QWidget, narrow: QWidget) -> QHBoxLayout:
    """Put two cards side by side, five parts to three."""
    line = row(wide, narrow, spacing=Space.TWO)
    line.setStretch(0, 5)
    line.setStretch(1, 3)
    for card in (wide, narrow):
        card.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    return line


def _bar_names() -> list[str]:
    return [_("Paid"), _("Open"), _("Overdue")]


def _writers(currency: str) -> tuple[Label, Label]:
    def full(value: Decimal) -> str:
        return current().money(Money.of(value, currency))

    def brief(value: Decimal) -> str:
        return compact(Money.of(value, currency))

    return full, brief
