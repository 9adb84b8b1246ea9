"""How far ahead a run bills, and that looking farther ahead can be stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from billdesk.cli.output import Exit
from billdesk.kernel.errors import Cancelled, InvalidValue
from billdesk.kernel.progress import Progress, Step
from billdesk.services import billing
from billdesk.services.book import Book
from billdesk.services.simulation import SimulationOptions, simulate
from builders.book import NOW
from builders.commands import content, run
from builders.desk_book import a_desk_book

LATEST, TOO_FAR = date(2028, 3, 16), date(2028, 3, 17)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    with a_desk_book(tmp_path) as made:
        yield made


@pytest.mark.parametrize("act", [Book.query, Book.run])
def test_a_run_bills_up_to_two_years_ahead_and_no_farther(book: Book, act: Callable[..., Any]) -> None:
    use_case = billing.preview_billing if act is Book.query else billing.run_billing
    act(book, use_case, LATEST, progress=Progress())
    with pytest.raises(InvalidValue) as refused:
        act(book, use_case, TOO_FAR, progress=Progress())
    problem = refused.value.problem
    assert (problem.code, problem.value, problem.place.field) == ("billing_day_far", "2028-03-17", "as_of")
    assert problem.details == (("latest", "2028-03-16"),)


@pytest.mark.parametrize("preview", [True, False])
def test_the_command_line_names_the_far_day_and_what_to_do(book: Book, *, preview: bool) -> None:
    book.close()
    words = ["run", "billing", "--as-of", "2500-01-01", *(["--preview"] if preview else [])]
    done = run(*words, book=Path(book.location))
    assert done.exit_code == Exit.INPUT
    assert "1 Jan 2500" in done.output
    assert "simulate" in done.output


def _cancel_at(number: int, steps: list[Step]) -> Progress:
    def note(step: Step) -> None:
        steps.append(step)
        if len(steps) == number:
            progress.cancel()

    progress = Progress(note)
    return progress


def test_a_simulation_of_centuries_shows_how_far_it_is_and_stops_when_asked(book: Book) -> None:
    book.close()
    before, steps = content(Path(book.location)), list[Step]()
    options = SimulationOptions(date(2500, 1, 1))
    with pytest.raises(Cancelled):
        simulate(Path(book.location), options, clock=lambda: NOW, progress=_cancel_at(8, steps))
    assert (steps[-1].total, len(steps)) == (5687, 8)
    assert content(Path(book.location)) == before


def test_a_simulation_stops_within_one_of_its_runs(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    book.close()
    progress = Progress()

    def asked_meanwhile(*_args: object, progress: Progress) -> None:
        silent = progress
        outer.cancel()
        silent.step(1)

    outer = progress
    monkeypatch.setattr("billdesk.services.simulation.run_billing", asked_meanwhile)
    with pytest.raises(Cancelled):
        simulate(Path(book.location), SimulationOptions(date(2026, 6, 1)), clock=lambda: NOW, progress=progress)
