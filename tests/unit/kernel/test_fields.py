from __future__ import annotations

import pytest

from billdesk.kernel.fields import Field, Kind, canonical

TIERS = Field(
    "tiers",
    "Tiers",
    Kind.ROWS,
    columns=(Field("up_to", "Up to", Kind.DECIMAL), Field("flat", "Flat fee", Kind.DECIMAL, default="0")),
)
FIELDS = (TIERS, Field("size", "Size", Kind.DECIMAL), Field("whole", "Whole", Kind.BOOLEAN, default=False))


@pytest.mark.parametrize(
    "values",
    [
        {"tiers": [{"up_to": "10"}, {}], "size": "2.50"},
        {"tiers": ({"up_to": "10.0", "flat": "0"}, {"up_to": "", "flat": "0.00"}), "size": "2.5", "whole": False},
    ],
)
def test_values_that_mean_the_same_are_written_the_same(values: dict[str, object]) -> None:
    assert canonical(FIELDS, values) == {
        "tiers": [{"up_to": "10", "flat": "0"}, {"flat": "0"}], "size": "2.5", "whole": False,
    }  # fmt: skip


def test_what_is_empty_and_has_no_default_is_left_out() -> None:
    assert canonical(FIELDS, {"size": None}) == {"whole": False}
