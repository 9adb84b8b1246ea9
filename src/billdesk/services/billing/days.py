"""Up to which day a run may bill: a slip of the keyboard must not bill for centuries."""

from __future__ import annotations

from datetime import date
from typing import Final

from billdesk.kernel.errors import InvalidValue, Place, Problem
from billdesk.kernel.period import add_months
from billdesk.storage.database import Db

MONTHS_AHEAD: Final = 24
"""As far as contracts are billed in advance; what lies farther ahead is simulated."""


def require_near_day(db: Db, as_of: date) -> None:
    """Refuse to bill up to a day that lies far ahead; raises InvalidValue."""
    latest = add_months(db.today, MONTHS_AHEAD)
    if as_of > latest:
        details = (("latest", latest.isoformat()),)
        raise InvalidValue(Problem("billing_day_far", Place(field="as_of"), as_of.isoformat(), details))
