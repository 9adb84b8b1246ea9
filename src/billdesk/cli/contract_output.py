"""What the commands about contracts print: documents to come, terms, the timeline."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from billdesk.cli.output import Output
from billdesk.domain.invoices import Document
from billdesk.domain.subscriptions import Subscription
from billdesk.kernel.i18n import _, current, ngettext
from billdesk.services.billing import ContractPreview
from billdesk.services.subscriptions import Ending, SubscriptionCard, TimelineItem
from billdesk.services.term_words import term_text, uplift_text

_DAY = timedelta(days=1)


def show_preview(output: Output, preview: ContractPreview) -> None:
    """Print the next documents with a change, and what they would be without."""
    show_documents(output, preview.documents)
    for document in preview.unchanged:
        day, total = current().day(document.issue_date), current().money(document.total)
        output.say(_("Without the change: {total} on {day}", total=total, day=day))
    output.result({"documents": documents_json(preview.documents), "unchanged": documents_json(preview.unchanged)})


def show_documents(output: Output, documents: Sequence[Document]) -> None:
    """Print documents line by line."""
    if not documents:
        output.say(_("No document follows in the next twelve months."))
    for document in documents:
        day, total = current().day(document.issue_date), current().money(document.total)
        title = _("{day}: {total}, tax included", day=day, total=total)
        output.table(
            title,
            (_("Description"), _("For"), _("Amount")),
            ((line.description, line.details, line.amount) for line in document.lines),
        )


def documents_json(documents: Iterable[Document]) -> list[dict[str, object]]:
    """Give documents for scripts: day, sums and lines."""
    return [
        {
            "day": document.issue_date,
            "kind": document.kind,
            "net": document.net,
            "tax": document.tax,
            "total": document.total,
            "lines": [
                {
                    "kind": line.kind,
                    "description": line.description,
                    "details": line.details,
                    "amount": line.amount,
                    "from": line.period.start if line.period else None,
                    "until": line.period.end if line.period else None,
                }
                for line in document.lines
            ],
        }
        for document in documents
    ]


def show_card(output: Output, card: SubscriptionCard) -> None:
    """Print a contract: what holds, its term and its timeline."""
    record, standing = card.subscription, card.standing
    facts: list[tuple[str, object]] = [
        (_("Customer"), f"{card.customer.number} {card.customer.name}"),
        (_("Plan"), card.plan_name),
        (_("State"), standing.state.value),
        (_("Started"), standing.started),
        (_("Ends"), standing.ended),
        (_("Next document"), card.next_due),
        *term_facts(card),
    ]
    output.table(_("Contract {number}", number=record.number), ("", ""), [one for one in facts if one[1]])
    show_timeline(output, card.timeline)


def term_facts(card: SubscriptionCard) -> list[tuple[str, object]]:
    """Give what is agreed about the term: when it ends, until when notice may be given, what rises then."""
    term, renewal = card.term, card.renewal
    if term is None:
        return []
    ends: date | None = term.end - _DAY if term.end else None
    facts: list[tuple[str, object]] = [(_("Term"), term_text(term.term)), (_("Term ends"), ends)]
    facts.append((_("Notice by"), card.standing.notice_by))
    if renewal is not None:
        facts.append((_("Renews on"), renewal.day))
        facts.append((_("At the renewal"), uplift_text(renewal.uplift)))
    return facts


def show_timeline(output: Output, items: Sequence[TimelineItem]) -> None:
    """Print the history and the future of a contract, with the ids that `revoke` and `move` take."""
    output.table(
        ngettext("{n} change", "{n} changes", len(items)),
        (_("Id"), _("Day"), _("Change"), _("Reason"), _("By"), ""),
        (
            (str(one.entry_id), one.effective, one.text, one.reason, one.user, _("taken back") if one.revoked else "")
            for one in items
        ),
    )


def show_saved(output: Output, record: Subscription, timeline: Sequence[TimelineItem]) -> None:
    """Say that a contract was changed, and print its timeline."""
    output.say(_("{number} is saved.", number=record.number))
    show_timeline(output, timeline)
    output.result({"number": record.number, "timeline": timeline})


def say_ending(output: Output, ending: Ending) -> None:
    """Say when a contract may end at the earliest, and what leaving now costs."""
    output.say(_("It may end on {day} at the earliest.", day=current().day(ending.earliest)))
    if ending.fee is not None:
        output.say(
            _(
                "Ending it now costs {fee}: {months} of {of} months are left.",
                fee=current().money(ending.fee.amount),
                months=ending.fee.months_left,
                of=ending.fee.of_months,
            )
        )
