"""Structured payment references: Belgium's OGM/VCS and the creditor reference RF of ISO 11649."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

_OGM_DIGITS: Final = 12
_OGM_BASE: Final = 10
_OGM_MODULUS: Final = 97
_RF: Final = re.compile(r"RF\d{2}[0-9A-Z]{1,21}", re.ASCII)
_RF_LONGEST: Final = 21
_OGM_IN_TEXT: Final = re.compile(
    r"(?:[+*]{3}\s*)(\d{3})\s*/?\s*(\d{4})\s*/?\s*(\d{5})(?:\s*[+*]{3})|\b(\d{3})/(\d{4})/(\d{5})\b", re.ASCII
)
_RF_IN_TEXT: Final = re.compile(r"\bRF\d{2}(?: ?[0-9A-Z]{1,4}){1,6}", re.ASCII)


def make_ogm(number: int) -> str:
    """Give the 12 digits of the structured communication for a number of at most 10 digits.

    The last two digits are the number modulo 97, with 97 for 0 (Febelfin, structured communication VCS/OGM).
    """
    if not 0 <= number < 10**_OGM_BASE:
        msg = f"an OGM holds a number of at most {_OGM_BASE} digits: {number}"
        raise ValueError(msg)
    return f"{number:010d}{number % _OGM_MODULUS or _OGM_MODULUS:02d}"


def is_ogm(text: str) -> bool:
    """Tell whether a text is a structured communication with right check digits, with or without its signs."""
    digits = re.sub(r"[+*/\s]", "", text)
    if len(digits) != _OGM_DIGITS or not (digits.isascii() and digits.isdigit()):
        return False
    return make_ogm(int(digits[:_OGM_BASE])) == digits


def format_ogm(digits: str) -> str:
    """Write 12 digits as people know them: +++090/9337/55493+++."""
    return f"+++{digits[:3]}/{digits[3:7]}/{digits[7:]}+++"


def make_rf(text: str) -> str:
    """Give the RF reference for up to 21 letters and digits; other signs are dropped (ISO 11649, mod 97-10)."""
    plain = re.sub(r"[^0-9A-Z]", "", text.upper())
    if not 0 < len(plain) <= _RF_LONGEST:
        msg = f"an RF reference holds 1 to {_RF_LONGEST} letters and digits: {text!r}"
        raise ValueError(msg)
    return f"RF{98 - _remainder(plain + 'RF00'):02d}{plain}"


def is_rf(text: str) -> bool:
    """Tell whether a text is an RF reference with right check digits."""
    plain = re.sub(r"\s", "", text.upper())
    return bool(_RF.fullmatch(plain)) and _remainder(plain[4:] + plain[:4]) == 1


def format_rf(reference: str) -> str:
    """Write an RF reference in groups of four."""
    return " ".join(reference[i : i + 4] for i in range(0, len(reference), 4))


def _remainder(text: str) -> int:
    return int("".join(str(int(c, 36)) for c in text)) % _OGM_MODULUS


def canonical(reference: str) -> str:
    """Reduce a reference to what two writings of it share: an OGM to its digits, others to capitals without blanks."""
    if is_ogm(reference):
        return re.sub(r"[+*/\s]", "", reference)
    return re.sub(r"\s", "", reference.upper())


def find_references(texts: Iterable[str]) -> tuple[str, ...]:
    """Find every right OGM (12 digits) and RF reference in free texts, each once, in order."""
    found: dict[str, None] = {}
    for text in texts:
        for match in _OGM_IN_TEXT.finditer(text):
            digits = "".join(part for part in match.groups() if part)
            if is_ogm(digits):
                found[digits] = None
        for match in _RF_IN_TEXT.finditer(text.upper()):
            if reference := _longest_rf(match[0]):
                found[reference] = None
    return tuple(found)


def _longest_rf(text: str) -> str:
    """Cut words off the end until the check digits are right: free text may follow a reference."""
    parts = text.split(" ")
    for count in range(len(parts), 0, -1):
        plain = "".join(parts[:count])
        if is_rf(plain):
            return plain
    return ""
