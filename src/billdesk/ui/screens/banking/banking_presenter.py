"""State of the bank screen: which account, which tab, which words, and what the list and its tabs show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from billdesk.kernel.i18n import N_, _, current, ngettext
from billdesk.services import banking
from billdesk.services.banking import AccountCard, BulkOutcome, LineFilter, LineRow, LineSort, LineState
from billdesk.ui.core.table_columns import Column, Kind, Request, Status, Summary
from billdesk.ui.core.tokens import Tone

TABS: Final[Mapping[str, frozenset[LineState]]] = {
    "open": frozenset({LineState.OPEN}),
    "matched": frozenset({LineState.MATCHED}),
    "not_customer": frozenset({LineState.NOT_CUSTOMER}),
    "all": frozenset({LineState.OPEN, LineState.MATCHED, LineState.NOT_CUSTOMER}),
}

TAB_WORDS: Final = {
    "open": N_("To match"),
    "matched": N_("Matched"),
    "not_customer": N_("Not customers"),
    "all": N_("All"),
}

STATES: Final[Mapping[str, Status]] = {
    LineState.OPEN: Status(N_("To match"), Tone.BLUE),
    LineState.MATCHED: Status(N_("Matched"), Tone.GREEN),
    LineState.NOT_CUSTOMER: Status(N_("Not a customer"), Tone.GREY),
}


def _incoming(row: LineRow) -> Tone | None:
    return Tone.GREEN if row.amount.minor > 0 else None


def _text(row: LineRow) -> str:
    # Without a counterparty the message stands in its place, once.
    return row.structured_reference or (row.text if row.counterparty else "")


COLUMNS: Final[tuple[Column[LineRow], ...]] = (
    Column("booked", N_("Booked"), lambda row: row.booked_on, Kind.DATE),
    Column("counterparty", N_("From / to"), lambda row: row.counterparty or row.text, stretch=2),
    Column("text", N_("Message"), _text, Kind.MUTED, stretch=1, rank=2, is_sortable=False),
    Column(
        "state", N_("State"), lambda row: row.state, Kind.STATUS, statuses=STATES, is_optional=True, is_sortable=False
    ),
    Column("amount", N_("Amount"), lambda row: row.amount, Kind.MONEY, is_strong=True, is_summed=True, tone=_incoming),
    Column(
        "account",
        N_("Account"),
        lambda row: row.counterparty_account,
        Kind.MUTED,
        is_optional=True,
        is_sortable=False,
        rank=3,
    ),
)


@dataclass(frozen=True, slots=True)
class LineSummary(Summary):
    """The footer of the list, with the counts of the tabs."""

    counts: Mapping[LineState, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BankState:
    """What the person at the desk looks at."""

    tab: str = "open"
    text: str = ""
    account_id: int | None = None

    def wanted(self) -> LineFilter:
        """Give the filter of these choices."""
        return LineFilter(bank_account_id=self.account_id, states=TABS[self.tab], text=self.text)


class BankingPresenter:
    """Holds the state of the screen and changes it by one choice at a time."""

    def __init__(self) -> None:
        self.state = BankState()
        self.accounts: tuple[AccountCard, ...] = ()

    def choose(self, **choices: Any) -> LineFilter:  # noqa: ANN401 - the types of BankState's fields
        """Change some choices and give the filter that follows."""
        self.state = replace(self.state, **choices)
        return self.state.wanted()

    def choose_account(self, account_id: int) -> LineFilter:
        """Look at one account, or at all again when it was the chosen one."""
        return self.choose(account_id=None if self.state.account_id == account_id else account_id)

    def view(self, name: str) -> LineFilter:
        """Show a preset: the name of a tab, or `account:ID`."""
        word, _colon, key = name.partition(":")
        if word == "account" and key.isdigit():
            return self.choose(tab="open", text="", account_id=int(key))
        return self.choose(tab=word if word in TABS else "open", text="", account_id=None)


def fetch_lines(db: Any, request: Request[LineFilter]) -> Sequence[LineRow]:  # noqa: ANN401 - the lane's Db
    """Read one page of lines."""
    sort = LineSort(request.sort) if request.sort else LineSort.BOOKED
    return banking.list_lines(
        db, request.filter, sort=sort, descending=request.descending, offset=request.offset, limit=request.limit
    )


def summarize_lines(db: Any, wanted: LineFilter) -> LineSummary:  # noqa: ANN401 - the lane's Db
    """Count and add up the list, and count the tabs beside it."""
    counts = banking.count_by_state(db, replace(wanted, states=frozenset()))
    sums = banking.sum_lines(db, wanted)
    count = sum(one.count for one in sums.values())
    totals = tuple(amount for one in sums.values() for amount in (one.incoming, one.outgoing) if amount.minor)
    hidden = 0 if count or not wanted.text else sum(counts.values()) or 1
    return LineSummary(count, totals, hidden, counts)


def counts_of(summary: LineSummary) -> dict[str, str]:
    """Give the counts on the tabs as text; nothing stands on an empty tab."""
    totals = {key: sum(summary.counts.get(state, 0) for state in states) for key, states in TABS.items()}
    return {key: current().number(count) if count else "" for key, count in totals.items()}


def card_texts(card: AccountCard) -> tuple[str, str, str]:
    """Give title, balance and note of an account card."""
    balance = "–" if card.balance is None else current().money(card.balance)
    todo = ngettext("{n} line to match", "{n} lines to match", card.to_match) if card.to_match else _("All matched")
    day = current().day(card.balance_on) if card.balance_on else _("no statement yet")
    return card.account.name, balance, f"{todo} · {day}"


def outcome_lines(outcome: BulkOutcome) -> list[str]:
    """Say what matching all clear lines would do or did."""
    sums = [current().money(amount) for amount in outcome.sums.values()]
    lines = [ngettext("{n} line has one clear match.", "{n} lines have one clear match.", outcome.accepted)]
    lines += [_("They come to {amounts}.", amounts=", ".join(sums))] if sums else []
    lines.append(ngettext("{n} line is left for you.", "{n} lines are left for you.", outcome.left))
    return lines
