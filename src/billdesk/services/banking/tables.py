"""How a bank's table is read when its titles tell too little: what a person answers, as the reader's options."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from billdesk.bankfiles import ReadOptions, TableProfile
from billdesk.bankfiles.tables import Role
from billdesk.kernel.written.moments import DateOrder

__all__ = ["DATE_ORDERS", "TABLE_ROLES", "DateOrder", "ReadOptions", "Role", "table_options"]

TABLE_ROLES: Final = (
    Role.DATE,
    Role.AMOUNT,
    Role.DEBIT,
    Role.CREDIT,
    Role.CURRENCY,
    Role.COUNTERPARTY,
    Role.ACCOUNT,
    Role.TEXT,
    Role.STRUCTURED,
    Role.OWN_ACCOUNT,
    Role.BALANCE,
    Role.REFERENCE,
)
"""What a person can point out, what is needed first."""

DATE_ORDERS: Final = (DateOrder.DMY, DateOrder.MDY, DateOrder.YMD)


def table_options(columns: Sequence[tuple[str, str]], date_order: str = "") -> ReadOptions:
    """Give reader options for columns pointed out by hand (role, title) and an order of day and month."""
    profile = TableProfile(columns=tuple(columns), date_order=date_order) if columns or date_order else None
    return ReadOptions(profile=profile, date_order=DateOrder(date_order) if date_order else None)
