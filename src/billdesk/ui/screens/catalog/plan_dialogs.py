"""Dialogs of plans: the plan itself, a version with its items, and what publishing would do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from billdesk.domain.catalog import Plan, PlanItem, PlanVersion, RunningPolicy, VersionState
from billdesk.kernel.decimals import from_text, to_text
from billdesk.kernel.errors import BillDeskError, InvalidValue, Place, Problem, RowsRejected
from billdesk.kernel.fields import Field
from billdesk.kernel.fields import Kind as FieldKind
from billdesk.kernel.i18n import N_, _, current
from billdesk.kernel.messages import sentence
from billdesk.kernel.money import Money
from billdesk.services.moved_contracts import MovedContract
from billdesk.services.plan_preview import Publication
from billdesk.ui.core.editors import CheckEditor, ChoiceEditor, DateEditor, IntegerEditor, ParagraphEditor, TextEditor
from billdesk.ui.core.form import FormGrid
from billdesk.ui.core.messages import words
from billdesk.ui.core.row_grid import RowGrid
from billdesk.ui.core.screen import Context
from billdesk.ui.core.table_columns import Column, Kind
from billdesk.ui.core.table_panel import Empty, ListSpec, TablePanel
from billdesk.ui.core.tokens import Tone
from billdesk.ui.core.widgets import Banner, FormDialog, boxed, column, label
from billdesk.ui.screens.catalog.catalog_presenter import Facts
from billdesk.ui.screens.catalog.catalog_words import POLICIES, contracts_text, offered, version_title, word
from billdesk.ui.screens.catalog.commitment_values import (
    COMMITMENT_CHOICES,
    COMMITMENT_FIELDS,
    commitment_values,
    to_commitment,
)

_WIDTH: Final = 720
_WIDE: Final = 860
_LANGUAGES: Final = {"nl": N_("Name in Dutch"), "fr": N_("Name in French"), "de": N_("Name in German")}


class RecordDialog(FormDialog):
    """A dialog over one record: it stays open until the book has taken the record.

    `entered` carries the record; call `taken` or `refused` with the answer.
    """

    entered = Signal(object)
    first: ClassVar[str] = "code"

    def __init__(self, parent: QWidget, heading: str, columns: int = 2) -> None:
        self.form = FormGrid(columns)
        self._banner = Banner("", Tone.RED)
        self.body = column(self._banner, self.form, spacing=12)
        super().__init__(parent, heading, boxed(self.body))
        self._banner.hide()
        self.setMinimumWidth(_WIDTH)
        self.on_submit(self._submit)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.form.editor(self.first).focus_target().setFocus(Qt.FocusReason.TabFocusReason)

    def record(self) -> object:
        """Give the record that the form describes; called when every field can be read."""
        raise NotImplementedError

    def extra_problems(self) -> list[Problem]:
        """Say what is wrong beyond single fields."""
        return []

    def taken(self, _value: object) -> None:
        """Close, for the record is in the book."""
        self.accept()

    def refused(self, error: BillDeskError) -> None:
        """Show why the book did not take it."""
        problems = error.problems if isinstance(error, RowsRejected) else ()
        problems = (error.problem,) if isinstance(error, InvalidValue) else problems
        if problems:
            self.show_problems(problems)
        else:
            self.show_error(error)

    def show_error(self, error: BillDeskError) -> None:
        """Show an error that names no field."""
        message = sentence(error)
        self._banner.show_text(f"{message.what} {message.next}".strip())

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Show problems at their fields, and others above the form."""
        left = self.form.show_problems(problems)
        self._banner.setVisible(bool(left))
        if left:
            self._banner.show_text(" ".join(words(problem) for problem in left))

    def add_names(self, names: Any) -> None:  # noqa: ANN401 - a mapping by language
        """Add a field for the name in each other language."""
        for code, title in _LANGUAGES.items():
            self.form.add(f"name_{code}", _(title), TextEditor()).set_value(names.get(code))

    def names(self) -> dict[str, str]:
        """Give the names in other languages that are filled in."""
        values = self.form.values()
        found = {code: str(values[f"name_{code}"] or "") for code in _LANGUAGES}
        return {code: text for code, text in found.items() if text}

    def _submit(self) -> bool:
        problems = self.form.problems() or self.extra_problems()
        self.show_problems(problems)
        if not problems:
            self.entered.emit(self.record())
        return False


class PlanDialog(RecordDialog):
    """Code, name and texts of a plan."""

    def __init__(self, parent: QWidget, plan: Plan) -> None:
        super().__init__(parent, _("Plan") if plan.id else _("New plan"))
        self._before = plan
        self.form.add("code", _("Code"), TextEditor())
        self.form.add("name", _("Name"), TextEditor())
        self.form.add("description", _("Description"), ParagraphEditor(3), is_wide=True)
        self.add_names(plan.names)
        self.form.add("archived", "", CheckEditor(_("Archived: no longer offered")))
        self.form.set_values(
            {"code": plan.code or None, "name": plan.name or None, "archived": plan.archived}
            | {"description": plan.description or None}
        )

    def record(self) -> Plan:
        values = self.form.values()
        return replace(
            self._before,
            code=str(values["code"] or "").strip(),
            name=str(values["name"] or "").strip(),
            names=self.names(),
            description=str(values["description"] or ""),
            archived=bool(values["archived"]),
        )


