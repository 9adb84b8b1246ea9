from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from billdesk.domain.audit import AuditEvent, canonical
from billdesk.services import audit_words
from billdesk.services.audit_words import describe_event, noun_word

_NAMED = re.compile(r'command="([a-z_]+)"')


def _event(command: str, noun: str = "invoices", **details: object) -> AuditEvent:
    return AuditEvent(1, datetime(2026, 3, 1, tzinfo=UTC), "Ann", command, noun, "", canonical(details), "", "")


def test_every_command_of_the_services_has_words() -> None:
    services = Path(audit_words.__file__).parent
    commands = {name for path in services.rglob("*.py") for name in _NAMED.findall(path.read_text(encoding="utf-8"))}
    assert not commands - audit_words._COMMANDS.keys()


def test_many_numbers_are_told_by_the_first_and_the_last() -> None:
    told = describe_event(_event("issue_documents", numbers=[f"2026-{n}" for n in range(1, 6)], ids=[1, 2, 3, 4, 5]))
    assert (told.title, told.details) == ("Documents issued", "numbers 2026-1 – 2026-5 (5)")


def test_a_changed_setting_is_told_before_and_after() -> None:
    told = describe_event(_event("change_settings", "settings", smtp_port=[587, 465]))
    assert (told.noun, told.details) == ("Settings", "smtp_port: 587 → 465")


def test_sums_by_currency_are_told_as_amounts() -> None:
    assert describe_event(_event("accept_unique_matches", sums={"EUR": "12.00 EUR"})).details == "sums 12.00 EUR"


def test_what_a_newer_program_wrote_shows_its_own_name() -> None:
    assert (describe_event(_event("open_gate")).title, noun_word("gates")) == ("open gate", "gates")
