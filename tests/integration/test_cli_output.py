"""What tables and messages show is what the book holds, whatever characters it is made of."""

from __future__ import annotations

import pytest

from billdesk.cli.output import Output
from billdesk.kernel.errors import Place, Problem


@pytest.mark.parametrize("name", ["[new] Acme", "[/]", "[red]x[/red]", "😀 & Zoon", "a[b", ":smile:"])
def test_a_name_is_shown_as_it_is(capsys: pytest.CaptureFixture[str], name: str) -> None:
    Output().table(name, ("Customer",), [(name,)])
    Output().say(name)
    Output().problems([Problem("unknown_customer", Place(file=name, row=2), name)])
    shown = capsys.readouterr()
    assert (shown.out.count(name), shown.err.count(name)) == (3, 2)
