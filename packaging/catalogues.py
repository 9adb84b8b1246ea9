"""Collects texts from the code, compiles catalogues, and checks that languages are complete.

Usage: catalogues.py update | compile FILE.po | check
"""

from __future__ import annotations

import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
KEYWORDS = {
    "_": None,
    "N_": None,
    "ngettext": (1, 2),
    "text": None,
    "plural": (1, 2),
    "context": ((1, "c"), 2),
}
ROOMS_WITHOUT_WORDS = ("storage",)
"""Rooms that have nothing to say to people; their `text(…)` is SQL."""

DOCUMENT_ROOMS = ("documents", "domain")
"""Rooms whose texts are printed in the customer's language."""

DOCUMENT_MODULES = ("services/payment_details.py",)
"""Modules of other rooms that write such texts."""

SHIPPED = {"billdesk": ("nl",), "documents": ("nl", "fr", "de")}
"""Languages by catalogue that must be complete."""

LEAST_PERCENT = 95


def collect(domain: str) -> Catalog:
    """Give the texts of a catalogue as the code has them now."""
    catalog = Catalog(project="BillDesk", charset="utf-8")
    for room in sorted((ROOT / "src" / "billdesk").iterdir()):
        wanted = room.name in DOCUMENT_ROOMS if domain == "documents" else room.name not in ROOMS_WITHOUT_WORDS
        if wanted and room.is_dir():
            for name, _line, message, comments, context in extract_from_dir(room, keywords=KEYWORDS):
                catalog.add(message, locations=[(f"{room.name}/{name}", 0)], auto_comments=comments, context=context)
    if domain == "documents":
        for module in DOCUMENT_MODULES:
            path = ROOT / "src" / "billdesk" / module
            with path.open("rb") as file:
                for _line, message, _comments, context in extract("python", file, keywords=KEYWORDS):
                    catalog.add(message, locations=[(module, 0)], context=context)
    return catalog


def update() -> None:
    """Merge new texts into every .po file; texts that are gone become obsolete."""
    for domain, languages in SHIPPED.items():
        template = collect(domain)
        for language in languages:
            path = ROOT / "translations" / language / f"{domain}.po"
            path.parent.mkdir(parents=True, exist_ok=True)
            catalog = _read(path) if path.exists() else Catalog(locale=language, charset="utf-8")
            catalog.update(template, no_fuzzy_matching=True)
            catalog.obsolete.clear()
            with path.open("wb") as file:
                write_po(file, catalog, width=110, sort_output=True, include_lineno=False, omit_header=False)


def compile_file(path: Path) -> None:
    """Write FILE.mo beside FILE.po."""
    with path.with_suffix(".mo").open("wb") as file:
        write_mo(file, _read(path))


def _read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.name, charset="utf-8")


def check() -> int:
    """Give how many catalogues are incomplete, and name what they lack."""
    failures = 0
    for domain, languages in SHIPPED.items():
        wanted = {message.id for message in collect(domain) if message.id}
        for language in languages:
            catalog = _read(ROOT / "translations" / language / f"{domain}.po")
            missing = [text for text in wanted if not _translated(catalog, text)]
            percent = 100 * (len(wanted) - len(missing)) // max(1, len(wanted))
            print(f"{domain} {language}: {percent} % of {len(wanted)} texts")
            if percent < LEAST_PERCENT:
                failures += 1
                print("\n".join(f"  {text!r}" for text in sorted(missing, key=str)[:40]))
    return failures


def _translated(catalog: Catalog, text: object) -> bool:
    for message in catalog:
        if message.id == text:
            strings = message.string if isinstance(message.string, tuple) else (message.string,)
            return all(strings)
    return False


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["update"]:
            update()
        case ["compile", name]:
            compile_file(Path(name))
        case ["check"]:
            sys.exit(check())
        case _:
            sys.exit(__doc__)
