"""Distance sales and changes of rates in words, for the window and the command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from billdesk.kernel.i18n import _, current, ngettext
from billdesk.services.taxes.changing import RateChangePreview
from billdesk.services.taxes.distance import DistanceStanding, Taxed


def describe_standing(standing: DistanceStanding) -> str:
    """Say what a company sold at a distance this year, and which rates apply for what reason."""
    words = current()
    sold = _(
        "{sold} of {threshold} in {year}, {last} in {before}.",
        sold=words.money(standing.sold),
        threshold=words.money(standing.threshold),
        year=standing.year,
        last=words.money(standing.sold_last_year),
        before=standing.year - 1,
    )
    return f"{sold} {_RULES[standing.taxed](standing)}"


def _below(_standing: DistanceStanding) -> str:
    return _("Consumers in other EU countries pay your own rate.")


def _by_choice(_standing: DistanceStanding) -> str:
    return _("Consumers in other EU countries pay the rate of their country, as you chose with the one-stop shop.")


def _passed(standing: DistanceStanding) -> str:
    if standing.passed is None:
        return _("Consumers in other EU countries pay the rate of their country.")
    return _(
        "Passed with {number} on {day}: consumers in other EU countries pay the rate of their country until the end of "
        "{until}.",
        number=standing.passed.number,
        day=current().day(standing.passed.day),
        until=standing.passed.day.year + 1,
    )


_RULES: Final[Mapping[Taxed, Callable[[DistanceStanding], str]]] = {
    Taxed.BELOW: _below,
    Taxed.BY_CHOICE: _by_choice,
    Taxed.PASSED: _passed,
    Taxed.PASSED_LAST_YEAR: _passed,
}


def describe_change(preview: RateChangePreview) -> list[str]:
    """Say what a change of rates touches, a line each."""
    lines = [ngettext("{n} rate changes", "{n} rates change", len(preview.before))]
    if preview.customers:
        lines.append(ngettext("{n} customer is there", "{n} customers are there", preview.customers))
    if preview.drafts:
        lines.append(
            ngettext(
                "{n} draft dated from then has the old percent: run billing again",
                "{n} drafts dated from then have the old percent: run billing again",
                preview.drafts,
            )
        )
    if preview.issued:
        lines.append(
            ngettext(
                "{n} issued document dated from then keeps the old percent: correct it if that is wrong",
                "{n} issued documents dated from then keep the old percent: correct them if that is wrong",
                preview.issued,
            )
        )
    return lines
