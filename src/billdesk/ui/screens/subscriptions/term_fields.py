"""Fields of contract terms: how long, what notice, what happens then, how prices rise, what leaving early costs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from billdesk.domain.contract_terms import AfterTerm, ContractTerm, EarlyFee, FeeKind, Uplift
from billdesk.kernel.errors import Problem
from billdesk.kernel.i18n import N_, _
from billdesk.ui.core.editors import ChoiceEditor, DateEditor, DecimalEditor, IntegerEditor
from billdesk.ui.core.form import FormGrid
from billdesk.ui.core.tokens import Space

AFTER_WORDS: Final[Mapping[AfterTerm, str]] = {
    AfterTerm.RENEW: N_("It renews"),
    AfterTerm.CONTINUE: N_("It goes on without end"),
    AfterTerm.END: N_("It ends"),
}
FEE_WORDS: Final[Mapping[FeeKind, str]] = {
    FeeKind.NONE: N_("Nothing"),
    FeeKind.PERCENT: N_("A percentage of what is left"),
    FeeKind.REMAINING: N_("All that is left"),
    FeeKind.FIXED: N_("A fixed amount"),
}
_AS_AGREED, _SAME, _PERCENT, _INDEX = "agreed", "same", "percent", "index"
_ALL: Final = Decimal(100)


class _Part(QWidget):
    """Small forms below one another, of which some show."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[FormGrid] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(Space.ONE_HALF)

    def form(self, columns: int = 1) -> FormGrid:
        """Add a form."""
        made = FormGrid(columns)
        made.changed.connect(self.changed)
        self._layout.addWidget(made)
        self.forms.append(made)
        return made

    def problems(self) -> list[Problem]:
        """Give what is wrong with the texts that show."""
        return [problem for form in self.forms if not form.isHidden() for problem in form.problems()]

    def shown(self, form: FormGrid, key: str) -> object:
        """Give a value of a form, None while the form does not show: nobody can mend what is not seen."""
        return None if form.isHidden() else form.values()[key]

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Show each problem where it belongs."""
        for form in self.forms:
            form.show_problems(problems)


class UpliftFields(_Part):
    """How prices rise; `as_agreed` words offer to leave it to the term."""

    def __init__(self, title: str, indexes: Sequence[tuple[str, str]], *, as_agreed: str = "") -> None:
        super().__init__()
        choices = [(_AS_AGREED, as_agreed)] if as_agreed else []
        choices += [(_SAME, _("They stay the same")), (_PERCENT, _("A percentage")), (_INDEX, _("With an index"))]
        self._kind = ChoiceEditor(choices if indexes else choices[:-1])
        self.form().add("uplift", title, self._kind)
        self._percent = self.form(2)
        self._percent.add("percent", _("Rise in %"), DecimalEditor(), hint=_("Below zero they fall."))
        self._index = self.form(2)
        self._index.add("index", _("Index"), ChoiceEditor(indexes))
        self._index.add("share", _("Share of the price in %"), DecimalEditor()).set_value(_ALL)
        self._index.add("lag_months", _("Figure of so many months before"), IntegerEditor()).set_value(1)
        self._places = self.form(2)
        self._places.add("places", _("Rounded to decimals"), IntegerEditor()).set_value(2)
        self._kind.changed.connect(self._show)
        self._show()

    def set_uplift(self, uplift: Uplift | None) -> None:
        """Show an uplift, None what was agreed."""
        if uplift is None:
            self._kind.set_value(_AS_AGREED)
        else:
            self._kind.set_value(_INDEX if uplift.index else _PERCENT if uplift.percent else _SAME)
            self._percent.set_values({"percent": uplift.percent or None})
            self._index.set_values({"share": uplift.share, "lag_months": uplift.lag_months})
            self._index.set_values({"index": uplift.index} if uplift.index else {})
            self._places.set_values({"places": uplift.places})
        self._show()

    def uplift(self) -> Uplift | None:
        """Give the uplift, None for what was agreed; raises InvalidValue."""
        kind, places = self._kind.value(), self.shown(self._places, "places")
        decimals = places if isinstance(places, int) else 2
        if kind == _AS_AGREED:
            return None
        if kind == _PERCENT:
            percent = self._percent.values()["percent"]
            return Uplift(percent if isinstance(percent, Decimal) else Decimal(0), places=decimals)
        if kind == _INDEX:
            typed = self._index.values()
            share, lag = typed["share"], typed["lag_months"]
            return Uplift(
                index=str(typed["index"] or ""),
                share=share if isinstance(share, Decimal) else _ALL,
                lag_months=lag if isinstance(lag, int) else 1,
                places=decimals,
            )
        return Uplift()

    def _show(self) -> None:
        kind = self._kind.value()
        self._percent.setVisible(kind == _PERCENT)
        self._index.setVisible(kind == _INDEX)
        self._places.setVisible(kind in {_PERCENT, _INDEX})


class TermFields(_Part):
    """A whole term."""

    def __init__(self, today: Callable[[], date], indexes: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._length = self.form(2)
        self._length.add("months", _("Months"), IntegerEditor())
        self._length.add("until", _("Or until (not included)"), DateEditor(today))
        self._length.add("notice_months", _("Notice in months"), IntegerEditor())
        self._length.add("notice_days", _("And days"), IntegerEditor())
        self._after = ChoiceEditor([(after.value, _(words)) for after, words in AFTER_WORDS.items()])
        self.form().add("after", _("When the term ends"), self._after)
        self._renewal = self.form(2)
        hint = _("Empty: as long as the term.")
        self._renewal.add("renewal_months", _("Renews for months"), IntegerEditor(), hint=hint)
        self._uplift = UpliftFields(_("Prices at each renewal"), indexes)
        self._uplift.changed.connect(self.changed)
        self._layout.addWidget(self._uplift)
        self._fee = ChoiceEditor([(kind.value, _(words)) for kind, words in FEE_WORDS.items()])
        self.form().add("fee", _("Leaving before the end costs"), self._fee)
        self._percent, self._amount = self.form(2), self.form(2)
        self._percent.add("fee_percent", _("Percentage"), DecimalEditor())
        self._amount.add("fee_amount", _("Amount"), DecimalEditor())
        self._committed = self.form(2)
        hint = _("In the contract's currency; 0 waives what the plan commits to.")
        self._committed.add("commitment", _("Committed to at least"), DecimalEditor(), hint=hint)
        hint = _("Empty: for the whole of each term.")
        self._committed.add("commitment_months", _("For every so many months"), IntegerEditor(), hint=hint)
        for choice in (self._after, self._fee):
            choice.changed.connect(self._show)
        self._show()

    def set_term(self, term: ContractTerm) -> None:
        """Show a term."""
        names = ("months", "until", "notice_months", "notice_days")
        self._length.set_values({name: getattr(term, name) or None for name in names})
        self._after.set_value(term.after.value)
        self._renewal.set_values({"renewal_months": term.renewal_months})
        self._uplift.set_uplift(term.uplift)
        self._fee.set_value(term.fee.kind.value)
        self._percent.set_values({"fee_percent": term.fee.percent or None})
        self._amount.set_values({"fee_amount": term.fee.amount or None})
        self._committed.set_values({"commitment": term.commitment, "commitment_months": term.commitment_months})
        self._show()

    def term(self, since: date | None = None) -> ContractTerm:
        """Give the term; raises InvalidValue."""
        length = self._length.values()
        months, until, renewal = length["months"], length["until"], self.shown(self._renewal, "renewal_months")
        committed = self._committed.values()
        amount, every = committed["commitment"], committed["commitment_months"]
        notice = [value if isinstance(value, int) else 0 for value in (length["notice_months"], length["notice_days"])]
        return ContractTerm(
            months=months if isinstance(months, int) else None,
            until=until if isinstance(until, date) else None,
            since=since,
            notice_months=notice[0],
            notice_days=notice[1],
            after=AfterTerm(str(self._after.value())),
            renewal_months=renewal if isinstance(renewal, int) else None,
            uplift=Uplift() if self._uplift.isHidden() else self._uplift.uplift() or Uplift(),
            fee=self._early_fee(),
            commitment=amount if isinstance(amount, Decimal) else None,
            commitment_months=every if isinstance(every, int) else None,
        )

    def _early_fee(self) -> EarlyFee:
        kind = FeeKind(str(self._fee.value()))
        percent, amount = self.shown(self._percent, "fee_percent"), self.shown(self._amount, "fee_amount")
        return EarlyFee(
            kind,
            percent if isinstance(percent, Decimal) and kind is FeeKind.PERCENT else Decimal(0),
            amount if isinstance(amount, Decimal) and kind is FeeKind.FIXED else Decimal(0),
        )

    def problems(self) -> list[Problem]:
        return [*super().problems(), *([] if self._uplift.isHidden() else self._uplift.problems())]

    def show_problems(self, problems: Sequence[Problem]) -> None:
        super().show_problems(problems)
        self._uplift.show_problems(problems)

    def _show(self) -> None:
        renews = self._after.value() == AfterTerm.RENEW
        self._renewal.setVisible(renews)
        self._uplift.setVisible(renews)
        self._percent.setVisible(self._fee.value() == FeeKind.PERCENT)
        self._amount.setVisible(self._fee.value() == FeeKind.FIXED)
