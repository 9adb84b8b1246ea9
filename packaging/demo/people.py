"""The customers of Noordbrug Cloud BV: names, places and numbers with right check digits."""

from __future__ import annotations

import random
from dataclasses import dataclass

from stdnum import iban, luhn
from stdnum.de import vat as de_vat
from stdnum.nl import bsn

BELGIAN = """Bakkerij Vermeulen BV|Gent|9000|nl
Houthandel De Smet NV|Aalst|9300|nl
Garage Peeters & Zonen|Mechelen|2800|nl
Architectenbureau Lenaerts|Leuven|3000|nl
Brouwerij 't Anker van de Leie|Kortrijk|8500|nl
Drukkerij Van Hoecke|Sint-Niklaas|9100|nl
Apotheek Claes|Hasselt|3500|nl
Tandartspraktijk Wouters-Declercq|Brugge|8000|nl
Schilderwerken Maes BV|Turnhout|2300|nl
Advocatenkantoor Goossens, Willems & Partners|Antwerpen|2000|nl
Bloemen Martens|Lokeren|9160|nl
Fietsen Jacobs|Genk|3600|nl
Transport Mertens NV|Geel|2440|nl
Immo Claeys|Roeselare|8800|nl
Slagerij Hermans|Dendermonde|9200|nl
Elektro Baert BV|Oostende|8400|nl
Reisbureau Zonneweelde|Knokke-Heist|8300|nl
Metaalconstructie Segers|Tienen|3300|nl
Kinderdagverblijf De Zonnebloem|Wetteren|9230|nl
Boekhouding Thys & Co|Vilvoorde|1800|nl
Sporthal Olympia vzw|Deinze|9800|nl
Restaurant De Gouden Pluim|Ieper|8900|nl
Software House Nijlen|Nijlen|2560|nl
Installatiebedrijf Goethals|Eeklo|9900|nl
Zonnepanelen Vlaanderen NV|Zaventem|1930|nl
Veilinghuis Bernaerts|Antwerpen|2018|nl
Menuiserie Dubois SRL|Liège|4000|fr
Boulangerie Lambert|Namur|5000|fr
Cabinet d'avocats Dupont-Martin|Bruxelles|1000|fr
Garage Simon & Fils|Charleroi|6000|fr
Pharmacie Leroy|Mons|7000|fr
Imprimerie Gérard SA|Tournai|7500|fr
Hôtel des Ardennes|Bastogne|6600|fr
Brasserie François|Wavre|1300|fr
Agence Immobilière Fontaine|Waterloo|1410|fr
Clinique vétérinaire Renard|Huy|4500|fr
Chocolaterie Marchal|Dinant|5500|fr
Éditions Collard ASBL|Louvain-la-Neuve|1348|fr
Bäckerei Schmitz PGmbH|Eupen|4700|de
Holzbau Hilger|Sankt Vith|4780|de"""

DUTCH = """Hoveniersbedrijf De Groot B.V.|Breda|4811 AB
Van Dijk Webdesign|Utrecht|3511 CE
Scheepswerf Zeelandia B.V.|Vlissingen|4381 GK
Bakker & Visser Accountants|Rotterdam|3011 AD
Praktijk Jansen Fysiotherapie|Eindhoven|5611 EM
Koffiebranderij Noorderlicht|Groningen|9711 LM"""

GERMAN = """Hartmann Metallbau GmbH & Co. KG|Aachen|52062
Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft mbH|Passau|94032
Köhler Elektrotechnik e.K.|Köln|50667"""

FRENCH = """Atelier Lefèvre SARL|Lille|59000
Domaine viticole Châtelain|Reims|51100
Société Nouvelle Moreau SAS|Paris|75011"""

BRITISH = """Whitby Fisheries Ltd|Whitby|YO21 1DN
O'Connor & Daughters Ltd|London|EC1A 1BB"""

OTHERS = """Prairie Robotics Inc.|Des Moines|50309|US|USD|en
Cedar Analytics LLC|Portland|97201|US|USD|en
Kitayama Trading K.K.|Osaka|530-0001|JP|JPY|en"""

CONSUMERS = """Jan Vandenberghe|Gent|9040|nl
Amélie Dumont|Liège|4020|fr
Lotte De Backer|Antwerpen|2060|nl"""

