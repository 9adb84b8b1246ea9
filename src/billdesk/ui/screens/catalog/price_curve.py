"""The curve of a price: what a whole period costs, by quantity, in one currency at a time."""

from __future__ import annotations

from decimal import Decimal

from PySide6.QtWidgets import QVBoxLayout, QWidget

from billdesk.domain.catalog import Price
from billdesk.kernel.decimals import from_text, to_text
from billdesk.kernel.i18n import _, current
from billdesk.kernel.money import Money
from billdesk.ui.core.charts import Curve, CurveLine
from billdesk.ui.core.tokens import Space
from billdesk.ui.core.widgets import label
from billdesk.ui.screens.catalog.price_values import curve_points


class PriceCurve(QWidget):
    """A curve, or the words that say why there is none."""

    def __init__(self) -> None:
        super().__init__()
        self._curve = Curve()
        self._words = label("", "faint", wrap=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.HALF)
        layout.addWidget(self._curve)
        layout.addWidget(self._words)

    def show_price(self, price: Price, currency: str) -> None:
        """Show what a price charges in a currency."""

        def money(value: Decimal) -> str:
            return current().money(Money.of(value, currency))

        points = curve_points(price, currency)
        self._curve.setVisible(bool(points))
        self._words.setText(
            _("Amount of one period, by quantity.")
            if points
            else _("No curve: the amount depends on the events themselves, or something is still missing.")
        )
        title = _("{name} in {currency}", name=price.name, currency=currency)
        self._curve.show_lines(title, [CurveLine("", points)], x_label=_number, y_label=money)


def _number(value: Decimal) -> str:
    # An axis counts in steps such as 25.0.
    return current().number(from_text(to_text(value)))
