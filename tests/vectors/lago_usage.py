"""Lago's metering in ours: prorated units are a level averaged over time, operations on ids changes of that level."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from billdesk.domain.aggregations import Reading, rounded, weighted_sum
from billdesk.domain.billing.taxing import tax_lines
from billdesk.domain.catalog import PriceTerms
from billdesk.domain.rating import amount_of
from billdesk.domain.usage import Aggregation, Metric, RoundingMode, UsageTotal
from billdesk.kernel.decimals import to_scaled
from billdesk.kernel.money import Money
from vectors.books import Event, measured
from vectors.found import Answer, Case, NotCovered, compared, known
from vectors.lago import ENTITY, RATE, a_line, rate, tiers

SIX = 6
LEVEL = Metric(1, "m", "m", decimals=SIX, aggregation=Aggregation.WEIGHTED_SUM)
# Their prorated units are rounded up at five decimals.
UP_AT_FIVE = Metric(1, "m", "m", decimals=SIX, aggregation=Aggregation.WEIGHTED_SUM, rounding=RoundingMode.CEIL,
                    rounding_places=5)  # fmt: skip
FIFTH = Decimal("0.00001")
NOON = datetime(2026, 2, 1, 12, tzinfo=UTC)
BEFORE = -1


def aggregations(case: Case) -> Answer:
    """Answer by aggregation: through an import and SQL where the book does it, else by the domain's functions."""
    given, expected = case["inputs"], case["expected"]
    answer = _ANSWERS.get((given["aggregation"], bool(given.get("prorated"))))
    if answer is None:
        raise NotCovered(given["aggregation"])
    found = answer(given)
    return compared(found, {key: Decimal(value) for key, value in expected.items()})


def _rounding(given: Case) -> dict[str, object]:
    known(given, "aggregation", "units", "function", "precision")
    mode = RoundingMode(given["function"] or "none")
    metric = Metric(1, "m", "m", rounding=mode, rounding_places=given["precision"] or 0)
    return {"units": rounded(Decimal(given["units"]), metric)}


def _weighted(given: Case) -> dict[str, object]:
    known(given, "aggregation", "unit", "period_start", "period_end", "period_days", "initial_value", "events")
    start = datetime.fromisoformat(given["period_start"])
    # Their period ends a millisecond before midnight; ours at midnight.
    length = datetime.fromisoformat(given["period_end"]) + timedelta(milliseconds=1) - start
    readings = [Reading(BEFORE, _scaled(given.get("initial_value") or "0"))]
    readings += [
        Reading(_micros(datetime.fromisoformat(event["at"]) - start), _scaled(event["value"]))
        for event in given["events"]
    ]
    level = weighted_sum(readings, 0, _micros(length), LEVEL)
    whole = sum(reading.scaled for reading in readings)
    return {
        "aggregation": level.quantize(FIFTH), "events_count": Decimal(len(given["events"])),
        "total_aggregated_units": Decimal(whole).scaleb(-SIX),
    }  # fmt: skip


def _micros(length: timedelta) -> int:
    return length // timedelta(microseconds=1)


def _scaled(text: str) -> int:
    return to_scaled(Decimal(text), SIX)


def _prorated_sum(given: Case) -> dict[str, object]:
    known(given, "aggregation", "recurring", "prorated", "period_start", "period_end", "opening_units", "events",
          "period_days")  # fmt: skip
    readings, days = _levels(given)
    whole = sum(reading.scaled for reading in readings)
    return {
        "aggregation": rounded(weighted_sum(readings, 0, days, UP_AT_FIVE), UP_AT_FIVE),
        "full_units": Decimal(whole).scaleb(-SIX),
    }


def _levels(given: Case, events: Sequence[Case] | None = None) -> tuple[list[Reading], int]:
    """Let units count from the start of their day, in days of the period, both of whose ends are inside."""
    start, last = (date.fromisoformat(given[name]) for name in ("period_start", "period_end"))
    opening = Reading(BEFORE, _scaled(given.get("opening_units") or "0"))
    found = given["events"] if events is None else events
    later = [Reading((date.fromisoformat(one["date"]) - start).days, _scaled(one["value"])) for one in found]
    return [opening, *later], (last - start).days + 1


def _prorated_ids(given: Case) -> dict[str, object]:
    known(given, "aggregation", "recurring", "prorated", "period_start", "period_end", "period_days", "events")
    start, last = (date.fromisoformat(given[name]) for name in ("period_start", "period_end"))
    days = (last - start).days + 1
    readings = [reading for name in {one["id"] for one in given["events"]} for reading in _changes(given, name, start)]
    level = weighted_sum(readings, 0, days, UP_AT_FIVE)
    return {
        "aggregation": rounded(level, UP_AT_FIVE),
        "unit_days": (level * days).quantize(FIFTH),
        "full_units": Decimal(sum(reading.scaled for reading in readings)).scaleb(-SIX),
    }


