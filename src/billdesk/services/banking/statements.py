"""Statement files: what one would bring, bringing it in once and for ever, and taking it out again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final

from billdesk.bankfiles import ReadOptions, read_statements
from billdesk.domain.banking import Statement, StatementLine, count_occurrences, fingerprint, imbalance
from billdesk.domain.entities import BankAccount
from billdesk.domain.usage import BatchState
from billdesk.kernel.changes import NOTHING, Noun
from billdesk.kernel.errors import NotFound, Place, Problem, RowsRejected, RuleBroken
from billdesk.kernel.money import Money
from billdesk.services import audit
from billdesk.services.result import Result
from billdesk.storage import entities
from billdesk.storage.banking import importing, lines
from billdesk.storage.banking.importing import BatchFacts, KnownLine, StoredStatement
from billdesk.storage.database import Db

_CHANGED: Final = frozenset({Noun.BANKING, Noun.MIGRATION, Noun.AUDIT})

Accounts = Mapping[str, int]
"""Which bank account of the book an account of a file is, for those that the IBAN does not tell."""

NO_ACCOUNTS: Final[Accounts] = {}


@dataclass(frozen=True, slots=True)
class StatementFacts:
    """What one statement of a file is and would bring.

    `similar` counts new lines whose day and amount the account has already: perhaps the same booking from a file
    of another format. `gap` is how far the opening balance is from where the account was left.
    """

    account: str
    bank_account_id: int | None
    account_name: str
    number: str
    currency: str
    first_day: date | None
    last_day: date | None
    opening: Money | None
    movement: Money
    closing: Money | None
    lines: int
    new: int
    known: int
    similar: int
    gap: Money | None
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class StatementPreview:
    """What a file would bring; nothing of it is kept."""

    file_name: str
    format: str
    statements: tuple[StatementFacts, ...]

    @property
    def new(self) -> int:
        """How many lines would be added."""
        return sum(facts.new for facts in self.statements)

    @property
    def known(self) -> int:
        """How many lines are in the book already."""
        return sum(facts.known for facts in self.statements)

    @property
    def unknown_accounts(self) -> tuple[str, ...]:
        """The accounts that a person has to point out."""
        return tuple(dict.fromkeys(facts.account for facts in self.statements if facts.bank_account_id is None))

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything that keeps the file out."""
        return tuple(problem for facts in self.statements for problem in facts.problems)


@dataclass(frozen=True, slots=True)
class StatementImport:
    """What an import brought; without new lines there is no batch."""

    batch_id: int | None
    added: int
    known: int
    bank_account_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class StatementUndo:
    """What undoing an import would do: lines taken out, lines that other statements keep, and how many hold it back."""

    withdrawn: int
    kept: int
    settled: int


@dataclass(frozen=True, slots=True)
class _Plan:
    """A statement with its account, its lines numbered for the book, and which of them are new, come back or stay."""

    statement: Statement
    account: BankAccount | None
    new: tuple[StatementLine, ...]
    revived_ids: tuple[int, ...]
    known: int
    previous: StoredStatement | None
    numbered: tuple[StatementLine, ...] = ()
    shared_ids: tuple[int, ...] = ()


def preview_statement(
    db: Db, path: Path, *, accounts: Accounts = NO_ACCOUNTS, options: ReadOptions | None = None
) -> StatementPreview:
    """Show what a bank file would bring: account, balances before and after, new and known lines, problems."""
    return preview_statements(db, read_statements(path, _informed(db, accounts, options)), accounts=accounts)


def preview_statements(
    db: Db, statements: Sequence[Statement], *, accounts: Accounts = NO_ACCOUNTS
) -> StatementPreview:
    """Show what statements that were read already would bring."""
    first = statements[0] if statements else None
    facts = tuple(_facts(db, plan) for plan in _plan_all(db, statements, accounts))
    return StatementPreview(first.source_file if first else "", first.source_format if first else "", facts)


