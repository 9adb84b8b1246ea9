"""Every widget on pages, for looking at them and for tests that they can all be built and painted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from PySide6.QtWidgets import QWidget

from billdesk.kernel.fields import Field, Kind
from billdesk.kernel.i18n import current
from billdesk.kernel.money import Money
from billdesk.ui.core.charts import Bar, Curve, CurveLine, Donut, Legend, Slice, StackedBars
from billdesk.ui.core.editors import CheckEditor, ChoiceEditor, DateEditor, DecimalEditor, MoneyEditor, TextEditor
from billdesk.ui.core.form import FieldForm, FormGrid
from billdesk.ui.core.screen import Context, Screen
from billdesk.ui.core.table_panel import Empty, ListSpec, TablePanel
from billdesk.ui.core.tokens import Tone
from billdesk.ui.core.widgets import (
    Banner,
    Card,
    DropZone,
    EmptyState,
    Fact,
    Figure,
    FigureTile,
    FilterChips,
    KeyValueList,
    PageHeader,
    SearchField,
    Segment,
    SegmentedTabs,
    SlideOver,
    StatusChip,
    Stepper,
    boxed,
    button,
    column,
    danger,
    icon_button,
    label,
    link,
    primary,
    row,
)
from ui.fakes import COLUMNS, TODAY, sales_source


def nothing() -> None:
    """Do nothing."""


def _euro(value: Decimal) -> str:
    return current().money(Money.of(value, "EUR"))


def _thousands(value: Decimal) -> str:
    return f"{current().number(int(value / 1000))}k €"


class ListPage(Screen):
    """A list with its slide-over, as the invoices screen has it."""

    def __init__(self, context: Context, count: int = 1_000_000) -> None:
        super().__init__(context)
        head = PageHeader(
            "Invoices",
            "1,000,000 invoices",
            [button("Export", nothing, "download"), primary("New invoice", nothing, "plus")],
        )
        tabs = SegmentedTabs([Segment(k, k.title()) for k in ("all", "open", "overdue", "paid", "draft")], "Status")
        tabs.show_counts({"open": "1,204", "overdue": "37"})
        self.search = SearchField("Number or customer…")
        bar = boxed(row(tabs, None, self.search))
        empty = Empty(
            "file-text", "No invoices yet", "They appear here once a billing run made some.", ("Bill now", nothing)
        )
        self.panel = TablePanel(ListSpec("sales", "Invoices", COLUMNS, lambda r: r.number, empty), context.preferences)
        self.panel.use_source(sales_source(count), context.tasks)
        self.side = SlideOver()
        self.build_page(head, bar, self.panel, panel=self.side)
        self.side.show_content(
            "2026-0999999",
            _record(),
            (button("Send reminder", nothing), primary("Record payment", nothing)),
            (icon_button("printer", "Print", nothing),),
        )

    def refresh(self) -> None:
        self.panel.load(None)


def _record() -> QWidget:
    facts = KeyValueList(
        [
            Fact("Issue date", "21 Nov 2026"),
            Fact("Due date", "20 Jan 2027", "red"),
            Fact("Open", Money(186_879, "EUR")),
            Fact("Total", Money(186_879, "EUR"), is_total=True),
        ]
    )
    chip = row(StatusChip("Partly paid", Tone.AMBER), StatusChip("Overdue", Tone.RED), None)
    return boxed(column(label("€ 1,868.79", "display"), chip, 8, facts))


def dashboard(_context: Context) -> QWidget:
    """Tiles and charts."""
    history = [Decimal(n) for n in (3, 4, 3, 5, 6, 5, 7, 8, 7, 9)]
    tiles = [
        FigureTile("Outstanding", Figure("€ 31.9m", "49,172 invoices", history=history)),
        FigureTile("Overdue", Figure("€ 21.5m", "29,738 invoices", history=history[::-1], series=4)),
        FigureTile(
            "Paid this month", Figure("€ 3,437,520.41", "vs. previous month", "+6.2 %", history=history, series=2)
        ),
        FigureTile("Recurring / month", Figure("€ 121,333.00", "vs. previous month", "−2.4 %", trend_is_good=False)),
    ]
    bars = StackedBars()
    names = ["Paid", "Open", "Overdue"]
    months = "Dec Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov".split()
    data = [Bar(m, (Decimal(9000 + 300 * i), Decimal(200 * i), Decimal(700))) for i, m in enumerate(months)]
    bars.show_bars("Revenue", names, data, label=_thousands, full=_euro, colours=(0, 1, 4))
    card = Card("Revenue", "last 12 months")
    card.head.addWidget(Legend(names, (0, 1, 4)))
    card.body.addWidget(bars, 1)
    donut = Donut()
    slices = [
        Slice("Not due", Decimal(10500), 0, "a"),
        Slice("1–30 days", Decimal(9900), 1),
        Slice("> 60 days", Decimal(5800), 4),
    ]
    donut.show_slices("Receivables by age", slices, middle=("€ 31.9m", "outstanding"), label=_thousands)
    second = Card("Receivables by age")
    second.body.addWidget(donut, 1)
    curve = Curve()
    points = tuple((Decimal(q), Decimal(min(q, 100)) * 2 + max(0, q - 100)) for q in range(0, 401, 20))
    curve.show_lines("Price", [CurveLine("Standard", points)], x_label=lambda v: f"{v:f}", y_label=_euro)
    empty = StackedBars()
    empty.show_bars("Nothing", ["A"], [], label=_thousands)
    third, fourth = Card("Price curve"), Card("Empty chart")
    third.body.addWidget(curve, 1)
    fourth.body.addWidget(empty, 1)
    head = PageHeader("Home", "Wednesday, 25 November 2026", [primary("New invoice", nothing, "plus")])
    parts = [
        head,
        boxed(row(*tiles, spacing=16)),
        boxed(row(card, second, spacing=16)),
        boxed(row(third, fourth, spacing=16)),
    ]
    return boxed(column(*parts, spacing=16, margins=(28, 24, 28, 24)), "page")


def forms(_context: Context) -> QWidget:
    """Form editors with problems and read-outs."""
    grid = FormGrid(2)
    grid.add("name", "Company name", TextEditor())
    grid.add("country", "Country", ChoiceEditor([("BE", "Belgium"), ("DE", "Germany")]))
    amount = MoneyEditor("EUR")
    grid.add("amount", "Credit limit", amount, hint="Nothing means no limit.")
    amount.line.setText("2*35")
    amount.line.textEdited.emit("2*35")
    rate = DecimalEditor()
    grid.add("rate", "Discount %", rate)
    rate.line.setText("abc")
    rate.show_problem(rate.problem())
    day = DateEditor(lambda: TODAY)
    grid.add("day", "Valid from", day)
    day.set_value(date(2026, 12, 1))
    grid.add("mail", "", CheckEditor("Send by e-mail"))
    tiers = Field(
        "tiers",
        "Tiers",
        Kind.ROWS,
        columns=(Field("up_to", "Up to", Kind.DECIMAL), Field("price", "Price per unit", Kind.DECIMAL)),
    )
    specs = FieldForm([tiers], lambda: TODAY)
    specs.set_json({"tiers": [{"up_to": "1000", "price": "0.05"}, {"up_to": "20000", "price": "0.0325"}]})
    card, second = Card("Customer"), Card("Price")
    card.body.addWidget(grid)
    card.body.addStretch(1)
    second.body.addWidget(specs)
    second.body.addStretch(1)
    steps = Stepper(["File", "Columns", "Check", "Import"])
    steps.show_step(1)
    buttons = row(
        primary("Primary", nothing),
        button("Ordinary", nothing, "download"),
        danger("Take away", nothing),
        link("A link", nothing),
        None,
    )
    chips = FilterChips([("a", "Only mine"), ("b", "With problems")], "Filters")
    chips.choose(frozenset({"b"}))
    banners = [
        Banner(f"This is what a {tone} banner says.", tone, ("Do it", nothing))
        for tone in (Tone.BLUE, Tone.AMBER, Tone.RED)
    ]
    drop = DropZone("Drop a usage file here", "CSV, Excel, Parquet or JSON lines", ["*.csv"])
    empty = EmptyState("users", "No customers yet", "Import them from a spreadsheet.", ("Import customers", nothing))
    below = row(boxed(column(drop)), boxed(column(empty), "card"), spacing=16)
    parts = [PageHeader("New customer", "Everything that a form can hold"), steps, *banners]
    return boxed(
        column(
            *parts, boxed(row(card, second, spacing=16)), buttons, chips, below, spacing=14, margins=(28, 24, 28, 24)
        ),
        "page",
    )


PAGES: dict[str, Callable[[Context], QWidget]] = {"list": ListPage, "dashboard": dashboard, "forms": forms}
"""The pages of the gallery by name."""
