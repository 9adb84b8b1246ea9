"""Dialogs of price books: the book, the terms it gives a price, a rise of all prices, and what a change moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from PySide6.QtWidgets import QVBoxLayout, QWidget

from billdesk.domain.catalog import BookKind, Price, PriceBook, PriceTerms, RunningPolicy, Validity
from billdesk.kernel.errors import Place, Problem
from billdesk.kernel.i18n import N_, _
from billdesk.services.book_holds import TermsChange
from billdesk.services.catalog import list_charge_models
from billdesk.services.moved_contracts import MovedContract
from billdesk.services.price_books import BookCard, BookLine, Comparison
from billdesk.ui.core.countries import currency_choices
from billdesk.ui.core.editors import CheckEditor, ChoiceEditor, DateEditor, DecimalEditor, IntegerEditor, TextEditor
from billdesk.ui.core.form import FieldForm, FormGrid
from billdesk.ui.core.screen import Context
from billdesk.ui.core.table_columns import Column, Kind
from billdesk.ui.core.table_panel import Empty, ListSpec, TablePanel
from billdesk.ui.core.widgets import FormDialog, boxed, column, label
from billdesk.ui.screens.catalog.book_words import BOOK_KINDS, RUNNING, comparison_text, terms_text
from billdesk.ui.screens.catalog.catalog_presenter import Facts
from billdesk.ui.screens.catalog.catalog_words import full_name, offered
from billdesk.ui.screens.catalog.plan_dialogs import RecordDialog

_WIDE: Final = 860
_BACK_DATED: Final = N_("Also for days that are billed: they are credited and billed anew")


@dataclass(frozen=True, slots=True)
class BookEntered:
    """A book as typed, and whether billed days may change."""

    book: PriceBook
    back_dated: bool = False


@dataclass(frozen=True, slots=True)
class TermsEntered:
    """Changes of a book's terms as typed, whether billed days may change, and when running contracts take them."""

    changes: tuple[TermsChange, ...]
    back_dated: bool = False
    running: RunningPolicy = RunningPolicy.FROM_DATE


class BookDialog(RecordDialog):
    """Code, name, whom a book is for, and when it holds."""

    def __init__(self, parent: QWidget, book: PriceBook, facts: Facts) -> None:
        super().__init__(parent, book.name or _("New price book"))
        self._before = book
        add = self.form.add
        add("code", _("Code"), TextEditor())
        add("name", _("Name"), TextEditor(), hint=_("Stands in the explanation of invoice lines."))
        add("kind", _("For"), ChoiceEditor(offered(BOOK_KINDS)))
        add("reach", _("Which"), TextEditor(), hint=_("Such as BE; NL, or tags, or customer numbers, parted by ;"))
        add("priority", _("Priority"), IntegerEditor(), hint=_("The lower number goes before others of its kind."))
        add("note", _("Why"), TextEditor())
        add("since", _("Valid from"), DateEditor(lambda: facts.today))
        add("until", _("Valid until"), DateEditor(lambda: facts.today), hint=_("First day without it; may be empty."))
        if book.id:
            add("back_dated", "", CheckEditor(_(_BACK_DATED)), is_wide=True)
        self.form.set_values({
            "code": book.code or None, "name": book.name or None, "kind": book.kind.value, "note": book.note or None,
            "reach": "; ".join(book.reach) or None, "priority": book.priority,
            "since": book.valid.since, "until": book.valid.until, "back_dated": False,
        })  # fmt: skip

    def record(self) -> BookEntered:
        values: dict[str, Any] = self.form.values()
        kind = BookKind(values["kind"])
        parts = [part.strip() for part in str(values["reach"] or "").replace(",", ";").split(";")]
        reach = tuple(part.upper() if kind is BookKind.REGION else part for part in parts if part)
        made = replace(
            self._before,
            code=str(values["code"] or "").strip(),
            name=str(values["name"] or "").strip(),
            kind=kind,
            reach=reach,
            priority=values["priority"] or 0,
            valid=Validity(values["since"], values["until"]),
            note=str(values["note"] or "").strip(),
        )
        return BookEntered(made, bool(values.get("back_dated")))


