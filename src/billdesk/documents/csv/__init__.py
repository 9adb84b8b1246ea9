"""Tables as CSV: exact decimals, ISO dates, and no text that a spreadsheet could run as a formula."""

from __future__ import annotations

from billdesk.documents.csv.writing import CsvOptions, write_csv

__all__ = ["CsvOptions", "write_csv"]