def import_statement(
    db: Db,
    path: Path,
    *,
    accounts: Accounts = NO_ACCOUNTS,
    accept_imbalance: bool = False,
    options: ReadOptions | None = None,
) -> Result[StatementImport]:
    """Bring a bank file in; lines known from earlier files are left alone, so that doing it twice adds nothing.

    Raises UnreadableFile, or RowsRejected for an account that is not known, another currency, or a statement that
    does not add up and was not accepted with its difference.
    """
    statements = read_statements(path, _informed(db, accounts, options))
    return import_statements(db, statements, accounts=accounts, accept_imbalance=accept_imbalance)


def _informed(db: Db, accounts: Accounts, options: ReadOptions | None) -> ReadOptions:
    """Tell the reader the currency that a table may not name: that of the only account it can be."""
    options = options or ReadOptions()
    own = entities.list_bank_accounts(db)
    possible = [account for account in own if account.id == accounts.get("", account.id)]
    if options.currency or len(possible) != 1:
        return options
    return replace(options, currency=possible[0].currency)


def import_statements(
    db: Db, statements: Sequence[Statement], *, accounts: Accounts = NO_ACCOUNTS, accept_imbalance: bool = False
) -> Result[StatementImport]:
    """Bring in statements that were read already."""
    plans = _plan_all(db, statements, accounts)
    problems = tuple(problem for plan in plans for problem in _problems(plan, accept_imbalance=accept_imbalance))
    known = sum(plan.known for plan in plans)
    if problems:
        raise RowsRejected(problems, sum(len(plan.new) for plan in plans))
    fresh = [plan for plan in plans if _brings_something(db, plan)]
    if not fresh:
        return Result(StatementImport(None, 0, known, ()), NOTHING)
    added = sum(len(plan.new) + len(plan.revived_ids) for plan in fresh)
    source = statements[0]
    read = sum(len(statement.lines) for statement in statements)
    batch_id = importing.insert_batch(db, BatchFacts(source.source_file, source.source_sha256, read, added, known))
    for plan in fresh:
        _store(db, batch_id, plan)
    ids = tuple(dict.fromkeys(plan.account.id for plan in fresh if plan.account))
    details = {"file": source.source_file, "added": added, "known": known, "imbalance_accepted": accept_imbalance}
    audit.record(db, command="import_statement", noun=Noun.BANKING, subject=str(batch_id), details=details)
    return Result(StatementImport(batch_id, added, known, ids), _CHANGED)


def _brings_something(db: Db, plan: _Plan) -> bool:
    if plan.new or plan.revived_ids:
        return True
    # A statement without movements still moves the day of the balance, once.
    return plan.account is not None and plan.statement.closing is not None and not _is_stored(db, plan)


def _is_stored(db: Db, plan: _Plan) -> bool:
    if plan.account is None or plan.statement.lines:
        return True
    closing = Money.of(plan.statement.closing or 0, plan.account.currency).minor
    stored = importing.list_statements(db, plan.account.id)
    return any(one.last_day == plan.statement.to_day and one.closing_minor == closing for one in stored)


def undo_import(db: Db, batch_id: int) -> Result[int]:
    """Take the lines of a statement import out again; gives how many. What other statements have too stays.

    Raises NotFound, or RuleBroken when it was undone before or lines of it are settled: unmatch those first.
    """
    _require_applied(db, batch_id)
    found = importing.list_lines_of_batch(db, batch_id)
    settled = [line for line in found if line.is_settled and line.heir_id is None]
    if settled:
        raise RuleBroken("lines_settled", (("count", str(len(settled))),))
    heirs = {line.id: line.heir_id for line in found if line.heir_id is not None}
    importing.hand_over(db, heirs)
    count = importing.withdraw_batch(db, batch_id)
    details = {"lines": count, "kept": len(heirs)}
    audit.record(db, command="undo_statement_import", noun=Noun.BANKING, subject=str(batch_id), details=details)
    return Result(count, _CHANGED)