def _changes(given: Case, name: str, start: date) -> Iterator[Reading]:
    """Turn what is done to an id into a level of 0 or 1: the day on which it is removed still counts."""
    active, gone = False, BEFORE - 10**6
    for event in (one for one in given["events"] if one["id"] == name):
        day = (datetime.fromisoformat(event["at"]).date() - start).days
        if event["operation"] == "add" and not active:
            active = True
            yield Reading(max(day, gone), _scaled("1"))
        elif event["operation"] == "remove" and active:
            active, gone = False, day + 1
            yield Reading(gone, _scaled("-1"))


def _highest(given: Case) -> dict[str, object]:
    known(given, "aggregation", "values")
    return _sql(measured(_in_a_row(given["values"]), aggregation=Aggregation.MAX, decimals=SIX))


def _in_a_row(values: Sequence[str]) -> list[Event]:
    return [(NOON + timedelta(seconds=number), Decimal(value), {}) for number, value in enumerate(values)]


def _latest(given: Case) -> dict[str, object]:
    known(given, "aggregation", "events", "filter")
    filters = {name: tuple(values) for name, values in given.get("filter", {}).items()}
    events = []
    for number, event in enumerate(given["events"]):
        age = timedelta(days=event.get("age_days", 0), seconds=event.get("age_seconds", 0), microseconds=-number)
        events.append((NOON - age, Decimal(event["value"]), {name: event[name] for name in filters}))
    return _sql(measured(events, aggregation=Aggregation.LATEST, decimals=SIX, filters=filters))


def _plain(aggregation: Aggregation) -> Any:
    def answer(given: Case) -> dict[str, object]:
        known(given, "aggregation", "values")
        return _sql(measured(_in_a_row(given["values"]), aggregation=aggregation, decimals=SIX))

    return answer


def _sql(total: UsageTotal) -> dict[str, object]:
    return {"aggregation": total.quantity, "events_count": Decimal(total.events)}


_ANSWERS = {
    ("rounding", False): _rounding,
    ("weighted_sum", False): _weighted,
    ("sum", True): _prorated_sum,
    ("unique_count", True): _prorated_ids,
    ("max", False): _highest,
    ("latest", False): _latest,
    ("sum", False): _plain(Aggregation.SUM),
    ("count", False): _plain(Aggregation.COUNT),
}


def usage_sequences(case: Case) -> Answer:
    """Give the amount after each event."""
    given, expected = case["inputs"], case["expected"]
    if given["model"] == "percentage":
        return _percentages(given), expected["steps"]
    if given["model"] != "graduated_prorated":
        raise NotCovered(given["model"])
    if "event_prorated_units" in given:
        known(given, "model", "tiers", "event_units", "event_prorated_units")
        units = sum((Decimal(one) for one in given["event_prorated_units"]), Decimal(0))
        return _graduated(given, units).major, Decimal(expected["amount"])
    return _prorated(given), expected["steps"]


def _percentages(given: Case) -> list[Case]:
    known(given, "model", "tax_percent", "events", "properties")
    events = [Decimal(value) for value in given["events"]]
    found = []
    for number in range(1, len(events) + 1):
        so_far = events[:number]
        fee = Money.of(rate("percentage", given["properties"], sum(so_far, Decimal(0)), so_far), "EUR")
        taxed = tax_lines([a_line(1, fee.minor, 0, given["tax_percent"])], [False], RATE, ENTITY)
        found.append({
            "after_event": number, "units": f"{sum(so_far, Decimal(0)):f}", "amount_minor": str(fee.minor),
            "total_with_tax_minor": str((taxed.net + taxed.tax).minor),
        })  # fmt: skip
    return found


def _graduated(given: Case, units: Decimal) -> Money:
    terms = PriceTerms("EUR", {"tiers": tiers(given["tiers"], "unit_price")})
    return amount_of("graduated", terms, UsageTotal(units))[0]


def _prorated(given: Case) -> list[Case]:
    """Rate the level that is averaged over the period, after each event."""
    known(given, "model", "aggregation", "period_start", "period_end", "tiers", "opening_units", "events")
    found = []
    for number in range(len(given["events"]) + 1):
        readings, days = _levels(given, given["events"][:number])
        event = given["events"][number - 1] if number else None
        units = Decimal(sum(reading.scaled for reading in readings)).scaleb(-SIX)
        found.append({
            "at": event["date"] if event else given["period_start"], "event": event["value"] if event else None,
            "units": f"{units.normalize():f}",
            "amount_minor": str(_graduated(given, weighted_sum(readings, 0, days, LEVEL)).minor),
        })  # fmt: skip
    return found
