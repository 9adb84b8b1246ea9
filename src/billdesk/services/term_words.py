"""Contract terms in words, for the person at the desk."""

from __future__ import annotations

from billdesk.domain.contract_terms import AfterTerm, ContractTerm, EarlyFee, FeeKind, Uplift
from billdesk.kernel.i18n import _, current, ngettext


def term_text(term: ContractTerm) -> str:
    """Say what was agreed, part by part."""
    parts = [length_text(term), after_text(term), notice_text(term)]
    parts += [uplift_text(term.uplift)] if term.uplift.changes else []
    if term.fee.kind is not FeeKind.NONE:
        parts.append(_("leaving early costs {fee}", fee=fee_text(term.fee)))
    parts += [commitment_text(term)] if term.commitment is not None else []
    return ", ".join(part for part in parts if part)


def length_text(term: ContractTerm) -> str:
    """Say how long a term is."""
    if term.until is not None:
        return _("until {day}", day=current().day(term.until))
    if term.months is None:
        return _("no minimum term")
    return ngettext("{n} month", "{n} months", term.months)


def after_text(term: ContractTerm) -> str:
    """Say what happens when the term ends."""
    if term.months is None and term.until is None:
        return ""
    if term.after is AfterTerm.END:
        return _("then it ends")
    if term.after is AfterTerm.CONTINUE:
        return _("then it goes on without end")
    return ngettext("renews for {n} month", "renews for {n} months", term.renews_for or 0)


def notice_text(term: ContractTerm) -> str:
    """Say how long before the end notice must be given."""
    length = notice_length(term)
    return _("notice of {length}", length=length) if length else ""


def notice_length(term: ContractTerm) -> str:
    """Say how long the notice period is, nothing when there is none."""
    parts = [ngettext("{n} month", "{n} months", term.notice_months)] if term.notice_months else []
    parts += [ngettext("{n} day", "{n} days", term.notice_days)] if term.notice_days else []
    return " + ".join(parts)


def uplift_text(uplift: Uplift) -> str:
    """Say how prices change at a renewal."""
    if uplift.index:
        if uplift.share == 100:  # noqa: PLR2004 - all of it
            return _("prices follow the index {code}", code=uplift.index)
        share = current().number(uplift.share)
        return _("{share} % of prices follows the index {code}", share=share, code=uplift.index)
    if not uplift.percent:
        return _("same prices")
    percent = current().number(abs(uplift.percent))
    return (
        _("prices + {percent} %", percent=percent) if uplift.percent > 0 else _("prices − {percent} %", percent=percent)
    )


def commitment_text(term: ContractTerm) -> str:
    """Say what the contract commits to."""
    if not term.commitment:
        return _("no least amount")
    amount = current().number(term.commitment, 2)
    if term.commitment_months is None:
        return _("at least {amount} for the term", amount=amount)
    every = ngettext("{n} month", "{n} months", term.commitment_months)
    return _("at least {amount} for every {length}", amount=amount, length=every)


def fee_text(fee: EarlyFee) -> str:
    """Say what leaving early costs."""
    if fee.kind is FeeKind.FIXED:
        return current().number(fee.amount, 2)
    if fee.kind is FeeKind.PERCENT:
        return _("{percent} % of what is left", percent=current().number(fee.percent))
    return _("all that is left") if fee.kind is FeeKind.REMAINING else _("nothing")
