"""What a threshold on unbilled usage had drafted, in words."""

from __future__ import annotations

from billdesk.kernel.i18n import _, current, ngettext
from billdesk.services.alerts import ThresholdBill


def preview_words(bill: ThresholdBill | None) -> str:
    """Say which bills an import would draft; empty for none."""
    if bill is None or not bill.documents:
        return ""
    return ngettext(
        "With this usage a threshold is reached: importing it drafts {n} bill of {sums}.",
        "With this usage a threshold is reached: importing it drafts {n} bills of {sums}.",
        bill.documents,
        sums=_sums(bill),
    )


def _sums(bill: ThresholdBill) -> str:
    return " + ".join(current().money(total) for total in bill.totals)


def bill_words(bill: ThresholdBill | None) -> str:
    """Say which bills were drafted and who could not be billed; empty for none."""
    if bill is None:
        return ""
    made = ngettext(
        "{n} bill of {sums} is drafted, for a threshold on unbilled usage was reached.",
        "{n} bills of {sums} are drafted, for a threshold on unbilled usage was reached.",
        bill.documents,
        sums=_sums(bill),
    )
    names = ", ".join(bill.left_out)
    lost = _("Could not be billed, see the next billing run: {names}.", names=names)
    return " ".join(text for text, is_told in ((made, bill.documents), (lost, bill.left_out)) if is_told)