def preview_undo(db: Db, batch_id: int) -> StatementUndo:
    """Say what undoing a statement import would do; raises NotFound, and RuleBroken when it was undone before."""
    _require_applied(db, batch_id)
    found = importing.list_lines_of_batch(db, batch_id)
    leaving = [line for line in found if line.heir_id is None]
    settled = sum(line.is_settled for line in leaving)
    return StatementUndo(len(leaving), len(found) - len(leaving), settled)


def _require_applied(db: Db, batch_id: int) -> None:
    state = importing.batch_state(db, batch_id)
    if state is None:
        raise NotFound("banking", str(batch_id))
    if state is BatchState.UNDONE:
        raise RuleBroken("already_undone")


def _plan_all(db: Db, statements: Sequence[Statement], accounts: Accounts) -> list[_Plan]:
    own = entities.list_bank_accounts(db)
    stored: dict[int, list[StoredStatement]] = {}
    planned: list[_Plan] = []
    for statement in statements:
        account = _find_account(own, statement, accounts)
        if account is None:
            planned.append(_Plan(statement, None, statement.lines, (), 0, None))
            continue
        if account.id not in stored:
            stored[account.id] = importing.list_statements(db, account.id)
        planned.append(_plan(db, statement, account, stored[account.id], planned))
    return planned


def _find_account(own: Sequence[BankAccount], statement: Statement, accounts: Accounts) -> BankAccount | None:
    chosen = accounts.get(statement.account, accounts.get(""))
    if chosen is not None:
        return next((account for account in own if account.id == chosen), None)
    wanted = _squeeze(statement.account)
    matching = [account for account in own if wanted and wanted in {_squeeze(account.iban), _squeeze(account.number)}]
    # One IBAN may hold several currencies, each an account of its own.
    same = [account for account in matching if statement.currency in {"", account.currency}]
    return next(iter(same or matching), None)


def _squeeze(text: str) -> str:
    return "".join(text.split()).upper()


def _plan(
    db: Db, statement: Statement, account: BankAccount, stored: Sequence[StoredStatement], before: Sequence[_Plan]
) -> _Plan:
    key = str(account.id)
    numbered = count_occurrences((replace(line, occurrence=1) for line in statement.lines), key)
    found = importing.find_known(db, account.id, {fingerprint(line, key) for line in numbered})
    siblings = [plan for plan in before if plan.account == account]
    taken = _taken_before(statement, account, stored, found)
    for plan in siblings:
        for line in plan.numbered if _continues(statement, plan.statement) else ():
            name = fingerprint(line, key)
            taken[name] = max(taken[name], line.occurrence)
    shifted = [replace(line, occurrence=line.occurrence + taken[fingerprint(line, key)]) for line in numbered]
    in_file = {(fingerprint(line, key), line.occurrence) for plan in siblings for line in plan.new}
    known = {(one.name, one.occurrence): one for one in found}
    names = [(fingerprint(line, key), line.occurrence) for line in shifted]
    new = [line for line, name in zip(shifted, names, strict=True) if name not in known and name not in in_file]
    revived = tuple(known[name].id for name in names if name in known and known[name].is_withdrawn)
    previous = next((one for one in reversed(stored) if _is_before(one, statement)), None)
    shared = tuple(known[name].id for name in names if name in known and not known[name].is_withdrawn)
    known_count = len(names) - len(new) - len(revived)
    return _Plan(statement, account, tuple(new), revived, known_count, previous, tuple(shifted), shared)


def _taken_before(
    statement: Statement, account: BankAccount, stored: Sequence[StoredStatement], found: Sequence[KnownLine]
) -> Counter[str]:
    """Count equal lines of earlier statements of the day, so that this statement's are numbered after them."""
    follows = _followed(statement, account, stored)
    taken: Counter[str] = Counter()
    for known in found:
        if known.statement_id in follows:
            taken[known.name] = max(taken[known.name], known.occurrence)
    return taken


