"""Texts can be read on their grounds in both themes (WCAG 2.2, success criterion 1.4.3: 4.5 to 1)."""

from __future__ import annotations

import pytest

from billdesk.ui.core.tokens import DARK, LIGHT, Tokens

PAIRS = [
    ("text", "page"),
    ("text_second", "page"),
    ("text_faint", "page"),
    ("text_faint", "surface"),
    ("on_accent", "accent"),
    ("on_soft", "soft"),
    ("grey", "grey_soft"),
    ("blue", "blue_soft"),
    ("green", "green_soft"),
    ("amber", "amber_soft"),
    ("red", "red_soft"),
    ("red", "surface"),
    ("on_tip", "tip"),
]


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_can_be_read_on_its_ground(theme: Tokens, text: str, ground: str) -> None:
    assert _contrast(getattr(theme, text), getattr(theme, ground)) >= 4.5


def test_the_focus_ring_stands_out_from_every_surface() -> None:
    for theme in (LIGHT, DARK):
        assert min(_contrast(theme.accent, ground) for ground in (theme.surface, theme.page, theme.rail)) >= 3
        assert _contrast(theme.focus, theme.accent) >= 2
