"""The languages the window is offered in: those whose catalogue is shipped."""

from __future__ import annotations

from billdesk.kernel.i18n import LANGUAGES
from billdesk.kernel.paths import translations

SOURCE = "en"
"""The language the texts are written in; it needs no catalogue."""


def offered_languages() -> dict[str, str]:
    """Give codes and own names."""
    folder = translations()
    return {
        code: name for code, name in LANGUAGES.items() if code == SOURCE or (folder / code / "billdesk.mo").is_file()
    }
