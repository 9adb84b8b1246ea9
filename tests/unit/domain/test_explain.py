from __future__ import annotations

import pytest

from billdesk.domain.explain import NO_TRACE, Step, StepKind, Trace, recompute
from billdesk.kernel.money import Money


def trace(*steps: tuple[StepKind, dict[str, str]]) -> Trace:
    return Trace(tuple(Step(kind, values) for kind, values in steps))


PART = (StepKind.PART, {"quantity": "3", "unit_price": "0.335", "flat": "1"})
FULL: tuple[StepKind, dict[str, str]] = (StepKind.FULL, {})


@pytest.mark.parametrize(
    ("steps", "minor"),
    [
        ([(StepKind.QUANTITY, {"quantity": "3"}), PART, FULL], 201),
        ([(StepKind.PERCENT, {"value": "200", "rate": "2.9", "count": "2", "fixed": "0.30"}), FULL], 640),
        ([(StepKind.GIVEN, {"given": "1.005"}), FULL], 101),
        ([PART, (StepKind.LESS, {}), (StepKind.GIVEN, {"given": "10"}), FULL], 800),
        ([(StepKind.GIVEN, {"given": "100"}), FULL, (StepKind.PRORATE, {"days": "10", "of": "31"})], 3226),
        ([(StepKind.GIVEN, {"given": "100"}), FULL, (StepKind.CONVERT, {"rate": "0.5"})], 5000),
        ([(StepKind.GIVEN, {"given": "1/3"}), FULL, (StepKind.RUNNING, {"carry": "1/300"})], 34),
        ([(StepKind.GIVEN, {"given": "5"}), FULL, (StepKind.ROUND, {}), (StepKind.BILLED, {"billed": "2"})], 300),
        ([(StepKind.GIVEN, {"given": "5"}), FULL, (StepKind.LIMIT, {"limit": "minimum", "base": "3"})], 200),
        ([(StepKind.GIVEN, {"given": "5"}), FULL, (StepKind.LIMIT, {"limit": "minimum", "base": "9"})], 0),
        ([(StepKind.GIVEN, {"given": "5"}), FULL, (StepKind.LIMIT, {"limit": "maximum", "base": "9"})], -400),
        ([(StepKind.GIVEN, {"given": "5"}), FULL, (StepKind.CREDIT, {"billed": "9", "left": "9"})], -400),
        ([(StepKind.GIVEN, {"given": "5"}), FULL, (StepKind.CREDIT, {"billed": "9", "left": "3"})], -300),
        ([(StepKind.CREDIT, {"billed": "-9", "left": "-9"})], 900),
        ([(StepKind.CREDIT, {"billed": "-9", "left": "3"})], 0),
    ],
)
def test_each_step_recomputes(steps: list[tuple[StepKind, dict[str, str]]], minor: int) -> None:
    assert recompute(trace(*steps), "EUR") == Money(minor, "EUR")


def test_a_trace_survives_json() -> None:
    found = trace(PART, FULL)
    assert Trace.from_json(found.to_json()) == found
    assert Trace.from_json("") == NO_TRACE


def test_yen_have_no_decimals() -> None:
    assert recompute(trace((StepKind.GIVEN, {"given": "1.5"}), FULL), "JPY") == Money(2, "JPY")
