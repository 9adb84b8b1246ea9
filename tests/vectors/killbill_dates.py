"""Kill Bill's dates and cycles in ours: a billing cycle is a grid period, its fraction what a price charges."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from billdesk.domain.billing.grid import Grid, grid_of
from billdesk.domain.billing.proration import part_of
from billdesk.domain.catalog import Alignment
from billdesk.domain.timeline import check_entries
from billdesk.kernel.period import Interval, Period
from vectors.found import Answer, Case, NotCovered, compared, known
from vectors.killbill import INTERVALS, Account, anchor_for, on

NINTH = Decimal("1e-9")
_ASKED = ("start", "end", "target", "bcd", "billing_period", "billing_mode", "in_arrear_mode")


def proration(case: Case) -> Answer:
    """Bill a price of 10**9 yen and read the amounts as numbers of cycles."""
    given, expected = case["inputs"], case["expected"]
    known(given, *_ASKED)
    if "error" in expected:
        return bool(_cycles(given)) and not _contradicts(given), False
    found = _cycles(given)
    theirs = {
        "number_of_billing_cycles": Decimal(expected["number_of_billing_cycles"]),
        "periods_recomputed": [
            (one["start"], one["end"], Decimal(one["cycles"])) for one in expected.get("periods_recomputed", ())
        ],
    }
    ours = {"number_of_billing_cycles": sum(cycles for _start, _end, cycles in found), "periods_recomputed": found}
    return compared(ours, {key: theirs[key] for key in expected})


def _contradicts(given: Case) -> bool:
    return any(problem.code == "entry_before_start" for problem in check_entries(_account(given).subscription("s")))


def _account(given: Case) -> Account:
    account = Account("JPY")
    start = {**given, "subscription": "s", "date": given["start"], "type": "CREATE", "recurring_rate": "1000000000"}
    account.events["s"].append(start)
    if given.get("end"):
        stop = {**start, "date": given["end"], "type": "CANCEL", "recurring_rate": None, "fixed_price": None}
        account.events["s"].append(stop)
    return account


def _cycles(given: Case) -> list[tuple[str, str, Decimal]]:
    lines = _account(given).run(on(given["target"]))
    return [(one.period.start.isoformat(), one.period.end.isoformat(), one.amount.minor * NINTH) for _n, one in lines]


def billing_dates(case: Case) -> Answer:
    """Ask grid, engine and proration for what the date helpers compute."""
    given, expected, kind = case["inputs"], case["expected"], case["kind"]
    if kind in _HELPERS:
        return _HELPERS[kind](given), expected["result"]
    if kind == "recurring_periods":
        known(given, *_ASKED)
        return [[start, end] for start, end, _cycles_ in _cycles(given)], expected["periods"]
    if kind == "billing_interval":
        return _interval(given, expected)
    if kind not in _PARTS:
        raise NotCovered(kind)
    share, of = _PARTS[kind](given)
    return (Decimal(share) / of).quantize(NINTH, ROUND_HALF_UP), Decimal(str(expected["result"]))


def _stepped(given: Case, sign: int) -> str:
    known(given, "date", "billing_period", "n")
    return _grid(on(given["date"]), given).boundary(sign * given["n"]).isoformat()


def _whole_periods(given: Case) -> int:
    known(given, "start", "end", "billing_period")
    return _grid(on(given["start"]), given).number_at(on(given["end"]))


_HELPERS = {
    "advance_by_n_periods": lambda given: _stepped(given, 1),
    "recede_by_n_periods": lambda given: _stepped(given, -1),
    "number_of_whole_billing_periods": _whole_periods,
}


def _grid(anchor: date, given: Case) -> Grid:
    return grid_of(anchor, _interval_of(given), Alignment.ANNIVERSARY, 1)


def _interval_of(given: Case) -> Interval:
    if given.get("billing_period") not in INTERVALS:
        raise NotCovered(str(given.get("billing_period")))
    return INTERVALS[given["billing_period"]]


def _interval(given: Case, expected: Case) -> Answer:
    """Say from the grid where cycles begin, and from the bill how far it reaches."""
    known(given, *_ASKED)
    start = on(given["start"])
    grid = _grid(anchor_for(start, given["bcd"], _interval_of(given)), given)
    whole = grid.period_at(start)
    first = start if whole.start == start else whole.end
    found: dict[str, object] = {"first_billing_cycle_date": first.isoformat()}
    if expected.keys() - found.keys():
        found |= _reached(given, grid, first)
    return compared(found, expected)


def _reached(given: Case, grid: Grid, first: date) -> dict[str, object]:
    cycles = _cycles(given)
    if not cycles:
        return {"has_something_to_bill": False, "effective_end_date": None}
    until = on(cycles[-1][1])
    running = grid.period_at(until)
    return {
        "has_something_to_bill": True,
        "effective_end_date": until.isoformat(),
        "last_billing_cycle_date": running.start.isoformat(),
        "next_billing_cycle_date": running.end.isoformat(),
        "number_of_whole_billing_periods_between_first_and_last_bcd": grid.number_at(until) - grid.number_at(first),
    }


Share = tuple[int, int]


def _part(given: Case, whole: Period, days: Period) -> Share:
    price = Account(fixed_days=given["fixed_days_in_month"]).price("x", "flat", {}, interval=_months(given))
    return part_of(price, whole, days)


def _months(given: Case) -> Interval:
    return _interval_of({"billing_period": "MONTHLY", **given})


def _before(given: Case) -> Share:
    known(given, "start", "next_billing_cycle_date", "billing_period", "fixed_days_in_month")
    end = on(given["next_billing_cycle_date"])
    return _part(given, Period(_grid(end, given).boundary(-1), end), Period(on(given["start"]), end))


def _after(given: Case) -> Share:
    known(given, "end", "previous_bill_through_date", "billing_period", "fixed_days_in_month")
    start = on(given["previous_bill_through_date"])
    return _part(given, Period(start, _grid(start, given).boundary(1)), Period(start, on(given["end"])))


def _days(given: Case) -> Share:
    known(given, "start", "end", "fixed_days_in_month")
    start, end = on(given["start"]), on(given["end"])
    month = Period(start, grid_of(start, _months(given), Alignment.ANNIVERSARY, 1).boundary(1))
    share, of = _part(given, month, Period(start, end))
    return share * (given["fixed_days_in_month"] or month.days), of


_PARTS = {
    "proration_before_first_billing_period": _before,
    "proration_after_last_billing_cycle_date": _after,
    "days_between_with_fixed_days_in_month": _days,
}
