"""Thresholds on usage, spend, wallets and commitments: which ones a rising or falling level passes."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from billdesk.kernel.decimals import to_text
from billdesk.kernel.errors import Place, Problem


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Levels that are told once each; above the highest one also every `step` more, where that is set."""

    levels: tuple[Decimal, ...] = ()
    step: Decimal | None = None

    def passed(self, before: Decimal, now: Decimal) -> tuple[Decimal, ...]:
        """Give the levels that a rise from `before` to `now` reaches, lowest first; none for a fall."""
        found = [level for level in self.levels if before < level <= now]
        if self.step is not None:
            base = max(self.levels, default=Decimal(0))
            done = max(0, int((before - base) // self.step))
            found += [base + self.step * n for n in range(done + 1, int((now - base) // self.step) + 1)]
        return tuple(sorted(found))

    def undercut(self, before: Decimal, now: Decimal) -> tuple[Decimal, ...]:
        """Give the levels that a fall from `before` to `now` goes below, highest first, as a wallet's does."""
        return tuple(sorted((level for level in self.levels if now < level <= before), reverse=True))


def check_thresholds(thresholds: Thresholds) -> list[Problem]:
    """Refuse levels at or below nothing, levels twice, and a step that does not rise."""
    problems = [
        Problem("amount_not_positive", Place(field="levels"), to_text(level))
        for level in thresholds.levels
        if level <= 0
    ]
    if len(set(thresholds.levels)) < len(thresholds.levels):
        problems.append(Problem("already_used", Place(field="levels")))
    if thresholds.step is not None and thresholds.step <= 0:
        problems.append(Problem("amount_not_positive", Place(field="step"), to_text(thresholds.step)))
    return problems
