"""The contract of every kind of import, ours and those of plugins."""

from __future__ import annotations

from collections import Counter

import pytest

from billdesk.services.imports import ImportKind, import_kind, import_kinds
from billdesk.sheets.columns import normalise

KINDS = import_kinds()


@pytest.fixture(params=KINDS, ids=lambda kind: kind.key)
def kind(request: pytest.FixtureRequest) -> ImportKind:
    found: ImportKind = request.param
    return found


def test_a_header_never_means_two_columns_of_a_kind(kind: ImportKind) -> None:
    words = Counter(word for column in kind.columns for word in {normalise(name) for name in column.names()})
    assert [word for word, times in words.items() if times > 1] == []


def test_columns_have_names_titles_and_choices_that_exist(kind: ImportKind) -> None:
    for column in kind.columns:
        assert column.name.isidentifier()
        assert column.title
        assert set(column.aliases.values()) <= set(column.choices), column.name


def test_columns_are_known_in_four_languages_where_people_would_name_them(kind: ImportKind) -> None:
    required = [column for column in kind.columns if column.required]
    assert required
    for column in required:
        assert {"nl", "fr", "de"} <= set(column.synonyms), column.name


def test_a_kind_is_found_by_its_key_and_named_for_people(kind: ImportKind) -> None:
    assert import_kind(kind.key) is kind
    assert kind.label
    assert kind.changes
    assert kind.records


def test_kinds_stand_in_the_order_in_which_they_refer_to_each_other() -> None:
    assert [kind.key for kind in KINDS] == [
        "customers", "products", "metrics", "prices", "price_books", "plans", "index_figures", "subscriptions",
    ]  # fmt: skip
    assert len({kind.order for kind in KINDS}) == len(KINDS)
