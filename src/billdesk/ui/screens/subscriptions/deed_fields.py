"""The fields of changes that have to do with a term: agree, renew, end, and prices in phases."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from billdesk.domain.contract_changes import Phase
from billdesk.domain.contract_terms import ContractTerm
from billdesk.domain.price_changes import changed_terms
from billdesk.domain.subscriptions import Override
from billdesk.kernel.errors import InvalidValue, Place, Problem
from billdesk.kernel.fields import Field, Kind
from billdesk.kernel.i18n import N_, _, current
from billdesk.services.contract_prices import with_amount
from billdesk.services.subscriptions import Ending
from billdesk.services.term_words import uplift_text
from billdesk.ui.core.editors import CheckEditor, ChoiceEditor, DateEditor
from billdesk.ui.core.form import FormGrid
from billdesk.ui.core.row_grid import RowGrid
from billdesk.ui.core.widgets import label, link, row
from billdesk.ui.screens.subscriptions.change_fields import ChangeFields
from billdesk.ui.screens.subscriptions.change_presenter import ChangeOptions, PriceChoice
from billdesk.ui.screens.subscriptions.term_fields import TermFields, UpliftFields

_PHASES: Final = (
    Field("months", N_("Months"), Kind.INTEGER, required=False),
    Field("amount", N_("Price"), Kind.DECIMAL, required=False),
    Field("percent", N_("Or by %"), Kind.DECIMAL, required=False),
)
_YEAR: Final = 12


class AgreeFields(ChangeFields):
    """A term, counted from the day of the change or from a day before it."""

    def __init__(self, options: ChangeOptions) -> None:
        super().__init__()
        self._since = DateEditor(lambda: options.today)
        self.form.add("since", _("Counted from"), self._since, hint=_("Empty: from the day of the change."))
        self._term = TermFields(lambda: options.today, options.indexes)
        self._term.set_term(options.term.term if options.term else ContractTerm(months=_YEAR))
        if options.term is not None and options.term.term.until is None:
            self._since.set_value(options.term.origin)
        self._term.changed.connect(self.changed)
        self.body.addWidget(self._term)

    def fields(self, reason: str) -> dict[str, Any]:
        return {"term": self._term.term(self._since.value())}

    def problems(self) -> list[Problem]:
        return [*super().problems(), *self._term.problems()]

    def show_problems(self, problems: list[Problem]) -> None:
        super().show_problems(problems)
        self._term.show_problems(problems)


class RenewFields(ChangeFields):
    """How prices rise at this renewal, and a new term from then on where one is agreed."""

    def __init__(self, options: ChangeOptions) -> None:
        super().__init__()
        agreed = uplift_text(options.term.term.uplift) if options.term else ""
        words = _("As agreed: {uplift}", uplift=agreed) if agreed else ""
        self._uplift = UpliftFields(_("Prices at this renewal"), options.indexes, as_agreed=words)
        self._is_new = CheckEditor(_("Agree on a new term from then on"))
        self._term = TermFields(lambda: options.today, options.indexes)
        self._term.set_term(options.term.term if options.term else ContractTerm(months=_YEAR))
        self._term.hide()
        for part in (self._uplift, self._is_new, self._term):
            part.changed.connect(self.changed)
            self.body.addWidget(part)
        self._is_new.changed.connect(lambda: self._term.setVisible(self._is_new.value()))
        if options.term is None:
            self._is_new.set_value(True)
            self._term.show()

    def fields(self, reason: str) -> dict[str, Any]:
        term = self._term.term() if self._is_new.value() else None
        return {"uplift": self._uplift.uplift(), "term": term}

    def problems(self) -> list[Problem]:
        return [*self._uplift.problems(), *(self._term.problems() if self._is_new.value() else [])]

    def show_problems(self, problems: list[Problem]) -> None:
        for part in (self._uplift, self._term):
            part.show_problems(problems)


class EndFields(ChangeFields):
    """When the term lets it end, what it costs before, and whether unused days are credited."""

    def __init__(self, options: ChangeOptions) -> None:
        super().__init__()
        ending = options.ending
        if ending is not None and ending.term is not None:
            self.body.insertWidget(0, label(ending_words(ending), "second", wrap=True))
        self._credit = CheckEditor(_("Credit the unused days"))
        self._credit.set_value(True)
        self.form.add("credit", "", self._credit)
        self._waive = CheckEditor(_("Waive the fee"))
        if ending is not None and ending.fee is not None:
            self.form.add("waive", "", self._waive, hint=_("For a reason, which you enter below."))

    def fields(self, reason: str) -> dict[str, Any]:
        return {"credit_unused": self._credit.value(), "fee_waived": self._waive.value()}


def ending_words(ending: Ending) -> str:
    """Say when a contract may end, and what ending it now costs."""
    words = _("It may end on {day} at the earliest.", day=current().day(ending.earliest))
    if ending.fee is None:
        return words
    fee = _(
        "Ending it now costs {fee}: {months} of {of} months are left.",
        fee=current().money(ending.fee.amount),
        months=ending.fee.months_left,
        of=ending.fee.of_months,
    )
    return f"{words} {fee}"


class PhaseFields(ChangeFields):
    """Prices that follow one another: a price per year, some months at half price."""

    def __init__(self, options: ChangeOptions) -> None:
        super().__init__()
        self._prices = {str(choice.price_id): choice for choice in options.prices}
        self._price = ChoiceEditor([(key, choice.name) for key, choice in self._prices.items()])
        self.form.add("price", _("Price"), self._price)
        self._grid = RowGrid(_PHASES, lambda: options.today)
        self._rows = FormGrid()
        hint = _("One row per phase; no months in the last one: for good. No price: as it is sold.")
        self._rows.add("phases", _("Phases"), self._grid, hint=hint)
        self._rows.changed.connect(self.changed)
        half = link(_("Three months at half price"), lambda: self._fill([{"months": 3, "percent": "-50"}]))
        years = link(_("A price per year"), lambda: self._fill([{"months": _YEAR}, {"months": _YEAR}, {}]))
        self.body.addLayout(row(half, years, None))
        self.body.addWidget(self._rows)

    def fields(self, reason: str) -> dict[str, Any]:
        choice = self._prices.get(str(self._price.value()))
        if choice is None:
            return {}
        phases = tuple(_phase(choice, line) for line in self._grid.value())
        return {"override": Override(choice.price_id, choice.terms, reason), "phases": phases}

    def problems(self) -> list[Problem]:
        found = self._rows.problems()
        if found:
            return found
        if not self._grid.value():
            return [Problem("value_missing", Place(field="phases"))]
        try:
            self.fields("")
        except InvalidValue as error:
            wrong = error.problem
            return [Problem(wrong.code, Place(field="phases"), wrong.value, wrong.details)]
        return []

    def show_problems(self, problems: list[Problem]) -> None:
        self._rows.show_problems(problems)

    def _fill(self, rows: list[dict[str, object]]) -> None:
        choice = self._prices.get(str(self._price.value()))
        amount = _amount(choice) if choice else None
        if amount and len(rows) > 1:
            rows = [line | {"amount": amount} for line in rows]
        self._grid.set_value(rows)
        self.changed.emit()


def _amount(choice: PriceChoice) -> object:
    """Give the amount in force, for the person to go on from."""
    found = (choice.terms.parameters.get(name) for name in ("amount", "unit_price", "price"))
    return next((value for value in found if value is not None), None)


def _phase(choice: PriceChoice, line: dict[str, object]) -> Phase:
    months = line.get("months")
    amount, percent = line.get("amount"), line.get("percent")
    terms = None
    if amount is not None:
        terms = with_amount(choice.model, choice.terms, Decimal(str(amount)))
    elif percent is not None:
        terms = changed_terms(choice.terms, Decimal(str(percent)))
    return Phase(int(str(months)) if months is not None else None, terms)
