"""What a statement file would bring, in words, and the questions that stand before it comes in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from billdesk.domain.entities import BankAccount
from billdesk.kernel.errors import BillDeskError, Problem, RowsRejected, UnreadableFile
from billdesk.kernel.i18n import N_, _, current, ngettext
from billdesk.kernel.messages import describe
from billdesk.kernel.money import Money
from billdesk.services import banking, entities
from billdesk.services.banking import StatementFacts, StatementPreview
from billdesk.services.banking.tables import DateOrder, ReadOptions, Role, table_options

IMBALANCE: Final = "statement_imbalance"
ANY_ACCOUNT: Final = ""
CURRENCY_UNKNOWN: Final = "unknown_currency"
COLUMNS_UNKNOWN: Final = "bank_columns_unknown"
TABLE_QUESTIONS: Final = frozenset({COLUMNS_UNKNOWN, "date_order_unknown"})

ROLE_WORDS: Final[Mapping[Role, str]] = {
    Role.DATE: N_("Date"),
    Role.AMOUNT: N_("Amount"),
    Role.DEBIT: N_("Money out"),
    Role.CREDIT: N_("Money in"),
    Role.CURRENCY: N_("Currency"),
    Role.COUNTERPARTY: N_("Name"),
    Role.ACCOUNT: N_("Their account"),
    Role.TEXT: N_("Message"),
    Role.STRUCTURED: N_("Reference"),
    Role.OWN_ACCOUNT: N_("Own account"),
    Role.BALANCE: N_("Balance"),
    Role.REFERENCE: N_("Bank reference"),
}

ORDER_WORDS: Final[Mapping[DateOrder, str]] = {
    DateOrder.DMY: N_("day, month, year"),
    DateOrder.MDY: N_("month, day, year"),
    DateOrder.YMD: N_("year, month, day"),
}


@dataclass(frozen=True, slots=True)
class ImportState:
    """One file on its way in: the answers so far, and what it would bring with them.

    `question` is the problem of a table whose columns (with these `titles`) or dates a person has to point out.
    """

    path: Path
    own: tuple[BankAccount, ...] = ()
    preview: StatementPreview | None = None
    accounts: Mapping[str, int] = field(default_factory=dict)
    columns: tuple[tuple[str, str], ...] = ()
    date_order: str = ""
    accepts_imbalance: bool = False
    titles: tuple[str, ...] = ()
    question: Problem | None = None

    @property
    def options(self) -> ReadOptions:
        """What the reader is told."""
        return table_options(self.columns, self.date_order)

    @property
    def blocking(self) -> tuple[Problem, ...]:
        """The problems that keep the file out with the answers so far."""
        problems = self.preview.problems if self.preview else ()
        return tuple(one for one in problems if one.code != IMBALANCE or not self.accepts_imbalance)

    @property
    def has_imbalance(self) -> bool:
        """Whether a statement of the file does not add up."""
        return any(one.code == IMBALANCE for one in (self.preview.problems if self.preview else ()))

    @property
    def asks_account(self) -> bool:
        """Whether the account has to be known before the table can be read."""
        return self.question is not None and self.question.code == CURRENCY_UNKNOWN

    @property
    def asks_columns(self) -> bool:
        """Whether columns or dates of the table have to be pointed out."""
        return self.question is not None and not self.asks_account

    @property
    def is_ready(self) -> bool:
        """Whether the file can come in."""
        return self.preview is not None and not self.preview.unknown_accounts and not self.blocking


def load_preview(db: Any, state: ImportState) -> ImportState:  # noqa: ANN401 - the lane's Db
    """Read the file with the answers so far; a table that needs an answer comes back with its question."""
    own = tuple(entities.list_bank_accounts(db))
    try:
        preview = banking.preview_statement(db, state.path, accounts=state.accounts, options=state.options)
    except (UnreadableFile, RowsRejected) as error:
        question = question_of(error, knows_account=ANY_ACCOUNT in state.accounts)
        if question is None:
            raise
        titles = tuple(question.value.split(", ")) if question.code == COLUMNS_UNKNOWN else state.titles
        return replace(state, own=own, preview=None, question=question, titles=titles)
    return replace(state, own=own, preview=preview, question=None)


def question_of(error: BillDeskError, *, knows_account: bool = False) -> Problem | None:
    """Give the question behind an error, None when no answer would help."""
    problems = error.problems if isinstance(error, RowsRejected) else ()
    problems += (error.problem,) if isinstance(error, UnreadableFile) else ()
    # A table that names no currency is in that of its account, once it is known which one that is.
    answers = TABLE_QUESTIONS if knows_account else TABLE_QUESTIONS | {CURRENCY_UNKNOWN}
    return next((problem for problem in problems if problem.code in answers), None)


def facts_of(facts: StatementFacts) -> list[tuple[str, str]]:
    """Give the lines of one statement's card."""
    words = current()
    days = " – ".join(words.day(day) for day in (facts.first_day, facts.last_day) if day)
    new = ngettext("{n} new line", "{n} new lines", facts.new)
    known = ngettext("{n} known already", "{n} known already", facts.known)
    pairs = [
        (_("Statement"), " · ".join(filter(None, (facts.number, days)))),
        (_("Balance before"), _money(facts.opening)),
        (_("Movement"), _money(facts.movement)),
        (_("Balance after"), _money(facts.closing)),
        (_("Lines"), f"{new} · {known}" if facts.known else new),
    ]
    if facts.gap is not None and facts.gap.minor:
        pairs.append((_("Gap to the statement before"), _money(facts.gap)))
    if facts.similar:
        pairs.append((_("Perhaps imported before"), ngettext("{n} line", "{n} lines", facts.similar)))
    return [(name, text) for name, text in pairs if text]


def _money(amount: Money | None) -> str:
    return "" if amount is None else current().money(amount)


def problem_texts(facts: StatementFacts) -> list[str]:
    """Say what is wrong or odd with a statement."""
    return [str(describe(problem)) for problem in (*facts.problems, *facts.warnings)]


def account_name(facts: StatementFacts) -> str:
    """Give the heading of one statement's card."""
    return " · ".join(filter(None, (facts.account_name, facts.account, facts.currency))) or _("Unknown account")
