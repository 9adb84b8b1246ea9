"""What a bank format is, and where all of them are registered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from billdesk.bankfiles.tables import TableProfile
from billdesk.domain.banking import Statement
from billdesk.kernel.written.moments import DateOrder


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What the user knows and a file may not say: its account, currency, date order, the columns of a table."""

    file_name: str = ""
    account: str = ""
    currency: str = ""
    date_order: DateOrder | None = None
    profile: TableProfile | None = None


class BankFormat(Protocol):
    """A kind of statement file."""

    @property
    def key(self) -> str:
        """Stable name, stored in books."""

    @property
    def label(self) -> str:
        """English name for people, the msgid of its translation."""

    def identify(self, head: bytes, name: str) -> bool:
        """Tell by the first 4 KiB and the file name whether a file is of this kind."""

    def read(self, data: bytes, options: ReadOptions) -> tuple[Statement, ...]:
        """Read all statements; raises UnreadableFile, or RowsRejected when single lines cannot be used."""
