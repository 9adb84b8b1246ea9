"""Works the usage wizard: reads the file, previews and imports it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from billdesk.domain.usage import Metric
from billdesk.kernel.errors import BillDeskError, Problem
from billdesk.services.imports import problems_workbook
from billdesk.services.usage import (
    UsageOptions,
    UsageOutcome,
    UsagePlan,
    import_usage,
    list_metrics,
    prepare_usage,
    preview_usage_import,
)
from billdesk.ui.core.imports.records import question
from billdesk.ui.core.tasks import Job, OwnedTasks
from billdesk.ui.screens.usage.wizard_state import UsageState

Failed = Callable[[BillDeskError], object]
Then = Callable[[], object]


class UsageWizardPresenter:
    """Reads in the files lane, previews beside the book's; nothing is kept before `apply`."""

    def __init__(self, tasks: OwnedTasks) -> None:
        self._tasks = tasks
        self.state = UsageState()

    def read(self, path: Path, then: Then, failed: Failed, watch: Callable[[Job], object]) -> None:
        """Take another file, once it is known which properties the metrics look at; `watch` is given what runs."""
        self.state = UsageState(path)

        def go(metrics: list[Metric]) -> None:
            names = (metric.unique_property for metric in metrics)
            self.state = replace(self.state, wanted=frozenset(name for name in names if name))
            watch(self.prepare(then, failed))

        watch(self._tasks.query(list_metrics, then=go, failed=failed))

    def prepare(self, then: Then, failed: Failed) -> Job:
        """Work out how the file is read."""
        state = self.state

        def take(plan: UsagePlan) -> None:
            self._take_plan(plan)
            then()

        return self._tasks.files(
            prepare_usage,
            state.path,
            headers=state.headers,
            constants=state.constants,
            answers=state.answers,
            then=take,
            failed=failed,
            latest="plan",
        )

    def _take_plan(self, plan: UsagePlan) -> None:
        fresh = {
            (item.column, item.kind): question("", item.column, item.kind, item.choices, item.examples, item.suggestion)
            for item in plan.questions
        }
        used = {rule.header for rule in plan.profile.rules}
        kept = {(one.header, one.kind): one for one in self.state.asked if one.header in used}
        self.state = replace(self.state, plan=plan, asked=tuple({**fresh, **kept}.values()))
        wished = [*self.state.properties, *(name for name in self.state.spare_headers if name in self.state.wanted)]
        self.keep_properties(frozenset(wished))

    def choose_column(self, column: str, header: str, constant: str) -> None:
        """Say where a column's values come from."""
        headers, constants = {**self.state.headers, column: header}, {**self.state.constants, column: constant}
        self.state = replace(self.state, headers=headers, constants=constants)

    def keep_properties(self, names: frozenset[str]) -> None:
        """Say which further columns go along with the events."""
        kept = tuple(name for name in self.state.spare_headers if name in names)
        self.state = replace(self.state, properties=kept)

    def answer(self, header: str, kind: str, choice: str) -> None:
        """Answer a question."""
        answers = {**self.state.answers, (header, kind): choice}
        asked = tuple(
            replace(one, answer=choice) if (one.header, one.kind) == (header, kind) else one for one in self.state.asked
        )
        self.state = replace(self.state, answers=answers, asked=asked)

    def answer_suggested(self) -> None:
        """Count what the file itself proves as the answer."""
        for one in self.state.asked:
            if one.answer and (one.header, one.kind) not in self.state.answers:
                self.answer(one.header, one.kind, one.answer)

    def replace_days(self, *, on: bool) -> None:
        """Say whether the file is the corrected truth of its days."""
        self.state = replace(self.state, replaces=on)

    def correct(self, row: int, header: str, text: str) -> None:
        """Replace the text of a cell; the file itself stays as it is."""
        self.state = replace(self.state, corrections={**self.state.corrections, (row, header): text})

    def _options(self, *, skip_bad_rows: bool) -> UsageOptions:
        period = self.state.period if self.state.replaces else None
        return UsageOptions(self.state.properties, skip_bad_rows, period, self.state.corrections)

    def check(self, then: Then, failed: Failed) -> Job:
        """Work out what the import would do."""
        plan, options = self.state.plan, self._options(skip_bad_rows=True)

        def take(outcome: UsageOutcome) -> None:
            self.state = replace(self.state, preview=outcome)
            then()

        profile = plan.profile if plan else None
        return self._tasks.preview(
            preview_usage_import,
            self.state.path,
            profile,
            options=options,
            then=take,
            failed=failed,
            latest="preview",
            by_writing=True,
        )

    def apply(self, then: Then, failed: Failed, *, skip_bad_rows: bool) -> Job:
        """Import the file."""
        plan, options = self.state.plan, self._options(skip_bad_rows=skip_bad_rows)

        def take(outcome: UsageOutcome) -> None:
            self.state = replace(self.state, outcome=outcome)
            then()

        profile = plan.profile if plan else None
        return self._tasks.command(import_usage, self.state.path, profile, options=options, then=take, failed=failed)

    def save_problems(self, target: Path, then: Callable[[Path], object]) -> None:
        """Write what is wrong in the file."""
        if self.state.preview is not None:
            self._tasks.files(write_problems, self.state.preview.problems, target, then=then)


def write_problems(problems: tuple[Problem, ...], target: Path) -> Path:
    """Write problems as a workbook."""
    target.write_bytes(problems_workbook(problems))
    return target
