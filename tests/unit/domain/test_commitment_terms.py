from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from billdesk.domain.contract_terms import AfterTerm, ContractTerm, check_term


@pytest.mark.parametrize(
    ("term", "fields"),
    [
        (ContractTerm(12, commitment=Decimal(500)), []),
        (ContractTerm(12, commitment=Decimal(0)), []),
        (ContractTerm(12, commitment=Decimal(-1)), ["commitment"]),
        (ContractTerm(12, commitment=Decimal(500), commitment_months=0), ["commitment_months"]),
        (ContractTerm(after=AfterTerm.CONTINUE, commitment=Decimal(500), commitment_months=3), []),
        (ContractTerm(after=AfterTerm.CONTINUE, commitment=Decimal(500)), ["months"]),
    ],
)
def test_what_a_term_commits_to_is_checked(term: ContractTerm, fields: list[str]) -> None:
    assert [problem.place.field for problem in check_term(term, date(2026, 1, 1))] == fields
