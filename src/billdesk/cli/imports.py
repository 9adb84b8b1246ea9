"""`billdesk import …`: spreadsheets in, previewed or for real, and out again as a batch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from billdesk.cli.desk import BookOption, FileArgument, desk, guarded
from billdesk.cli.output import Exit, Output, worded
from billdesk.cli.threshold_output import tell_bill
from billdesk.kernel.errors import NotFound, Problem
from billdesk.kernel.i18n import _, ngettext
from billdesk.services import banking, imports, rates, usage
from billdesk.services.book import Book
from billdesk.services.imports import Ambiguity, ImportPreview, ImportRequest
from billdesk.services.usage.preparing import prepare_usage

app = typer.Typer(help="Bring spreadsheets in, and take an import back.", no_args_is_help=True)

Preview = Annotated[bool, typer.Option("--preview", help="Tell what would happen; keep nothing.")]
SkipBad = Annotated[bool, typer.Option("--skip-bad-rows", help="Bring the good rows in although others are wrong.")]
Answers = Annotated[
    list[str] | None,
    typer.Option(
        "--answer", help='What an ambiguous column means: "Column:date_order=dmy" or "Column:decimal_mark=,".'
    ),
]


Same = Annotated[
    list[str] | None, typer.Option("--same", help='A column that the file lacks, for every row: "code=health".')
]


def _answer(text: str) -> tuple[str, str, str]:
    question, _sign, choice = text.partition("=")
    header, _colon, kind = question.rpartition(":")
    if not (header and kind and choice):
        raise typer.BadParameter(_("An answer looks like Column:date_order=dmy."))
    return header, kind, choice


def _ask(output: Output, file: Path, questions: Sequence[Ambiguity], problems: Sequence[Problem]) -> None:
    """Print how each question is answered, below the rows where a column contradicts itself."""
    output.problems(problems)
    for question in questions:
        shown = ", ".join(question.examples)
        text = _(
            "{file}: column “{header}” is ambiguous ({examples}).",
            file=file.name,
            header=question.column,
            examples=shown,
        )
        output.errors.print(text, markup=False)
        for choice in question.choices:
            output.errors.print(f'  --answer "{question.column}:{question.kind}={choice}"', markup=False)


def _refuse(
    output: Output, file: Path, questions: Sequence[Ambiguity], problems: Sequence[Problem], missing: Sequence[str] = ()
) -> NoReturn:
    """Stop before a file that cannot be read yet, saying what has to be told first."""
    _ask(output, file, questions, problems)
    for name in missing:
        output.errors.print(_("{file}: no column is recognised as {name}.", file=file.name, name=name), markup=False)
    output.result({"error": "Questions", "questions": questions, "missing": missing, "problems": worded(problems)})
    raise typer.Exit(Exit.INPUT)


def _mixed(looked: ImportPreview) -> list[Problem]:
    """Give the contradictions behind the questions; the other problems follow from them."""
    return [problem for problem in looked.problems if problem.code in {"date_order_mixed", "decimal_mark_mixed"}]


def _same(kind: str, texts: Sequence[str]) -> dict[tuple[str, str], str]:
    """Give what every row takes, by the name of the column or its title."""
    columns = {known.key: known.columns for known in imports.import_kinds()}.get(kind, ())
    names = {word.casefold(): column.name for column in columns for word in (column.name, column.title)}
    found = {}
    for text in texts:
        column, sign, value = text.partition("=")
        if not (sign and value.strip() and column.strip().casefold() in names):
            shown = ", ".join(column.name for column in columns)
            raise typer.BadParameter(_("Write column=text, with a column of these: {columns}.", columns=shown))
        found["", names[column.strip().casefold()]] = value.strip()
    return found


def _masters(
    context: typer.Context, request: ImportRequest, path: Path, book: str, *, preview: bool, skip_bad: bool
) -> None:
    output = desk(context).output
    with desk(context).open(book) as opened, output.progress(_("Importing {file}", file=path.name)) as progress:
        looked = opened.query(imports.preview_import, path, request, progress=progress)
        questions = [question for part in looked.parts for question in part.questions]
        if questions:
            _refuse(output, path, questions, _mixed(looked))
        if preview:
            output.problems(looked.problems)
            output.result({"counts": looked.counts, "problems": worded(looked.problems)})
            counts = looked.counts
        else:
            done = opened.run(imports.apply_import, path, request, skip_bad_rows=skip_bad, progress=progress).value
            output.problems(done.problems)
            output.result(done)
            counts = done.counts
    output.table(
        _("Rows"),
        (_("Read"), _("New"), _("Changed"), _("Unchanged"), _("Duplicate"), _("Rejected")),
        [(counts.read, counts.added, counts.changed, counts.unchanged, counts.duplicate, counts.rejected)],
    )


def _add(kind: str, help_text: str) -> None:
    @app.command(kind or "masters", help=help_text)
    @guarded
    def command(  # noqa: PLR0913 - one parameter for each option
        context: typer.Context,
        file: FileArgument,
        book: BookOption = "",
        answer: Answers = None,
        same: Same = None,
        *,
        preview: Preview = False,
        skip_bad_rows: SkipBad = False,
    ) -> None:
        answers = {("", header, question): choice for header, question, choice in map(_answer, answer or [])}
        request = ImportRequest(kind=kind, answers=answers, constants=_same(kind, same or []))
        _masters(context, request, file, book, preview=preview, skip_bad=skip_bad_rows)


_add("customers", "Customers, one per row.")
_add("products", "Products, one per row.")
_add("prices", "Prices: a row for each currency and tier.")
_add("plans", "Plans: a row for each price of a version.")
_add("price_books", "Price books: a row for each price, currency, start and tier.")
_add("index_figures", "Figures of price indexes: a row for each month.")
_add("metrics", "Metrics, one per row.")
_add("subscriptions", "Contracts and their changes, one row each.")
_add("", "A workbook with several of these on sheets of their own.")


@app.command("usage")
@guarded
def import_usage(
    context: typer.Context,
    file: FileArgument,
    book: BookOption = "",
    answer: Answers = None,
    *,
    preview: Preview = False,
    skip_bad_rows: SkipBad = False,
) -> None:
    """Meter readings: contract, metric, time, quantity, key."""
    output = desk(context).output
    plan = prepare_usage(file, answers={(header, kind): choice for header, kind, choice in map(_answer, answer or [])})
    if not plan.is_ready:
        _refuse(output, file, plan.questions, plan.problems, plan.missing)
    options = usage.UsageOptions(skip_bad_rows=skip_bad_rows)
    with desk(context).open(book) as opened, output.progress(_("Importing {file}", file=file.name)) as progress:
        if preview:
            done = opened.query(usage.preview_usage_import, file, plan.profile, options=options, progress=progress)
        else:
            done = opened.run(usage.import_usage, file, plan.profile, options=options, progress=progress).value
    output.problems(done.problems)
    if done.already is not None:
        output.say(
            _(
                "{file} is in the book already (batch {batch}); nothing was added.",
                file=file.name,
                batch=done.already.id,
            )
        )
    output.table(
        _("Events"),
        (_("Read"), _("Added"), _("Duplicates"), _("Conflicts"), _("Waiting"), _("Rejected")),
        [(done.rows_read, done.added, done.duplicates, done.conflicts, done.unmatched, done.rejected)],
    )
    output.table(
        _("Totals"),
        (_("Metric"), _("Events"), _("Quantity"), _("Before")),
        ((total.code, total.events, total.quantity, total.before) for total in done.totals),
    )
    if done.alerts:
        output.say(ngettext("{n} threshold reached.", "{n} thresholds reached.", done.alerts))
    tell_bill(output, done.bill)
    output.result(done)


@app.command("rates")
@guarded
def import_rates(context: typer.Context, file: FileArgument, book: BookOption = "") -> None:
    """Exchange rates: the ECB's eurofxref files, CSV, ZIP or XML."""
    output = desk(context).output
    with desk(context).open(book) as opened, output.progress(_("Importing {file}", file=file.name)) as progress:
        done = opened.run(rates.import_rates, file, progress=progress).value
    output.say(ngettext("{n} rate added.", "{n} rates added.", done.added))
    output.result(done)


