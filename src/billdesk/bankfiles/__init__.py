"""Bytes to statement lines, one file per bank format."""

from billdesk.bankfiles.reader import bank_formats, read_statement_data, read_statements
from billdesk.bankfiles.registry import BankFormat, ReadOptions
from billdesk.bankfiles.tables import TableProfile

__all__ = [
    "BankFormat",
    "ReadOptions",
    "TableProfile",
    "bank_formats",
    "read_statement_data",
    "read_statements",
]
