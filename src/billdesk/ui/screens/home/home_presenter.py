"""State of the home screen: tiles, bars, ages, what waits, and the first steps of a new book."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from babel.dates import format_date
from babel.numbers import format_compact_currency, format_currency

from billdesk.kernel.i18n import N_, _, current, ngettext
from billdesk.kernel.money import Money
from billdesk.services.home import Beginnings, Overview, load_beginnings, load_overview
from billdesk.services.unbilled_totals import UnbilledTotals, sum_unbilled, sum_unbilled_if_few
from billdesk.ui.core.tasks import OwnedTasks

_SHORT_FROM: Final = Decimal(10_000_000)
_THOUSAND: Final = 1000
_NOTICES: Final = "notice_30"

AGE_LINKS: Final = ("open", "overdue", "overdue", "overdue")
AGE_NAMES: Final = (N_("Not due"), N_("1–30 days"), N_("31–60 days"), N_("> 60 days"))


@dataclass(frozen=True, slots=True)
class Link:
    """Where a click goes: a screen, and there a record or a preset view."""

    screen: str
    record: str = ""
    view: str = ""


@dataclass(frozen=True, slots=True)
class TileState:
    """One figure with a note and the shape of the last months."""

    key: str
    value: str
    note: str
    history: tuple[Decimal, ...]
    link: Link
    tip: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One line of what waits today."""

    icon: str
    text: str
    count: str
    link: Link
    is_urgent: bool = False


@dataclass(frozen=True, slots=True)
class FirstStep:
    """One step of a new book and whether it was taken."""

    title: str
    detail: str
    is_done: bool
    link: Link


class HomePresenter:
    """Reads the overview; `overview` is None until it came."""

    def __init__(self, tasks: OwnedTasks) -> None:
        self._tasks = tasks
        self.overview: Overview | None = None
        self.unbilled: UnbilledTotals | None = None
        self.beginnings: Beginnings | None = None

    def load(self, then: Callable[[], object]) -> None:
        """Read the first steps and the figures."""

        def take(found: Overview) -> None:
            self.overview = found
            then()

        def take_beginnings(found: Beginnings) -> None:
            self.beginnings = found

        self._tasks.query(load_beginnings, then=take_beginnings, latest="beginnings")
        self._tasks.query(load_overview, then=take, latest="overview")

    def load_unbilled(self, then: Callable[[], object], *, however_many: bool = False) -> None:
        """Work out what no invoice says yet: by itself where there are few contracts, else when a person asks."""

        def take(found: UnbilledTotals | None) -> None:
            self.unbilled = found
            then()

        work = sum_unbilled if however_many else sum_unbilled_if_few
        self._tasks.preview(work, then=take, latest="unbilled")

    @property
    def is_new(self) -> bool:
        """Nothing was invoiced yet: the first steps say more than empty figures."""
        return self.beginnings is not None and not self.beginnings.invoices


def note_text(overview: Overview) -> str:
    """Give the line below the title: the day, and which companies the figures leave out."""
    day = format_date(overview.figures.today, "full", locale=current().locale)
    left_out = _("without {companies}, whose currency differs", companies=", ".join(overview.left_out))
    return f"{day} · {left_out}" if overview.left_out else day


def tiles(overview: Overview) -> tuple[TileState, ...]:
    """Give the four figures."""
    months = overview.figures.months
    before = overview.received[-2] if len(overview.received) > 1 else None
    received = overview.received[-1] if overview.received else Money.zero(overview.currency)
    last_month = _("{amount} last month", amount=short(before)) if before else ""
    return (
        _documents("open", overview.open.amount, overview.open.documents, [(m.open + m.overdue).major for m in months]),
        _documents("overdue", overview.overdue.amount, overview.overdue.documents, [m.overdue.major for m in months]),
        TileState("received", short(received), last_month, tuple(m.major for m in overview.received), Link("banking")),
        _recurring(overview),
    )


def _documents(key: str, amount: Money, count: int, history: list[Decimal]) -> TileState:
    note = ngettext("{n} invoice", "{n} invoices", count)
    return TileState(key, short(amount), note, tuple(history), Link("invoices", view=key))


