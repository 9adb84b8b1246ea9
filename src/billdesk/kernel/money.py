"""Money as whole minor units of one currency; amounts of different currencies never mix."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from billdesk.kernel.decimals import from_scaled, round_ratio
from billdesk.kernel.records import quick

# ISO 4217 (list one): currencies whose minor unit is not a hundredth.
_EXPONENTS: Final[dict[str, int]] = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}
CODE_LENGTH: Final = 3
"""Letters of a currency code."""


def exponent(currency: str) -> int:
    """Give the number of decimals of a currency's minor unit (EUR 2, JPY 0, KWD 3)."""
    return _EXPONENTS.get(currency, 2)


class CurrencyMismatch(ValueError):
    """Amounts of two currencies met in one sum."""


@quick
@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units: `Money(1234, "EUR")` is 12.34 euro."""

    minor: int
    currency: str

    @classmethod
    def of(cls, major: Decimal | Fraction | int, currency: str) -> Money:
        """Round an exact major amount to the currency's minor unit, half away from zero."""
        # Whole numbers all the way: a product of decimals is cut at 28 digits.
        numerator, denominator = major.as_integer_ratio()
        return cls(round_ratio(numerator * 10 ** exponent(currency), denominator), currency)

    @classmethod
    def zero(cls, currency: str) -> Money:
        """Give nothing, in a currency."""
        return cls(0, currency)

    @property
    def major(self) -> Decimal:
        """The amount in major units, exact."""
        return from_scaled(self.minor, exponent(self.currency))

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __bool__(self) -> bool:
        return self.minor != 0

    def __lt__(self, other: Money) -> bool:
        self._same(other)
        return self.minor < other.minor

    def __le__(self, other: Money) -> bool:
        self._same(other)
        return self.minor <= other.minor

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(self.currency, other.currency)

    def __str__(self) -> str:
        return f"{self.major:f} {self.currency}"


def total(amounts: Iterable[Money], currency: str) -> Money:
    """Add amounts of one currency; an empty sum is zero of that currency."""
    result = Money.zero(currency)
    for amount in amounts:
        result = result + amount
    return result


def allocate(amount: int, weights: Sequence[int]) -> list[int]:
    """Spread `amount` minor units over non-negative weights by largest remainder.

    The shares add up to `amount`; equal remainders go to the earlier weight. With no weight
    at all everything falls to the first share. Raises ValueError for an empty sequence or a negative weight.
    """
    if not weights or min(weights) < 0:
        msg = "weights must be non-negative and not empty"
        raise ValueError(msg)
    whole = sum(weights)
    if whole == 0:
        return [amount, *([0] * (len(weights) - 1))]
    sign = -1 if amount < 0 else 1
    shares, remainders = [], []
    for weight in weights:
        share, remainder = divmod(abs(amount) * weight, whole)
        shares.append(share)
        remainders.append(remainder)
    missing = abs(amount) - sum(shares)
    for index in sorted(range(len(weights)), key=lambda i: -remainders[i])[:missing]:
        shares[index] += 1
    return [sign * share for share in shares]
