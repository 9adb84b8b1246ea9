from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from billdesk.kernel.errors import InvalidValue, MailFailed
from billdesk.services.delivery import Bundle
from billdesk.services.delivery.mail_trial import send_test_mail
from billdesk.services.delivery.showing import explain_lines, render_pdf, write_document
from builders.invoices import a_line, a_trace, an_invoice

NOW = datetime(2026, 3, 16, tzinfo=UTC)
SETTINGS = {
    "smtp_host": "localhost",
    "smtp_port": 1,
    "smtp_security": "none",
    "smtp_user": "",
    "mail_from": "a@b.example",
}


def test_the_page_on_screen_is_a_pdf() -> None:
    assert render_pdf(Bundle((an_invoice(),), {})).startswith(b"%PDF")


def test_a_document_is_written_where_it_was_wanted(tmp_path: Path) -> None:
    path = write_document(Bundle((an_invoice(),), {}), "xlsx", tmp_path / "any name.xlsx")
    assert path.read_bytes().startswith(b"PK")


def test_each_line_is_explained_in_the_language_of_the_desk() -> None:
    (steps,) = explain_lines(an_invoice(lines=(a_line(trace=a_trace()),), language="nl"), "en")
    assert [(step.label, step.formula) for step in steps][:2] == [
        ("Quantity", "3, from the contract"),
        ("Price", "3 × 49.50"),
    ]


@pytest.mark.parametrize("field", ["smtp_host", "mail_from"])
def test_a_test_mail_names_the_setting_that_is_missing(field: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        send_test_mail(SETTINGS | {field: ""}, "eva@b.example", "", NOW)
    assert (caught.value.problem.code, caught.value.problem.place.field) == ("value_missing", field)


def test_a_test_mail_to_a_server_that_is_not_there_fails_as_mail_does() -> None:
    with pytest.raises(MailFailed):
        send_test_mail(SETTINGS, "eva@b.example", "", NOW)
