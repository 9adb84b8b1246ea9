from __future__ import annotations

import re
from pathlib import Path

import pytest

from vectors import (
    killbill,
    killbill_accounting,
    killbill_dates,
    killbill_usage,
    lago,
    lago_invoices,
    lago_money,
    lago_usage,
    published,
)
from vectors.found import Answer, Case, NotCovered, cases, names
from vectors.not_ours import RULES, fitting_rule, named_rule

ADAPTERS = {
    "killbill_accounting": killbill_accounting.accounting,
    "killbill_proration": killbill_dates.proration,
    "killbill_billing_dates": killbill_dates.billing_dates,
    "killbill_invoice_generator": killbill.generator,
    "killbill_scenarios": killbill.scenario,
    "killbill_item_repair": killbill.repair,
    "killbill_usage": killbill_usage.usage,
    "lago_charge_models": lago.charge_models,
    "lago_aggregations": lago_usage.aggregations,
    "lago_usage_sequences": lago_usage.usage_sequences,
    "lago_subscription_proration": lago.subscription_proration,
    "lago_fixed_charges": lago.fixed_charges,
    "lago_commitments": lago.commitments,
    "lago_coupons": lago.coupons,
    "lago_taxes": lago.taxes,
    "lago_credit_notes": lago_money.credit_notes,
    "lago_wallets": lago_money.wallets,
    "lago_invoices": lago_invoices.invoices,
    "lago_periods": lago.periods,
    "openmeter_flexprice_rating": published.openmeter,
    "stripe_docs": published.stripe,
}
FOUND = [(name, case) for name in ADAPTERS for case in cases(name)]


def _parameters(*, ours: bool) -> list[object]:
    chosen = [(name, case) for name, case in FOUND if bool(named_rule(case["id"])) is not ours]
    return [pytest.param(name, case, id=f"{name}-{case['id']}") for name, case in chosen]


DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "vectors.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `(?P<id>[^`]+)` \| (?P<ours>[^|]+) \| (?P<theirs>[^|]+) \|$", re.MULTILINE)
BOLD = re.compile(r"\*\*(.+?)\*\*")
NUMBER = re.compile(r"\d+(?:\.\d+)?")
NO_ANSWER = "no answer"


def _answer(name: str, case: Case) -> Answer:
    try:
        return ADAPTERS[name](case)
    except NotCovered:
        return NO_ANSWER, case["expected"]


@pytest.mark.parametrize(("name", "case"), _parameters(ours=True))
def test_a_published_case_gives_its_number(name: str, case: Case) -> None:
    ours, theirs = ADAPTERS[name](case)
    rule = fitting_rule(case) if ours != theirs else ""
    if rule:
        pytest.skip(f"not ours: {rule}, {ours} for {theirs}")
    assert ours == theirs


@pytest.mark.parametrize(("name", "case"), _parameters(ours=False))
def test_a_case_that_is_not_ours_differs_as_the_document_says(name: str, case: Case) -> None:
    ours, theirs = _answer(name, case)
    assert ours != theirs
    row = next(found for found in ROW.finditer(DOCUMENT) if found["id"] == case["id"])
    assert _bold(row["theirs"]) <= _numbers(str(theirs))
    assert ours == NO_ANSWER or _bold(row["ours"]) <= _numbers(str(ours))
    assert ours in (NO_ANSWER, []) or _bold(row["ours"])


def _bold(text: str) -> set[str]:
    return {number for part in BOLD.findall(text) for number in _numbers(part)}


def _numbers(text: str) -> set[str]:
    return set(NUMBER.findall(text))


def test_every_case_that_is_not_ours_stands_in_the_document_under_its_rule() -> None:
    sections = {part.partition("\n")[0]: part for part in DOCUMENT.split("\n## ")}
    for rule in RULES:
        assert [case_id for case_id in rule.ids if f"`{case_id}`" not in sections[rule.title]] == []


def test_no_file_of_cases_is_left_out() -> None:
    assert set(names()) <= set(ADAPTERS)
