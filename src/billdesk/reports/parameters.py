"""The parameters that reports share, and how they are read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from billdesk.kernel.errors import InvalidValue, Place, Problem
from billdesk.kernel.fields import Field, Kind
from billdesk.kernel.i18n import N_
from billdesk.kernel.period import Period
from billdesk.storage.database import Db

FIRST: Final = Field("first", N_("From"), Kind.DATE, required=False, default="")
LAST: Final = Field("last", N_("Until"), Kind.DATE, required=False, default="")
AS_OF: Final = Field("as_of", N_("As of"), Kind.DATE, required=False, default="")


def day_of(parameters: Mapping[str, str], name: str) -> date | None:
    """Read a day, None when it is left out; raises InvalidValue."""
    text = parameters.get(name, "")
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidValue(Problem("not_a_date", Place(field=name), text)) from error


def period_of(db: Db, parameters: Mapping[str, str]) -> Period:
    """Read the days from `first` to `last`, both inside; what is left out is this year up to today."""
    first = day_of(parameters, "first") or date(db.today.year, 1, 1)
    last = day_of(parameters, "last") or db.today
    if last < first:
        raise InvalidValue(Problem("period_ends_before_start", Place(field="last"), last.isoformat()))
    return Period(first, last + timedelta(days=1))
