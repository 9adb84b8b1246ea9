"""The theme: fonts, palette and one stylesheet from tokens, switched while the window is open."""

from __future__ import annotations

from enum import StrEnum
from string import Template
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontMetrics, QPalette
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from billdesk.kernel.paths import resource
from billdesk.ui.core.tokens import DARK, LIGHT, Tokens

BODY_PX: Final = 13
_TIGHT_FROM_PX: Final = 18
PICTURES: Final = {"chevron": ("chevron-down", "text_second"), "tick": ("check", "on_accent")}
"""The stylesheet's icons and their colours. It takes pictures from files only, so each is shipped once per theme."""


class ThemeChoice(StrEnum):
    """What the user asked for; `SYSTEM` follows the desktop."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class _Current:
    """The tokens on screen; widgets that paint themselves read them at each paint."""

    tokens = LIGHT


def tokens() -> Tokens:
    """Give the tokens of the theme on screen."""
    return _Current.tokens


def ui_font(px: int = BODY_PX, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """Give Inter with tabular figures, so that amounts stand exactly below one another."""
    font = QFont("Inter")
    font.setPixelSize(px)
    font.setWeight(weight)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    font.setStyleStrategy(QFont.StyleStrategy.PreferAntialias)
    font.setFeature(QFont.Tag("tnum"), 1)
    if px >= _TIGHT_FROM_PX:
        font.setLetterSpacing(QFont.SpacingType.PercentageSpacing, 98)
    return font


def text_width(text: str, px: int = BODY_PX, weight: QFont.Weight = QFont.Weight.DemiBold) -> int:
    """Give the width of a text in logical pixels, so that long Dutch and German words never clip."""
    return QFontMetrics(ui_font(px, weight)).horizontalAdvance(text)


def set_look(widget: QWidget, look: str) -> None:
    """Give a widget its named look from the stylesheet; a later call changes it on screen."""
    if widget.property("look") == look:
        return
    is_shown_before = widget.property("look") is not None
    widget.setProperty("look", look)
    if not isinstance(widget, QLabel):
        widget.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    if is_shown_before:
        repolish(widget)


def repolish(widget: QWidget) -> None:
    """Make the stylesheet look again at a widget's properties."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)
    widget.update()


def is_theme_event(event: QEvent) -> bool:
    """Tell whether a `changeEvent` means that the theme was switched."""
    return event.type() == QEvent.Type.StyleChange


class Theme(QObject):
    """Applies a theme to the whole application and follows the desktop when asked to."""

    changed = Signal()

    def __init__(self, app: QApplication, choice: ThemeChoice = ThemeChoice.SYSTEM) -> None:
        super().__init__(app)
        self._app = app
        self._choice = choice
        app.setStyle("Fusion")
        _load_fonts()
        app.setFont(ui_font())
        app.styleHints().colorSchemeChanged.connect(self._follow_system)
        self._apply()

    @property
    def choice(self) -> ThemeChoice:
        """What the user asked for."""
        return self._choice

    def choose(self, choice: ThemeChoice) -> None:
        """Switch the theme now."""
        self._choice = choice
        self._apply()

    def toggle(self) -> None:
        """Switch between light and dark."""
        self.choose(ThemeChoice.LIGHT if tokens().is_dark else ThemeChoice.DARK)

    def _follow_system(self) -> None:
        if self._choice is ThemeChoice.SYSTEM:
            self._apply()

    def _apply(self) -> None:
        hints = self._app.styleHints()
        wanted = {
            ThemeChoice.SYSTEM: Qt.ColorScheme.Unknown,
            ThemeChoice.LIGHT: Qt.ColorScheme.Light,
            ThemeChoice.DARK: Qt.ColorScheme.Dark,
        }[self._choice]
        # Sets the title bar on Windows and macOS; bare X11 ignores it, so the palette is ours anyway.
        hints.setColorScheme(wanted)
        scheme = hints.colorScheme() if self._choice is ThemeChoice.SYSTEM else wanted
        _Current.tokens = DARK if scheme == Qt.ColorScheme.Dark else LIGHT
        self._app.setPalette(_palette(tokens()))
        self._app.setStyleSheet(_stylesheet(tokens()))
        self.changed.emit()


def _load_fonts() -> None:
    if "Inter" in QFontDatabase.families():
        return
    for path in sorted(resource("fonts").glob("*.ttf")):
        QFontDatabase.addApplicationFont(str(path))


def _palette(theme: Tokens) -> QPalette:
    role, group = QPalette.ColorRole, QPalette.ColorGroup
    palette = QPalette()
    colours = {
        role.Window: theme.page,
        role.WindowText: theme.text,
        role.Base: theme.surface,
        role.AlternateBase: theme.raised,
        role.Text: theme.text,
        role.Button: theme.surface,
        role.ButtonText: theme.text,
        role.BrightText: theme.red,
        role.ToolTipBase: theme.tip,
        role.ToolTipText: theme.on_tip,
        role.Highlight: theme.accent,
        role.HighlightedText: theme.on_accent,
        role.Link: theme.accent,
        role.Accent: theme.accent,
        role.PlaceholderText: theme.text_faint,
        role.Light: theme.surface,
        role.Midlight: theme.raised,
        role.Mid: theme.line_strong,
        role.Dark: theme.line_strong,
        role.Shadow: "#000000",
    }
    for name, colour in colours.items():
        palette.setColor(name, QColor(colour))
    for name in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(group.Disabled, name, QColor(theme.text_faint))
    return palette


def picture_name(name: str, theme: Tokens) -> str:
    """Give the name of a stylesheet's picture in the colours of a theme."""
    return f"{name}-{'dark' if theme.is_dark else 'light'}.svg"


def _stylesheet(theme: Tokens) -> str:
    values = {name: getattr(theme, name) for name in Tokens.__dataclass_fields__}
    for name in PICTURES:
        values[f"picture_{name}"] = resource("themes", picture_name(name, theme)).as_posix()
    template = Template(resource("themes", "billdesk.qss").read_text(encoding="utf-8"))
    return template.substitute(values)
