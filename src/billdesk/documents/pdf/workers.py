"""The worker processes of a large batch, kept apart so that multiprocessing is loaded when one is rendered."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice
from typing import Final, TypeVar

from billdesk.documents.pdf import fonts

# Documents travel in batches: one trip per document would cost a tenth of its rendering.
_BATCH: Final = 8
# Batches in flight per process bound the memory, whatever the number of documents.
_AHEAD: Final = 3

J = TypeVar("J")


def in_processes(render: Callable[[J], bytes], jobs: Iterator[J], processes: int) -> Iterator[bytes]:
    """Render jobs in worker processes, in order; closing the iterator early stops the workers."""
    # Spawned, not forked: a forked child of a program with threads and Qt may hang.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(processes, mp_context=context, initializer=_warm_up)
    waiting: list[Future[list[bytes]]] = []
    try:
        while True:
            while len(waiting) < processes * _AHEAD and (batch := tuple(islice(jobs, _BATCH))):
                waiting.append(pool.submit(_render_batch, render, batch))
            if not waiting:
                return
            yield from waiting.pop(0).result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _render_batch(render: Callable[[J], bytes], jobs: tuple[J, ...]) -> list[bytes]:
    return [render(job) for job in jobs]


def _warm_up() -> None:
    """Load the faces while the parent is still gathering documents."""
    fonts.face(fonts.REGULAR)
    fonts.face(fonts.STRONG)
