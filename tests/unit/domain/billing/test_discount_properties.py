from __future__ import annotations

import os
import random
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billdesk.domain.billing import EVERYTHING, Assembly, ProposedLine, SettleOptions, Wording, assemble, check_document
from billdesk.domain.customers import Contact, Customer
from billdesk.domain.discount_use import Granted, Use, is_overused, terms_left, uses_of, with_uses
from billdesk.domain.discounts import Discount, DiscountFrequency
from billdesk.domain.entities import Address, Entity, TaxRegistration
from billdesk.domain.subscriptions import Entry
from billdesk.domain.taxes import TaxRate, TaxTable
from billdesk.kernel.i18n import Language
from billdesk.kernel.money import Money
from builders.contracts import Clerk, a_catalog, a_subscription, per_unit, plan_change, seats, started
from reference.calculator import month_costs

EXAMPLES = int(os.environ.get("BILLDESK_EXAMPLES", "25"))
FIRST, MONTHS = date(2027, 10, 31), 6
END = date(2028, 4, 30)
CATALOG = a_catalog((per_unit(1, "29.95"),), (per_unit(2, "41.07"),))
BELGIUM = Address(country="BE")
ENTITY = Entity(1, "BD", "Desk", "EUR", "Desk NV", BELGIUM, registrations=(TaxRegistration("BE", "BE0123"),))
CUSTOMER = Customer(1, "C1", "Linde", 1, "EUR", address=BELGIUM, contacts=(Contact("An", "an@linde.be"),))
TAXES = TaxTable((TaxRate(1, "BE", Decimal(21), date(2020, 1, 1)),))
WORDS = Wording(Language("en", "documents"), CATALOG)
seeds = st.integers(min_value=0, max_value=10**9)
often = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


@dataclass
class Cashier(Clerk):
    """Bills with one discount, as runs do: what is left of it is given, what a credit returns is free again."""

    granted: Granted = field(default_factory=lambda: Granted(Discount(1, "x")))

    def bill(self, as_of: str | date, options: SettleOptions = EVERYTHING) -> list[ProposedLine]:
        lines = list(self.look(as_of, options).lines)
        if not lines:
            return []
        back = [Use(one.period.start, one.period.start, one.discount.minor, 0) for one in lines if one.discount]
        if self.granted.discount.percent is None:
            self.granted = with_uses(self.granted, back)
        assert isinstance(as_of, date)
        assembly = Assembly(ENTITY, CUSTOMER, CATALOG, TAXES, WORDS, as_of, discounts=terms_left(self.granted))
        (document,) = assemble(lines, assembly)
        check_document(document)
        for line, made in zip(lines, document.lines, strict=True):
            self.billed.append(replace(self._issued(line), discount=made.discount.minor))
        self.granted = with_uses(self.granted, [use for _key, use in uses_of(document)])
        assert not is_overused(self.granted)
        return lines

    def given(self) -> dict[date, int]:
        """Give what is discounted in each month of the grid, by its first day."""
        found: dict[date, int] = defaultdict(int)
        for line in self.billed:
            found[max(start for start in STARTS if start <= line.period.start)] += line.discount
        return found


STARTS = [date(2027, 10, 31), date(2027, 11, 30), date(2027, 12, 31), date(2028, 1, 31), date(2028, 2, 29),
          date(2028, 3, 31), END]  # fmt: skip


def play(seed: int, step: int, discount: Discount, *, only_up: bool = False) -> Cashier:
    """Bill six months of a contract whose seats and plan change, some of it known late."""
    pick = random.Random(seed)
    first = started(FIRST, quantities={1: Decimal(2), 2: Decimal(2)})
    clerk = Cashier(CATALOG, a_subscription(first, anchor=FIRST), granted=Granted(discount, 1))
    changes: list[tuple[date, Entry]] = []
    count = 2
    for offset in sorted(pick.sample(range(1, 170), pick.randint(0, 5))):
        on = FIRST + timedelta(days=offset)
        count = count + pick.randint(0, 3) if only_up else pick.randint(1, 9)
        known = on + timedelta(days=pick.choice((-40, 0, 0, 1, 35)))
        is_plan = not only_up and pick.random() < 0.3
        changes.append((known, plan_change(on, pick.randint(1, 2)) if is_plan else seats(on, 1, count)))
        if not is_plan:
            changes.append((known, seats(on, 2, count)))
    on = FIRST
    while on < END:
        _learn(clerk, changes, on)
        clerk.bill(on)
        on += timedelta(days=step)
    _learn(clerk, changes, date.max)
    clerk.bill(END - timedelta(days=1))
    return clerk


def _learn(clerk: Cashier, changes: list[tuple[date, Entry]], on: date) -> None:
    for known, entry in list(changes):
        if known <= on:
            changes.remove((known, entry))
            clerk.know(entry)


def exact_costs(clerk: Cashier) -> dict[date, Fraction]:
    """Ask the reference calculator what each month of the grid costs."""
    found: dict[date, Fraction] = defaultdict(Fraction)
    for price in (1, 2):
        for whole, amount in month_costs(CATALOG, clerk.subscription, price, END).items():
            found[whole.start] += amount
    return found


@often
@given(seeds, st.sampled_from([1, 7, 31, 10_000]), st.sampled_from([1, 2, 3]))
def test_a_percentage_for_some_periods_takes_its_part_of_the_first_ones_in_any_rhythm(
    seed: int, step: int, periods: int
) -> None:
    terms = Discount(1, "Fifth", Decimal(20), frequency=DiscountFrequency.PERIODS, periods_left=periods)
    clerk = play(seed, step, terms)
    costs = exact_costs(clerk)
    for number, start in enumerate(STARTS[:MONTHS]):
        expected = costs[start] / 5 if number < periods else Fraction(0)
        # Each line may round its own share.
        lines = sum(1 for line in clerk.billed if start <= line.period.start < STARTS[number + 1])
        assert abs(clerk.given()[start] - expected) <= lines, (start, expected)


@often
@given(seed=seeds, step=st.sampled_from([1, 7, 31, 10_000]), periods=st.sampled_from([None, 2]), only_up=st.booleans())
def test_each_period_has_its_amount_once_however_often_its_contract_changes(
    seed: int, step: int, periods: int | None, *, only_up: bool
) -> None:
    frequency = DiscountFrequency.FOREVER if periods is None else DiscountFrequency.PERIODS
    terms = Discount(1, "Ten", amount=Money(1000, "EUR"), frequency=frequency, periods_left=periods)
    clerk = play(seed, step, terms, only_up=only_up)
    for number, start in enumerate(STARTS[:MONTHS]):
        has_it = periods is None or number < periods
        found = clerk.given()[start]
        assert 0 <= found <= (1000 if has_it else 0), start
        if only_up and has_it:
            assert found == 1000, start


@pytest.mark.parametrize("step", [1, 31, 10_000])
def test_a_quiet_contract_has_three_fifths_off_whatever_the_rhythm(step: int) -> None:
    terms = Discount(1, "Fifth", Decimal(20), frequency=DiscountFrequency.PERIODS, periods_left=3)
    clerk = Cashier(CATALOG, a_subscription(started(FIRST, quantities={1: Decimal(2)})), granted=Granted(terms, 1))
    on = FIRST
    while on < END:
        clerk.bill(on)
        on += timedelta(days=step)
    clerk.bill(END - timedelta(days=1))
    assert [clerk.given()[start] for start in STARTS[:4]] == [1198, 1198, 1198, 0]
