"""Tax of a document's lines: per rate group or per line, prices with and without tax, in two currencies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction

from billdesk.domain.entities import Entity, TaxRounding
from billdesk.domain.invoices import ExchangeRate, Line, LineTax, TaxGroup, TaxPart
from billdesk.kernel.decimals import round_ratio
from billdesk.kernel.money import Money, allocate, exponent
from billdesk.kernel.records import quick


@quick
@dataclass(frozen=True, slots=True)
class Taxed:
    """Lines (with the tax inside them where prices include it), tax groups and their sums."""

    lines: tuple[Line, ...]
    groups: tuple[TaxGroup, ...]
    net: Money
    tax: Money


@dataclass(slots=True)
class _Group:
    """A group while lines are added: minor units, gross ones of tax-inclusive prices apart."""

    tax: LineTax
    ratio: tuple[int, int]
    net: int = 0
    line_taxes: int = 0
    gross: int = 0
    members: list[int] = field(default_factory=list)

    def included(self, gross: int) -> int:
        """Give the tax inside a gross amount: gross − round(gross ÷ (1 + rate))."""
        numerator, denominator = self.ratio
        return gross - round_ratio(gross * denominator, denominator + numerator)


def tax_lines(lines: Sequence[Line], inclusive: Sequence[bool], rate: ExchangeRate, entity: Entity) -> Taxed:
    """Tax lines in groups of category, percent, reason and country; a group is rounded once (EN 16931 BR-CO-14)."""
    per_line = entity.tax_rounding is TaxRounding.PER_LINE
    groups: dict[tuple[object, ...], _Group] = {}
    taxed: list[Line] = []
    for line, is_gross in zip(lines, inclusive, strict=True):
        group = _group_of(groups, line.tax)
        amount = line.amount.minor - line.discount.minor
        if is_gross:
            before = group.included(group.gross) if not per_line else 0
            group.gross += amount
            inside = group.included(group.gross) - before if not per_line else group.included(amount)
            group.line_taxes += inside
            group.net += amount - inside
            taxed.append(replace(line, included_tax=Money(inside, line.amount.currency)))
        else:
            group.net += amount
            if per_line:
                group.line_taxes += round_ratio(amount * group.ratio[0], group.ratio[1])
            else:
                group.members.append(amount)
            taxed.append(line)
    currency = lines[0].amount.currency
    found = [_finished(group, currency, rate, entity.currency) for group in groups.values()]
    net = sum(group.base.minor for group in found)
    tax = sum(group.amount.minor for group in found)
    return Taxed(tuple(taxed), tuple(found), Money(net, currency), Money(tax, currency))


def _group_of(groups: dict[tuple[object, ...], _Group], tax: LineTax) -> _Group:
    key = (tax.category, tax.percent, tax.reason_code, tax.reason, tax.country, tax.parts)
    group = groups.get(key)
    if group is None:
        group = groups[key] = _Group(tax, (tax.percent / 100).as_integer_ratio())
    return group


def _finished(group: _Group, currency: str, rate: ExchangeRate, local: str) -> TaxGroup:
    """Close a group: tax of the tax-exclusive lines rounded once, plus what the inclusive ones hold."""
    exclusive = sum(group.members)
    amount = group.line_taxes + round_ratio(exclusive * group.ratio[0], group.ratio[1])
    money = Money(amount, currency)
    return TaxGroup(
        tax=_with_parts(group.tax, money),
        base=Money(group.net, currency),
        amount=money,
        amount_local=to_local(money, rate, local),
    )


def _with_parts(tax: LineTax, amount: Money) -> LineTax:
    """Spread the tax over the parts of an added-up rate by largest remainder."""
    if not tax.parts:
        return tax
    sign = -1 if amount.minor < 0 else 1
    weights = [int(part.percent.scaleb(12)) for part in tax.parts]
    shares = allocate(abs(amount.minor), weights)
    parts = (
        TaxPart(part.name, part.percent, Money(sign * share, amount.currency))
        for part, share in zip(tax.parts, shares, strict=True)
    )
    return replace(tax, parts=tuple(parts))


def to_local(amount: Money, rate: ExchangeRate, local: str) -> Money:
    """Give an amount in the entity's currency at a document's rate, rounded to its minor unit."""
    if amount.currency == local and rate.rate == Decimal(1):
        return Money(amount.minor, local)
    exact = Fraction(amount.minor) * Fraction(rate.rate) * Fraction(10) ** (exponent(local) - exponent(amount.currency))
    return Money(round_ratio(exact.numerator, exact.denominator), local)
