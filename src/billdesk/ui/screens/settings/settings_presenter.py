"""State of the settings: which fields belong to which section, and what the lists show."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from billdesk.domain.entities import BankAccount, Entity, NumberSeries
from billdesk.domain.settings import SETTINGS
from billdesk.domain.taxes import TaxRate
from billdesk.kernel.fields import Field
from billdesk.kernel.i18n import N_, _, current
from billdesk.services import entities, rates, settings, taxes
from billdesk.services.rates import QuotedRate
from billdesk.services.taxes import DistanceStanding
from billdesk.ui.core.countries import country_name
from billdesk.ui.core.table_columns import Column, Kind, Status
from billdesk.ui.core.tokens import Tone

SECTIONS: Final[Mapping[str, str]] = {
    "companies": N_("Companies"),
    "accounts": N_("Bank accounts"),
    "numbers": N_("Numbers"),
    "tax": N_("Tax"),
    "rates": N_("Exchange rates"),
    "mail": N_("Mail"),
    "general": N_("General"),
}

_NUMBERS: Final = "_pattern"
_MAIL: Final = ("smtp_", "mail_")
RATES_SHOWN: Final = 500

KIND_WORDS: Final = {"invoice": N_("Invoices"), "credit_note": N_("Credit notes")}

CLASS_WORDS: Final[Mapping[str, str]] = {
    "standard": N_("Standard rate"),
    "reduced": N_("Reduced rate"),
    "intermediate": N_("Intermediate rate"),
    "super_reduced": N_("Super reduced rate"),
    "zero": N_("Zero rate"),
    "exempt": N_("Exempt"),
    "parking": N_("Parking rate"),
}


def fields_of(section: str) -> tuple[Field, ...]:
    """Give the settings of a section; those of no other section are general, so that a new one shows by itself."""
    numbers = tuple(field for field in SETTINGS if field.name.endswith(_NUMBERS))
    mail = tuple(field for field in SETTINGS if field.name.startswith(_MAIL))
    general = tuple(field for field in SETTINGS if field not in {*numbers, *mail})
    return {"numbers": numbers, "mail": mail, "general": general}[section]


@dataclass(frozen=True, slots=True)
class SettingsState:
    """Everything the settings show, read in one go."""

    companies: tuple[Entity, ...]
    accounts: tuple[BankAccount, ...]
    series: tuple[NumberSeries, ...]
    tax_rates: tuple[TaxRate, ...]
    quotes: tuple[QuotedRate, ...]
    values: Mapping[str, Any]
    today: date
    standings: tuple[DistanceStanding, ...] = ()

    def company_name(self, entity_id: int) -> str:
        """Give the name of a company."""
        return next((one.name for one in self.companies if one.id == entity_id), "")

    @property
    def country(self) -> str:
        """The country of the first company, where its taxes are looked at first."""
        return self.companies[0].address.country if self.companies else ""


def load_state(db: Any) -> SettingsState:  # noqa: ANN401 - the lane's Db
    """Read everything the settings show."""
    return SettingsState(
        tuple(entities.list_entities(db)),
        tuple(entities.list_bank_accounts(db)),
        tuple(entities.list_series(db)),
        tuple(taxes.list_tax_rates(db)),
        tuple(rates.list_rates(db, limit=RATES_SHOWN)),
        settings.load_settings(db),
        db.today,
        tuple(taxes.list_standings(db)),
    )


def list_quotes(db: Any, currency: str) -> list[QuotedRate]:  # noqa: ANN401 - the lane's Db
    """Read the newest rates of one or all currencies."""
    return rates.list_rates(db, currency, limit=RATES_SHOWN)


def class_word(key: str) -> str:
    """Give the word for a tax class."""
    return _(CLASS_WORDS[key]) if key in CLASS_WORDS else key


def account_columns(company: Callable[[int], str]) -> tuple[Column[BankAccount], ...]:
    """Give the columns of the list of bank accounts."""
    default = {"True": Status(N_("Default"), Tone.BLUE), "False": Status("–", Tone.GREY)}
    return (
        Column("name", N_("Name"), lambda one: one.name, stretch=1, is_strong=True),
        Column("iban", N_("Account"), lambda one: _grouped(one.iban) or one.number),
        Column("bic", N_("BIC"), lambda one: one.bic, Kind.MUTED, rank=2),
        Column("currency", N_("Currency"), lambda one: one.currency),
        Column("company", N_("Company"), lambda one: company(one.entity_id), Kind.MUTED, rank=1),
        Column("default", N_("Printed on invoices"), lambda one: str(one.is_default), Kind.STATUS, statuses=default),
    )


def _grouped(iban: str) -> str:
    return " ".join(iban[start : start + 4] for start in range(0, len(iban), 4))


def series_columns(company: Callable[[int], str]) -> tuple[Column[NumberSeries], ...]:
    """Give the columns of the list of number series."""
    return (
        Column("kind", N_("Documents"), lambda one: _(KIND_WORDS.get(one.kind, one.kind)), stretch=1, is_strong=True),
        Column("year", N_("Year"), lambda one: str(one.year)),
        Column("next", N_("Next number"), lambda one: one.take()[0]),
        Column("company", N_("Company"), lambda one: company(one.entity_id), Kind.MUTED, rank=1),
    )


TAX_COLUMNS: Final[tuple[Column[TaxRate], ...]] = (
    Column("country", N_("Country"), lambda one: country_name(one.country), stretch=1, is_strong=True),
    Column("region", N_("Region"), lambda one: one.region, Kind.MUTED, is_optional=True),
    Column("class", N_("Tax"), lambda one: class_word(one.tax_class)),
    Column("percent", N_("Percent"), lambda one: current().percent(one.percent)),
    Column("since", N_("From"), lambda one: one.since, Kind.DATE),
    Column("until", N_("Until"), lambda one: one.until, Kind.DATE),
)

_SOURCES: Final = {"ECB": N_("European Central Bank"), "manual": N_("By hand")}

RATE_COLUMNS: Final[tuple[Column[QuotedRate], ...]] = (
    Column("day", N_("Day"), lambda one: one.day, Kind.DATE),
    Column("currency", N_("Currency"), lambda one: one.currency, stretch=1, is_strong=True),
    Column("rate", N_("One euro is"), lambda one: one.per_euro, Kind.NUMBER),
    Column("source", N_("Source"), lambda one: _(_SOURCES.get(one.source, one.source)), Kind.MUTED),
)


def rates_of(state: SettingsState, country: str) -> list[TaxRate]:
    """Give the tax rates of a country, all of them when none is named."""
    return [rate for rate in state.tax_rates if not country or rate.country == country]


def countries_of(state: SettingsState) -> list[tuple[str, str]]:
    """Give the countries with tax rates as choices, the company's own first."""
    codes = {rate.country for rate in state.tax_rates}
    ordered = sorted(codes, key=lambda code: (code != state.country, country_name(code)))
    return [(code, country_name(code)) for code in ordered]


def change_lines(chosen: Sequence[TaxRate]) -> list[str]:
    """Say which rates would change."""
    return [
        f"{country_name(one.country)} · {class_word(one.tax_class)} · {current().percent(one.percent)}"
        for one in chosen
    ]


def now() -> datetime:
    """Give the present instant."""
    return datetime.now(UTC)
