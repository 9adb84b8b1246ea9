from __future__ import annotations

from pathlib import Path

import pytest

from vectors import killbill, lago, published
from vectors.found import Case, cases, names
from vectors.not_ours import ELSEWHERE, NOT_OURS, rule_of

ADAPTERS = {
    "killbill_proration": killbill.proration,
    "killbill_billing_dates": killbill.billing_dates,
    "killbill_invoice_generator": killbill.generator,
    "killbill_scenarios": killbill.scenario,
    "killbill_item_repair": killbill.repair,
    "killbill_usage": killbill.usage,
    "lago_charge_models": lago.charge_models,
    "lago_aggregations": lago.aggregations,
    "lago_usage_sequences": lago.usage_sequences,
    "lago_subscription_proration": lago.subscription_proration,
    "lago_fixed_charges": lago.fixed_charges,
    "lago_commitments": lago.commitments,
    "lago_coupons": lago.coupons,
    "lago_taxes": lago.taxes,
    "lago_credit_notes": lago.credit_notes,
    "lago_wallets": lago.wallets,
    "lago_invoices": lago.invoices,
    "lago_periods": lago.periods,
    "openmeter_flexprice_rating": published.openmeter,
    "stripe_docs": published.stripe,
}
FOUND = [(name, case) for name in ADAPTERS for case in cases(name)]
OURS = [pytest.param(name, case, id=f"{name}-{case['id']}") for name, case in FOUND if not rule_of(case["id"])]
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "vectors.md"


@pytest.mark.parametrize(("name", "case"), OURS)
def test_a_published_case_gives_its_number(name: str, case: Case) -> None:
    ours, theirs = ADAPTERS[name](case)
    assert ours == theirs


def test_every_case_that_is_not_ours_stands_in_the_document_under_its_rule() -> None:
    sections = DOCUMENT.read_text(encoding="utf-8").split("\n## ")
    for rule, ids in NOT_OURS.items():
        section = next(part for part in sections if part.lower().startswith(rule.lower()))
        assert [case_id for case_id in ids if f"`{case_id}`" not in section] == []


def test_no_file_of_cases_is_left_out() -> None:
    assert set(names()) <= set(ADAPTERS) | ELSEWHERE
