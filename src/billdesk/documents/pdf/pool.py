"""Many documents at once in worker processes: records in, bytes out, in the order of the records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from billdesk.documents.pdf import render_invoice
from billdesk.domain.invoices import Document

MIN_FOR_POOL: Final = 30
"""Below this many documents a pool's start (half a second) costs more than it saves."""


@dataclass(frozen=True, slots=True)
class Job:
    """What one document needs to be rendered in another process."""

    document: Document
    language: str | None = None
    logo: bytes = b""
    explain: bool = False


def render_many(jobs: Iterable[Job], *, processes: int) -> Iterator[bytes]:
    """Give the PDF of each job in order; with fewer than two processes in this one.

    Closing the iterator early stops the workers. Raises what `render_invoice` raises.
    """
    if processes < 2:  # noqa: PLR2004 - one process is this one
        return map(_render, jobs)
    from billdesk.documents.pdf.workers import in_processes

    return in_processes(_render, iter(jobs), processes)


def _render(job: Job) -> bytes:
    return render_invoice(job.document, language=job.language, logo=job.logo, explain=job.explain)
