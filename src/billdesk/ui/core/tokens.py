"""Design tokens: colours of the light and the dark theme, and the 8-pixel grid."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Tone(StrEnum):
    """What a colour says about a state; a word always stands beside it."""

    GREY = "grey"
    BLUE = "blue"
    GREEN = "green"
    AMBER = "amber"
    RED = "red"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """All colours of one theme, as `#rrggbb`; `on_x` is drawn on top of `x`."""

    is_dark: bool
    page: str
    rail: str
    surface: str
    raised: str
    chosen: str
    hover: str
    line: str
    line_strong: str
    text: str
    text_second: str
    text_faint: str
    accent: str
    accent_hover: str
    accent_press: str
    on_accent: str
    focus: str
    soft: str
    on_soft: str
    tip: str
    on_tip: str
    grey: str
    grey_soft: str
    blue: str
    blue_soft: str
    green: str
    green_soft: str
    amber: str
    amber_soft: str
    red: str
    red_soft: str
    series_1: str
    series_2: str
    series_3: str
    series_4: str
    series_5: str

    def tone(self, tone: Tone) -> tuple[str, str]:
        """Give the text and the background colour of a state."""
        pairs = {
            Tone.GREY: (self.grey, self.grey_soft),
            Tone.BLUE: (self.blue, self.blue_soft),
            Tone.GREEN: (self.green, self.green_soft),
            Tone.AMBER: (self.amber, self.amber_soft),
            Tone.RED: (self.red, self.red_soft),
        }
        return pairs[tone]

    def series(self, index: int) -> str:
        """Give the colour of chart series number `index`; they repeat after five."""
        return (self.series_1, self.series_2, self.series_3, self.series_4, self.series_5)[index % 5]


LIGHT: Final = Tokens(
    is_dark=False,
    page="#F5F6F8",
    rail="#FBFBFC",
    surface="#FFFFFF",
    raised="#F8F9FB",
    chosen="#FFFFFF",
    hover="#F2F4F7",
    line="#E5E8EE",
    line_strong="#CFD5DF",
    text="#101828",
    text_second="#475467",
    text_faint="#647082",
    accent="#3556D8",
    accent_hover="#2C49BD",
    accent_press="#243CA0",
    on_accent="#FFFFFF",
    focus="#14246B",
    soft="#EDF1FE",
    on_soft="#2B46B8",
    tip="#101828",
    on_tip="#FFFFFF",
    grey="#4B5565",
    grey_soft="#EDEFF3",
    blue="#1B5BC0",
    blue_soft="#E6F0FD",
    green="#0E6B3B",
    green_soft="#E4F5EA",
    amber="#8A4B08",
    amber_soft="#FDF1DC",
    red="#B3261E",
    red_soft="#FCE9E7",
    series_1="#3556D8",
    series_2="#A9B9F6",
    series_3="#12A150",
    series_4="#F0A020",
    series_5="#D6443A",
)

DARK: Final = Tokens(
    is_dark=True,
    page="#0F1115",
    rail="#13161B",
    surface="#181B21",
    raised="#1C2027",
    chosen="#2C323D",
    hover="#22262E",
    line="#292E38",
    line_strong="#3A414E",
    text="#E8EAEF",
    text_second="#A8B0BD",
    text_faint="#8A94A4",
    accent="#4869F2",
    accent_hover="#5F7FFA",
    accent_press="#3F5FE0",
    on_accent="#FFFFFF",
    focus="#C6D2FF",
    soft="#1E2847",
    on_soft="#AFC0FF",
    tip="#2F3541",
    on_tip="#F4F5F8",
    grey="#B4BCC9",
    grey_soft="#272C35",
    blue="#8AB6FF",
    blue_soft="#152743",
    green="#6FD69B",
    green_soft="#12301F",
    amber="#F2BC6B",
    amber_soft="#37260D",
    red="#FF9188",
    red_soft="#3A1A19",
    series_1="#6485FF",
    series_2="#3E4D85",
    series_3="#3CC27B",
    series_4="#E2A23B",
    series_5="#EF6A60",
)


class Space:
    """Distances in logical pixels on an 8-pixel grid, with its half step."""

    HALF: Final = 4
    ONE: Final = 8
    ONE_HALF: Final = 12
    TWO: Final = 16
    THREE: Final = 24
    FOUR: Final = 32


class Size:
    """Heights and radii that controls share."""

    CONTROL: Final = 34
    ROW: Final = 44
    ROW_COMPACT: Final = 36
    TABLE_HEADER: Final = 38
    NAV_ITEM: Final = 36
    RAIL: Final = 216
    PANEL: Final = 368
    ICON: Final = 18
    ICON_SMALL: Final = 16
