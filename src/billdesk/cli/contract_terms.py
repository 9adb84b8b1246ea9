"""`billdesk contract term` and `renew`: minimum terms, notice, renewal and uplift."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

import typer

from billdesk.cli import lookup
from billdesk.cli.contract_changes import Moment, Number, Preview, Reason, carry_out, moment
from billdesk.cli.desk import BookOption, desk, guarded
from billdesk.domain.contract_terms import AfterTerm, ContractTerm, EarlyFee, FeeKind, Uplift
from billdesk.domain.subscriptions import EntryKind
from billdesk.services.subscriptions import Change, When


class TermOptions:
    """The options that describe a term."""

    months = Annotated[int | None, typer.Option("--months", help="Length of the term.")]
    until = Annotated[
        datetime | None, typer.Option("--until", formats=["%Y-%m-%d"], help="First day after it, instead of months.")
    ]
    since = Annotated[
        datetime | None, typer.Option("--since", formats=["%Y-%m-%d"], help="First day of it, when it runs already.")
    ]
    notice = Annotated[str, typer.Option("--notice", help="Such as 3m, 30d or 1m15d.")]
    after = Annotated[AfterTerm, typer.Option("--after", help="What happens when it ends and nobody gave notice.")]
    renewal_months = Annotated[
        int | None, typer.Option("--renewal-months", help="Length of a renewal; as long as the term when left out.")
    ]
    uplift = Annotated[
        str,
        typer.Option("--uplift", help="Percent at each renewal such as 3, or an index such as health or health:80."),
    ]
    commit = Annotated[
        str, typer.Option("--commit", help="Least amount for the term, or such as 500/3m for every three months.")
    ]
    fee = Annotated[str, typer.Option("--fee", help="For leaving early: 50% of what is left, all, or an amount.")]


@dataclass(frozen=True, slots=True)
class TermWords:
    """What was typed about a term."""

    months: int | None
    until: datetime | None
    since: datetime | None
    notice: str
    after: AfterTerm
    renewal_months: int | None
    uplift: str
    fee: str
    commit: str = ""


def term_of(words: TermWords) -> ContractTerm | None:
    """Read a term, None when nothing was said about one; raises InvalidValue."""
    if not (words.months or words.until or words.notice or words.uplift or words.fee or words.commit):
        return None
    months, days = notice_of(words.notice)
    committed, every = commitment_of(words.commit)
    return ContractTerm(
        months=words.months,
        until=_day(words.until),
        since=_day(words.since),
        notice_days=days,
        notice_months=months,
        after=words.after,
        renewal_months=words.renewal_months,
        uplift=uplift_of(words.uplift),
        fee=fee_of(words.fee),
        commitment=committed,
        commitment_months=every,
    )


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def notice_of(text: str) -> tuple[int, int]:
    """Read a notice period: (months, days); raises InvalidValue."""
    before, has_months, after = text.lower().partition("m")
    months, days = (before, after) if has_months else ("", before)
    numbers = [
        lookup.number("notice", part) if part else 0 for part in (months.strip(), days.strip().removesuffix("d"))
    ]
    return int(numbers[0]), int(numbers[1])


def commitment_of(text: str) -> tuple[Decimal | None, int | None]:
    """Read a least amount: of the whole term, or of every so many months; raises InvalidValue."""
    amount, _slash, every = text.partition("/")
    if not amount.strip():
        return None, None
    months = notice_of(every)[0] or None if every.strip() else None
    return lookup.number("commit", amount.strip()), months


def uplift_of(text: str) -> Uplift:
    """Read an uplift: a percentage, or the code of an index with the share that follows it; raises InvalidValue."""
    plain = text.strip().removesuffix("%").strip()
    if not plain:
        return Uplift()
    if plain.lstrip("+-")[:1].isdigit():
        return Uplift(lookup.number("uplift", plain.removeprefix("+")))
    code, _colon, share = plain.partition(":")
    return Uplift(index=code, share=lookup.number("uplift", share)) if share else Uplift(index=code)


def fee_of(text: str) -> EarlyFee:
    """Read a fee: a percentage of what is left, all of it, or an amount; raises InvalidValue."""
    plain = text.strip()
    if not plain:
        return EarlyFee()
    if plain.lower() in {"all", FeeKind.REMAINING}:
        return EarlyFee(FeeKind.REMAINING)
    if plain.endswith("%"):
        return EarlyFee(FeeKind.PERCENT, percent=lookup.number("fee", plain.removesuffix("%").strip()))
    return EarlyFee(FeeKind.FIXED, amount=lookup.number("fee", plain))


@guarded
def term(  # noqa: PLR0913 - each option of a command is a parameter
    context: typer.Context,
    number: Number,
    book: BookOption = "",
    *,
    months: TermOptions.months = None,
    until: TermOptions.until = None,
    since: TermOptions.since = None,
    notice: TermOptions.notice = "",
    after: TermOptions.after = AfterTerm.RENEW,
    renewal_months: TermOptions.renewal_months = None,
    uplift: TermOptions.uplift = "",
    fee: TermOptions.fee = "",
    commit: TermOptions.commit = "",
    when: Moment = When.NOW.value,
    reason: Reason = "",
    preview: Preview = False,
) -> None:
    """Agree on a term: how long, what notice, what happens when it ends, and what leaving early costs."""
    agreed = term_of(TermWords(months, until, since, notice, after, renewal_months, uplift, fee, commit))
    at, day = moment(when)
    with desk(context).open(book, read_only=preview) as opened:
        row = lookup.contract(opened, number)
        wish = Change(EntryKind.SET_TERM, at, day, reason=reason, term=agreed)
        carry_out(context, opened, row, wish, preview=preview)


@guarded
def renew(  # noqa: PLR0913 - each option of a command is a parameter
    context: typer.Context,
    number: Number,
    book: BookOption = "",
    *,
    months: TermOptions.months = None,
    notice: TermOptions.notice = "",
    after: TermOptions.after = AfterTerm.RENEW,
    renewal_months: TermOptions.renewal_months = None,
    uplift: Annotated[
        str, typer.Option("--uplift", help="For this renewal: 2, 0, or an index; as agreed if left out.")
    ] = "",
    next_uplift: Annotated[str, typer.Option("--next-uplift", help="For later renewals, with --months.")] = "",
    fee: TermOptions.fee = "",
    commit: TermOptions.commit = "",
    when: Moment = When.TERM_END.value,
    reason: Reason = "",
    preview: Preview = False,
) -> None:
    """Decide on a renewal: another uplift, or a new term from then on."""
    words = TermWords(months, None, None, notice, after, renewal_months, next_uplift, fee, commit)
    at, day = moment(when)
    with desk(context).open(book, read_only=preview) as opened:
        row = lookup.contract(opened, number)
        decided = uplift_of(uplift) if uplift else None
        wish = Change(EntryKind.RENEW, at, day, reason=reason, term=term_of(words), uplift=decided)
        carry_out(context, opened, row, wish, preview=preview)


def register(app: typer.Typer) -> None:
    """Add these commands to those of contracts."""
    for command in (term, renew):
        app.command()(command)
