from __future__ import annotations

import os
from pathlib import Path

from billdesk.kernel.working_folder import sweep, working_folder

NOW, AN_HOUR_AGO = 1_000_000.0, 996_400.0


def a_folder(place: Path, name: str, touched: float) -> Path:
    folder = place / name
    folder.mkdir()
    (folder / "copy.billdesk").write_text("customers")
    os.utime(folder, (touched, touched))
    return folder


def test_a_working_folder_goes_after_use() -> None:
    with working_folder("test") as folder:
        assert Path(folder).is_dir()
    assert not Path(folder).exists()


def test_only_old_folders_of_ours_are_swept(tmp_path: Path) -> None:
    left, busy = a_folder(tmp_path, "billdesk-usage-a", AN_HOUR_AGO), a_folder(tmp_path, "billdesk-usage-b", NOW)
    other = a_folder(tmp_path, "other", AN_HOUR_AGO)
    sweep(tmp_path, NOW - 1)
    assert [left.exists(), busy.exists(), other.exists()] == [False, True, True]


def test_a_link_to_somebodys_folder_is_left_alone(tmp_path: Path) -> None:
    theirs = a_folder(tmp_path, "theirs", AN_HOUR_AGO)
    (tmp_path / "billdesk-link").symlink_to(theirs)
    sweep(tmp_path, NOW)
    assert (theirs / "copy.billdesk").exists()