def _recurring(overview: Overview) -> TileState:
    mrr = overview.figures.mrr
    own = next((amount for amount in mrr if amount.currency == overview.currency), Money.zero(overview.currency))
    contracts = overview.contracts[-1] if overview.contracts else 0
    others = [current().money(amount) for amount in mrr if amount.currency != overview.currency]
    running = ngettext("{n} contract", "{n} contracts", contracts)
    more = ngettext("+{n} currency", "+{n} currencies", len(others)) if others else running
    tip = _("{contracts}. Besides: {amounts}", contracts=running, amounts=" · ".join(others)) if others else ""
    history = tuple(Decimal(n) for n in overview.contracts)
    return TileState("recurring", short(own), more, history, Link("subscriptions", view="active"), tip=tip)


def waiting(overview: Overview) -> tuple[Waiting, ...]:
    """Give what waits for somebody, most urgent first, without what is empty."""
    figures = overview.figures
    lines = (
        ("circle-alert", _("Mails that failed"), figures.mails_failed, Link("invoices", view="failed"), True),
        ("bell", _("Thresholds reached"), figures.alerts, Link("usage", view="alerts"), True),
        ("play", _("Subscriptions to bill"), figures.subscriptions_to_bill, Link("billing"), False),
        ("clock", _("Contracts near their notice date"), figures.notices, Link("subscriptions", view=_NOTICES), False),
        ("file-pen", _("Drafts to issue"), figures.drafts.count, Link("invoices", view="draft"), False),
        ("send", _("Documents to send"), figures.mails_waiting, Link("invoices", view="outbox"), False),
        ("landmark", _("Bank lines to match"), figures.bank_lines_to_match, Link("banking", view="open"), False),
        ("gauge", _("Usage without a contract"), figures.usage_unmatched, Link("usage", view="waiting"), False),
    )
    return tuple(
        Waiting(icon, text, current().number(count), link, urgent) for icon, text, count, link, urgent in lines if count
    )


def unbilled_line(found: UnbilledTotals | None, currency: str) -> Waiting:
    """Give the line about what no invoice says yet; it asks to be worked out where it is not known."""
    if found is None:
        return Waiting("trending-up", _("Unbilled now"), _("work out"), Link("home", view="unbilled"))
    own = next((amount for amount in found.net if amount.currency == currency), Money.zero(currency))
    others = len([amount for amount in found.net if amount.currency != currency])
    figure = f"{short(own)} {ngettext('+{n} currency', '+{n} currencies', others)}" if others else short(own)
    return Waiting("trending-up", _("Unbilled now"), figure, Link("billing"))


def first_steps(found: Beginnings) -> tuple[FirstStep, ...]:
    """Give the way from an empty book to the first money."""
    return (
        FirstStep(_("Your company"), _("Address, VAT number, bank account"), found.company, Link("settings")),
        FirstStep(_("Customers"), _("Enter them or import a spreadsheet"), found.customers, Link("customers")),
        FirstStep(_("Products and prices"), _("What is sold, and how it is charged"), found.prices, Link("catalog")),
        FirstStep(_("Subscriptions"), _("Who has which plan since when"), found.subscriptions, Link("subscriptions")),
        FirstStep(_("Usage"), _("Only where you bill what is measured"), found.usage, Link("usage")),
        FirstStep(_("First invoices"), _("See what is due, then issue it"), found.invoices, Link("billing")),
        FirstStep(_("Bank statement"), _("Match what came in"), found.bank, Link("banking")),
    )


def short(amount: Money) -> str:
    """Write an amount in full, and very large ones in millions."""
    return current().money(amount) if abs(amount.major) < _SHORT_FROM else compact(amount)


def compact(amount: Money) -> str:
    """Write an amount in as few digits as a chart has room for; German writes thousands in full, without cents."""
    whole = round(amount.major)
    if abs(whole) < _THOUSAND:
        return format_compact_currency(whole, amount.currency, locale=current().locale)
    text = format_compact_currency(amount.major, amount.currency, locale=current().locale, fraction_digits=1)
    if sum(sign.isdigit() for sign in text) < len(str(abs(whole))):
        return text
    pattern = str(current().locale.currency_formats["standard"].pattern).replace("0.00", "0")
    return str(format_currency(whole, amount.currency, pattern, locale=current().locale, currency_digits=False))


def month_name(day: date) -> str:
    """Give the short name of a month."""
    return str(format_date(day, "LLL", locale=current().locale))
