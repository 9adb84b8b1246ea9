"""PDF speed as ratios in one run: our invoice against a bare reportlab page of the same content, and two processes.

    python -m benchmarks pdf

The bare page is what a programmer writes by hand: the strings of the invoice are known beforehand and placed
with `drawString` at fixed coordinates, in the same two embedded faces, with the same lines, panels and QR code.
Nothing is formatted, measured for wrapping, checked for glyphs or broken into pages.
"""

from __future__ import annotations

import io
import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import segno
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from benchmarks.measure import Ratio, paired
from billdesk.documents.epc import epc_text
from billdesk.documents.pdf import render_invoice
from billdesk.documents.pdf.pool import Job, render_many
from billdesk.domain.invoices import Document
from billdesk.kernel.paths import resource

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from builders.invoices import a_line, an_invoice

LINES = 15
COUNT = 500
WARM_UP = 100
TURNS = 8
Speed = tuple[int, float]
"""Pages and the seconds they took."""
REGULAR, STRONG = "Bare-Regular", "Bare-SemiBold"
HEAD = (
    "Scheldestraat 11", "2000 Antwerpen", "VAT BE0417497106", "billing@acacia.example", "+32 3 555 01 23",
    "www.acacia.example", "2026-00042", "Stationsplein 3", "bus 2", "3000 Leuven", "Invoice date", "Due date",
    "Billing period", "Your VAT number", "Description", "Quantity", "Unit price", "VAT", "Amount (EUR)",
    "VAT rate", "Taxable amount", "VAT amount", "21%", "Total excl. VAT", "VAT", "Payment", "Amount", "Pay by",
    "Beneficiary", "IBAN", "BIC", "Reference", "Scan to pay",
    "Acacia Cloud BV · Scheldestraat 11 · 2000 Antwerpen · VAT BE0417497106 · Company number 0417.497.106",
    "IBAN BE68 5390 0754 7034", "Page 1 of 1",
)  # fmt: skip
STRONG_TEXTS = (
    "Acacia Cloud BV", "Invoice", "Brouwerij De Linde NV", "31 Jan 2026", "2 Mar 2026", "1–31 Jan 2026", "BE0203430576",
    "Total incl. VAT", "Amount due", "2 Mar 2026", "Acacia Cloud BV", "BE68 5390 0754 7034", "KREDBEBB",
    "+++090/9337/55493+++",
)  # fmt: skip


def documents(count: int) -> list[Document]:
    """Make invoices of one full page that differ in every figure."""
    made = []
    for n in range(count):
        lines = tuple(
            a_line(f"Team plan, site {n % 97}-{i}", position=i, quantity=str(n + i), minor=4950 * (n + i))
            for i in range(1, LINES + 1)
        )
        made.append(replace(an_invoice(lines=lines), number=f"2026-{n:05}", id=n))
    return made


def strings(document: Document) -> list[tuple[str, ...]]:
    """Give the strings of the lines, outside the measured time."""
    return [
        (line.description, str(line.quantity), "49.50", "21%", f"{line.amount.minor / 100:.2f}")
        for line in document.lines
    ]


def bare_page(rows: list[tuple[str, ...]], sums: tuple[str, ...], code: str) -> bytes:
    """Draw the page by hand."""
    file = io.BytesIO()
    size = (595.28, 841.89)
    canvas = Canvas(file, size, invariant=1, pageCompression=1, initialFontName=REGULAR)  # type: ignore[arg-type]
    canvas.setFillColorRGB(0.965, 0.969, 0.976)
    for y in (560, 520, 90):
        canvas.roundRect(62, y, 482, 20, 5, stroke=0, fill=1)
    canvas.setFillColorRGB(0.063, 0.094, 0.157)
    canvas.setFont(STRONG, 9)
    for number, text in enumerate(STRONG_TEXTS):
        canvas.drawString(62 + number % 4 * 120, 700 - number * 11, text)
    canvas.setFont(REGULAR, 9)
    for number, text in enumerate(HEAD):
        canvas.drawString(62 + number % 4 * 120, 800 - number * 11, text)
    for number, (description, *figures) in enumerate(rows):
        y = 500 - number * 20
        canvas.drawString(70, y, description)
        for x, text in zip((380, 430, 470, 536), figures, strict=True):
            canvas.drawRightString(x, y, text)
        canvas.line(62, y - 8, 544, y - 8)
    for number, text in enumerate(sums):
        canvas.drawRightString(536, 180 - number * 15, text)
    draw_code(canvas, code)
    canvas.showPage()
    canvas.save()
    return file.getvalue()


