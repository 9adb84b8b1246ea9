"""Small widgets that screens are built from."""

from billdesk.ui.core.widgets.buttons import Button, IconButton, button, danger, icon_button, link, primary
from billdesk.ui.core.widgets.dialogs import FormDialog, MessageDialog, ask, tell
from billdesk.ui.core.widgets.drop_zone import DropZone, dropped_files
from billdesk.ui.core.widgets.filters import FilterChips, SearchField, Segment, SegmentedTabs
from billdesk.ui.core.widgets.icon_label import IconLabel
from billdesk.ui.core.widgets.layouts import Card, boxed, column, row, scrolled
from billdesk.ui.core.widgets.lists import DefinitionGrid, Fact, KeyValueList
from billdesk.ui.core.widgets.page import Banner, EmptyState, PageHeader, Stepper
from billdesk.ui.core.widgets.panel import SlideOver
from billdesk.ui.core.widgets.texts import MoneyLabel, StatusChip, avatar, label, rule
from billdesk.ui.core.widgets.tiles import Figure, FigureTile
from billdesk.ui.core.widgets.toast import Toast

__all__ = [
    "Banner",
    "Button",
    "Card",
    "DefinitionGrid",
    "DropZone",
    "EmptyState",
    "Fact",
    "Figure",
    "FigureTile",
    "FilterChips",
    "FormDialog",
    "IconButton",
    "IconLabel",
    "KeyValueList",
    "MessageDialog",
    "MoneyLabel",
    "PageHeader",
    "SearchField",
    "Segment",
    "SegmentedTabs",
    "SlideOver",
    "StatusChip",
    "Stepper",
    "Toast",
    "ask",
    "avatar",
    "boxed",
    "button",
    "column",
    "danger",
    "dropped_files",
    "icon_button",
    "label",
    "link",
    "primary",
    "row",
    "rule",
    "scrolled",
    "tell",
]
