from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from billdesk.domain.contract_terms import ContractTerm
from billdesk.ui.screens.subscriptions.term_fields import TermFields


@pytest.mark.parametrize(
    "term",
    [
        ContractTerm(12),
        ContractTerm(12, commitment=Decimal(1200)),
        ContractTerm(24, commitment=Decimal(0)),
        ContractTerm(24, commitment=Decimal("99.50"), commitment_months=3),
    ],
)
def test_what_a_term_commits_to_is_shown_and_given_back(qtbot: QtBot, term: ContractTerm) -> None:
    fields: Any = TermFields(lambda: date(2026, 1, 1), ())
    qtbot.addWidget(fields)
    fields.set_term(term)
    assert fields.term() == term
