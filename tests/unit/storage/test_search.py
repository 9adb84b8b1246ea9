from __future__ import annotations

import pytest

from billdesk.storage.search import fold


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (("Zürich", "", "Straße"), "zurich strasse"),
        (("Ørsted", "Łódź", "Cœur"), "orsted lodz coeur"),
        (("ACME",), "acme"),
        (("Café Ærø",), "cafe aero"),
    ],
)
def test_text_is_folded_to_what_a_person_may_type(texts: tuple[str, ...], expected: str) -> None:
    assert fold(*texts) == expected
