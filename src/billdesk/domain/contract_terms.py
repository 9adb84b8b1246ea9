"""What a contract promises beside its prices: minimum term, notice, renewal, uplift and the fee for leaving early."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final

from billdesk.kernel.decimals import MAX_PLACES
from billdesk.kernel.errors import Place, Problem
from billdesk.kernel.period import add_months

_HUNDRED: Final = Decimal(100)
_DAY: Final = timedelta(days=1)
MOST_MONTHS: Final = 1200
"""A term, a renewal or a notice period is at most a century."""


class AfterTerm(StrEnum):
    """What happens when a term ends and nobody gave notice."""

    RENEW = "renew"
    CONTINUE = "continue"
    END = "end"


class FeeKind(StrEnum):
    """What leaving inside the minimum term costs."""

    NONE = "none"
    PERCENT = "percent"
    FIXED = "fixed"
    REMAINING = "remaining"


@dataclass(frozen=True, slots=True)
class EarlyFee:
    """A fee for leaving early: `percent` of what is left of the term, all that is left, or an `amount`.

    What is left are its prices, or the least amount that was promised where that is more. The amount is in major
    units of the contract's currency.
    """

    kind: FeeKind = FeeKind.NONE
    percent: Decimal = Decimal(0)
    amount: Decimal = Decimal(0)


NO_FEE: Final = EarlyFee()


@dataclass(frozen=True, slots=True)
class PriceIndex:
    """An index figure by month (the first day of it), such as the Belgian health index."""

    id: int
    code: str
    name: str
    values: Mapping[date, Decimal] = field(default_factory=dict)
    version: int = 1


@dataclass(frozen=True, slots=True)
class Uplift:
    """How prices rise at a renewal: by `percent`, or with the index of that code.

    Indexed: new price = old × (1 − share + share × new index ÷ old index); the new index is that of the month
    `lag_months` before the renewal, the old one that of as many months before the term that ends. Amounts are
    rounded to `places` decimals, or to as many as they have when those are more.
    """

    percent: Decimal = Decimal(0)
    index: str = ""
    share: Decimal = _HUNDRED
    lag_months: int = 1
    places: int = 2

    @property
    def changes(self) -> bool:
        """Whether it can change a price at all."""
        return bool(self.index) or self.percent != 0

    def months(self, since: date, day: date) -> tuple[date, date]:
        """Give the months whose index figures a renewal on `day` of a term since `since` compares."""
        return self._month(since), self._month(day)

    def _month(self, day: date) -> date:
        return add_months(day.replace(day=1), -self.lag_months)

    def factor(self, since: date, day: date, indexes: Mapping[str, PriceIndex]) -> Fraction | None:
        """Give by what prices are multiplied, or None while a figure of the index is not known."""
        if not self.index:
            return 1 + Fraction(self.percent) / 100
        known = indexes.get(self.index)
        old, new = (known.values.get(month) if known else None for month in self.months(since, day))
        if not old or not new:
            return None
        share = Fraction(self.share) / 100
        return 1 - share + share * Fraction(new) / Fraction(old)


NO_UPLIFT: Final = Uplift()


@dataclass(frozen=True, slots=True)
class ContractTerm:
    """A term: `months` long or up to (not including) `until`; with neither only a notice period is agreed.

    It is counted from `since`, which is the day of its entry unless it began before that day. Notice must be
    given `notice_months` and `notice_days` before the end. `renewal_months` None renews for as long as the term.
    `commitment` is the least amount, in major units of the contract's currency, for the whole of each term, or for
    each `commitment_months`; it takes the place of what the plan commits to, and 0 waives that.
    """

    months: int | None = None
    until: date | None = None
    since: date | None = None
    notice_days: int = 0
    notice_months: int = 0
    after: AfterTerm = AfterTerm.RENEW
    renewal_months: int | None = None
    uplift: Uplift = NO_UPLIFT
    fee: EarlyFee = NO_FEE
    commitment: Decimal | None = None
    commitment_months: int | None = None

    @property
    def has_notice(self) -> bool:
        """Whether a notice period was agreed."""
        return bool(self.notice_days or self.notice_months)

    @property
    def renews_for(self) -> int | None:
        """Give the months of a renewal, None when the term does not renew by itself or has no length."""
        months = self.renewal_months or self.months or 0
        # A renewal without length, which is refused where it is entered, would never come to an end.
        return months if self.after is AfterTerm.RENEW and months > 0 else None

    def last_notice_day(self, end: date) -> date:
        """Give the last day on which notice ends the contract on `end`, the first day after its term."""
        return add_months(end, -self.notice_months) - timedelta(days=self.notice_days) - _DAY

    def end_after_notice(self, given: date) -> date:
        """Give the first day after the contract when no term holds it and notice is given on a day."""
        if not self.has_notice:
            return given
        return add_months(given + _DAY, self.notice_months) + timedelta(days=self.notice_days)


def check_term(term: ContractTerm, day: date) -> list[Problem]:
    """Say what is wrong with a term that is agreed from `day` on; places name its fields."""
    problems = [*_check_length(term, day), *check_uplift(term.uplift), *_check_fee(term.fee)]
    limits = (("notice_days", term.notice_days, MOST_MONTHS * 31), ("notice_months", term.notice_months, MOST_MONTHS))
    problems += [p for name, value, most in limits for p in _within(name, Decimal(value), 0, most)]
    return problems + _check_commitment(term)


def _check_commitment(term: ContractTerm) -> list[Problem]:
    if term.commitment is None:
        return []
    problems = []
    if term.commitment < 0:
        problems.append(Problem("too_small", Place(field="commitment"), f"{term.commitment:f}", (("minimum", "0"),)))
    if term.commitment_months is not None:
        problems += _within("commitment_months", Decimal(term.commitment_months), 1, MOST_MONTHS)
    elif term.months is None and term.until is None and term.commitment:
        problems.append(Problem("term_without_length", Place(field="months")))
    return problems


def _check_length(term: ContractTerm, day: date) -> list[Problem]:
    problems = []
    for name, months in (("months", term.months), ("renewal_months", term.renewal_months)):
        if months is not None:
            problems += _within(name, Decimal(months), 1, MOST_MONTHS)
    if term.months is not None and term.until is not None:
        problems.append(Problem("term_given_twice", Place(field="until"), term.until.isoformat()))
    since = term.since or day
    if since > day:
        problems.append(Problem("term_begins_later", Place(field="since"), since.isoformat()))
    if term.until is not None and term.until <= since:
        problems.append(Problem("end_before_start", Place(field="until"), term.until.isoformat()))
    has_length = term.months is not None or term.until is not None
    if not has_length and (term.after is not AfterTerm.CONTINUE or term.fee.kind is not FeeKind.NONE):
        problems.append(Problem("term_without_length", Place(field="months")))
    if term.after is AfterTerm.RENEW and term.until is not None and term.months is None and not term.renewal_months:
        problems.append(Problem("value_missing", Place(field="renewal_months")))
    return problems


def check_uplift(uplift: Uplift) -> list[Problem]:
    """Say what is wrong with an uplift; places name its fields."""
    problems = _within("percent", uplift.percent, -99, 1000) if not uplift.index else []
    problems += _within("share", uplift.share, 0, 100)
    problems += _within("lag_months", Decimal(uplift.lag_months), 0, 24)
    return problems + _within("places", Decimal(uplift.places), 0, MAX_PLACES)


def _check_fee(fee: EarlyFee) -> list[Problem]:
    if fee.kind is FeeKind.PERCENT:
        return _within("fee_percent", fee.percent, 0, 100)
    if fee.kind is FeeKind.FIXED and fee.amount <= 0:
        return [Problem("too_small", Place(field="fee_amount"), f"{fee.amount:f}", (("minimum", "0.01"),))]
    return []


def _within(name: str, value: Decimal, least: int, most: int) -> list[Problem]:
    if value < least:
        return [Problem("too_small", Place(field=name), f"{value:f}", (("minimum", str(least)),))]
    if value > most:
        return [Problem("too_large", Place(field=name), f"{value:f}", (("maximum", str(most)),))]
    return []
