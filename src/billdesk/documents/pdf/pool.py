"""Many documents at once in worker processes: records in, bytes out, in the order of the records."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Final

from billdesk.documents.pdf import render_invoice
from billdesk.domain.invoices import Document

# Documents travel in batches: one trip per document would cost a tenth of its rendering.
_BATCH: Final = 8
# Batches in flight per process bound the memory, whatever the number of documents.
_AHEAD: Final = 3
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
        yield from map(_render, jobs)
        return
    # Spawned, not forked: a forked child of a program with threads and Qt may hang.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(processes, mp_context=context, initializer=_warm_up)
    try:
        yield from _in_order(pool, iter(jobs), processes * _AHEAD)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _in_order(pool: ProcessPoolExecutor, jobs: Iterator[Job], ahead: int) -> Iterator[bytes]:
    waiting: list[Future[list[bytes]]] = []
    while True:
        while len(waiting) < ahead and (batch := tuple(islice(jobs, _BATCH))):
            waiting.append(pool.submit(_render_batch, batch))
        if not waiting:
            return
        yield from waiting.pop(0).result()


def _render_batch(jobs: tuple[Job, ...]) -> list[bytes]:
    return [_render(job) for job in jobs]


def _render(job: Job) -> bytes:
    return render_invoice(job.document, language=job.language, logo=job.logo, explain=job.explain)


def _warm_up() -> None:
    """Load reportlab and the faces while the parent is still gathering documents."""
    from billdesk.documents.pdf import fonts

    fonts.face(fonts.REGULAR)
    fonts.face(fonts.STRONG)
