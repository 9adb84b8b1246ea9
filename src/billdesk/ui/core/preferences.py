"""What a person prefers on this computer: language, theme, recent books, columns. Kept as TOML outside the book."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from platformdirs import user_config_path

CONFIG_VARIABLE: Final = "BILLDESK_CONFIG"
"""Names another settings folder, for tests and for portable use."""

RECENT_LIMIT: Final = 12


@dataclass(frozen=True, slots=True)
class RecentBook:
    """A book that was open before, with the company it belongs to as last seen."""

    path: str
    company: str = ""


@dataclass(frozen=True, slots=True)
class Preferences:
    """All preferences; unknown entries of newer versions are dropped when it is written."""

    language: str = ""
    theme: str = "system"
    recent: tuple[RecentBook, ...] = ()
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class PreferenceStore:
    """Reads preferences once and writes them whole, by way of a second file."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder: Final = folder or config_folder()
        self._path = self.folder / "preferences.toml"
        self.now = _read(self._path)

    def change(self, **changes: Any) -> None:  # noqa: ANN401 - the types of Preferences' fields
        """Replace some preferences and write them."""
        self.now = replace(self.now, **changes)
        self.folder.mkdir(parents=True, exist_ok=True)
        second = self._path.with_suffix(".new")
        second.write_text(_to_toml(self.now), encoding="utf-8")
        second.replace(self._path)

    def remember_book(self, path: Path, company: str = "") -> None:
        """Put a book at the top of the recent ones."""
        location = str(path)
        known = next((book.company for book in self.now.recent if book.path == location), "")
        others = tuple(book for book in self.now.recent if book.path != location)
        self.change(recent=(RecentBook(location, company or known), *others)[:RECENT_LIMIT])

    def forget_book(self, path: str) -> None:
        """Take a book off the list; its file stays."""
        self.change(recent=tuple(book for book in self.now.recent if book.path != path))

    def pick_columns(self, table: str, keys: tuple[str, ...]) -> None:
        """Keep the columns that a person wants to see in a list."""
        self.change(columns={**self.now.columns, table: keys})


def config_folder() -> Path:
    """Give the folder of the preferences."""
    override = os.environ.get(CONFIG_VARIABLE)
    return Path(override) if override else user_config_path("billdesk", appauthor=False)


def _read(path: Path) -> Preferences:
    """Read what can be read; a damaged file must not keep anybody from the books."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return Preferences()
    recent = found.get("recent", [])
    columns = found.get("columns", {})
    return Preferences(
        language=str(found.get("language", "")),
        theme=str(found.get("theme", "system")),
        recent=tuple(
            RecentBook(str(item["path"]), str(item.get("company", "")))
            for item in (recent if isinstance(recent, list) else [])
            if isinstance(item, dict) and "path" in item
        ),
        columns={
            str(name): tuple(str(key) for key in keys)
            for name, keys in (columns if isinstance(columns, dict) else {}).items()
            if isinstance(keys, list)
        },
    )


def _to_toml(preferences: Preferences) -> str:
    # JSON strings are TOML basic strings, so the standard library can write this small file.
    lines = [f"language = {_quoted(preferences.language)}", f"theme = {_quoted(preferences.theme)}"]
    for book in preferences.recent:
        lines += ["", "[[recent]]", f"path = {_quoted(book.path)}", f"company = {_quoted(book.company)}"]
    if preferences.columns:
        lines += ["", "[columns]"]
        lines += [f"{_quoted(name)} = [{', '.join(map(_quoted, keys))}]" for name, keys in preferences.columns.items()]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
