"""Settings of a book, described as data: the form, the check and the defaults come from here."""

from __future__ import annotations

from typing import Final

from billdesk.kernel.fields import Field, Kind
from billdesk.kernel.i18n import N_

SETTINGS: Final[tuple[Field, ...]] = (
    Field("invoice_pattern", N_("Invoice numbers"), default="{year}-{number:05}"),
    Field("credit_note_pattern", N_("Credit note numbers"), default="CN{year}-{number:05}"),
    Field("smtp_host", N_("Mail server"), required=False, default=""),
    Field("smtp_port", N_("Port"), Kind.INTEGER, default=587),
    Field(
        "smtp_security",
        N_("Security"),
        Kind.CHOICE,
        default="starttls",
        choices=(("starttls", "STARTTLS"), ("ssl", "TLS"), ("none", N_("None"))),
    ),
    Field("smtp_user", N_("User name"), required=False, default=""),
    Field("mail_from", N_("Sender address"), required=False, default=""),
    Field("mail_copy_to", N_("Copy of every mail to"), required=False, default=""),
    Field("change_warning_percent", N_("Show changes above (percent)"), Kind.INTEGER, default=30),
    Field("backup_daily", N_("Back up every day"), Kind.BOOLEAN, default=True),
)

BY_NAME: Final = {field.name: field for field in SETTINGS}
