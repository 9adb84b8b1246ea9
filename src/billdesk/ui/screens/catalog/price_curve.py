"""The curve of a price: what a whole period costs, by quantity, in one currency at a time."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from PySide6.QtWidgets import QVBoxLayout, QWidget

from billdesk.domain.catalog import Price
from billdesk.domain.curves import Dip, PriceLine
from billdesk.kernel.decimals import from_text, to_text
from billdesk.kernel.i18n import _, current
from billdesk.kernel.money import Money
from billdesk.ui.core.charts import Curve, CurveLine, Legend
from billdesk.ui.core.tokens import Space, Tone
from billdesk.ui.core.widgets import Banner, label
from billdesk.ui.screens.catalog.price_values import curve_lines

_LINES: Final = 6


class PriceCurve(QWidget):
    """A curve, or the words that say why there is none."""

    def __init__(self) -> None:
        super().__init__()
        self._curve = Curve()
        self._words = label("", "faint", wrap=True)
        self._warning = Banner("", Tone.AMBER)
        self._legend = QVBoxLayout()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.HALF)
        layout.addWidget(self._curve)
        layout.addLayout(self._legend)
        layout.addWidget(self._words)
        layout.addWidget(self._warning)

    def show_price(self, price: Price, currency: str) -> None:
        """Show what a price charges in a currency, and where buying more costs less."""

        def money(value: Decimal) -> str:
            return current().money(Money.of(value, currency))

        found = curve_lines(price, currency)
        lines = [
            CurveLine(_line_name(line.label), tuple((at, amount.major) for at, amount in line.points), number)
            for number, line in enumerate(found[:_LINES])
        ]
        self._curve.setVisible(bool(lines))
        self._name_lines([line.name for line in lines])
        self._words.setText(_caption(found))
        dips = [(line.label, dip) for line in found for dip in line.dips]
        self._warning.setVisible(bool(dips))
        if dips:
            self._warning.show_text(dip_text(*dips[0]))
        title = _("{name} in {currency}", name=price.name, currency=currency)
        self._curve.show_lines(title, lines, x_label=_number, y_label=money)

    def _name_lines(self, names: list[str]) -> None:
        """Name the lines below the curve where there are several."""
        while (item := self._legend.takeAt(0)) is not None:
            old = item.widget()
            if old is not None:
                old.hide()
                old.deleteLater()
        if len(names) > 1:
            self._legend.addWidget(Legend(names))


def _line_name(label: str) -> str:
    return _("All others") if label == "*" else label


def _caption(found: tuple[PriceLine, ...]) -> str:
    if not found:
        return _("No curve: the amount depends on the events themselves, or something is still missing.")
    if found[0].is_value:
        return _("Amount for one event, by its value.")
    return _("Amount of one period, by quantity.")


def dip_text(name: str, dip: Dip) -> str:
    """Say where buying more costs less in total."""
    language = current()
    facts = {
        "above": _number(dip.above), "less": language.money(dip.less),
        "below": _number(dip.below), "more": language.money(dip.more),
    }  # fmt: skip
    text = _("Buying more costs less: {above} cost {less}, but {below} cost {more}.", **facts)
    return f"{name}: {text}" if name else text


def _number(value: Decimal) -> str:
    # An axis counts in steps such as 25.0.
    return current().number(from_text(to_text(value)))
