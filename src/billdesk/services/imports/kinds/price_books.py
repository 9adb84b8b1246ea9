"""Price books: a row for each price, currency and start in a book, and for each tier of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

from billdesk.domain.catalog import BookKind, BookTerms, Price, PriceBook, Shelf, Validity
from billdesk.domain.price_books import check_book, check_entries, conflicts
from billdesk.kernel.changes import Changes, Noun
from billdesk.kernel.decimals import from_text
from billdesk.kernel.errors import Problem
from billdesk.kernel.i18n import N_
from billdesk.services.book_holds import TermsChange
from billdesk.services.imports.columns import CURRENCY_WORDS
from billdesk.services.imports.model import Checked, Held, Outcome, SourceRow, SourceSheet, UndoPlan
from billdesk.services.imports.price_terms import TERMS_COLUMNS, cell_of, read_terms
from billdesk.services.imports.snapshots import from_json, to_json
from billdesk.services.imports.staging import Staged
from billdesk.services.imports.undoing import says_the_same
from billdesk.services.price_books import check_new_terms, past_problems, reach_problems, with_change
from billdesk.sheets import Column, ColumnKind
from billdesk.storage import price_books as storage
from billdesk.storage.database import Db
from billdesk.storage.imports import RecordChange

COLUMNS: Final = (
    Column("code", "Price book", required=True, synonyms={
        "en": "Price book code|Book", "nl": "Prijslijst|Prijslijstcode|Tarieflijst", "fr": "Tarif|Code du tarif",
        "de": "Preisliste|Preislistencode"}),
    Column("name", "Book name", synonyms={
        "nl": "Naam prijslijst|Naam", "fr": "Nom du tarif", "de": "Name der Preisliste"}),
    Column("kind", "For", ColumnKind.CHOICE, choices=tuple(BookKind), aliases={
        "klant": "customer", "client": "customer", "kunde": "customer", "label": "segment", "tag": "segment",
        "regio": "region", "région": "region", "land": "region", "country": "region"}, synonyms={
        "en": "Kind of book", "nl": "Voor|Soort", "fr": "Pour", "de": "Für"}),
    Column("reach", "Reaches", synonyms={
        "en": "Customers or countries", "nl": "Bereikt|Klanten of landen", "fr": "Atteint", "de": "Erreicht"},
        help=N_("Customer numbers, tags or country codes, parted by ;")),
    Column("priority", "Priority", ColumnKind.INTEGER, synonyms={
        "nl": "Voorrang|Prioriteit", "fr": "Priorité", "de": "Vorrang|Priorität"},
        help=N_("The lower number goes first")),
    Column("book_since", "Book valid from", ColumnKind.DATE, synonyms={
        "nl": "Lijst geldig vanaf", "fr": "Tarif valable du", "de": "Liste gültig ab"}),
    Column("book_until", "Book valid until", ColumnKind.DATE, synonyms={
        "nl": "Lijst geldig tot", "fr": "Tarif valable au", "de": "Liste gültig bis"}),
    Column("price", "Price code", required=True, synonyms={
        "en": "Price", "nl": "Prijscode|Tariefcode", "fr": "Code prix", "de": "Preiscode"}),
    Column("currency", "Currency", ColumnKind.CURRENCY, required=True, synonyms=CURRENCY_WORDS),
    Column("since", "From", ColumnKind.DATE, synonyms={
        "en": "Since|Valid from", "nl": "Vanaf|Geldig vanaf", "fr": "À partir du", "de": "Ab|Gültig ab"}),
    Column("until", "Until", ColumnKind.DATE, synonyms={
        "en": "To|Valid until", "nl": "Tot|Geldig tot", "fr": "Jusqu'au", "de": "Gültig bis"},
        help=N_("First day without it")),
    *(column for column in TERMS_COLUMNS),
    Column("note", "Note", synonyms={"nl": "Nota|Opmerking", "fr": "Remarque", "de": "Bemerkung"}),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shelved:
    """A book with all its terms, as an undo restores it."""

    book: PriceBook
    entries: tuple[BookTerms, ...] = ()


@dataclass
class Work:
    """Books to make or change, each with the first row that speaks of it and what it was."""

    books: list[tuple[int, Shelved | None, Shelved]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class PriceBooksKind:
    """The plugin."""

    key: str = "price_books"
    label: str = N_("Price books")
    order: int = 35
    changes: Changes = frozenset({Noun.CATALOG, Noun.SUBSCRIPTIONS})
    columns: tuple[Column, ...] = COLUMNS
    sheet_names: tuple[str, ...] = ("price books", "prijslijsten", "tarieflijsten", "catalogues de prix", "preislisten")
    records: tuple[str, ...] = ("price_book",)

    def check(self, staged: Staged, source: SourceSheet) -> Checked[Work]:
        """Gather the rows of each book and compare them with the book of prices as it is."""
        checked: Checked[Work] = Checked(Work())
        books = {book.code: book for book in storage.load_books(staged.db).values()}
        staged.look_up_customers(number for row in source.rows for number in _reach(row))
        groups: dict[str, list[SourceRow]] = {}
        for row in source.rows:
            groups.setdefault(row.text("code"), []).append(row)
        shelf = staged.catalog().shelf
        for code, rows in groups.items():
            old = books.get(code)
            before = None if old is None else _load(staged.db, old)
            shelf = _Group(staged, source, rows, before).check(checked, shelf)
        return checked

    def apply(self, staged: Staged, checked: Checked[Work]) -> list[RecordChange]:
        """Write new and changed books with their terms."""
        log = []
        for row, before, after in checked.work.books:
            entries = tuple(replace(one, price_id=staged.real_id("price", one.price_id)) for one in after.entries)
            made = _save(staged.db, before, replace(after, entries=entries))
            log.append(
                RecordChange(row, "price_book", made.book.id, to_json(before) if before else None, to_json(made))
            )
        return log

    def plan_undo(self, db: Db, changes: Sequence[RecordChange], plan: UndoPlan) -> None:
        """Take books back whose terms bill nothing yet and that nobody changed since."""
        for change in (one for one in changes if one.record == "price_book"):
            books = storage.load_books(db, [change.record_id])
            now = _load(db, books[change.record_id]) if books else None
            if now is None or not says_the_same(to_json(now), change.after):
                plan.blocked.append((change, Held("changed_since")))
            elif _is_billed(db, change, now):
                plan.blocked.append((change, Held("in_use")))
            elif change.before is None:
                plan.removes("price_book").add(change.record_id)
            else:
                plan.restored.append(change)

    def undo(self, db: Db, plan: UndoPlan) -> None:
        """Write books back as they were and delete those that the import made."""
        for change in plan.restored:
            if change.record == "price_book":
                before = from_json(Shelved, change.before)
                now = _load(db, storage.load_books(db, [change.record_id])[change.record_id])
                _save(db, now, replace(before, book=replace(before.book, version=now.book.version)))
        for key in sorted(plan.removes("price_book")):
            storage.look_again(db, {one.customer_id for one in storage.load_members(db, key)}, date.min)
            storage.delete_books(db, [key])


PLUGIN = PriceBooksKind()


@dataclass
class _Group:
    """The rows of one book, and what is wrong with them."""

    staged: Staged
    source: SourceSheet
    rows: list[SourceRow]
    before: Shelved | None
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, row: SourceRow, column: str, code: str, value: object = "", **details: object) -> None:
        self.problems.append(self.source.problem(row.number, column, code, value, **details))

    def check(self, checked: Checked[Work], shelf: Shelf) -> Shelf:
        """Sort the rows, and give the shelf as it is with them."""
        book = self._book()
        self._place(check_book(book), self.rows[0])
        if not self.problems:
            self._place(reach_problems(self.staged.db, book, frozenset(self.staged.customers)), self.rows[0])
        old = self.before.entries if self.before else ()
        entries, known = list(old), {_facts(entry) for entry in old}
        outcomes: dict[int, Outcome] = {}
        for rows, change in self._changes():
            changed = with_change(entries, book.id, change)
            is_known = _facts(changed[-1]) in known
            outcomes |= dict.fromkeys((row.number for row in rows), self._outcome(book, is_known=is_known))
            if not is_known:
                entries = changed
                self._place(past_problems(self.staged.db, book, [change]), rows[0])
        self._place([*check_entries(entries), *conflicts(book, entries, shelf)], self.rows[0])
        if self.problems:
            checked.problems += self.problems
            checked.outcomes.update((row.number, Outcome.REJECTED) for row in self.rows)
            return shelf
        checked.outcomes.update(outcomes)
        after = Shelved(book, tuple(entries))
        if self.before is None or after != self.before:
            checked.work.books.append((self.rows[0].number, self.before, after))
        return _with_book(shelf, after)

    def _outcome(self, book: PriceBook, *, is_known: bool) -> Outcome:
        if self.before is None or not is_known:
            return Outcome.ADDED
        return Outcome.UNCHANGED if book == self.before.book else Outcome.CHANGED

    def _book(self) -> PriceBook:
        """Give the book that the rows describe: the first row that says something counts."""
        row, has = self.rows[0], self.source.has
        base = self.before.book if self.before else PriceBook(
            self.staged.temporary_id(), row.text("code"), row.text("name") or row.text("code"), BookKind.REGION, ()
        )  # fmt: skip
        kind = BookKind(row.get("kind")) if row.get("kind") else base.kind
        valid = Validity(
            row.get("book_since") if has("book_since") else base.valid.since,
            row.get("book_until") if has("book_until") else base.valid.until,
        )
        reach = _reach(row)
        return replace(
            base, name=row.text("name") or base.name, kind=kind, reach=reach or base.reach, valid=valid,
            priority=base.priority if row.get("priority") is None else row.get("priority"),
            note=row.text("note") if has("note") else base.note,
        )  # fmt: skip

    def _changes(self) -> list[tuple[list[SourceRow], TermsChange]]:
        groups: dict[tuple[Any, ...], list[SourceRow]] = {}
        for row in self.rows:
            groups.setdefault((row.text("price"), row.get("currency"), row.get("since")), []).append(row)
        found = []
        for (code, currency, since), rows in groups.items():
            price = self.staged.prices.get(code)
            if price is None:
                self.refuse(rows[0], "price", "unknown_price", code)
                continue
            change = TermsChange(price.id, currency, read_terms(self, price.model, rows), since, rows[0].get("until"))
            self._check_terms(price, change, rows)
            found.append((rows, change))
        return found

    def _check_terms(self, price: Price, change: TermsChange, rows: list[SourceRow]) -> None:
        for problem in check_new_terms(price, change.terms) if change.terms else ():
            row, column = cell_of(problem.place.field, price.model, rows)
            self._place([problem], row, column)
        if change.until is not None and change.until <= (change.since or date.min):
            start = (change.since or date.min).isoformat()
            self.refuse(rows[0], "until", "until_before_since", change.until.isoformat(), start=start)

    def _place(self, problems: Sequence[Problem], row: SourceRow, column: str = "") -> None:
        """Put problems at their cells."""
        columns = {"terms": "amount", "until": "book_until"}
        for problem in problems:
            name = column or columns.get(problem.place.field, problem.place.field)
            self.problems.append(replace(problem, place=self.source.problem(row.number, name, "").place))


def _reach(row: SourceRow) -> tuple[str, ...]:
    return tuple(part.strip() for part in row.text("reach").split(";") if part.strip())


def _facts(entry: BookTerms) -> object:
    """Give what makes two entries say the same."""
    terms = entry.terms
    parameters = tuple(sorted((name, str(_plain(value))) for name, value in terms.parameters.items()))
    return (entry.price_id, terms.currency, parameters, terms.minimum, terms.maximum, entry.valid)


def _plain(value: object) -> object:
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return sorted((name, _plain(one)) for name, one in value.items())
    try:
        return from_text(str(value)).normalize()
    except ValueError:
        return value


def _load(db: Db, book: PriceBook) -> Shelved:
    return Shelved(book, tuple(storage.load_terms(db, {book.id: book})))


def _save(db: Db, before: Shelved | None, after: Shelved) -> Shelved:
    """Write a book and its terms; contracts it reaches are looked at again from the first day that changes."""
    if before is None:
        book = storage.insert_book(db, after.book)
        storage.follow_book(db, book, None)
    else:
        book = storage.update_book(db, after.book)
        if before.book.reach != book.reach or before.book.kind is not book.kind:
            storage.follow_book(db, book, db.today)
    stored = before.entries if before else ()
    gone = [one for one in stored if one not in after.entries]
    new = [replace(one, book_id=book.id) for one in after.entries if one not in stored]
    storage.delete_terms(db, [one.id for one in gone])
    storage.insert_terms(db, new)
    days = [one.valid.since or date.min for one in (*gone, *new)]
    storage.look_again(db, {one.customer_id for one in storage.load_members(db, book.id)}, min(days, default=db.today))
    return _load(db, storage.load_books(db, [book.id])[book.id])


def _is_billed(db: Db, change: RecordChange, now: Shelved) -> bool:
    """Whether issued documents bill days on which this import gave other terms."""
    before = from_json(Shelved, change.before).entries if change.before else ()
    moved = [one for one in now.entries if one not in before]
    people = {one.customer_id for one in storage.load_members(db, now.book.id)}
    billed = storage.billed_until(db, {one.price_id for one in moved}, people)
    return any((one.valid.since or date.min) < billed.get(one.price_id, date.min) for one in moved)


def _with_book(shelf: Shelf, made: Shelved) -> Shelf:
    terms = {key: found for key, found in shelf.terms.items() if key[0] != made.book.id}
    for entry in made.entries:
        key = (made.book.id, entry.price_id, entry.terms.currency)
        terms[key] = (*terms.get(key, ()), entry)
    return replace(shelf, books={**shelf.books, made.book.id: made.book}, terms=terms)