STREETS = {
    "nl": ("Stationsstraat", "Kerkstraat", "Nieuwstraat", "Dorpsplein", "Molenweg", "Industrielaan"),
    "fr": ("Rue de la Gare", "Rue Neuve", "Place du Marché", "Avenue des Tilleuls", "Chaussée de Namur"),
    "de": ("Bahnhofstraße", "Hauptstraße", "Marktplatz", "Industriestraße"),
    "en": ("High Street", "Station Road", "Mill Lane"),
}


@dataclass(frozen=True)
class Person:
    """A customer as the spreadsheet has it."""

    number: str
    name: str
    street: str
    postcode: str
    city: str
    country: str
    language: str
    currency: str
    vat: str
    email: str
    iban: str
    terms: int
    consumer: bool


def customers(dice: random.Random) -> list[Person]:
    """Give the sixty customers, the same ones for the same dice."""
    people: list[Person] = []
    for line in BELGIAN.splitlines():
        name, city, postcode, language = line.split("|")
        people.append(_person(dice, len(people), name, (postcode, city, "BE"), language, "EUR", _belgian_vat(dice)))
    for line in DUTCH.splitlines():
        name, city, postcode = line.split("|")
        people.append(_person(dice, len(people), name, (postcode, city, "NL"), "nl", "EUR", _dutch_vat(dice)))
    for line in GERMAN.splitlines():
        name, city, postcode = line.split("|")
        people.append(_person(dice, len(people), name, (postcode, city, "DE"), "de", "EUR", _german_vat(dice)))
    for line in FRENCH.splitlines():
        name, city, postcode = line.split("|")
        people.append(_person(dice, len(people), name, (postcode, city, "FR"), "fr", "EUR", _french_vat(dice)))
    for line in BRITISH.splitlines():
        name, city, postcode = line.split("|")
        people.append(_person(dice, len(people), name, (postcode, city, "GB"), "en", "GBP", _british_vat(dice)))
    for line in OTHERS.splitlines():
        name, city, postcode, country, currency, language = line.split("|")
        people.append(_person(dice, len(people), name, (postcode, city, country), language, currency, ""))
    for line in CONSUMERS.splitlines():
        name, city, postcode, language = line.split("|")
        people.append(_person(dice, len(people), name, (postcode, city, "BE"), language, "EUR", "", consumer=True))
    return people


def _person(  # noqa: PLR0913 - a row of a spreadsheet
    dice: random.Random,
    index: int,
    name: str,
    place: tuple[str, str, str],
    language: str,
    currency: str,
    vat: str,
    *,
    consumer: bool = False,
) -> Person:
    postcode, city, country = place
    street = f"{dice.choice(STREETS[language])} {dice.randint(1, 180)}"
    slug = "".join(letter for letter in name.lower() if letter.isascii() and letter.isalnum())[:18]
    return Person(
        number=f"K{1001 + index}",
        name=name,
        street=street,
        postcode=postcode,
        city=city,
        country=country,
        language=language,
        currency=currency,
        vat=vat,
        email=f"facturatie@{slug}.example",
        iban=_belgian_iban(dice) if country == "BE" else "",
        terms=dice.choice((14, 30, 30, 30, 60)),
        consumer=consumer,
    )


def _belgian_vat(dice: random.Random) -> str:
    body = dice.randint(4_000_000, 9_999_999)
    return f"BE0{body}{97 - body % 97:02}"


def _dutch_vat(dice: random.Random) -> str:
    while True:
        number = f"{dice.randint(100_000_000, 899_999_999)}"
        if bsn.is_valid(number):
            return f"NL{number}B01"


def _german_vat(dice: random.Random) -> str:
    while True:
        number = f"{dice.randint(100_000_000, 999_999_999)}"
        if de_vat.is_valid(number):
            return f"DE{number}"


def _french_vat(dice: random.Random) -> str:
    body = f"{dice.randint(30_000_000, 89_999_999)}"
    siren = body + luhn.calc_check_digit(body)
    return f"FR{(12 + 3 * (int(siren) % 97)) % 97:02}{siren}"


def _british_vat(dice: random.Random) -> str:
    body = f"{dice.randint(1_000_000, 9_999_999)}"
    total = sum(int(digit) * weight for digit, weight in zip(body, range(8, 1, -1), strict=True))
    return f"GB{body}{97 - total % 97:02}"


def _belgian_iban(dice: random.Random) -> str:
    body = int(dice.choice(("310", "363", "733", "736", "737")) + f"{dice.randint(0, 9_999_999):07}")
    account = f"{body}{body % 97 or 97:02}"
    return f"BE{iban.calc_check_digits('BE00' + account)}{account}"
