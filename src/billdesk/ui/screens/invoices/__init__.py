"""Invoices and credit notes: the list, one document beside it, and the editor of drafts."""