class VersionDialog(RecordDialog):
    """Effective date, running contracts, trial and items of a version."""

    first = "effective"

    def __init__(self, parent: QWidget, version: PlanVersion, facts: Facts) -> None:
        heading = version_title(version) if version.id else _("New version")
        super().__init__(parent, heading)
        self._before = version
        choices = tuple((str(key), f"{price.code}  {price.name}") for key, price in facts.prices.items())
        fields = (
            Field("price", N_("Price"), FieldKind.CHOICE, choices=choices),
            Field("quantity", N_("Quantity at the start"), FieldKind.DECIMAL, default="1"),
        )
        self.form.add("effective", _("Effective from"), DateEditor(lambda: facts.today))
        self.form.add("trial_days", _("Trial in days"), IntegerEditor())
        self.form.add("running_policy", _("Running contracts"), ChoiceEditor(offered(POLICIES)), is_wide=True)
        self.form.add("items", _("Prices"), RowGrid(fields, lambda: facts.today), is_wide=True)
        committed = ChoiceEditor([(str(key), _(text)) for key, text in COMMITMENT_CHOICES])
        self.form.add("commitment_interval", _("Committed to at least"), committed)
        self.form.add("commitment", _("Least amounts"), RowGrid(COMMITMENT_FIELDS, lambda: facts.today), is_wide=True)
        self.form.add("note", _("Why"), TextEditor(), is_wide=True, hint=_("Stands in the history of each contract."))
        self.form.set_values(_version_values(version))

    def record(self) -> PlanVersion:
        values: dict[str, Any] = self.form.values()
        return replace(
            self._before,
            effective=values["effective"],
            trial_days=values["trial_days"] or 0,
            running_policy=RunningPolicy(values["running_policy"]),
            items=tuple(_items(values["items"])),
            commitment=to_commitment(values["commitment_interval"], values["commitment"], self._before.commitment),
            note=values["note"] or "",
        )

    def extra_problems(self) -> list[Problem]:
        missing = [name for name in ("effective", "items") if not self.form.values()[name]]
        return [Problem("value_missing", Place(field=name)) for name in missing]


def _version_values(version: PlanVersion) -> dict[str, object]:
    rows = [{"price": str(item.price_id), "quantity": to_text(item.quantity)} for item in version.items]
    return {
        "effective": version.effective,
        "trial_days": version.trial_days,
        "running_policy": version.running_policy.value,
        "items": rows,
        "note": version.note or None,
    } | commitment_values(version.commitment)


def _items(rows: Sequence[dict[str, object]]) -> list[PlanItem]:
    """Give the items; a price that is named twice counts once, with its last quantity."""
    found: dict[int, Decimal] = {}
    for one in rows:
        if one.get("price"):
            found[int(str(one["price"]))] = from_text(str(one.get("quantity") or "1"))
    return [PlanItem(price_id, quantity) for price_id, quantity in found.items()]


_ASKED: Final = {
    True: (N_("Approve {version}?"), N_("Approve")),
    False: (N_("Publish {version}?"), N_("Publish")),
}
MOVED_COLUMNS: Final[tuple[Column[MovedContract], ...]] = (
    Column("number", N_("Contract"), lambda r: r.number, Kind.MUTED),
    Column("customer", N_("Customer"), lambda r: r.customer_name, stretch=1, is_strong=True),
    Column("on", N_("Changes on"), lambda r: r.on, Kind.DATE),
    Column("before", N_("Per month now"), lambda r: r.before, Kind.MONEY, rank=1),
    Column("after", N_("Then"), lambda r: r.after, Kind.MONEY),
    Column("difference", N_("Difference"), lambda r: r.difference, Kind.MONEY, is_strong=True, is_summed=True),
)


class PublishDialog(FormDialog):
    """Shows which contracts move when a version goes live; its button approves a draft or publishes it."""

    def __init__(self, parent: QWidget, context: Context, found: Publication, *, is_draft: bool = False) -> None:
        empty = Empty("users", _("No contract changes"), _("Only new contracts get this version."))
        spec = ListSpec("moved", _("Contracts that change"), MOVED_COLUMNS, lambda r: r.subscription_id, empty)
        self.list = TablePanel(spec, context.preferences)
        self.list.setMinimumHeight(280)
        parts = (label(summary_text(found), "second", wrap=True), self.list)
        super().__init__(
            parent,
            _(_ASKED[is_draft][0], version=version_title(found.version)),
            boxed(column(*parts, spacing=12)),
            yes=_(_ASKED[is_draft][1]),
        )
        self.setMinimumWidth(_WIDE)
        self.list.show_records(found.moved)


def summary_text(found: Publication) -> str:
    """Say what publishing does: how many contracts move, what that is worth, how many keep theirs."""
    sums: dict[str, int] = {}
    for one in found.moved:
        sums[one.difference.currency] = sums.get(one.difference.currency, 0) + one.difference.minor
    worth = ", ".join(current().money(Money(minor, code)) for code, minor in sorted(sums.items()))
    lines = [word(POLICIES, found.version.running_policy) + "."]
    if found.moved:
        lines.append(
            _("{contracts} change: {amounts} a month.", contracts=contracts_text(len(found.moved)), amounts=worth)
        )
    if found.kept:
        lines.append(_("{contracts} keep their version.", contracts=contracts_text(found.kept)))
    return " ".join(lines)


def next_version(plan_id: int, today: date) -> PlanVersion:
    """Give the draft of a plan that has no version yet."""
    return PlanVersion(0, plan_id, 0, VersionState.DRAFT, today, ())
