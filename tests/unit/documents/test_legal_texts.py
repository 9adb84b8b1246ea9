"""Each outcome of the tax rules as people read it, in four languages: category, code, percent, text on the page."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from billdesk.documents.pdf import render_invoice
from billdesk.domain.customers import CustomerKind
from billdesk.domain.entities import Address, Entity, TaxRegistration, TaxScheme
from billdesk.domain.tax_seed import seed_rates
from billdesk.domain.taxes import Buyer, TaxTable, determine
from builders.invoices import BUYER, a_line, an_invoice
from builders.pdfs import texts_of

DAY = date(2026, 6, 1)
TABLE = TaxTable(seed_rates())
BELGIAN = Entity(1, "BE", "Desk", "EUR", address=Address(country="BE"))
SMALL = replace(BELGIAN, id=2, registrations=(TaxRegistration("BE", "BE1", TaxScheme.SMALL_BUSINESS),))
GERMAN_SMALL = Entity(
    3, "DE", "Desk", "EUR", address=Address(country="DE"),
    registrations=(TaxRegistration("DE", "DE1", TaxScheme.SMALL_BUSINESS),),
)  # fmt: skip
FIRM = Buyer("FR", CustomerKind.BUSINESS, "FR40303265045")
MARIE = Buyer("FR", CustomerKind.CONSUMER)
LANGUAGES = ("en", "nl", "fr", "de")

OUTCOMES = {
    "domestic": (BELGIAN, Buyer("BE"), "standard", ("S", "", "21"), ("", "", "", "")),
    "domestic reverse charge": (BELGIAN, Buyer("BE", tax_id="BE2"), "reverse_charge", ("AE", "VATEX-EU-AE", "0"), (
        "Reverse charge: VAT to be accounted for by the recipient",
        "Btw verlegd: btw te voldoen door de medecontractant",
        "Autoliquidation : TVA due par le cocontractant",
        "Steuerschuldnerschaft des Leistungsempfängers")),
    "services to a firm in the Union": (BELGIAN, FIRM, "standard", ("AE", "VATEX-EU-AE", "0"), (
        "Reverse charge: VAT to be accounted for by the recipient (Art. 44 and 196 Directive 2006/112/EC)",
        "Btw verlegd: btw te voldoen door de afnemer (art. 44 en 196 Richtlijn 2006/112/EG)",
        "Autoliquidation : TVA due par le preneur (art. 44 et 196 de la directive 2006/112/CE)",
        "Steuerschuldnerschaft des Leistungsempfängers (Art. 44 und 196 der Richtlinie 2006/112/EG)")),
    "goods to a firm in the Union": (BELGIAN, FIRM, "goods", ("K", "VATEX-EU-IC", "0"), (
        "Intra-Community supply exempt from VAT (Art. 138 Directive 2006/112/EC)",
        "Intracommunautaire levering vrijgesteld van btw (art. 138 Richtlijn 2006/112/EG)",
        "Livraison intracommunautaire exonérée de TVA (art. 138 de la directive 2006/112/CE)",
        "Steuerfreie innergemeinschaftliche Lieferung (Art. 138 der Richtlinie 2006/112/EG)")),
    "a consumer below the threshold": (BELGIAN, MARIE, "standard", ("S", "", "21"), ("", "", "", "")),
    "a consumer above it": (
        BELGIAN, replace(MARIE, past_threshold=True), "standard", ("S", "", "20"), ("20% FR",) * 4),
    "goods out of the Union": (BELGIAN, Buyer("US"), "goods", ("G", "VATEX-EU-G", "0"), (
        "Export outside the European Union, exempt from VAT (Art. 146 Directive 2006/112/EC)",
        "Uitvoer buiten de Europese Unie, vrijgesteld van btw (art. 146 Richtlijn 2006/112/EG)",
        "Exportation hors de l’Union européenne, exonérée de TVA (art. 146 de la directive 2006/112/CE)",
        "Steuerfreie Ausfuhrlieferung (Art. 146 der Richtlinie 2006/112/EG)")),
    "services out of the Union": (BELGIAN, Buyer("US"), "standard", ("O", "VATEX-EU-O", "0"), (
        "Outside the scope of VAT: place of supply outside the European Union (Art. 44 and 59 Directive 2006/112/EC)",
        "Niet onderworpen aan btw: plaats van dienst buiten de Europese Unie (art. 44 en 59 Richtlijn 2006/112/EG)",
        ("Hors champ de la TVA : lieu de prestation hors de l’Union européenne (art. 44 et 59 de la directive"
         " 2006/112/CE)"),
        ("Nicht steuerbar: Leistungsort außerhalb der Europäischen Union (Art. 44 und 59 der Richtlinie"
         " 2006/112/EG)"))),
    "an exempt supply": (BELGIAN, Buyer("BE"), "exempt", ("E", "", "0"), (
        "Exempt from VAT (Art. 132 or 135 Directive 2006/112/EC)",
        "Vrijgesteld van btw (art. 132 of 135 Richtlijn 2006/112/EG)",
        "Exonéré de TVA (art. 132 ou 135 de la directive 2006/112/CE)",
        "Steuerfrei (Art. 132 oder 135 der Richtlinie 2006/112/EG)")),
    "an exempt customer": (
        BELGIAN, Buyer("BE", exempt_reason="Art. 42 WBTW"), "standard", ("E", "", "0"), ("Art. 42 WBTW",) * 4),
    "a small business": (SMALL, Buyer("BE"), "standard", ("E", "", "0"), (
        "Small enterprise subject to the exemption scheme for small enterprises. VAT not applicable.",
        "Kleine onderneming onderworpen aan de vrijstellingsregeling van belasting. Btw niet toepasselijk.",
        "Petite entreprise soumise au régime de la franchise de taxe. TVA non applicable.",
        "Kleinunternehmen, das der Steuerbefreiungsregelung unterliegt. MwSt. nicht anwendbar.")),
    "a small business in Germany": (GERMAN_SMALL, Buyer("DE"), "standard", ("E", "", "0"), (
        "No VAT charged: small business under section 19 of the German VAT Act (UStG)",
        "Geen btw in rekening gebracht: kleine ondernemer volgens § 19 UStG",
        "TVA non applicable : petite entreprise selon le § 19 UStG",
        "Gemäß § 19 UStG wird keine Umsatzsteuer berechnet.")),
}  # fmt: skip


def _plain(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", OUTCOMES)
def test_an_outcome_prints_its_text_and_carries_its_codes(name: str, language: str) -> None:
    seller, buyer, tax_class, (category, code, percent), texts = OUTCOMES[name]
    tax = determine(seller, replace(buyer, language=language), tax_class, DAY, TABLE)
    assert (tax.category.value, tax.reason_code, tax.percent) == (category, code, Decimal(percent))
    document = an_invoice(lines=(a_line(tax=tax),), language=language, buyer=replace(BUYER, tax_id=buyer.tax_id))
    page = _plain(texts_of(render_invoice(document))[0])
    expected = _plain(texts[LANGUAGES.index(language)])
    # French writes a thin space before its percent sign, the others none.
    assert expected.replace("%", "") in page.replace("%", "").replace("\u202f", "")
    assert bool(tax.reason) is (percent == "0")
