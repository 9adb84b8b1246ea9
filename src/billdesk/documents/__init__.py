"""A record to bytes: PDF, XLSX, CSV and e-invoices."""
