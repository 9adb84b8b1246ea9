"""The form of a company: who it is, where, its tax registrations, and how its invoices look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Final
from zoneinfo import available_timezones

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QComboBox, QFileDialog, QLabel, QWidget

from billdesk.domain.entities import Address, Entity, TaxRegistration, TaxRounding, TaxScheme
from billdesk.kernel.errors import InvalidValue, Place, Problem
from billdesk.kernel.fields import Field, Kind
from billdesk.kernel.i18n import LANGUAGES, N_, _, current
from billdesk.kernel.money import Money
from billdesk.ui.core.countries import country_choices, currency_choices
from billdesk.ui.core.editors import ChoiceEditor, DateEditor, IntegerEditor, ParagraphEditor, TextEditor
from billdesk.ui.core.form import FormGrid
from billdesk.ui.core.row_grid import RowGrid
from billdesk.ui.core.tokens import Space
from billdesk.ui.core.widgets import Card, button, column, label, link, row

_LOGO_HEIGHT: Final = 72
_LARGEST_LOGO: Final = 2_000_000
_TEXTS: Final = ("name", "code", "legal_name", "company_number", "email", "phone", "website", "time_zone")
_ADDRESS: Final = ("street", "street2", "postcode", "city", "region", "country")
_SCHEMES: Final = (
    (TaxScheme.STANDARD.value, N_("Ordinary")),
    (TaxScheme.SMALL_BUSINESS.value, N_("Small business")),
    (TaxScheme.OSS.value, N_("One-stop shop, from the first sale")),
    (TaxScheme.OSS_ABOVE.value, N_("One-stop shop, above 10,000 euro")),
)
_COINS: Final = (5, 10, 20, 50, 100)
"""The smallest coins that currencies are rounded to in cash, in minor units: 0.05 in CHF, 1.00 in SEK and NOK."""
_ROUNDINGS: Final = (
    (TaxRounding.PER_RATE_GROUP.value, N_("Per rate, on the sum")),
    (TaxRounding.PER_LINE.value, N_("Per line")),
)


class CompanyForm(QWidget):
    """Edits one company; `record` gives it with what was typed."""

    changed = Signal()

    def __init__(self, today: date) -> None:
        super().__init__()
        self._before: Entity | None = None
        self._logo = b""
        self._who, self._where, self._terms = FormGrid(3), FormGrid(3), FormGrid(3)
        self._registrations = RowGrid(_registration_fields(), lambda: today)
        self._footer = ParagraphEditor(3)
        self._coins = ChoiceEditor([])
        self._picture = QLabel()
        self._picture.setFixedHeight(_LOGO_HEIGHT)
        self._build_fields(today)
        self._build()

    def show_company(self, record: Entity) -> None:
        """Show a company."""
        self._before = record
        values = {name: getattr(record, name) for name in _TEXTS}
        self._who.set_values({**values, "currency": record.currency, "language": record.language})
        self._where.set_values({**values, **{name: getattr(record.address, name) for name in _ADDRESS}})
        self._coins.set_choices(coin_choices(record))
        self._terms.set_values(
            {
                "payment_terms_days": record.payment_terms_days,
                "tax_rounding": record.tax_rounding.value,
                "cash_rounding_minor": record.cash_rounding_minor,
                "lock_date": record.lock_date,
            }
        )
        self._registrations.set_value([_row(one) for one in record.registrations])
        self._footer.set_value(record.footer)
        self._show_logo(record.logo)

    def record(self) -> Entity | None:
        """Give the company as typed; None when something cannot be read, which is then shown."""
        problems = [one for form in (self._who, self._where, self._terms) for one in form.problems()]
        registrations = self._registrations.problem()
        if problems or registrations or self._before is None:
            self.show_problems(problems)
            self._registrations.show_problem(registrations)
            return None
        values = self._who.values() | self._where.values() | self._terms.values()
        texts: dict[str, Any] = {name: str(values[name] or "") for name in _TEXTS}
        address = Address(**{name: str(values[name] or "") for name in _ADDRESS})
        try:
            rows = tuple(map(_registration, self._registrations.value()))
        except InvalidValue as error:
            self._registrations.show_problem(error.problem)
            return None
        return replace(
            self._before,
            **texts,
            address=address,
            currency=str(values["currency"]),
            language=str(values["language"]),
            payment_terms_days=_whole(values["payment_terms_days"], 30),
            tax_rounding=TaxRounding(str(values["tax_rounding"])),
            cash_rounding_minor=int(str(values["cash_rounding_minor"] or 0)),
            lock_date=values["lock_date"] if isinstance(values["lock_date"], date) else None,
            registrations=rows,
            footer=self._footer.value() or "",
            logo=self._logo,
        )

    def show_problems(self, problems: Sequence[Problem]) -> list[Problem]:
        """Show problems at their fields; gives those without one."""
        left = list(problems)
        for form in (self._who, self._where, self._terms):
            left = form.show_problems(left)
        return left

    def _build_fields(self, today: date) -> None:
        who, where, terms = self._who, self._where, self._terms
        who.add("name", _("Name"), TextEditor())
        who.add("legal_name", _("Legal name"), TextEditor())
        who.add("code", _("Code"), TextEditor())
        who.add("company_number", _("Company number"), TextEditor())
        who.add("currency", _("Currency of the books"), ChoiceEditor(currency_choices()))
        who.add("language", _("Language of documents"), ChoiceEditor(list(LANGUAGES.items())))
        where.add("street", _("Street"), TextEditor())
        where.add("street2", _("Address line 2"), TextEditor())
        where.add("postcode", _("Postcode"), TextEditor())
        where.add("city", _("City"), TextEditor())
        where.add("region", _("Region"), TextEditor())
        where.add("country", _("Country"), ChoiceEditor(country_choices(), can_be_empty=True))
        where.add("email", _("E-mail"), TextEditor())
        where.add("phone", _("Phone"), TextEditor())
        where.add("website", _("Website"), TextEditor())
        where.add("time_zone", _("Time zone"), ChoiceEditor([(zone, zone) for zone in sorted(available_timezones())]))
        terms.add("payment_terms_days", _("Payment terms (days)"), IntegerEditor())
        roundings = [(key, _(word)) for key, word in _ROUNDINGS]
        terms.add("tax_rounding", _("Tax is rounded"), ChoiceEditor(roundings))
        coins_hint = _("Only what is to be paid, in the currency of the books.")
        terms.add("cash_rounding_minor", _("Cash rounding"), self._coins, hint=coins_hint)
        lock = DateEditor(lambda: today)
        terms.add("lock_date", _("Closed up to and including"), lock, hint=_("No document may be dated up to then."))
        self._registrations.name(_("Tax registrations"))
        for form, key in ((who, "currency"), (who, "language"), (where, "country"), (where, "time_zone")):
            _let_shrink(form.editor(key).focus_target())

    def _build(self) -> None:
        tax = Card(_("Tax registrations"), _("An end that is empty is open."))
        tax.body.addWidget(self._registrations)
        cards = [
            _card(_("Company"), self._who),
            _card(_("Address and contact"), self._where),
            tax,
            self._terms_card(),
        ]
        self.setLayout(column(*cards, None, spacing=Space.TWO))
        for part in (self._who, self._where, self._terms, self._registrations, self._footer):
            part.changed.connect(self.changed)

    def _terms_card(self) -> Card:
        card = _card(_("Invoices"), self._terms)
        card.body.addWidget(label(_("Text at the foot of every page"), "label"))
        card.body.addWidget(self._footer)
        card.body.addWidget(label(_("Logo"), "label"))
        card.body.addLayout(
            row(
                self._picture,
                button(_("Choose a picture…"), self._choose_logo),
                link(_("Without a logo"), lambda: self._take_logo(b"")),
                None,
            )
        )
        return card

    def _choose_logo(self) -> None:
        chosen, _filter = QFileDialog.getOpenFileName(self, _("Logo"), "", "PNG, JPEG (*.png *.jpg *.jpeg)")
        if chosen:
            self._take_logo(Path(chosen).read_bytes()[:_LARGEST_LOGO])

    def _take_logo(self, picture: bytes) -> None:
        self._show_logo(picture)
        self.changed.emit()

    def _show_logo(self, picture: bytes) -> None:
        self._logo = picture
        pixmap = QPixmap()
        pixmap.loadFromData(picture)
        words = _("No logo") if not picture else _("This picture cannot be read.")
        self._picture.setText(words if pixmap.isNull() else "")
        if not pixmap.isNull():
            self._picture.setPixmap(pixmap.scaledToHeight(_LOGO_HEIGHT, Qt.TransformationMode.SmoothTransformation))


def _let_shrink(field: QWidget) -> None:
    """Let a long list of long words not make its column wider than the others."""
    if isinstance(field, QComboBox):
        field.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        field.setMinimumContentsLength(8)


def _card(heading: str, form: FormGrid) -> Card:
    card = Card(heading)
    card.body.addWidget(form)
    return card


def _registration_fields() -> tuple[Field, ...]:
    return (
        Field("country", N_("Country code")),
        Field("tax_id", N_("Tax number")),
        Field("scheme", N_("Scheme"), Kind.CHOICE, default=TaxScheme.STANDARD.value, choices=_SCHEMES),
        Field("since", N_("From"), Kind.DATE, required=False),
        Field("until", N_("Until"), Kind.DATE, required=False),
    )


def _row(one: TaxRegistration) -> dict[str, object]:
    days = {"since": one.since, "until": one.until}
    values: dict[str, object] = {name: day.isoformat() for name, day in days.items() if day is not None}
    return {"country": one.country, "tax_id": one.tax_id, "scheme": one.scheme.value, **values}


def _registration(values: Mapping[str, Any]) -> TaxRegistration:
    for name in ("country", "tax_id"):
        if not values.get(name):
            raise InvalidValue(Problem("value_missing", Place(field="registrations")))
    since, until = (date.fromisoformat(values[name]) if name in values else None for name in ("since", "until"))
    return TaxRegistration(
        str(values["country"]).upper(), str(values["tax_id"]), TaxScheme(values["scheme"]), since, until
    )


def coin_choices(record: Entity) -> list[tuple[str, str]]:
    """Give the coins to which an amount due may be rounded, in minor units, written in the company's currency."""
    words = current()
    coins = sorted({*_COINS, record.cash_rounding_minor} - {0})
    named = [(str(coin), words.money(Money(coin, record.currency))) for coin in coins]
    return [("0", _("None")), *named]


def _whole(value: object, otherwise: int) -> int:
    return value if isinstance(value, int) else otherwise