def draw_code(canvas: Canvas, code: str) -> None:
    """Draw the QR code as one path, the fastest way that reportlab offers."""
    matrix = segno.make_qr(code, error="m", encoding="utf-8", boost_error=False).matrix
    unit = 78 / len(matrix)
    path = canvas.beginPath()
    for row, cells in enumerate(matrix):
        end = 0
        for dark, group in groupby(cells):
            start, end = end, end + len(list(group))
            if dark:
                path.rect(450 + start * unit, 150 - row * unit, (end - start) * unit, unit)
    canvas.drawPath(path, stroke=0, fill=1)


def bare_pages(made: list[Document]) -> Callable[[], None]:
    """Prepare the hand-written pages; only drawing them is left to be timed."""
    for name, file in ((REGULAR, "Inter-Regular.ttf"), (STRONG, "Inter-SemiBold.ttf")):
        pdfmetrics.registerFont(TTFont(name, str(resource("fonts", file))))
    ready = [
        (strings(d), tuple(str(m.minor) for m in (d.net, d.tax, d.total, d.amount_due, d.total)), epc_text(d))
        for d in made
    ]

    def draw() -> None:
        for rows, sums, code in ready:
            bare_page(rows, sums, code)

    return draw


def our_pages(made: list[Document]) -> None:
    for document in made:
        render_invoice(document)


def one_process(made: list[Document]) -> list[Speed]:
    """Render in this process, once on each core: two processes meet both, and at a moment one may be half as fast."""
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    speeds = []
    for core in cores[:2] or [-1]:
        if cores:
            os.sched_setaffinity(0, {core})
        start = time.perf_counter()
        our_pages(made)
        speeds.append((len(made), time.perf_counter() - start))
    if cores:
        os.sched_setaffinity(0, set(cores))
    return speeds


def two_processes(made: list[Document]) -> Speed:
    """Render in a running pool; its start and the first pages are left out, as in a run of thousands."""
    results = render_many((Job(document) for document in made), processes=2)
    for _ in range(WARM_UP):
        next(results)
    start = time.perf_counter()
    rest = sum(1 for _pdf in results)
    return rest, time.perf_counter() - start


def in_turn(made: list[Document]) -> tuple[float, float]:
    """Give pages per second of two processes and of one, over short turns: a core's clock changes within seconds."""
    two: list[Speed] = []
    one: list[Speed] = []
    for _turn in range(TURNS):
        one += one_process(made[:50])
        two.append(two_processes(made))
        one += one_process(made[:50])
    return pages_per_second(two), pages_per_second(one)


def pages_per_second(speeds: list[Speed]) -> float:
    """All pages over all seconds: no turn is picked."""
    return sum(pages for pages, _time in speeds) / sum(taken for _pages, taken in speeds)


def run() -> list[Ratio]:
    """Measure one core against the hand-written page, then two processes against one."""
    made = documents(COUNT)
    draw, some = bare_pages(made[:100]), made[:100]
    draw()
    our_pages(some)
    ours, bare = paired(lambda: our_pages(some), draw, rounds=5)
    two, one = in_turn(made)
    return [
        Ratio("invoice PDFs, pages per second per core", 100 / ours, 100 / bare, 0.6, "pages/s",
              "the same page by hand in reportlab", at_least=True),
        Ratio("invoice PDFs, two processes", two, one, 1.7, "pages/s", "one process", at_least=True),
    ]  # fmt: skip


if __name__ == "__main__":
    for ratio in run():
        print(f"{ratio.name:44} {ratio.ours:7.1f} against {ratio.raw:7.1f} {ratio.unit}: {ratio.ratio:.2f}")
