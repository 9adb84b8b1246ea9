"""The information field :86: of MT940, which banks fill in four dialects."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from billdesk.bankfiles.amounts import clean_account, is_iban

_NUMBERED: Final = re.compile(r"\?(\d\d)")
_CODES: Final = (
    "TRTP IBAN BIC NAME REMI EREF ORDP BENM CNTP MARF CSID RTRN PREF ISDT OCMT EXCH CHGS PURP ULTB ULTD ULTC KREF TRCD"
)
_CODED: Final = re.compile(rf"/({'|'.join(_CODES.split())})/")
_WORDS: Final = re.compile(r"(EREF|KREF|MREF|CRED|DEBT|SVWZ|ABWA|ABWE|IBAN|BIC|PURP|RREF|MTLG)[+:]")
_TEXT_FIELDS: Final = frozenset([*range(20, 30), *range(60, 64)])


@dataclass
class Information:
    """What an information field tells of a movement."""

    name: str = ""
    account: str = ""
    bic: str = ""
    end_to_end_id: str = ""
    mandate_id: str = ""
    return_reason: str = ""
    purpose: str = ""
    ultimate: str = ""
    texts: tuple[str, ...] = ()
    original: str = ""
    rate: str = ""
    charges: str = ""
    codes: dict[str, str] = field(default_factory=dict)


def parse_information(text: str, supplement: str = "") -> Information:
    """Read the field, with the line below :61: that some banks use for amounts."""
    if re.match(r"\d{3}\?", text.strip()):
        found = _numbered(text)
    elif _CODED.search(_joined(text)):
        found = _coded(_joined(text))
    else:
        found = _free(text)
    extra = _split(_CODED, _joined(supplement))
    found.original = extra.get("OCMT", found.original)
    found.rate = extra.get("EXCH", found.rate)
    found.charges = extra.get("CHGS", found.charges)
    return found


def _joined(text: str) -> str:
    """Undo the wrapping, which falls anywhere and also inside words."""
    return "".join(text.split("\n"))


def _split(pattern: re.Pattern[str], text: str) -> dict[str, str]:
    parts = pattern.split(text)
    return {code: value.strip() for code, value in zip(parts[1::2], parts[2::2], strict=True)}


def _numbered(text: str) -> Information:
    """Read the German form: three digits, then ?nn before each part."""
    parts = _NUMBERED.split(_joined(text))
    fields: dict[int, str] = {}
    for number, value in zip(parts[1::2], parts[2::2], strict=True):
        fields[int(number)] = fields.get(int(number), "") + value
    told = "".join(value for number, value in fields.items() if number in _TEXT_FIELDS)
    words = _split(_WORDS, told)
    text_told = words.get("SVWZ", "") or words.get("MTLG", "")
    return Information(
        name=" ".join((fields.get(32, "") + fields.get(33, "")).split()),
        account=clean_account(words.get("IBAN", "") or fields.get(31, "")),
        bic=words.get("BIC", "") or fields.get(30, ""),
        end_to_end_id=_given(words.get("EREF", "")),
        mandate_id=words.get("MREF", ""),
        purpose=words.get("PURP", ""),
        ultimate=words.get("ABWA", "") or words.get("ABWE", ""),
        texts=tuple(filter(None, (" ".join((text_told or told).split()), fields.get(0, "").strip()))),
        codes={f"?{number:02d}": value for number, value in fields.items()},
    )


def _coded(text: str) -> Information:
    """Read the Dutch and Belgian form: /CODE/ before each part."""
    codes = _split(_CODED, text)
    account, bic, name = ([*codes.get("CNTP", "").split("/"), "", ""])[:3]
    remittance = re.sub(r"^(USTD//|STRD/CUR/|STRD/)", "", codes.get("REMI", "")).strip("/ ")
    return Information(
        name=_inner_name(codes, name),
        account=clean_account(codes.get("IBAN", "") or account),
        bic=codes.get("BIC", "") or bic,
        end_to_end_id=_given(codes.get("EREF", "")),
        mandate_id=codes.get("MARF", "").rstrip("/"),
        return_reason=codes.get("RTRN", "").rstrip("/"),
        purpose=codes.get("PURP", "").removeprefix("CD/").rstrip("/"),
        ultimate=codes.get("ULTD", "") or codes.get("ULTB", ""),
        texts=(remittance,) if remittance else (),
        original=codes.get("OCMT", ""),
        rate=codes.get("EXCH", ""),
        charges=codes.get("CHGS", ""),
        codes=codes,
    )


def _inner_name(codes: dict[str, str], name: str) -> str:
    found = codes.get("NAME", "") or name or codes.get("ORDP", "") or codes.get("BENM", "")
    return " ".join(found.strip("/").split())


def _free(text: str) -> Information:
    """Keep plain text as it is; an IBAN in front is the other side, its line the name."""
    lines = [" ".join(line.split()) for line in text.split("\n")]
    lines = [line for line in lines if line]
    first, _blank, rest = lines[0].partition(" ") if lines else ("", "", "")
    if is_iban(first):
        return Information(name=rest, account=first, texts=tuple(lines[1:]))
    return Information(texts=tuple(lines))


def _given(text: str) -> str:
    plain = text.strip("/ ")
    return "" if plain.upper() in {"NOTPROVIDED", "NONREF"} else plain
