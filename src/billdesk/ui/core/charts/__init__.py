"""Charts painted by hand: stacked bars, donut, sparkline and curve."""

from billdesk.ui.core.charts.bars import Bar, StackedBars
from billdesk.ui.core.charts.curve import Curve, CurveLine
from billdesk.ui.core.charts.donut import Donut, Slice
from billdesk.ui.core.charts.legend import Legend
from billdesk.ui.core.charts.sparkline import Sparkline

__all__ = ["Bar", "Curve", "CurveLine", "Donut", "Legend", "Slice", "Sparkline", "StackedBars"]
