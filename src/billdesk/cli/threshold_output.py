"""How commands tell which thresholds were reached, and what that drafted."""

from __future__ import annotations

from billdesk.cli.output import Output
from billdesk.kernel.i18n import _, ngettext
from billdesk.services.alerts import Looked, ThresholdBill


def tell_alerts(output: Output, looked: Looked) -> None:
    """Say how many thresholds were reached, if any, and which bills are drafted."""
    if looked.reached:
        output.say(ngettext("{n} threshold reached.", "{n} thresholds reached.", looked.reached))
    tell_bill(output, looked.bill)


def tell_bill(output: Output, bill: ThresholdBill | None) -> None:
    """Say which bills a threshold on unbilled usage had drafted, and who could not be billed."""
    if bill is None:
        return
    if bill.run_id is None and bill.documents:
        output.say(
            ngettext(
                "Unbilled usage would reach a threshold: {n} draft.",
                "Unbilled usage would reach a threshold: {n} drafts.",
                bill.documents,
            )
        )
    if bill.run_id is not None:
        text = ngettext(
            "Unbilled usage reached a threshold: {n} draft made in run {run}.",
            "Unbilled usage reached a threshold: {n} drafts made in run {run}.",
            bill.documents,
            run=bill.run_id,
        )
        output.say(text)
        output.table(_("Drafts"), (_("Currency"), _("Total")), ((total.currency, total) for total in bill.totals))
    for name in bill.left_out:
        output.say(_("{name} could not be billed; a billing run says why.", name=name))