@app.command("template")
@guarded
def template(
    context: typer.Context,
    kind: Annotated[str, typer.Argument(help="A kind such as customers, prices or index_figures.")],
    file: Annotated[Path, typer.Argument(dir_okay=False, help="The .xlsx file to write.")],
) -> None:
    """Write an empty spreadsheet with the columns of a kind, its choices and notes."""
    if kind not in _keys():
        raise NotFound("imports", kind)
    file.write_bytes(imports.import_template(kind))
    desk(context).output.say(_("Written to {path}.", path=file))
    desk(context).output.result({"file": file})


@app.command("export")
@guarded
def export(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(dir_okay=False, help="The .xlsx file to write.")],
    kind: Annotated[list[str] | None, typer.Option(help="A kind; may be repeated; without any, all.")] = None,
    book: BookOption = "",
) -> None:
    """Write what is in the book as spreadsheets that can be imported again."""
    for key in kind or ():
        if key not in _keys():
            raise NotFound("imports", key)
    with desk(context).open(book, read_only=True) as opened:
        file.write_bytes(opened.query(imports.export_workbook, tuple(kind or ())))
    desk(context).output.say(_("Written to {path}.", path=file))
    desk(context).output.result({"file": file})


def _keys() -> set[str]:
    return {known.key for known in imports.import_kinds()}


@app.command("list")
@guarded
def list_batches(context: typer.Context, book: BookOption = "") -> None:
    """List what was imported, newest first."""
    output = desk(context).output
    with desk(context).open(book, read_only=True) as opened:
        batches = opened.query(imports.list_batches)
    output.table(
        "",
        (_("Batch"), _("Kind"), _("File"), _("When"), _("Who"), _("State"), _("Added"), _("Rejected")),
        (
            (b.id, b.kind, b.file_name, b.imported_at, b.user, b.state.value, b.rows_added, b.rows_rejected)
            for b in batches
        ),
    )
    output.result(batches)


@app.command("undo")
@guarded
def undo(
    context: typer.Context,
    batch: Annotated[int, typer.Argument(help="See `import list`.")],
    book: BookOption = "",
    *,
    rest: Annotated[bool, typer.Option("--rest", help="Leave records that are in use, and undo the rest.")] = False,
) -> None:
    """Take an import back as a whole, or what of it is not in use."""
    output = desk(context).output
    with desk(context).open(book) as opened:
        _undo(opened, batch, leave_blocked=rest)
    output.say(_("Import {batch} was taken back.", batch=batch))
    output.result({"batch": batch})


def _undo(book: Book, batch: int, *, leave_blocked: bool) -> None:
    kinds = {found.id: found.kind for found in book.query(imports.list_batches, limit=10_000)}
    if kinds.get(batch) == "usage":
        book.run(usage.undo_usage_import, batch)
    elif kinds.get(batch) == "bank_statement":
        book.run(banking.undo_import, batch)
    else:
        book.run(imports.undo_import, batch, leave_blocked=leave_blocked)
