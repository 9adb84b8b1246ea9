from __future__ import annotations

import pytest

from billdesk.documents.pdf import render_invoice
from billdesk.documents.pdf.pool import Job, render_many
from billdesk.kernel.errors import InvalidValue
from builders.invoices import a_line, an_invoice, lines_of


def jobs(count: int) -> list[Job]:
    return [Job(an_invoice(lines=lines_of(1 + n % 3), number=f"N{n}")) for n in range(count)]


def test_one_process_renders_in_order() -> None:
    wanted = [render_invoice(job.document) for job in jobs(5)]
    assert list(render_many(jobs(5), processes=1)) == wanted


@pytest.mark.slow
def test_two_processes_give_the_same_bytes_in_the_same_order() -> None:
    wanted = [render_invoice(job.document) for job in jobs(60)]
    assert list(render_many(iter(jobs(60)), processes=2)) == wanted


@pytest.mark.slow
def test_an_error_in_a_worker_reaches_the_caller() -> None:
    broken = Job(an_invoice(lines=(a_line(),)), logo=b"no picture")
    with pytest.raises(InvalidValue):
        list(render_many([broken], processes=2))


@pytest.mark.slow
def test_an_iterator_closed_early_stops_its_workers() -> None:
    results = render_many(jobs(200), processes=2)
    next(results)
    results.close()  # type: ignore[attr-defined]  # it is a generator
    assert list(results) == []
