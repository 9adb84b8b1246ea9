"""Documents in the book: reading one, listing many, writing drafts in bulk, issuing."""

from billdesk.storage.invoices.issuing import (
    LineToIssue,
    Numbered,
    ToIssue,
    drafts_of_run,
    issued_local,
    last_issue_date,
    load_lines_to_issue,
    load_to_issue,
    mark_issued,
    open_items,
    open_local,
)
from billdesk.storage.invoices.listing import (
    DocumentFilter,
    DocumentRow,
    DocumentSort,
    Sums,
    count_documents,
    list_documents,
    list_ids,
    sum_by_status,
    sum_documents,
)
from billdesk.storage.invoices.reading import load_document, load_documents
from billdesk.storage.invoices.settling import load_receivables, set_open
from billdesk.storage.invoices.writing import (
    Surroundings,
    delete_drafts,
    insert_drafts,
    local_minor,
    replace_draft,
)

__all__ = [
    "DocumentFilter",
    "DocumentRow",
    "DocumentSort",
    "LineToIssue",
    "Numbered",
    "Sums",
    "Surroundings",
    "ToIssue",
    "count_documents",
    "delete_drafts",
    "drafts_of_run",
    "insert_drafts",
    "issued_local",
    "last_issue_date",
    "list_documents",
    "list_ids",
    "load_document",
    "load_documents",
    "load_lines_to_issue",
    "load_receivables",
    "load_to_issue",
    "local_minor",
    "mark_issued",
    "open_items",
    "open_local",
    "replace_draft",
    "set_open",
    "sum_by_status",
    "sum_documents",
]
