"""What issuing a document posts: receivable, tax, revenue at once or deferred, and the rounding between currencies."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from billdesk.domain.catalog import Recognition
from billdesk.domain.ledger import Account, EntrySource, JournalEntry, Posting
from billdesk.kernel.money import Money
from billdesk.services.invoices.wallets_used import WalletPart
from billdesk.services.ledger import combine
from billdesk.storage.invoices import LineToIssue, ToIssue, local_minor
from billdesk.storage.ledger import Deferral


def entry_of(
    draft: ToIssue, lines: Sequence[LineToIssue], number: str, day: date, *, paid: Sequence[WalletPart] = ()
) -> JournalEntry:
    """Give the balanced entry of a document, in the entity's currency, debit positive."""
    currency = draft.local_currency

    def local(amount: Money) -> int:
        return local_minor(amount, draft.rate, currency)

    def posting(account: str, minor: int, original: int) -> Posting:
        return Posting(account, minor, original, draft.due.currency, draft.customer_id)

    receivable = local(draft.due)
    tax = draft.total.minor - sum(line.net.minor for line in lines)
    revenue = [posting(account_of(line), -local(line.net), -line.net.minor) for line in lines]
    wallets = [one for part in paid for one in _wallet_postings(part, draft)]
    # Each amount is rounded on its own into the entity's currency; cash rounding ends here too.
    rest = receivable - draft.tax_local_minor + sum(one.minor for one in (*revenue, *wallets))
    postings = [
        posting(Account.RECEIVABLES.value, receivable, draft.due.minor),
        posting(Account.TAX_PAYABLE.value, -draft.tax_local_minor, -tax),
        *revenue,
        *wallets,
        posting(Account.ROUNDING.value, -rest, draft.total.minor - draft.due.minor - sum(part.minor for part in paid)),
    ]
    return JournalEntry(draft.entity_id, day, EntrySource.DOCUMENT, draft.id, number, combine(postings))


def _wallet_postings(part: WalletPart, draft: ToIssue) -> list[Posting]:
    """Give what a wallet pays: from its liability, a changed rate apart; a promotion is no liability."""
    currency, customer_id = draft.due.currency, draft.customer_id
    worth = local_minor(Money(part.minor, currency), draft.rate, draft.local_currency)
    if part.wallet.wallet.is_promotional:
        return [Posting(Account.PROMOTIONS.value, worth, part.minor, currency, customer_id)]
    gain = part.local_minor - worth
    account = Account.EXCHANGE_GAIN if gain > 0 else Account.EXCHANGE_LOSS
    return [
        Posting(Account.WALLETS.value, part.local_minor, part.minor, currency, customer_id),
        Posting(account.value, -gain, 0, currency, customer_id),
    ]


def account_of(line: LineToIssue) -> str:
    """Give the account of a line: its own, or deferred revenue when it is earned by day."""
    return Account.DEFERRED_REVENUE.value if is_deferred(line) else line.account


def is_deferred(line: LineToIssue) -> bool:
    """Whether a line is earned over its days rather than at once (billing rules §13)."""
    return (
        line.recognition is Recognition.OVER_PERIOD
        and line.start is not None
        and line.end is not None
        and line.start < line.end
        and bool(line.net)
    )


def deferrals_of(draft: ToIssue, lines: Sequence[LineToIssue]) -> list[Deferral]:
    """Give the revenue of a document that days will earn; credits take theirs back over the same days."""
    return [
        Deferral(
            entity_id=draft.entity_id,
            customer_id=draft.customer_id,
            document_id=draft.id,
            line_id=line.id,
            account=line.account,
            start=line.start,
            end=line.end,
            minor=local_minor(line.net, draft.rate, draft.local_currency),
        )
        for line in lines
        if is_deferred(line) and line.start is not None and line.end is not None
    ]
