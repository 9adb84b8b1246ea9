"""Invoices and credit notes: lists, drafts, issuing, correcting."""

from billdesk.services.invoices.checking import check_documents
from billdesk.services.invoices.comparing import (
    Comparison,
    LineComparison,
    SumComparison,
    Verification,
    recompute_and_compare,
    verify_documents,
)
from billdesk.services.invoices.correcting import (
    Correction,
    change_memo,
    correct_document,
    credit_document,
    mark_uncollectible,
)
from billdesk.services.invoices.drafting import (
    DraftInput,
    DraftLine,
    create_draft,
    preview_draft,
    update_draft,
    void_drafts,
)
from billdesk.services.invoices.issuing import Issued, issue_documents, issue_run
from billdesk.services.invoices.offsetting import offset_note
from billdesk.services.invoices.queries import (
    DocumentView,
    count_documents,
    list_documents,
    list_draft_ids,
    list_ids,
    load_document,
    load_documents,
    load_rows,
    load_view,
    sum_by_status,
    sum_documents,
)
from billdesk.storage.invoices import DocumentFilter, DocumentRow, DocumentSort, Related, Sums

__all__ = [
    "Comparison",
    "Correction",
    "DocumentFilter",
    "DocumentRow",
    "DocumentSort",
    "DocumentView",
    "DraftInput",
    "DraftLine",
    "Issued",
    "LineComparison",
    "Related",
    "SumComparison",
    "Sums",
    "Verification",
    "change_memo",
    "check_documents",
    "correct_document",
    "count_documents",
    "create_draft",
    "credit_document",
    "issue_documents",
    "issue_run",
    "list_documents",
    "list_draft_ids",
    "list_ids",
    "load_document",
    "load_documents",
    "load_rows",
    "load_view",
    "mark_uncollectible",
    "offset_note",
    "preview_draft",
    "recompute_and_compare",
    "sum_by_status",
    "sum_documents",
    "update_draft",
    "verify_documents",
    "void_drafts",
]
