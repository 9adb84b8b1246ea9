"""The pictures of the screens keep the colours of their theme."""

from __future__ import annotations

import importlib.util
from dataclasses import astuple
from pathlib import Path
from types import ModuleType

import pytest
from PIL import Image

from billdesk.ui.core.tokens import DARK, LIGHT, Tokens

SCRIPT = Path(__file__).parents[2] / "packaging" / "screenshots.py"


@pytest.fixture(scope="module")
def screenshots() -> ModuleType:
    spec = importlib.util.spec_from_file_location("screenshots", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(("theme", "tokens"), [("light", LIGHT), ("dark", DARK)])
def test_a_single_spot_of_each_theme_colour_survives(screenshots: ModuleType, theme: str, tokens: Tokens) -> None:
    colours = [tuple(bytes.fromhex(text[1:])) for text in astuple(tokens) if isinstance(text, str)]
    picture = Image.linear_gradient("L").convert("RGB").resize((600, 600))
    for number, colour in enumerate(colours):
        picture.putpixel((number, 0), colour)
    reduced = screenshots.reduce_colours(picture, theme).convert("RGB")
    assert [reduced.getpixel((number, 0)) for number in range(len(colours))] == colours
    assert len(reduced.getcolors() or ()) <= screenshots.COLOURS
