"""What a threshold on unbilled usage had drafted, in words."""

from __future__ import annotations

from billdesk.kernel.i18n import _, current, ngettext
from billdesk.services.alerts import ThresholdBill


def bill_words(bill: ThresholdBill | None) -> str:
    """Say which bills were drafted and who could not be billed; empty for none."""
    if bill is None:
        return ""
    sums = " + ".join(current().money(total) for total in bill.totals)
    made = ngettext(
        "{n} bill of {sums} is drafted, for a threshold on unbilled usage was reached.",
        "{n} bills of {sums} are drafted, for a threshold on unbilled usage was reached.",
        bill.documents,
        sums=sums,
    )
    names = ", ".join(bill.left_out)
    lost = _("Could not be billed, see the next billing run: {names}.", names=names)
    return " ".join(text for text, is_told in ((made, bill.documents), (lost, bill.left_out)) if is_told)
