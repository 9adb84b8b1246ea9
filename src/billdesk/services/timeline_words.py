"""The timeline of a contract in words, for the person at the desk."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from billdesk.domain.catalog import Catalog
from billdesk.domain.subscriptions import Entry, EntryKind, PauseKind, Subscription
from billdesk.kernel.i18n import N_, _, current
from billdesk.services.term_words import term_text, uplift_text


@dataclass(frozen=True, slots=True)
class TimelineItem:
    """One entry in words; `is_future` ones can still be taken back without touching what was billed."""

    entry_id: int
    kind: EntryKind
    effective: date
    recorded_at: datetime
    user: str
    text: str
    reason: str
    revoked: bool
    is_future: bool


def describe_entries(subscription: Subscription, catalog: Catalog, today: date) -> tuple[TimelineItem, ...]:
    """Give every entry in words, oldest first."""
    entries = sorted(subscription.entries, key=lambda entry: (entry.effective, entry.recorded_at, entry.id))
    return tuple(
        TimelineItem(
            entry.id,
            entry.kind,
            entry.effective,
            entry.recorded_at,
            entry.user,
            _WORDS[entry.kind](entry, catalog),
            entry.reason,
            entry.revoked,
            entry.effective > today,
        )
        for entry in entries
    )


def _plan(entry: Entry, catalog: Catalog) -> str:
    version = catalog.plan_versions.get(entry.plan_version_id or 0)
    if version is None:
        return _("unknown plan")
    plan = catalog.plans.get(version.plan_id)
    return _("{plan}, version {number}", plan=plan.name if plan else "?", number=version.number)


def _quantities(entry: Entry, catalog: Catalog) -> str:
    parts = []
    for price_id, quantity in entry.quantities.items():
        price = catalog.prices.get(price_id)
        parts.append(f"{current().number(quantity)} × {price.name if price else price_id}")
    return ", ".join(parts)


def _start(entry: Entry, catalog: Catalog) -> str:
    text = _("Started on {plan}", plan=_plan(entry, catalog))
    text = _with_trial(_with_quantities(text, entry, catalog), entry)
    return _("{text}; {term}", text=text, term=term_text(entry.term)) if entry.term else text


def _with_quantities(text: str, entry: Entry, catalog: Catalog) -> str:
    quantities = _quantities(entry, catalog)
    return _("{text} with {quantities}", text=text, quantities=quantities) if quantities else text


def _with_trial(text: str, entry: Entry) -> str:
    if entry.trial_until is None:
        return text
    return _("{text}, on trial until {day}", text=text, day=current().day(entry.trial_until))


def _change_plan(entry: Entry, catalog: Catalog) -> str:
    return _with_quantities(_("Changed to {plan}", plan=_plan(entry, catalog)), entry, catalog)


def _change_quantity(entry: Entry, catalog: Catalog) -> str:
    return _("Quantity changed to {quantities}", quantities=_quantities(entry, catalog))


def _override(entry: Entry, catalog: Catalog) -> str:
    if entry.override is None:
        return _("Own price")
    price = catalog.prices.get(entry.override.price_id)
    name = price.name if price else str(entry.override.price_id)
    if entry.override.until is None:
        return _("Own price for {name}", name=name)
    return _("Own price for {name} until {day}", name=name, day=current().day(entry.override.until))


_PAUSES: Final = {
    PauseKind.SERVICE: N_("Paused: unused days are credited"),
    PauseKind.BILLING_KEEP: N_("Billing paused: drafts are held back"),
    PauseKind.BILLING_SKIP: N_("Billing paused: these days are not charged"),
    PauseKind.BILLING_WAIVE: N_("Billing paused: these days are waived and credited"),
}


def _pause(entry: Entry, _catalog: Catalog) -> str:
    return _(_PAUSES[entry.pause_kind])


def _cancel(entry: Entry, _catalog: Catalog) -> str:
    text = _("Ended: unused days are credited") if entry.credit_unused else _("Ended without credit")
    return _("{text}; the fee is waived", text=text) if entry.fee_waived else text


def _anchor(entry: Entry, _catalog: Catalog) -> str:
    return _("Periods counted from {day}", day=current().day(entry.new_anchor or entry.effective))


def _set_term(entry: Entry, _catalog: Catalog) -> str:
    return _("Term agreed: {term}", term=term_text(entry.term)) if entry.term else _("Term agreed")


def _renew(entry: Entry, _catalog: Catalog) -> str:
    parts = [uplift_text(entry.uplift)] if entry.uplift is not None else []
    parts += [term_text(entry.term)] if entry.term is not None else []
    return _("Renewed: {terms}", terms="; ".join(parts)) if parts else _("Renewed")


def _fixed(msgid: str) -> Callable[[Entry, Catalog], str]:
    return lambda _entry, _catalog: _(msgid)


_WORDS: Final[Mapping[EntryKind, Callable[[Entry, Catalog], str]]] = {
    EntryKind.START: _start,
    EntryKind.CONVERT: _fixed(N_("Trial became a paid contract")),
    EntryKind.CHANGE_PLAN: _change_plan,
    EntryKind.CHANGE_QUANTITY: _change_quantity,
    EntryKind.OVERRIDE_PRICE: _override,
    EntryKind.PAUSE: _pause,
    EntryKind.RESUME: _fixed(N_("Resumed")),
    EntryKind.SET_TERM: _set_term,
    EntryKind.RENEW: _renew,
    EntryKind.RESET_ANCHOR: _anchor,
    EntryKind.CANCEL: _cancel,
}
