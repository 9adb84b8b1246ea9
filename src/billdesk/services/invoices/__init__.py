"""Invoices and credit notes: lists, drafts, issuing, correcting."""

from billdesk.services.invoices.issuing import Issued, issue_documents, issue_run

__all__ = ["Issued", "issue_documents", "issue_run"]
