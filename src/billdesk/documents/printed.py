"""What every printed form of a document says, as texts: titles, dates, figures without the book's sign."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from babel import Locale

from billdesk.documents.figures import Figures
from billdesk.domain.entities import Address
from billdesk.domain.invoices import Document, DocumentKind, DocumentState, Line, TaxCategory, TaxGroup
from billdesk.kernel.i18n import Language
from billdesk.kernel.money import Money, total

# UN/ECE Recommendation 20 codes whose symbol is the same in every language.
_SYMBOLS: Final = {
    "HUR": "h", "MIN": "min", "KGM": "kg", "TNE": "t", "MTR": "m", "KMT": "km", "LTR": "l", "MTK": "m²",
    "KWH": "kWh", "MWH": "MWh", "4L": "MB", "E34": "GB", "E35": "TB",
}  # fmt: skip
_SEPARATOR: Final = " · "
_MANUAL: Final = "manual"
"""The source of an exchange rate that was entered by hand."""
_CITY_FIRST: Final = frozenset({"US", "CA", "AU", "GB", "IE", "NZ"})


@dataclass(frozen=True, slots=True)
class Printed:
    """A document and the words of its language. A credit note is negative in the book and printed positive."""

    document: Document
    words: Language
    figures: Figures

    @classmethod
    def of(cls, document: Document, language: str | None = None) -> Printed:
        """Read a document in its own language, or in another that was asked for."""
        words = Language(language or document.language, "documents")
        return cls(document, words, Figures(words.code))

    @property
    def is_credit_note(self) -> bool:
        """The document takes back what was billed."""
        return self.document.kind is DocumentKind.CREDIT_NOTE

    @property
    def title(self) -> str:
        """What the document is called."""
        return self.words.text("Credit note") if self.is_credit_note else self.words.text("Invoice")

    @property
    def full_title(self) -> str:
        """The title with the number, or with the word for a draft."""
        return f"{self.title} {self.document.number or self.words.text('Draft').lower()}"

    @property
    def tag(self) -> str:
        """The state that people must not overlook, in capitals; empty for a valid document."""
        if self.document.state is DocumentState.DRAFT:
            return self.words.text("Draft").upper()
        if self.document.state is DocumentState.VOID:
            return self.words.text("Void").upper()
        return ""

    def shown(self, amount: Money) -> Money:
        """Give an amount with the sign it is printed with."""
        return -amount if self.is_credit_note else amount

    def money(self, amount: Money) -> str:
        """Write an amount of the book with its currency."""
        return self.figures.money(self.shown(amount))

    def amount(self, amount: Money) -> str:
        """Write an amount of the book without its currency."""
        return self.figures.amount(self.shown(amount))

    @property
    def is_tax_inclusive(self) -> bool:
        """The amounts of the lines include their tax."""
        return any(line.included_tax is not None for line in self.document.lines)

    @property
    def subtotal(self) -> Money:
        """All lines before discounts, as the book has them."""
        return total((line.amount for line in self.document.lines), self.document.currency)

    def quantity(self, line: Line) -> str:
        """Write a line's quantity with its unit; pieces have none."""
        number = self.figures.number(self.shown_quantity(line))
        symbol = _SYMBOLS.get(line.unit_code, "") or self._unit_word(line.unit_code)
        return f"{number}\u00a0{symbol}" if symbol else number

    def shown_quantity(self, line: Line) -> Decimal:
        """Give the quantity with the sign that makes quantity × unit price the printed amount."""
        opposite = line.unit_price is not None and line.unit_price < 0
        negative = (self.shown(line.amount).minor < 0) != opposite
        return -abs(line.quantity) if negative else abs(line.quantity)

    def _unit_word(self, code: str) -> str:
        if code == "DAY":
            return self.words.text("days")
        if code == "MON":
            return self.words.text("months")
        return self.words.text("years") if code == "ANN" else ""

    def unit_price(self, line: Line) -> str:
        """Write a line's unit price; empty where several prices made the amount."""
        if line.unit_price is None:
            return ""
        return self.figures.price(line.unit_price, self.document.currency)

    def line_details(self, line: Line) -> str:
        """Give what is printed under a description: the line's period unless it is the document's, share, details."""
        parts = [part for part in line.details.split(_SEPARATOR) if part]
        plain = [_plain(part) for part in parts]
        if line.of_days:
            _put_first(parts, plain, self.words.text("{days} of {of} days", days=line.days, of=line.of_days))
        period = self.figures.period(line.period) if line.period else ""
        if line.period != self.document.period:
            _put_first(parts, plain, period)
        elif period and _plain(period) in plain:
            parts.pop(plain.index(_plain(period)))
        return _SEPARATOR.join(parts)

    def tax_label(self, group: TaxGroup | Line) -> str:
        """Write a rate; what is outside the scope of VAT has none."""
        if group.tax.category is TaxCategory.OUTSIDE:
            return "–"
        percent, country = self.figures.percent(group.tax.percent), group.tax.country
        is_abroad = group.tax.percent and country not in {"", self.document.seller.address.country}
        return f"{percent}\u00a0{country}" if is_abroad else percent

    @property
    def legal_texts(self) -> list[str]:
        """The reasons of the tax groups without tax, each once, as the law wants them printed."""
        return list(dict.fromkeys(group.tax.reason for group in self.document.taxes if group.tax.reason))

    @property
    def local_tax(self) -> str:
        """The tax in the seller's currency, with rate, day and source; empty when the currency is the same."""
        locals_ = [group.amount_local for group in self.document.taxes]
        if not locals_ or locals_[0].currency == self.document.currency:
            return ""
        currency, rate = locals_[0].currency, self.document.rate
        return self.words.text(
            "VAT in {currency}: {amount} (1 {foreign} = {rate} {currency}, {source}, {day})",
            currency=currency,
            amount=self.money(total(locals_, currency)),
            foreign=self.document.currency,
            rate=self.figures.number(rate.rate),
            source=self.words.text("rate set by the seller") if rate.source == _MANUAL else rate.source,
            day=self.figures.day(rate.day),
        )

    def address_lines(self, address: Address, *, home: str = "") -> list[str]:
        """Give the lines of an address; the country is named unless it is `home`."""
        place = [address.postcode, address.city]
        if address.country in _CITY_FIRST:
            place = [address.city, address.region, address.postcode]
        country = ""
        if address.country and address.country != home:
            country = _territory(self.words.locale, address.country)
        lines = [address.street, address.street2, " ".join(part for part in place if part), country]
        return [line for line in lines if line]

    @property
    def company_facts(self) -> list[str]:
        """Who the seller is, as company law wants it on every page."""
        seller, words = self.document.seller, self.words
        facts = [seller.name, *self.address_lines(seller.address, home=self.document.buyer.address.country)]
        if seller.tax_id:
            facts.append(words.text("VAT {number}", number=seller.tax_id))
        if seller.company_number:
            facts.append(words.text("Company number {number}", number=seller.company_number))
        if self.document.payment.iban:
            facts.append(f"IBAN {grouped(self.document.payment.iban)}")
        return facts


def _put_first(parts: list[str], plain: list[str], text: str) -> None:
    """Put a text before the others unless it is among them, as the engine writes it."""
    if text and _plain(text) not in plain:
        parts.insert(0, text)


def _plain(text: str) -> str:
    return "".join(text.split())


def _territory(locale: Locale, code: str) -> str:
    return str(locale.territories.get(code, code))


def grouped(iban: str) -> str:
    """Write an IBAN in groups of four, as ISO 13616 prints it."""
    plain = "".join(iban.split())
    return "\u00a0".join(plain[i : i + 4] for i in range(0, len(plain), 4))
