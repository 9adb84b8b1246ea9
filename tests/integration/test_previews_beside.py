"""Lists of a real book are read while a preview of an import has not ended yet."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from billdesk.kernel.progress import Progress
from billdesk.services import billing, imports, invoices, usage
from billdesk.services.customers import create_customer
from builders.book import TODAY
from builders.customers import a_customer
from builders.sheets import a_csv
from builders.usage import PROFILE, Meters, a_metered_book

Look = Callable[[], Any]


@pytest.fixture
def meters(tmp_path: Path) -> Iterator[Meters]:
    made = a_metered_book(tmp_path)
    made.add("S1")
    yield made
    made.book.close()


class Watcher:
    """Runs a preview in another thread and looks at the book in each of its steps."""

    def __init__(self, look: Look) -> None:
        self.seen: list[Any] = []
        self.progress = Progress(lambda _step: self._stop_and_wait())
        self._look = look
        self._is_asked, self._may_go = threading.Event(), threading.Event()

    def _stop_and_wait(self) -> None:
        self._is_asked.set()
        assert self._may_go.wait(10)
        self._may_go.clear()

    def watch(self, preview: Callable[[Progress], Any]) -> Any:
        found: list[Any] = []
        thread = threading.Thread(target=lambda: found.append(preview(self.progress)))
        thread.start()
        while thread.is_alive():
            if self._is_asked.wait(0.01):
                self._is_asked.clear()
                self.seen.append(self._look())
                self._may_go.set()
        thread.join()
        return found[0]


def test_invoices_are_listed_while_usage_is_previewed(meters: Meters) -> None:
    path = meters.file(*(f"S1,calls,2026-03-05T10:{n // 60:02}:{n % 60:02}Z,1,{n}" for n in range(3000)))
    watcher = Watcher(lambda: meters.book.query(invoices.list_documents, invoices.DocumentFilter()))
    found = watcher.watch(
        lambda steps: meters.book.query(usage.preview_usage_import, path, PROFILE, progress=steps)
    )  # fmt: skip
    assert (found.added, watcher.seen[0]) == (3000, [])
    assert len(watcher.seen) >= 2
    assert meters.book.query(billing.preview_billing, TODAY, progress=Progress()).documents == 0


def test_customers_are_added_while_an_import_of_others_is_previewed(meters: Meters, tmp_path: Path) -> None:
    path = a_csv(tmp_path / "klanten.csv", (("Klantnr", "Naam"), ("K1", "De Linde")))
    numbers = iter(range(1, 100))
    watcher = Watcher(lambda: meters.book.run(create_customer, a_customer(number=f"N{next(numbers)}")))
    found = watcher.watch(lambda steps: meters.book.query(imports.preview_import, path, progress=steps))
    assert (found.counts.added, len(watcher.seen) >= 1) == (1, True)
