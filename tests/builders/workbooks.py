"""Reads a workbook and computes its formulas exactly, for the few functions that our workbooks use."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

from openpyxl import load_workbook

from billdesk.kernel.decimals import round_exact

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<text>\"(?:[^\"]|\"\")*\")"
    r"|(?P<ref>(?:'(?:[^']|'')+'!)?\$?[A-Z]+\$?\d+(?::\$?[A-Z]+\$?\d+)?)|(?P<name>[A-Z]+)(?=\()|(?P<sign>[-+*/(),=]))"
)
_REFERENCE = re.compile(r"(?:'((?:[^']|'')+)'!)?([A-Z]+)(\d+)(?::([A-Z]+)(\d+))?")


class Workbook:
    """A loaded workbook; `value` gives what a cell shows after computing."""

    def __init__(self, content: bytes) -> None:
        self.book = load_workbook(io.BytesIO(content))
        self.sheet_names: list[str] = self.book.sheetnames

    def value(self, sheet: str, cell: str) -> Any:
        raw = self.book[sheet][cell].value
        if isinstance(raw, str) and self.book[sheet][cell].data_type == "f":
            return _Formula(self, sheet, raw[1:]).result()
        if isinstance(raw, int | float) and not isinstance(raw, bool):
            return Fraction(Decimal(repr(raw)))
        return raw

    def find(self, text: str) -> tuple[str, str]:
        """Give sheet and coordinate of the first cell with this raw text."""
        for sheet in self.book:
            for row in sheet.iter_rows():
                for cell in row:
                    if cell.value == text:
                        return sheet.title, cell.coordinate
        raise LookupError(text)

    def formulas(self) -> Iterator[tuple[str, str]]:
        for sheet in self.book:
            for row in sheet.iter_rows():
                yield from ((sheet.title, cell.coordinate) for cell in row if cell.data_type == "f")


class _Formula:
    """A recursive descent over comparison, sum, product and atom."""

    def __init__(self, book: Workbook, sheet: str, text: str) -> None:
        self.book, self.sheet = book, sheet
        self.tokens = [(m.lastgroup, m[m.lastgroup or 0]) for m in _TOKEN.finditer(text)]
        assert "".join(token for _kind, token in self.tokens) == text.replace(" ", "") or '"' in text, text
        self.at = 0

    def result(self) -> Any:
        value = self.comparison()
        assert self.at == len(self.tokens)
        return value

    def peek(self) -> str:
        return self.tokens[self.at][1] if self.at < len(self.tokens) else ""

    def take(self) -> tuple[str | None, str]:
        self.at += 1
        return self.tokens[self.at - 1]

    def comparison(self) -> Any:
        left = self.sum()
        if self.peek() == "=":
            self.take()
            return left == self.sum()
        return left

    def sum(self) -> Any:
        value = self.product()
        while self.peek() in {"+", "-"}:
            sign = self.take()[1]
            value = value + self.product() if sign == "+" else value - self.product()
        return value

    def product(self) -> Any:
        value = self.atom()
        while self.peek() in {"*", "/"}:
            sign = self.take()[1]
            value = value * self.atom() if sign == "*" else value / self.atom()
        return value

    def atom(self) -> Any:
        kind, token = self.take()
        if token == "-":
            return -self.atom()
        if token == "(":
            value = self.comparison()
            assert self.take()[1] == ")"
            return value
        if kind == "number":
            return Fraction(token)
        if kind == "text":
            return token[1:-1].replace('""', '"')
        return self.reference(token) if kind == "ref" else self.call(token)

    def call(self, name: str) -> Any:
        assert self.take()[1] == "("
        arguments = [self.comparison()]
        while self.take()[1] == ",":
            arguments.append(self.comparison())
        return _FUNCTIONS[name](*arguments)

    def reference(self, token: str) -> Any:
        match = _REFERENCE.fullmatch(token.replace("$", ""))
        assert match, token
        sheet = (match[1] or self.sheet).replace("''", "'")
        if not match[4]:
            found = self.book.value(sheet, match[2] + match[3])
            return Fraction(0) if found is None else found
        rows = self.book.book[sheet][f"{match[2]}{match[3]}:{match[4]}{match[5]}"]
        return [self.book.value(sheet, cell.coordinate) for row in rows for cell in row]


def _round(value: Fraction, places: Fraction) -> Fraction:
    scale = 10 ** int(places)
    return Fraction(round_exact(value * scale), scale)


def _flat(values: tuple[Any, ...]) -> list[Any]:
    return [v for value in values for v in (value if isinstance(value, list) else [value]) if v is not None]


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "SUM": lambda *values: sum(_flat(values), Fraction(0)),
    "SUMPRODUCT": lambda values: sum(values, Fraction(0)),
    "ABS": lambda value: [abs(v) for v in value] if isinstance(value, list) else abs(value),
    "ROUND": _round,
    "MAX": lambda *values: max(_flat(values)),
    "MIN": lambda *values: min(_flat(values)),
    "IF": lambda condition, yes, no: yes if condition else no,
    "SUMIF": lambda keys, wanted, values: sum(
        (v for k, v in zip(keys, values, strict=True) if k == wanted), Fraction(0)
    ),
}
