"""Every failure has a sentence for people, and every place in the sentence is filled where the failure is raised."""

from __future__ import annotations

from string import Formatter

from architecture.raised import Raised, find_raised
from billdesk.domain.usage import WaitReason
from billdesk.kernel.messages import PROBLEMS, RULES
from billdesk.kernel.wording import Wording

CODES_FROM_ELSEWHERE = {
    "kernel/written/cell_error.py": "carries the code that the cell error was raised with",
    "sheets/survey.py": "date_order_mixed and decimal_mark_mixed, in a table",
    "bankfiles/formats/": "hands on a wrong cell of the file with its row",
    "domain/discounts.py": "the codes of coupons, in a table",
    "services/usage/importing.py": "one for each reason to wait",
    "services/imports/commands.py": "why an import cannot be undone, in a table: in_use, used_by_…, changed_since",
    "services/imports/contract_": "hands on a problem of the domain at its cell",
    "services/imports/kinds/": "hands on a problem of the domain at its cell",
    "services/banking/settling.py": "hands on a broken rule",
    "services/billing/computing.py": "hands on a broken rule",
    "cli/billing.py": "tells of a finding of billing",
    "services/customer_overview.py": "hands on a finding of billing",
    "ui/": "hands on a problem with its place in the form",
}
"""Modules whose codes do not stand where they are raised, and where they come from."""

IN_TABLES = {
    "coupon_archived", "coupon_not_yet", "coupon_expired", "coupon_other_currency", "coupon_used_up",
    "coupon_used_by_customer", "coupon_first_time_only", "in_use", "used_by_contract", "used_by_customer",
    "used_by_document", "used_by_draft", "used_by_price", "used_by_plan", "used_by_payment", "used_by_usage",
    "changed_since", "date_order_mixed", "decimal_mark_mixed", *(f"usage_{reason}" for reason in WaitReason),
}  # fmt: skip


def _worded(raised: Raised) -> Wording | None:
    return (RULES if raised.is_rule else PROBLEMS).get(raised.code)


def _places(wording: Wording) -> set[str]:
    texts = (wording.what, wording.next)
    return {field for text in texts for _before, field, _spec, _how in Formatter().parse(text) if field}


def test_every_code_that_is_raised_has_a_sentence() -> None:
    found, _unread = find_raised()
    bare = sorted({f"{raised.code} ({raised.place})" for raised in found if raised.code and _worded(raised) is None})
    assert not bare, f"write what happened and what helps in kernel/messages.py or a wording beside it: {bare}"
    assert len(found) > 200, "the reader of the source no longer understands how problems are raised"
    assert set(PROBLEMS) >= IN_TABLES


def test_every_place_in_a_sentence_is_filled() -> None:
    found, _unread = find_raised()
    empty = sorted(
        f"{raised.code} ({raised.place}): {sorted(lacking)}"
        for raised in found
        if (wording := _worded(raised)) is not None and raised.details is not None
        if (lacking := _places(wording) - raised.details - (set() if raised.is_rule else {"value"}))
    )
    assert not empty, f"people would read “?” there; give these details: {empty}"


def test_codes_stand_where_they_are_raised() -> None:
    _found, unread = find_raised()
    strange = [place for place in unread if not place.startswith(tuple(CODES_FROM_ELSEWHERE))]
    assert not strange, f"write the code as a text, so that its sentence can be found: {strange}"


def test_every_sentence_says_what_to_do_next() -> None:
    silent = sorted(code for code, wording in PROBLEMS.items() if not wording.next)
    assert silent == ["coda_duplicate", "entry_not_booked"], f"a problem without remedy helps nobody: {silent}"
