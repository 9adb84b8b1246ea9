"""Exact decimals: canonical text, rounding half away from zero, scaled integers."""

from __future__ import annotations

import re
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal
from fractions import Fraction
from typing import Final

MAX_PLACES: Final = 12
"""Unit prices, rates and percentages carry at most this many decimals."""

_EXACT: Final = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN)
"""Shifting the point must not round, as the default context of 28 digits would without a word."""

_PLAIN: Final = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")


def to_text(value: Decimal) -> str:
    """Give the canonical text of `value`: no exponent, no trailing zeros, no plus, no -0.

    Raises ValueError for NaN, infinity or more than 12 decimals.
    """
    if not value.is_finite():
        msg = f"not a finite decimal: {value}"
        raise ValueError(msg)
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
        if len(text.partition(".")[2]) > MAX_PLACES:
            msg = f"more than {MAX_PLACES} decimals: {value}"
            raise ValueError(msg)
    return "0" if text == "-0" else text


def from_text(text: str) -> Decimal:
    """Read canonical decimal text; raises ValueError for anything else (exponents, spaces, NaN)."""
    if not _PLAIN.fullmatch(text):
        msg = f"not a plain decimal: {text!r}"
        raise ValueError(msg)
    return Decimal(text)


def round_ratio(numerator: int, denominator: int) -> int:
    """Round numerator/denominator to an integer, half away from zero; denominator > 0."""
    quotient, remainder = divmod(abs(numerator), denominator)
    if 2 * remainder >= denominator:
        quotient += 1
    return quotient if numerator >= 0 else -quotient


def round_exact(value: Fraction | Decimal | int) -> int:
    """Round an exact number to an integer, half away from zero."""
    ratio: tuple[int, int] = value.as_integer_ratio()
    return round_ratio(*ratio)


def to_scaled(value: Decimal, places: int) -> int:
    """Give `value × 10**places` as an integer; raises ValueError when decimals would be lost."""
    numerator, denominator = value.as_integer_ratio()
    factor: int = 10**places
    scaled, rest = divmod(numerator * factor, denominator)
    if rest:
        msg = f"more than {places} decimals: {value}"
        raise ValueError(msg)
    return scaled


def from_scaled(scaled: int, places: int) -> Decimal:
    """Give `scaled ÷ 10**places` exactly."""
    return Decimal(scaled).scaleb(-places, _EXACT) if places else Decimal(scaled)
