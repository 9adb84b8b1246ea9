"""A process of its own that does one job on a book, to be killed by `test_kill.py`: killed_job.py JOB BOOK [FILE]."""

from __future__ import annotations

import sys
from pathlib import Path

from billdesk.kernel.progress import Progress
from billdesk.services import invoices, usage
from billdesk.services.book import Book
from billdesk.services.usage.preparing import prepare_usage
from billdesk.storage.invoices import DocumentFilter


def import_file(book: Book, path: Path) -> None:
    """Import a usage file."""
    book.run(usage.import_usage, path, prepare_usage(path).profile)


def issue_all(book: Book) -> None:
    """Issue every draft."""
    drafts = book.query(invoices.list_ids, DocumentFilter())
    book.run(invoices.issue_documents, drafts, progress=Progress())


if __name__ == "__main__":
    job, location, *rest = sys.argv[1:]
    with Book.open(location) as opened:
        sys.stdout.write("started\n")
        sys.stdout.flush()
        if job == "import":
            import_file(opened, Path(rest[0]))
        else:
            issue_all(opened)
