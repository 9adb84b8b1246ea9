from pathlib import Path

from billdesk.sheets import (
    Column,
    ColumnKind,
    ColumnRule,
    MappingProfile,
    build_profile,
    open_sheet,
    recognise,
    suggest_mapping,
    survey_sheet,
)

COLUMNS = (
    Column("code", "Customer code", required=True, synonyms={"nl": "klantnummer|klantcode"}),
    Column("name", "Name", synonyms={"nl": "naam", "fr": "nom"}),
    Column("start", "Start date", ColumnKind.DATE),
    Column("price", "Price", ColumnKind.DECIMAL),
)


def a_sheet(folder: Path, text: str) -> Path:
    path = folder / "list.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_headers_are_mapped_by_name_synonym_and_likeness() -> None:
    found = suggest_mapping(("KLANT-NUMMER", "naam", "Start dat", "remarks"), COLUMNS)
    assert [(item.column, item.header, item.reason) for item in found] == [
        ("code", "KLANT-NUMMER", "synonym"),
        ("name", "naam", "synonym"),
        ("start", "Start dat", "similar"),
        ("price", "", "none"),
    ]


def test_a_template_maps_itself_completely() -> None:
    found = suggest_mapping([column.title for column in COLUMNS], COLUMNS)
    assert {(item.score, item.reason) for item in found} == {(100, "exact")}


def test_no_header_serves_two_columns() -> None:
    columns = (Column("price", "Price"), Column("prices", "Prices"))
    found = suggest_mapping(("Price",), columns)
    assert [item.header for item in found] == ["Price", ""]


def test_an_open_question_keeps_the_profile_from_use_until_answered(tmp_path: Path) -> None:
    sheet = open_sheet(a_sheet(tmp_path, "code;start;price\nA;01/02/2026;1.234\n"))
    facts = survey_sheet(sheet)
    _profile, questions = build_profile(sheet, COLUMNS, facts)
    assert [(q.column, q.kind) for q in questions] == [("start", "date_order"), ("price", "decimal_mark")]
    answers = {("start", "date_order"): "dmy", ("price", "decimal_mark"): ","}
    profile, questions = build_profile(sheet, COLUMNS, facts, answers=answers)
    assert questions == ()
    assert profile.rule("start") == ColumnRule("start", "start", date_order="dmy")
    assert profile.rule("price") == ColumnRule("price", "price", decimal_mark=",")


def test_a_question_about_a_column_that_is_not_imported_is_not_asked(tmp_path: Path) -> None:
    sheet = open_sheet(a_sheet(tmp_path, "code;start;price\nA;01/02/2026;1.234\n"))
    _profile, questions = build_profile(sheet, COLUMNS, survey_sheet(sheet), headers={"start": "", "price": ""})
    assert questions == ()


def test_a_profile_is_kept_as_json_and_recognised_by_the_headers(tmp_path: Path) -> None:
    sheet = open_sheet(a_sheet(tmp_path, "code;name\nA;Anna\n"))
    profile, _questions = build_profile(sheet, COLUMNS, survey_sheet(sheet), name="Our CRM")
    profile = profile.with_rule(ColumnRule("price", constant="10"))
    assert MappingProfile.from_json(profile.to_json()) == profile
    assert recognise(("Code", "NAME"), [profile]) == profile
    assert recognise(("code", "city"), [profile]) is None
