"""Words for price books: whom they are for, when they hold, what they charge."""

from __future__ import annotations

from typing import Final

from billdesk.domain.catalog import BookKind, PriceBook, PriceTerms, RunningPolicy, Validity
from billdesk.domain.rating import charge_models
from billdesk.kernel.decimals import from_text
from billdesk.kernel.i18n import N_, _, current, ngettext
from billdesk.kernel.money import Money
from billdesk.services.price_books import BookLine, Comparison
from billdesk.ui.core.table_columns import Status
from billdesk.ui.core.tokens import Tone
from billdesk.ui.screens.catalog.catalog_words import Choices, contracts_text, unit_price, word

BOOK_KINDS: Final[Choices] = (
    (BookKind.REGION, N_("Countries")),
    (BookKind.SEGMENT, N_("Customers with a tag")),
    (BookKind.CUSTOMER, N_("Customers by number")),
)
RUNNING: Final[Choices] = (
    (RunningPolicy.FROM_DATE, N_("Change on that day")),
    (RunningPolicy.AT_RENEWAL, N_("Change when they renew")),
    (RunningPolicy.KEEP, N_("Keep what they pay")),
)
BOOK_STATES: Final = {"yes": Status(N_("Valid"), Tone.GREEN), "no": Status(N_("Not valid today"), Tone.GREY)}


def book_text(book: PriceBook) -> str:
    """Say for whom a book is, and when."""
    parts = (f"{word(BOOK_KINDS, book.kind)}: {', '.join(book.reach)}", validity_text(book.valid))
    return " · ".join(part for part in parts if part)


def validity_text(valid: Validity) -> str:
    """Say on which days something holds; nothing where it always does."""
    day = current().day
    if valid.since is not None and valid.until is not None:
        return _("from {since} until {until}", since=day(valid.since), until=day(valid.until))
    if valid.since is not None:
        return _("from {since}", since=day(valid.since))
    return _("until {until}", until=day(valid.until)) if valid.until is not None else ""


def terms_text(model: str, terms: PriceTerms | None) -> str:
    """Say in a few words what terms charge; nothing without terms."""
    if terms is None:
        return ""
    shown = [_part(name, value, terms.currency) for name, value in terms.parameters.items() if value not in ("", None)]
    limits = [(_("at least"), terms.minimum), (_("at most"), terms.maximum)]
    shown += [f"{title} {unit_price(amount, terms.currency)}" for title, amount in limits if amount is not None]
    return ", ".join(shown) or model


def _part(name: str, value: object, currency: str) -> str:
    if name in {"amount", "unit_price", "price"} and isinstance(value, str):
        return unit_price(from_text(value), currency)
    if isinstance(value, list | tuple):
        return " | ".join(_row(row, currency) for row in value if isinstance(row, dict))
    label = next((_(f.label) for model in charge_models() for f in model.fields if f.name == name), name)
    return f"{label} {value}"


def _row(row: dict[str, object], currency: str) -> str:
    edge = row.get("up_to")
    head = _("up to {quantity}", quantity=current().number(from_text(str(edge)))) + ": " if edge else ""
    costs = [row.get(name) for name in ("unit_price", "flat", "price") if row.get(name) not in {None, "", "0"}]
    if row.get("rate"):
        costs.insert(0, f"{row['rate']} %")
        return head + " + ".join(str(cost) for cost in costs)
    return head + (" + ".join(unit_price(from_text(str(cost)), currency) for cost in costs) or "0")


def line_text(line: BookLine) -> str:
    """Say what a book charges for a price, and what it costs otherwise."""
    here, usual = terms_text(line.price.model, line.entry.terms), terms_text(line.price.model, line.usual)
    return _("{price} instead of {usual}", price=here, usual=usual) if usual else here


def comparison_text(found: Comparison) -> str:
    """Say how many contracts a change of a book moves, and what that is worth a month."""
    sums: dict[str, int] = {}
    for one in found.repriced:
        sums[one.difference.currency] = sums.get(one.difference.currency, 0) + one.difference.minor
    reached = _("The book reaches {contracts}.", contracts=contracts_text(found.contracts))
    kept = ngettext("{n} keeps its price.", "{n} keep their price.", found.kept)
    if found.repriced:
        kept = ngettext(
            "{n} keeps its price until the day in the list.", "{n} keep their price until the day in the list.",
            found.kept,
        )  # fmt: skip
    reached += f" {kept}" if found.kept else ""
    if not sums:
        return reached + " " + _("None of them costs otherwise a month; usage is not counted.")
    worth = ", ".join(current().money(Money(minor, code)) for code, minor in sorted(sums.items()))
    moved = ngettext(
        "{n} costs otherwise from {day}: {amounts} a month, without usage.",
        "{n} cost otherwise from {day}: {amounts} a month, without usage.",
        len(found.repriced), day=current().day(min(one.on for one in found.repriced)), amounts=worth,
    )  # fmt: skip
    return f"{reached} {moved}"