def _is_before(stored: StoredStatement, statement: Statement) -> bool:
    return stored.last_day is not None and statement.from_day is not None and stored.last_day <= statement.from_day


def _followed(statement: Statement, account: BankAccount, stored: Sequence[StoredStatement]) -> set[int]:
    """Give the stored statements of the same day that this one continues, proven by their balances.

    Banks that send several statements a day may book the same amount in two of them; these are two bookings.
    Imported again, a statement continues only what was stored before it the first time.
    """
    if statement.opening is None or statement.closing is None or statement.from_day is None:
        return set()
    opening, closing = (Money.of(major, account.currency).minor for major in (statement.opening, statement.closing))
    itself = (statement.number, statement.from_day, statement.to_day, opening, closing)
    same = [one.id for one in stored if _identity(one) == itself]
    return {
        one.id
        for one in stored
        if one.last_day == statement.from_day
        and one.closing_minor == opening
        and one.opening_minor != opening
        and (not same or one.id < same[0])
    }


def _identity(one: StoredStatement) -> tuple[str, date | None, date | None, int | None, int | None]:
    return one.number, one.first_day, one.last_day, one.opening_minor, one.closing_minor


def _continues(statement: Statement, earlier: Statement) -> bool:
    return (
        statement.opening is not None and statement.opening == earlier.closing and earlier.opening != statement.opening
    )


def _facts(db: Db, plan: _Plan) -> StatementFacts:
    statement, account = plan.statement, plan.account
    currency = account.currency if account else statement.currency or "EUR"
    opening = None if statement.opening is None else Money.of(statement.opening, currency)
    gap = None
    if opening and plan.previous and plan.previous.closing_minor is not None:
        gap = opening - Money(plan.previous.closing_minor, currency)
    similar = 0
    if account:
        pairs = [(line.booked_on, line.amount.minor) for line in plan.new]
        present = lines.similar_lines(db, account.id, pairs)
        similar = sum(pair in present for pair in pairs)
    days = [line.booked_on for line in statement.lines]
    return StatementFacts(
        account=statement.account,
        bank_account_id=account.id if account else None,
        account_name=account.name if account else "",
        number=statement.number,
        currency=currency,
        first_day=statement.from_day or min(days, default=None),
        last_day=statement.to_day or max(days, default=None),
        opening=opening,
        movement=Money.of(statement.movement, currency),
        closing=None if statement.closing is None else Money.of(statement.closing, currency),
        lines=len(statement.lines),
        new=len(plan.new) + len(plan.revived_ids),
        known=plan.known,
        similar=similar,
        gap=gap or None,
        problems=tuple(_problems(plan, accept_imbalance=False)),
        warnings=statement.warnings,
    )


def _problems(plan: _Plan, *, accept_imbalance: bool) -> list[Problem]:
    statement, account = plan.statement, plan.account
    place = Place(file=statement.source_file, field=statement.account)
    found = []
    if account is None:
        found.append(Problem("bank_account_unknown", place, statement.account))
    else:
        odd = [line for line in statement.lines if line.amount.currency != account.currency]
        if odd:
            details = (("expected", account.currency), ("account", account.name))
            where = replace(place, row=odd[0].row)
            found.append(Problem("statement_currency", where, odd[0].amount.currency, details))
    unbalanced = imbalance(statement)
    if unbalanced is not None and not accept_imbalance:
        found.append(unbalanced)
    return found


def _store(db: Db, batch_id: int, plan: _Plan) -> None:
    if plan.account is None:
        return
    key = str(plan.account.id)
    statement_id = importing.insert_statement(db, batch_id, plan.account, plan.statement, is_complete=plan.known == 0)
    importing.insert_lines(db, statement_id, plan.account.id, key, plan.new)
    importing.revive_lines(db, dict.fromkeys(plan.revived_ids, statement_id))
    importing.share_lines(db, statement_id, plan.shared_ids)