class BookTermsDialog(RecordDialog):
    """What a book charges for one price in one currency, from a day on."""

    first = "price"

    def __init__(self, parent: QWidget, card: BookCard, facts: Facts, line: BookLine | None = None) -> None:
        super().__init__(parent, _("Price in {book}", book=card.book.name))
        self._facts = facts
        self._prices = {str(key): price for key, price in facts.prices.items()}
        self._charge = FieldForm((), lambda: facts.today)
        self._charge_place = QVBoxLayout()
        self._charge_place.setContentsMargins(0, 0, 0, 0)
        self._limits = FormGrid(2)
        self._usual = label("", "faint", wrap=True)
        names = sorted((f"{one.code}  {full_name(one, facts.products)}", key) for key, one in self._prices.items())
        self._price = ChoiceEditor([(key, name) for name, key in names])
        self._currency = ChoiceEditor(list(currency_choices()))
        add = self.form.add
        add("price", _("Price"), self._price)
        add("currency", _("Currency"), self._currency)
        add("since", _("From"), DateEditor(lambda: facts.today), hint=_("Empty means always."))
        add("until", _("Until"), DateEditor(lambda: facts.today), hint=_("First day without it; may be empty."))
        add("running", _("Running contracts"), ChoiceEditor(offered(RUNNING)), is_wide=True)
        for name, title in (("minimum", _("At least per period")), ("maximum", _("At most per period"))):
            self._limits.add(name, title, DecimalEditor())
        self._back_dated = CheckEditor(_(_BACK_DATED))
        for part in (self._usual, boxed(self._charge_place), self._limits, self._back_dated):
            self.body.addWidget(part)
        self._begin(line)
        self._price.changed.connect(self._choose_price)
        self._currency.changed.connect(self._show_terms)

    def _begin(self, line: BookLine | None) -> None:
        self.form.set_values({"since": self._facts.today, "running": RunningPolicy.FROM_DATE.value})
        if line is not None:
            self.form.set_values({"price": str(line.price.id), "currency": line.entry.terms.currency})
            self._show_terms(line.entry.terms)
        elif self._prices:
            self._price.set_value(next(iter(self._prices)))
            self._choose_price()

    def _choose_price(self) -> None:
        price = self._chosen()
        if price is not None and price.terms:
            self._currency.set_value(price.terms[0].currency)
        self._show_terms()

    def _chosen(self) -> Price | None:
        return self._prices.get(str(self._price.value()))

    def _show_terms(self, terms: PriceTerms | None = None) -> None:
        """Show the fields of the price's charge model, filled with these terms or the price's own."""
        price = self._chosen()
        if price is None:
            return
        usual = price.terms_in(str(self._currency.value()))
        shown = terms or usual or (price.terms[0] if price.terms else None)
        plugin = next((one for one in list_charge_models() if one.key == price.model), None)
        old = self._charge
        self._charge = FieldForm(plugin.fields if plugin else (), lambda: self._facts.today, columns=2)
        if shown is not None:
            self._charge.set_json(shown.parameters)
            self._limits.set_values({"minimum": shown.minimum, "maximum": shown.maximum})
        self._charge_place.addWidget(self._charge)
        self._charge_place.removeWidget(old)
        old.hide()
        old.deleteLater()
        otherwise = terms_text(price.model, usual) or _("nothing in this currency")
        self._usual.setText(_("Otherwise: {terms}", terms=otherwise))

    def record(self) -> TermsEntered:
        values: dict[str, Any] = self.form.values()
        limits: dict[str, Any] = self._limits.values()
        terms = PriceTerms(str(values["currency"]), self._charge.json(), limits["minimum"], limits["maximum"])
        change = TermsChange(int(values["price"]), terms.currency, terms, values["since"], values["until"])
        return TermsEntered((change,), bool(self._back_dated.value()), RunningPolicy(values["running"]))

    def extra_problems(self) -> list[Problem]:
        chosen = [] if self._chosen() else [Problem("value_missing", Place(field="price"))]
        return chosen + self._charge.problems() + self._limits.problems()

    def show_problems(self, problems: Sequence[Problem]) -> None:
        left = self._limits.show_problems(self._charge.show_problems(problems))
        super().show_problems(left)


class FillDialog(RecordDialog):
    """All prices in a book at their own amounts, so many percent higher or lower."""

    first = "percent"

    def __init__(self, parent: QWidget, card: BookCard, facts: Facts) -> None:
        super().__init__(parent, _("Fill {book}", book=card.book.name))
        self.form.add("percent", _("Change in percent"), DecimalEditor(), hint=_("Such as 5, or -10 for less."))
        self.form.add("since", _("From"), DateEditor(lambda: facts.today))
        self.form.add("running", _("Running contracts"), ChoiceEditor(offered(RUNNING)), is_wide=True)
        self.form.set_values({"since": facts.today, "running": RunningPolicy.FROM_DATE.value})

    def record(self) -> dict[str, Any]:
        return self.form.values()

    def extra_problems(self) -> list[Problem]:
        missing = [name for name in ("percent", "since") if self.form.values()[name] is None]
        return [Problem("value_missing", Place(field=name)) for name in missing]


REPRICED_COLUMNS: Final[tuple[Column[MovedContract], ...]] = (
    Column("number", N_("Contract"), lambda r: r.number, Kind.MUTED),
    Column("customer", N_("Customer"), lambda r: r.customer_name, stretch=1, is_strong=True),
    Column("on", N_("From"), lambda r: r.on, Kind.DATE, rank=2),
    Column("before", N_("Per month now"), lambda r: r.before, Kind.MONEY, rank=1),
    Column("after", N_("Then"), lambda r: r.after, Kind.MONEY),
    Column("difference", N_("Difference"), lambda r: r.difference, Kind.MONEY, is_strong=True, is_summed=True),
)


class CompareDialog(FormDialog):
    """Shows which contracts cost otherwise when a book changes, before it does."""

    def __init__(self, parent: QWidget, context: Context, found: Comparison) -> None:
        empty = Empty("users", _("No contract costs otherwise"), _("The change holds for contracts still to come."))
        spec = ListSpec("repriced", _("Contracts that change"), REPRICED_COLUMNS, lambda r: r.subscription_id, empty)
        self.list = TablePanel(spec, context.preferences)
        self.list.setMinimumHeight(280)
        parts = (label(comparison_text(found), "second", wrap=True), self.list)
        super().__init__(parent, _("Change the price book?"), boxed(column(*parts, spacing=12)), yes=_("Change"))
        self.setMinimumWidth(_WIDE)
        self.list.show_records(found.repriced)
        self.save_button.setFocus()
