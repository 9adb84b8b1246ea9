"""Documents as files in a folder: PDFs, workbooks and mail drafts, named so that every system takes the names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from billdesk.documents.options import RenderOptions
from billdesk.documents.pdf.pool import MIN_FOR_POOL, Job, render_many
from billdesk.documents.registry import document_formats
from billdesk.domain.entities import Entity
from billdesk.domain.invoices import Document
from billdesk.kernel.progress import Progress
from billdesk.storage import entities, invoices
from billdesk.storage.database import Db
from billdesk.storage.invoices import DocumentFilter

# What Windows, macOS or a shell reads as something else than a letter of a name.
_FORBIDDEN: Final = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_RESERVED: Final = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])")
_LONGEST: Final = 120
_PDF: Final = "invoice_pdf"


@dataclass(frozen=True, slots=True)
class Bundle:
    """Documents to be written, with the logo of each entity; `companies` holds codes where the book has several.

    With `explain` a PDF has an appendix that shows how each amount came about.
    """

    documents: tuple[Document, ...]
    logos: Mapping[int, bytes]
    companies: Mapping[int, str] = field(default_factory=dict)
    explain: bool = False

    def options(self, document: Document) -> RenderOptions:
        """Give how a document is rendered."""
        return RenderOptions(logo=self.logos.get(document.entity_id, b""), explain=self.explain)


def load_bundle(db: Db, ids: Sequence[int], *, explain: bool = False) -> Bundle:
    """Read documents for export; the files are written later, without the database."""
    known = entities.list_entities(db)
    logos = {record.id: record.logo for record in known}
    return Bundle(tuple(invoices.load_documents(db, ids)), logos, company_codes(known), explain)


def company_codes(known: Sequence[Entity]) -> dict[int, str]:
    """Give what tells the companies of a book apart in file names; one alone needs nothing."""
    return {record.id: record.code for record in known} if len(known) > 1 else {}


def load_for_export(db: Db, wanted: DocumentFilter) -> Bundle:
    """Read the documents that pass a filter for export, oldest first."""
    return load_bundle(db, invoices.list_ids(db, wanted))


def safe_name(text: str) -> str:
    """Give a text as part of a file name that Windows, macOS and Linux all take."""
    plain = " ".join(_FORBIDDEN.sub("-", text).split())[:_LONGEST].strip(" .")
    return f"_{plain}" if _RESERVED.fullmatch(plain.partition(".")[0]) else plain


def file_name(document: Document, extension: str, *, company: str = "") -> str:
    """Give `NUMBER customer.pdf`, after the company's code where there is one; a draft is named by its id."""
    number = document.number or f"draft {document.id}"
    return f"{safe_name(' '.join(filter(None, (company, number, document.buyer.name))))}.{extension}"


def free_path(path: Path, taken: set[Path]) -> Path:
    """Give a path that no other document of the same batch has: two series may be numbered alike."""
    count, found = 1, path
    while found in taken:
        count += 1
        found = path.with_name(f"{path.stem} ({count}){path.suffix}")
    taken.add(found)
    return found


def export_documents(
    bundle: Bundle, folder: Path, formats: Sequence[str] = ("pdf",), *, processes: int = 1, progress: Progress
) -> list[Path]:
    """Write each document in each format (`pdf`, `xlsx`, or a key of the registry) to a folder, in that order.

    More than one process renders large batches of PDFs side by side. Needs no database.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    taken: set[Path] = set()
    total = len(bundle.documents) * len(formats)
    for key in map(_format_key, formats):
        extension = document_formats().get(key).extension
        for document, content in zip(bundle.documents, _rendered(bundle, key, processes), strict=True):
            company = bundle.companies.get(document.entity_id, "")
            path = free_path(folder / file_name(document, extension, company=company), taken)
            path.write_bytes(content)
            written.append(path)
            progress.step(len(written), total, path.name)
    return written


def _format_key(name: str) -> str:
    """Give the registered format of a name; the short names are those of the plain documents."""
    return name if name in document_formats() else f"invoice_{name}"


def _rendered(bundle: Bundle, key: str, processes: int) -> Iterator[bytes]:
    if key == _PDF and len(bundle.documents) >= MIN_FOR_POOL:
        options = ((document, bundle.options(document)) for document in bundle.documents)
        jobs = (Job(document, logo=chosen.logo, explain=chosen.explain) for document, chosen in options)
        return render_many(jobs, processes=processes)
    render: Callable[[Document, RenderOptions], bytes] = document_formats().get(key).render
    return (render(document, bundle.options(document)) for document in bundle.documents)
