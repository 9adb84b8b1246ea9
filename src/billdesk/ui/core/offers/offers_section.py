"""The section “Discounts and credits” of a panel: what a customer or contract has, and giving or ending it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from billdesk.kernel.fields import Field
from billdesk.kernel.i18n import _, current
from billdesk.services.customer_offers import OffersCard, Owner, load_offers
from billdesk.services.discounts import DiscountRow, create_discount, end_discount, redeem_coupon, resume_discount
from billdesk.services.offer_words import terms_text, wallet_text, worth_text
from billdesk.services.wallets import WalletRow, grant_wallet, refund_contract_into_wallet
from billdesk.ui.core.offers.offer_dialog import Command, OfferDialog
from billdesk.ui.core.offers.offer_values import COUPON_FIELDS, discount_fields, grant_fields, to_discount, to_grant
from billdesk.ui.core.offers.wallet_dialog import WalletDialog
from billdesk.ui.core.screen import Context
from billdesk.ui.core.tokens import Space
from billdesk.ui.core.widgets import column, label, link, row
from billdesk.ui.core.widgets.elided import ElidedLabel
from billdesk.ui.core.widgets.focus import focus_kept


class OffersSection(QWidget):
    """Reads by itself what it shows, and again after each command."""

    def __init__(self, context: Context, owner: Owner) -> None:
        super().__init__()
        self._context = context
        self._tasks = context.tasks.of(self)
        self._owner = owner
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(Space.ONE)
        self.reload()

    def reload(self) -> None:
        """Read the discounts and wallets again."""
        self._tasks.query(load_offers, self._owner, then=self._show, latest="offers")

    def _show(self, card: OffersCard) -> None:
        with focus_kept(self):
            self._fill(card)

    def _fill(self, card: OffersCard) -> None:
        while self._layout.count():
            item = self._layout.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        lines = [self._discount(one, card) for one in card.discounts] + [
            self._wallet(one, card) for one in card.wallets
        ]
        for line in lines or [label(_("None."), "faint")]:
            self._layout.addWidget(line)
        self._layout.addWidget(self._actions(card))

    def _discount(self, one: DiscountRow, card: OffersCard) -> QWidget:
        terms = one.granted.discount
        whose = _("contract {number}", number=one.subscription_number) if one.subscription_number else ""
        note = " · ".join(part for part in (terms_text(one.granted), whose) if part)
        is_over = terms.until is not None and terms.until <= card.today
        end = link(_("End…"), partial(self._ask_end, one))
        again = link(_("Go on"), partial(self._command, partial(resume_discount, discount_id=terms.id)))
        return _line(terms.label, note, worth_text(terms), again if is_over else end)

    def _wallet(self, one: WalletRow, card: OffersCard) -> QWidget:
        movements = link(_("Movements…"), partial(self._show_wallet, one, card))
        return _line(one.wallet.label, wallet_text(one, card.today), current().money(one.wallet.balance), movements)

    def _show_wallet(self, one: WalletRow, card: OffersCard) -> None:
        dialog = WalletDialog(self._context, self, one, card)
        dialog.changed.connect(self.reload)
        dialog.open()

    def _actions(self, card: OffersCard) -> QWidget:
        if not card.gets_documents:
            name = card.receiver_name
            return label(_("Documents go to {name}, who has the discounts and credit.", name=name), "faint", wrap=True)
        holder = QWidget()
        give = link(_("Give a discount…"), partial(self._give, card), "percent")
        use = link(_("Use a coupon…"), partial(self._redeem, card), "receipt")
        grant = link(_("Grant credit…"), partial(self._grant, card), "wallet")
        lines = [row(give, None), row(use, None), row(grant, None)]
        if self._owner.subscription_id is not None:
            back = link(_("Turn what it gives back into credit…"), partial(self._ask_refund, card), "rotate-ccw")
            lines.append(row(back, None))
        holder.setLayout(column(*lines, spacing=Space.HALF))
        return holder

    def _ask_refund(self, card: OffersCard) -> None:
        self._context.messages.confirm(
            _("Turn what the contract gives back today into prepaid credit?"),
            _("The credit note is issued and sent now; its amount becomes credit of {name}.", name=card.receiver_name),
            _("Only a contract that ended or became smaller gives something back."),
            yes=_("Turn it into credit"),
            on_yes=partial(self._refund, card),
        )

    def _refund(self, card: OffersCard) -> None:
        key = card.owner.subscription_id or 0
        label = _("Turning it into credit")
        self._tasks.command(refund_contract_into_wallet, key, label=label, then=self._refunded)

    def _refunded(self, made: Sequence[WalletRow]) -> None:
        sums = " + ".join(current().money(one.granted) for one in made)
        self._context.messages.note(_("{amount} is prepaid credit now.", amount=sums))
        self.reload()

    def _give(self, card: OffersCard) -> None:
        def make(values: Mapping[str, object]) -> Callable[..., Any]:
            return partial(create_discount, discount=to_discount(values, card), customer_id=card.owner.customer_id)

        self._open(card, (_("Give a discount"), _("Give")), discount_fields(card), make)

    def _redeem(self, card: OffersCard) -> None:
        def make(values: Mapping[str, object]) -> Callable[..., Any]:
            owner = card.owner
            return partial(
                redeem_coupon,
                code=str(values.get("coupon") or ""),
                customer_id=owner.customer_id,
                subscription_id=owner.subscription_id,
            )

        self._open(card, (_("Use a coupon"), _("Use")), COUPON_FIELDS, make)

    def _grant(self, card: OffersCard) -> None:
        def make(values: Mapping[str, object]) -> Callable[..., Any]:
            return partial(grant_wallet, given=to_grant(values, card))

        self._open(card, (_("Grant credit"), _("Grant")), grant_fields(card), make)

    def _open(self, card: OffersCard, words: tuple[str, str], fields: Sequence[Field], make: Command) -> None:
        heading, yes = words
        dialog = OfferDialog(self._context, self, heading, fields, card.today, yes=yes)
        dialog.completed.connect(self.reload)
        dialog.run(make)

    def _ask_end(self, one: DiscountRow) -> None:
        terms = one.granted.discount
        self._context.messages.confirm(
            _("End {label} today?", label=terms.label),
            _("What was issued keeps it; drafts are made without it by the next run."),
            yes=_("End it"),
            on_yes=partial(self._end, one),
        )

    def _end(self, one: DiscountRow) -> None:
        terms = one.granted.discount
        self._tasks.command(end_discount, terms.id, version=one.version, then=partial(self._ended, one))

    def _ended(self, one: DiscountRow, _nothing: None) -> None:
        terms = one.granted.discount
        undo = partial(self._command, partial(resume_discount, discount_id=terms.id, until=terms.until))
        self._context.messages.note(_("{label} has ended.", label=terms.label), (_("Undo"), undo))
        self.reload()

    def _command(self, command: Callable[..., Any]) -> None:
        self._tasks.command(command, then=lambda _value: self.reload())


def _line(title: str, note: str, worth: str, action: QWidget | None) -> QWidget:
    holder = QWidget()
    words = column(ElidedLabel(title, "medium"), label(note, "faint", wrap=True), spacing=1)
    ends = column(row(None, label(worth, "strong")), row(None, action) if action is not None else 0, spacing=1)
    line = row(spacing=Space.ONE_HALF, margins=(Space.HALF, 3, Space.HALF, 3))
    line.addLayout(words, 1)
    line.addLayout(ends)
    holder.setLayout(line)
    return holder
