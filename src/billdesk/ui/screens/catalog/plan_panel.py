"""The panel of a plan: its versions, what each sells, what changed, who is on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from PySide6.QtWidgets import QVBoxLayout, QWidget

from billdesk.domain.catalog import PlanVersion, VersionState
from billdesk.kernel.i18n import _
from billdesk.services.catalog import PlanCard, diff_versions
from billdesk.ui.core.tokens import Space
from billdesk.ui.core.widgets import StatusChip, boxed, button, column, danger, label, link, primary, row
from billdesk.ui.screens.catalog.catalog_lists import VERSION_STATES
from billdesk.ui.screens.catalog.catalog_presenter import Facts
from billdesk.ui.screens.catalog.catalog_words import (
    POLICIES,
    change_text,
    contracts_text,
    item_text,
    price_text,
    version_title,
    word,
)
from billdesk.ui.screens.catalog.commitment_values import commitment_text

Deed = Callable[[PlanVersion], object]

DEEDS: Final[Mapping[VersionState, tuple[str, ...]]] = {
    VersionState.DRAFT: ("delete", "edit", "approve"),
    VersionState.APPROVED: ("delete", "edit", "publish"),
    VersionState.LIVE: ("retire",),
    VersionState.RETIRED: (),
}
"""What can be done with a version in each state; the last one is the next step."""


class PlanContent(QWidget):
    """What the panel shows of a plan; `deeds` are called with a version."""

    def __init__(
        self, card: PlanCard, facts: Facts, deeds: Mapping[str, Deed], open_price: Callable[[int], object]
    ) -> None:
        super().__init__()
        self._card, self._facts, self._deeds, self._open_price = card, facts, deeds, open_price
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(Space.ONE_HALF)
        words = " · ".join(filter(None, (card.plan.code, card.plan.description)))
        self._layout.addWidget(label(words, "second", wrap=True, selectable=True))
        versions = card.versions
        for before, version in zip((None, *versions), versions, strict=False):
            self._layout.insertWidget(1, self._version(version, before))

    def _version(self, version: PlanVersion, before: PlanVersion | None) -> QWidget:
        status = VERSION_STATES[version.state.value]
        on_it = self._card.on_version.get(version.id, 0)
        parts: list[QWidget] = [
            label(f"{contracts_text(on_it)} · {word(POLICIES, version.running_policy)}", "faint", wrap=True),
            *([label(_people(version), "faint", wrap=True)] if version.owner else []),
            *(self._item(version, place) for place in range(len(version.items))),
            *([label(commitment_text(version.commitment), "second", wrap=True)] if version.commitment else []),
            *self._changes(version, before),
            *([label(version.note, "second", wrap=True)] if version.note else []),
        ]
        head = row(label(version_title(version), "strong"), None, StatusChip(_(status.label), status.tone))
        deeds = self._deed_buttons(version)
        foot = [row(None, *deeds)] if deeds else []
        return boxed(column(head, *parts, *foot, spacing=6, margins=(14, 12, 14, 12)), "inset")

    def _item(self, version: PlanVersion, place: int) -> QWidget:
        item = version.items[place]
        price = self._facts.prices.get(item.price_id)
        text = link(item_text(item, price, self._facts.products), partial(self._open_price, item.price_id))
        holder = QWidget()
        cost = label(price_text(price) if price else "", "faint", wrap=True)
        holder.setLayout(column(row(text, None), row(4, cost), spacing=0))
        return holder

    def _changes(self, version: PlanVersion, before: PlanVersion | None) -> list[QWidget]:
        if before is None:
            return []
        changes = diff_versions(before, version)
        if not changes:
            return []
        title = _("Against version {n}", n=before.number)
        lines = [
            label(change_text(change, self._facts.prices, self._facts.products), "second", wrap=True)
            for change in changes
        ]
        return [label(title, "label"), *lines]

    def _deed_buttons(self, version: PlanVersion) -> list[QWidget]:
        made = {
            "delete": lambda: danger(_("Delete"), partial(self._deeds["delete"], version)),
            "edit": lambda: button(_("Edit"), partial(self._deeds["edit"], version)),
            "approve": lambda: primary(_("Approve"), partial(self._deeds["approve"], version)),
            "publish": lambda: primary(_("Publish…"), partial(self._deeds["publish"], version)),
            "retire": lambda: button(_("Retire"), partial(self._deeds["retire"], version)),
        }
        return [made[deed]() for deed in DEEDS[version.state]]


def _people(version: PlanVersion) -> str:
    """Say who drafted a version and who approved it."""
    if version.approver:
        return _("Drafted by {owner}, approved by {approver}", owner=version.owner, approver=version.approver)
    return _("Drafted by {owner}", owner=version.owner)
