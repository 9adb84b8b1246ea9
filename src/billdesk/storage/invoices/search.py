"""Finding documents by words and amounts as people type them."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from sqlalchemy import ColumnElement, Select, and_, column, func, insert, literal_column, or_, select, table, text

from billdesk.storage.database import Db
from billdesk.storage.tables.invoices import document

NARROW: Final = 5_000
"""Up to so many hits are read and sorted by themselves."""

BROAD: Final = 100_000
"""More hits than this are met soon when the list is walked in its own order and read row by row."""

# Letters that Unicode does not split into a base letter and a mark.
_LETTERS: Final = str.maketrans({"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
_MARKS: Final = re.compile("[\u0300-\u036f]")
_WORD: Final = re.compile(r"[^\W_]+")
_AMOUNT: Final = re.compile(r"-?\d{1,3}(?:[.,' \u00a0]?\d{3})*[.,]\d{1,3}|-?\d+")


def words_of(value: str) -> list[str]:
    """Give the words of a text in lower case without accents, as both index and query use them."""
    if value.isascii():
        return _WORD.findall(value.lower())
    plain = _MARKS.sub("", unicodedata.normalize("NFKD", value.casefold()))
    return _WORD.findall(plain.translate(_LETTERS))


def search_text(*values: str) -> str:
    """Give what the index keeps of a record: folded words, each with a space before it."""
    return "".join(f" {word}" for value in values for word in words_of(value))


def condition(db: Db, typed: str) -> ColumnElement[bool] | None:
    """Give the condition that finds documents for what was typed, or None when nothing was."""
    words = words_of(typed)
    if not words:
        return None
    amounts = document.c.total_minor.in_(sorted(_amounts(typed))) if _amounts(typed) else None
    if not db.is_sqlite:
        return _walk(words) if amounts is None else or_(_walk(words), amounts)
    # A single letter or digit begins so many words that the index takes longer than reading the rows found.
    long = [word for word in words if len(word) > 1] or words
    short = [word for word in words if word not in long]
    match = _matching(long)
    hits = _count(db, match)
    if hits > BROAD:
        return _walk(words)
    if amounts is not None:
        match = select(match.union(select(document.c.id).where(amounts)).subquery().c.id)
    # Adding nothing keeps the engine from reading all hits first: it walks the list's index and asks for each
    # id whether it is a hit, until the page is full.
    found = (document.c.id if hits <= NARROW else document.c.id + 0).in_(match)
    return and_(found, _walk(short)) if short else found


def index_new(db: Db, ids: range) -> None:
    """Put documents that were just stored into the word index, all in one statement.

    A trigger would do it row by row, and the index would write each row out by itself: in a book of ten years that
    costs a month's run a sixth of its time. Later changes and deletions of a document do reach the index by trigger.
    """
    if db.is_sqlite and ids:
        known = select(document.c.id, document.c.search_text).where(document.c.id.between(ids[0], ids[-1]))
        words = table("document_search", column("rowid"), column("search_text"))
        db.connection.execute(insert(words).from_select(["rowid", "search_text"], known))


def _matching(words: list[str]) -> Select[tuple[int]]:
    index = table("document_search")
    query = " ".join(f'"{word}"*' for word in words)
    return (
        select(literal_column("rowid").label("id"))
        .select_from(index)
        .where(text("document_search MATCH :typed").bindparams(typed=query))
    )


def _count(db: Db, match: Select[tuple[int]]) -> int:
    """Count hits up to one more than `BROAD`."""
    some = match.limit(BROAD + 1).subquery()
    return int(db.connection.execute(select(func.count()).select_from(some)).scalar_one())


def _walk(words: list[str]) -> ColumnElement[bool]:
    return and_(*(document.c.search_text.contains(f" {word}") for word in words))


def _amounts(typed: str) -> set[int]:
    """Give the minor amounts that a typed figure may mean, whatever the currency's decimals."""
    figure = typed.strip()
    if not _AMOUNT.fullmatch(figure):
        return set()
    whole, _mark, decimals = figure.replace(",", ".").rpartition(".")
    if not whole:
        whole, decimals = decimals, ""
    digits = re.sub(r"[^\d-]", "", whole)
    candidates = {int(digits + decimals.ljust(2, "0"))} if len(decimals) <= 2 else set()  # noqa: PLR2004 - cents
    if len(decimals) == 3:  # noqa: PLR2004 - 1.234 is a thousand, or a currency of three decimals
        candidates |= {int(digits + decimals) * 100, int(digits + decimals)}
    if not decimals:
        candidates.add(int(digits))
    return candidates
