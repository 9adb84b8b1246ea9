"""Amounts and texts as banks write them."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from billdesk.domain.banking import ReferenceType
from billdesk.domain.references import canonical, find_references, is_ogm, is_rf
from billdesk.kernel.money import Money, exponent
from billdesk.kernel.written.cell_error import CellError

_UNSIGNED: Final = re.compile(r"\d+(?:[.,]\d*)?|[.,]\d+", re.ASCII)


def unsigned_decimal(text: str) -> Decimal:
    """Read an amount without sign or groups, comma or point; raises CellError."""
    plain = text.strip()
    if not _UNSIGNED.fullmatch(plain):
        raise CellError("not_a_number")
    return Decimal(plain.replace(",", ".") + ("0" if plain[-1] in ".," else ""))


def exact_money(amount: Decimal, currency: str) -> Money:
    """Give an amount as money without rounding; raises CellError when it has parts of the smallest unit."""
    money = Money.of(amount, currency)
    if money.major != amount:
        raise CellError("too_many_decimals", places=exponent(currency))
    return money


def classify_reference(text: str) -> tuple[str, ReferenceType]:
    """Name the kind of a structured reference and give it as it is compared."""
    if not text.strip():
        return "", ReferenceType.NONE
    if is_ogm(text):
        return canonical(text), ReferenceType.OGM
    if is_rf(text):
        return canonical(text), ReferenceType.RF
    return text.strip(), ReferenceType.OTHER


def reference_in_texts(texts: tuple[str, ...]) -> tuple[str, ReferenceType]:
    """Take a reference out of free text where it is the only one there."""
    found = find_references(texts)
    return classify_reference(found[0]) if len(found) == 1 else ("", ReferenceType.NONE)


def clean_account(text: str) -> str:
    """Write an account without blanks and in capitals, as it is compared."""
    return re.sub(r"\s", "", text).upper()


def is_iban(text: str) -> bool:
    """Tell whether an account looks like an IBAN with right check digits (ISO 13616)."""
    if not re.fullmatch(r"[A-Z]{2}\d{2}[0-9A-Z]{10,30}", text):
        return False
    return int("".join(str(int(c, 36)) for c in text[4:] + text[:4])) % 97 == 1
