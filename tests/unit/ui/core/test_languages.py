from pathlib import Path

import pytest

from billdesk.ui.core import languages


def test_only_languages_with_a_catalogue_are_offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "nl").mkdir()
    (tmp_path / "nl" / "billdesk.mo").write_bytes(b"")
    monkeypatch.setattr(languages, "translations", lambda: tmp_path)
    assert languages.offered_languages() == {"en": "English", "nl": "Nederlands"}
