"""The words of document lines, in the customer's language, remembered per run."""

from __future__ import annotations

from datetime import date
from typing import Final, Protocol

from billdesk.domain.catalog import Catalog
from billdesk.domain.invoices import LineKind
from billdesk.kernel.i18n import N_
from billdesk.kernel.period import Period


class Texts(Protocol):
    """What `kernel.i18n.Language("nl", "documents")` offers."""

    code: str

    def text(self, msgid: str, /, **values: object) -> str:
        """Translate and fill in."""

    def days(self, start: date, last: date) -> str:
        """Write first and last day of a period."""


_KINDS: Final = {
    LineKind.CREDIT: N_("Credit: {name}"),
    LineKind.MINIMUM: N_("Minimum: {name}"),
    LineKind.MAXIMUM: N_("Maximum: {name}"),
    LineKind.COMMITMENT: N_("Commitment: {name}"),
    LineKind.TERMINATION_FEE: N_("Early termination fee"),
    LineKind.ADJUSTMENT: N_("Adjustment: {name}"),
}
_SHARE: Final = N_("{days} of {of} days")
_CORRECTS: Final = N_("corrects {number}")
_MONTHS_LEFT: Final = N_("{months} of {of} months left")
_ROUNDING: Final = N_("rounding")
_FOR: Final = N_("for {name}")


class Wording:
    """Descriptions and details of lines in one language; share one per language and run."""

    def __init__(self, texts: Texts, catalog: Catalog) -> None:
        self.language = texts.code
        self._texts = texts
        self._catalog = catalog
        self._descriptions: dict[tuple[LineKind, int | None], str] = {}
        self._periods: dict[tuple[date, date], str] = {}
        self._shares: dict[tuple[int, int], str] = {}

    def description(self, kind: LineKind, price_id: int | None) -> str:
        """Name what a line is for: the product, the price where it has a name of its own."""
        key = (kind, price_id)
        found = self._descriptions.get(key)
        if found is None:
            name, wrap = self._name(price_id), _KINDS.get(kind)
            text = self._texts.text(wrap, name=name) if wrap else name
            # A commitment is of the whole contract and has no price to name.
            found = self._descriptions[key] = text.rstrip(" :\u00a0")
        return found

    def _name(self, price_id: int | None) -> str:
        price = self._catalog.prices.get(price_id or 0)
        if price is None:
            return ""
        own = price.names.get(self.language, price.name)
        product = self._catalog.products.get(price.product_id)
        if product is None:
            return own
        name = product.names.get(self.language, product.name)
        return name if not own or own in {name, product.name} else f"{name} – {own}"

    def period(self, period: Period) -> str:
        """Write a period as first and last day; one day as itself."""
        key = (period.start, period.end)
        found = self._periods.get(key)
        if found is None:
            found = self._periods[key] = self._texts.days(period.start, period.last_day)
        return found

    def share(self, days: int, of: int) -> str:
        """Write which part of a grid period a line is for."""
        found = self._shares.get((days, of))
        if found is None:
            found = self._shares[days, of] = self._texts.text(_SHARE, days=days, of=of)
        return found

    def rounding(self) -> str:
        """Say that a line has no days of its own: it settles a cent."""
        return self._texts.text(_ROUNDING)

    def corrects(self, number: str) -> str:
        """Say which document a credit takes back."""
        return self._texts.text(_CORRECTS, number=number)

    def months_left(self, months: str, of: str) -> str:
        """Write how much of a term is left, of which a fee is counted."""
        return self._texts.text(_MONTHS_LEFT, months=months, of=of)

    def beneficiary(self, name: str) -> str:
        """Say for whom a line is, where another party pays."""
        return self._texts.text(_FOR, name=name)
