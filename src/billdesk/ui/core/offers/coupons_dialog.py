"""All coupons: make one, see what it gives and how often it was used, end it, open it again, use it for a customer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from PySide6.QtWidgets import QWidget

from billdesk.domain.discounts import Coupon, CouponState
from billdesk.kernel.errors import BillDeskError, Place, Problem, RowsRejected
from billdesk.kernel.i18n import N_, _
from billdesk.services.customer_offers import CouponChoices, load_coupon_choices
from billdesk.services.customers import find_customers
from billdesk.services.discounts import CouponRow, archive_coupon, create_coupon, list_coupons, redeem_coupon
from billdesk.services.offer_words import COUPON_STATES, coupon_text, worth_text
from billdesk.ui.core.form import FormGrid
from billdesk.ui.core.offers.offer_dialog import OfferDialog
from billdesk.ui.core.offers.offer_values import coupon_fields, to_coupon
from billdesk.ui.core.record_picker import Hit, RecordPicker
from billdesk.ui.core.screen import Context
from billdesk.ui.core.table_columns import Column, Kind, Status
from billdesk.ui.core.table_panel import Empty, ListSpec, TablePanel
from billdesk.ui.core.tokens import Space, Tone
from billdesk.ui.core.widgets import FormDialog, boxed, button, column, row

_WIDTH, _HEIGHT = 1040, 580
_MOST: Final = 1_000
_TONES: Final = {CouponState.OPEN: Tone.GREEN, CouponState.PLANNED: Tone.BLUE}
_STATES: Final = {state.value: Status(words, _TONES.get(state, Tone.GREY)) for state, words in COUPON_STATES.items()}
COLUMNS: Final[tuple[Column[CouponRow], ...]] = (
    Column("code", N_("Code"), lambda r: r.coupon.code, stretch=1, is_strong=True, is_sortable=False),
    Column("label", N_("Text"), lambda r: r.coupon.discount.label, stretch=1, rank=2, is_sortable=False),
    Column("worth", N_("Worth"), lambda r: worth_text(r.coupon.discount), is_sortable=False),
    Column("terms", N_("Terms"), lambda r: coupon_text(r.coupon), Kind.MUTED, stretch=4, rank=1, is_sortable=False),
    Column("uses", N_("Used"), lambda r: r.uses, Kind.NUMBER, is_sortable=False),
    Column("state", N_("State"), lambda r: r.state.value, Kind.STATUS, statuses=_STATES, is_sortable=False),
)  # fmt: skip


def find_receivers(db: Any, words: str) -> list[Hit]:  # noqa: ANN401 - the lane's Db
    """Find customers for the picker."""
    return [Hit(str(row.id), row.name, row.number) for row in find_customers(db, words)]


class CouponsDialog(FormDialog):
    """Reads by itself what it shows, and again after each command."""

    def __init__(self, parent: QWidget, context: Context) -> None:
        self._context = context
        empty = Empty(
            "percent",
            _("No coupon yet"),
            _("A coupon gives a discount to whoever knows its code, within the limits that you set."),
            (_("New coupon…"), self.ask_new),
        )
        spec = ListSpec("coupons", _("Coupons"), COLUMNS, lambda r: r.coupon.id, empty)
        self.panel = TablePanel(spec, context.preferences)
        self._use = button(_("Use…"), self.ask_use, "receipt")
        self._end = button(_("End"), self.end, "ban")
        super().__init__(parent, _("Coupons"), self._content(), yes=_("Close"), can_cancel=False)
        self.resize(_WIDTH, _HEIGHT)
        self._tasks = context.tasks.of(self)
        self.panel.selection_changed.connect(self._enable)
        self.panel.model.loaded.connect(self._enable)
        self._enable()
        self.reload()

    def reload(self) -> None:
        """Read the coupons again."""
        self._tasks.query(list_coupons, archived=True, limit=_MOST, then=self._show, latest="coupons")

    def _content(self) -> QWidget:
        bar = row(button(_("New coupon…"), self.ask_new, "plus"), self._use, self._end, None)
        return boxed(column(bar, self.panel, spacing=Space.ONE_HALF))

    def _show(self, found: Sequence[CouponRow]) -> None:
        self.panel.show_records(sorted(found, key=lambda one: (one.coupon.archived, one.coupon.code)))

    def _current(self) -> CouponRow | None:
        found = self.panel.current_record()
        return found if isinstance(found, CouponRow) else None

    def _enable(self) -> None:
        found = self._current()
        self._use.setEnabled(found is not None and not found.coupon.archived)
        self._end.setEnabled(found is not None)
        is_over = found is not None and found.coupon.archived
        self._end.set_text(_("Open again") if is_over else _("End"))

    def ask_new(self) -> None:
        """Ask for a new coupon."""
        self._tasks.query(load_coupon_choices, then=self._ask_new)

    def _ask_new(self, facts: CouponChoices) -> None:
        def make(values: Mapping[str, object]) -> Callable[..., Any]:
            return partial(create_coupon, coupon=to_coupon(values))

        dialog = OfferDialog(self._context, self, _("New coupon"), coupon_fields(facts), facts.today, yes=_("Make"))
        dialog.form.set_json({"most_per_customer": 1})
        dialog.completed.connect(self.reload)
        dialog.run(make)

    def end(self) -> None:
        """Close the selected coupon to new uses, or open it again; either can be undone."""
        found = self._current()
        if found is not None:
            self._archive(found.coupon, archived=not found.coupon.archived)

    def _archive(self, coupon: Coupon, *, archived: bool) -> None:
        then = partial(self._archived, coupon, archived)
        self._tasks.command(archive_coupon, coupon.code, archived=archived, then=then)

    def _archived(self, coupon: Coupon, archived: bool, _nothing: None) -> None:  # noqa: FBT001 - bound by `_archive`
        self.reload()
        if archived:
            text = _("{code} has ended; discounts that it gave go on.", code=coupon.code)
            undo = partial(self._archive, coupon, archived=False)
            self._context.messages.note(text, (_("Undo"), undo))

    def ask_use(self) -> None:
        """Ask which customer uses the selected coupon."""
        found = self._current()
        if found is not None:
            UseDialog(self, self._context, found.coupon.code, self.reload).open()


class UseDialog(FormDialog):
    """Asks who uses a coupon, and says why it cannot be used where it cannot."""

    def __init__(self, parent: QWidget, context: Context, code: str, then: Callable[[], object]) -> None:
        self._form = FormGrid()
        self._customer = RecordPicker(context.tasks, find_receivers, _("Name, number, city…"))
        super().__init__(parent, _("Use {code}", code=code), self._form, yes=_("Use"))
        self._form.add("coupon", _("Customer"), self._customer, hint=_("Who receives the documents."))
        self._tasks, self._messages = context.tasks.of(self), context.messages
        self._code, self._then = code, then
        self.on_submit(self._submit)
        self._customer.focus_target().setFocus()

    def _submit(self) -> bool:
        problems = self._form.problems()
        chosen = None if problems else self._customer.value()
        if chosen is None:
            self._form.show_problems(problems or [Problem("value_missing", Place(field="coupon"))])
        else:
            customer = int(chosen)
            self._tasks.command(redeem_coupon, self._code, customer_id=customer, then=self._used, failed=self._refused)
        return False

    def _used(self, _row: object) -> None:
        self.accept()
        self._messages.note(_("{code} is used.", code=self._code))
        self._then()

    def _refused(self, error: BillDeskError) -> None:
        if not isinstance(error, RowsRejected) or self._form.show_problems(list(error.problems)):
            self._messages.fail(error)
