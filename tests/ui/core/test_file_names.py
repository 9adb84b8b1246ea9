from __future__ import annotations

from pathlib import Path

from billdesk.ui.core.file_names import file_name, with_ending


def test_a_name_keeps_what_was_typed_and_gets_its_ending(tmp_path: Path) -> None:
    assert with_ending(str(tmp_path / "Q4. 2026"), ".xlsx") == tmp_path / "Q4. 2026.xlsx"
    assert with_ending(str(tmp_path / "list.XLSX"), ".xlsx") == tmp_path / "list.XLSX"


def test_a_file_that_nobody_was_asked_about_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "list.xlsx").touch()
    assert with_ending(str(tmp_path / "list"), ".xlsx") == tmp_path / "list (2).xlsx"
    assert with_ending(str(tmp_path / "list.xlsx"), ".xlsx") == tmp_path / "list.xlsx"


def test_a_company_may_be_called_what_no_file_may() -> None:
    assert file_name("A/B: Consulting*") == "A-B- Consulting"
    assert file_name("Müller & Söhne Co. KG") == "Müller & Söhne Co. KG"
    assert file_name(" /// ") == "BillDesk"
