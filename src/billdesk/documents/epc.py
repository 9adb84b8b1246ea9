"""The EPC QR code that banking apps read (EPC069-12, SEPA credit transfer), as text and as modules."""

from __future__ import annotations

from typing import Final

from billdesk.documents.printed import Printed
from billdesk.domain.invoices import Document, DocumentState
from billdesk.kernel.decimals import to_text

_CURRENCY: Final = "EUR"
_MAX_MINOR: Final = 99_999_999_999
_MAX_NAME: Final = 70
_MAX_TEXT: Final = 140
_MAX_BYTES: Final = 331


def epc_text(document: Document) -> str:
    """Give the content of the code; empty where the document cannot be paid with one.

    A code needs euro, an IBAN and a positive amount; drafts have none because their amount may change.
    """
    payment, due = document.payment, document.amount_due
    payable = document.state is DocumentState.ISSUED and document.currency == _CURRENCY
    if not payable or not payment.iban or not 0 < due.minor <= _MAX_MINOR or Printed.of(document).is_credit_note:
        return ""
    reference, text = _remittance(document)
    content = "\n".join(
        [
            "BCD", "002", "1", "SCT",
            payment.bic.replace(" ", ""),
            (payment.account_name or document.seller.name)[:_MAX_NAME],
            payment.iban.replace(" ", ""),
            f"{_CURRENCY}{to_text(due.major)}",
            "",
            reference,
            text,
        ]
    ).rstrip("\n")  # fmt: skip
    return content if len(content.encode()) <= _MAX_BYTES else ""


def _remittance(document: Document) -> tuple[str, str]:
    """Give the ISO 11649 reference or the free text, of which only one may be filled."""
    structured = document.payment.structured_reference.replace(" ", "")
    if structured.upper().startswith("RF"):
        return structured.upper(), ""
    # Belgian banks read +++ddd/dddd/ddddd+++ from the free text; the reference field is for RF only.
    return "", (structured or document.number)[:_MAX_TEXT]
