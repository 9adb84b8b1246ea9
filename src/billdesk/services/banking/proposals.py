"""What each bank line probably is: documents, a payment noted earlier, a bounce, a rule or a customer's balance."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache, lru_cache
from itertools import pairwise
from typing import Final

from billdesk.domain.bank_rules import BankRule, first_rule
from billdesk.domain.banking import StatementLine
from billdesk.domain.earlier_payments import EarlierPayment, EarlierProposal, propose_earlier
from billdesk.domain.matching import CLEAR_LEAD, Candidate, Knowledge, Proposal, Reason, Share, propose
from billdesk.domain.payments import AccountShare, DocumentShare, LineState, Match
from billdesk.domain.references import canonical, find_references, format_ogm, is_ogm
from billdesk.kernel.errors import RuleBroken
from billdesk.kernel.money import Money
from billdesk.services.rates import rate_on
from billdesk.storage.banking import candidates, payers, rules
from billdesk.storage.banking.candidates import Clues
from billdesk.storage.banking.lines import BankLine, load_lines
from billdesk.storage.database import Db
from billdesk.storage.search import fold

_WORD: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z/._-]*")
_SHORTEST_NUMBER: Final = 4
_MOST_WORDS: Final = 60
_MOST_BY_AMOUNT: Final = 25
_MOST_PROPOSALS: Final = 5
_ABOUT: Final = 10  # a tenth: bank's rates and fees differ from the day's rate by a few percent
_ALIKE: Final = 85
_MOST_ALIKE: Final = 5
_SHORT_NAME: Final = 6
_LEGAL_FORMS: Final = frozenset(
    "bv bvba nv sa sas sarl srl sprl gmbh ag kg ug ltd limited llc inc plc spa cv vof asbl vzw the".split()
)


class ProposalKind(StrEnum):
    """What a proposal says a line is."""

    DOCUMENTS = "documents"
    NOTED = "noted"
    RETURN = "return"
    RULE = "rule"
    BALANCE = "balance"


@dataclass(frozen=True, slots=True)
class ProposedDocument:
    """A document in a proposal: what the line would settle of what is open."""

    document_id: int
    number: str
    due_date: date
    amount: Money
    open: Money


@dataclass(frozen=True, slots=True)
class MatchProposal:
    """One way to settle a line, ready to be accepted as its `match`; `rest` would become the customer's balance.

    `reasons` are named with their points. `title` is the rule's name or the earlier payment's reference. Only a
    clear proposal, the one winner beyond doubt, is taken in bulk.
    """

    kind: ProposalKind
    match: Match
    reasons: tuple[tuple[Reason, int], ...]
    points: int
    rest: Money
    customer_id: int | None = None
    customer_name: str = ""
    documents: tuple[ProposedDocument, ...] = ()
    title: str = ""
    is_clear: bool = False


def propose_matches(db: Db, line_ids: Sequence[int]) -> dict[int, tuple[MatchProposal, ...]]:
    """Give proposals for open lines, best first, in a handful of queries for a page; lines without any are left out."""
    return propose_for(db, load_lines(db, line_ids))


def propose_for(db: Db, lines: Sequence[BankLine]) -> dict[int, tuple[MatchProposal, ...]]:
    """Give proposals for lines that were read already; those that are settled get none."""
    found: dict[int, tuple[MatchProposal, ...]] = {}
    by_entity: defaultdict[int, list[BankLine]] = defaultdict(list)
    for line in lines:
        if line.state is LineState.OPEN:
            by_entity[line.entity_id].append(line)
    for entity_id, own in by_entity.items():
        around = _gather(db, entity_id, own)
        for line in own:
            proposals = _propose(line, around)
            if proposals:
                found[line.id] = proposals
    return found


@dataclass(slots=True)
class _Around:
    """Everything that the lines of a page may be about, indexed by what a line can say."""

    rules: Sequence[BankRule]
    knowledge: Knowledge
    names: Mapping[str, frozenset[int]]
    customers: Mapping[int, str]
    earlier: Mapping[int, Sequence[EarlierPayment]]
    convert: Callable[[Money, str, date], Money | None]
    paid: Sequence[Candidate] = ()
    documents: dict[int, Candidate] = field(default_factory=dict)
    by_reference: defaultdict[str, list[Candidate]] = field(default_factory=lambda: defaultdict(list))
    by_number: defaultdict[str, list[Candidate]] = field(default_factory=lambda: defaultdict(list))
    by_amount: defaultdict[int, list[Candidate]] = field(default_factory=lambda: defaultdict(list))
    by_customer: defaultdict[int, list[Candidate]] = field(default_factory=lambda: defaultdict(list))

    def add(self, found: Iterable[Candidate]) -> None:
        for one in found:
            if one.document_id not in self.documents:
                self.documents[one.document_id] = one
                self.by_reference[canonical(one.structured_reference)].append(one)
                self.by_number[one.number.upper()].append(one)
                self.by_amount[one.open_minor].append(one)
                self.by_customer[one.customer_id].append(one)


def _gather(db: Db, entity_id: int, lines: Sequence[BankLine]) -> _Around:
    plain = [line.line for line in lines]
    accounts = payers.customers_by_account(db, {line.counterparty_account for line in plain})
    names = dict(payers.customers_by_name(db, {line.counterparty for line in plain}))
    _add_similar_names(db, entity_id, plain, accounts, names)
    references = frozenset(form for line in plain for form in _reference_forms(line))
    numbers = frozenset(number for line in plain for number in _numbers(line))
    amounts = frozenset(line.amount.minor for line in plain)
    customers = frozenset().union(*accounts.values(), *names.values())
    earlier: defaultdict[int, list[EarlierPayment]] = defaultdict(list)
    for payment in candidates.find_noted(db, entity_id, amounts):
        earlier[payment.amount.minor].append(payment)
    for payment in candidates.find_returnable(db, entity_id, {-minor for minor in amounts if minor < 0}):
        earlier[-payment.amount.minor].append(payment)
    around = _Around(
        rules.list_rules(db, entity_id), Knowledge(accounts, _similarity), names, {}, earlier, _converter(db)
    )
    around.add(candidates.find_candidates(db, entity_id, Clues(references, numbers, amounts, customers)))
    # Sums and part payments need everything that is open at the customers who were named.
    named = {one.customer_id for key in references | numbers for one in _named(around, key)}
    around.add(candidates.find_candidates(db, entity_id, Clues(customer_ids=frozenset(named - customers))))
    around.paid = candidates.paid_by_reference(db, entity_id, references, numbers)
    people = {*customers, *named, *(one.customer_id for one in around.paid)}
    around.customers = payers.customer_names(db, people)
    return around


def _converter(db: Db) -> Callable[[Money, str, date], Money | None]:
    @cache
    def rate(currency: str, to: str, day: date) -> Decimal | None:
        try:
            return rate_on(db, currency, to, day).rate
        except RuleBroken:
            # Without a rate a person says what was paid; proposing goes on.
            return None

    def convert(amount: Money, to: str, day: date) -> Money | None:
        found = rate(amount.currency, to, day)
        return None if found is None else Money.of(amount.major * found, to)

    return convert


def _named(around: _Around, key: str) -> Iterable[Candidate]:
    return (*around.by_reference.get(canonical(key), ()), *around.by_number.get(key, ()))


def _add_similar_names(
    db: Db,
    entity_id: int,
    lines: Iterable[StatementLine],
    accounts: Mapping[str, frozenset[int]],
    names: dict[str, frozenset[int]],
) -> None:
    """Look among all customers with something open for names like those that nothing else recognises."""
    unknown = {
        line.counterparty
        for line in lines
        if line.counterparty and line.counterparty_account not in accounts and line.counterparty not in names
    }
    if not unknown:
        return
    known = {key: _bare_name(name) for key, name in candidates.open_customer_names(db, entity_id).items()}
    for name in unknown:
        alike = _most_alike(_bare_name(name), known)
        if alike:
            names[name] = alike


def _most_alike(name: str, known: Mapping[int, str]) -> frozenset[int]:
    from rapidfuzz import fuzz, process  # only matching needs it; it costs start-up time

    scorer = fuzz.ratio if len(name) < _SHORT_NAME else fuzz.token_set_ratio
    found = process.extract(name, known, scorer=scorer, score_cutoff=_ALIKE, limit=_MOST_ALIKE)
    return frozenset(key for other, _score, key in found if _similarity(name, other) >= _ALIKE)


@lru_cache(maxsize=50_000)
def _similarity(one: str, other: str) -> float:
    from rapidfuzz.fuzz import ratio, token_set_ratio  # only matching needs it; it costs start-up time

    left, right = _bare_name(one), _bare_name(other)
    if min(len(left), len(right)) < _SHORT_NAME:
        return ratio(left, right)
    return max(ratio(left, right), token_set_ratio(left, right) - 5)


@lru_cache(maxsize=50_000)
def _bare_name(name: str) -> str:
    words = re.sub(r"[^0-9a-z]+", " ", fold(name).replace(".", "")).split()
    return " ".join(word for word in words if word not in _LEGAL_FORMS) or " ".join(words)


def _texts(line: StatementLine) -> list[str]:
    details = [text for detail in line.details for text in (*detail.texts, detail.structured_reference)]
    return [*line.texts, line.structured_reference, line.end_to_end_id, *details]


def _reference_forms(line: StatementLine) -> set[str]:
    """Give the references of a line in every form in which a document may have them."""
    texts = _texts(line)
    plain = {canonical(line.structured_reference), *find_references(texts)} - {""}
    plain |= {canonical(detail.structured_reference) for detail in line.details} - {""}
    return plain | {format_ogm(reference) for reference in plain if is_ogm(reference)}


def _numbers(line: StatementLine) -> set[str]:
    words = _WORD.findall(" ".join(_texts(line)).upper())[:_MOST_WORDS]
    words = [word.strip("./-_") for word in words]
    joined = [one + sign + other for one, other in pairwise(words) for sign in ("-", "/", "")]
    return {word for word in (*words, *joined) if len(word) >= _SHORTEST_NUMBER and any(c.isdigit() for c in word)}


def _propose(line: BankLine, around: _Around) -> tuple[MatchProposal, ...]:
    pool = _pool(line.line, around)
    earlier = propose_earlier(line.line, around.earlier.get(line.line.amount.minor, ()), around.knowledge)
    found = [
        *(_of_earlier(line, one) for one in earlier),
        *(_of_documents(line, one, around) for one in propose(line.line, pool, around.knowledge)[:_MOST_PROPOSALS]),
    ]
    found = found or [_of_documents(line, one, around) for one in _named_in_other_currency(line.line, pool)]
    found.sort(key=lambda proposal: -proposal.points)
    found = _only_clear_winner(found)
    rule = first_rule(around.rules, line.line)
    if rule is not None:
        found = _with_rule(line, rule, found, around)
    return tuple(found) or _to_balance(line, around)


def _pool(line: StatementLine, around: _Around) -> list[Candidate]:
    customers = {
        *around.knowledge.customers_by_account.get(line.counterparty_account, ()),
        *around.names.get(line.counterparty, ()),
    }
    pool: dict[int, Candidate] = {}
    for key in (*_reference_forms(line), *_numbers(line)):
        for one in _named(around, key):
            pool[one.document_id] = one
            customers.add(one.customer_id)
    for customer_id in customers:
        pool |= {one.document_id: one for one in around.by_customer.get(customer_id, ())}
    if not pool:
        # An amount alone says little; beside anything that names a customer it says nothing.
        same_amount = around.by_amount.get(line.amount.minor, ())[:_MOST_BY_AMOUNT]
        pool = {one.document_id: one for one in same_amount}
    return [one for one in pool.values() if _may_pay(line, one)]


def _may_pay(line: StatementLine, one: Candidate) -> bool:
    # Amounts of two currencies cannot be compared, their directions can.
    return one.currency == line.amount.currency or (one.open_minor > 0) == (line.amount.minor > 0)


def _only_clear_winner(found: list[MatchProposal]) -> list[MatchProposal]:
    """Keep the mark of the best proposal only when every other one is well behind."""
    second = found[1].points if len(found) > 1 else 0
    return [
        replace(one, is_clear=one.is_clear and place == 0 and one.points - second >= CLEAR_LEAD)
        for place, one in enumerate(found)
    ]


def _of_documents(line: BankLine, proposal: Proposal, around: _Around) -> MatchProposal:
    amount = line.line.amount
    shares, documents = [], []
    for share in proposal.shares:
        one = around.documents[share.document_id]
        part = Money(share.amount_minor, one.currency)
        foreign = one.currency != amount.currency
        if foreign:
            part = _foreign_part(line.line, one, around)
        shares.append(DocumentShare(share.document_id, part, paid=amount if foreign else None))
        documents.append(
            ProposedDocument(one.document_id, one.number, one.due_date, part, Money(one.open_minor, one.currency))
        )
    first = around.documents[proposal.shares[0].document_id]
    rest_to = proposal.customer_id if proposal.rest_minor else None
    return MatchProposal(
        kind=ProposalKind.DOCUMENTS,
        match=Match(shares=tuple(shares), rest_to_customer_id=rest_to),
        reasons=proposal.reasons,
        points=proposal.points,
        rest=Money(proposal.rest_minor, amount.currency),
        customer_id=proposal.customer_id,
        customer_name=first.customer_name,
        documents=tuple(documents),
        is_clear=proposal.is_clear,
    )


def _foreign_part(line: StatementLine, one: Candidate, around: _Around) -> Money:
    """Give what a payment in another currency settles: all when it is about that much, else its worth on the day."""
    due = Money(one.open_minor, one.currency)
    worth = around.convert(line.amount, one.currency, line.booked_on)
    if worth is None or abs(worth.minor - due.minor) * _ABOUT <= abs(due.minor):
        return due
    return min(worth, due) if due.minor > 0 else max(worth, due)


def _named_in_other_currency(line: StatementLine, pool: Sequence[Candidate]) -> list[Proposal]:
    """Give documents that the payer names but whose currency makes them too weak a guess to be found otherwise."""
    said = {*_reference_forms(line), *_numbers(line)}
    reasons = ((Reason.NUMBER_IN_TEXT, 1), (Reason.OTHER_CURRENCY, 0))
    return [
        Proposal(one.customer_id, (Share(one.document_id, one.open_minor),), reasons, 1)
        for one in pool
        if one.currency != line.amount.currency and {one.number.upper(), one.structured_reference} & said
    ][:_MOST_PROPOSALS]


def _of_earlier(line: BankLine, proposal: EarlierProposal) -> MatchProposal:
    payment = proposal.payment
    match = Match(noted_payment_ids=(payment.payment_id,)) if payment.is_noted else Match(returns_id=payment.payment_id)
    return MatchProposal(
        kind=ProposalKind.NOTED if payment.is_noted else ProposalKind.RETURN,
        match=match,
        reasons=proposal.reasons,
        points=proposal.points,
        rest=Money.zero(line.line.amount.currency),
        customer_id=payment.customer_id,
        customer_name=payment.customer_name,
        title=payment.reference or ", ".join(payment.numbers),
        is_clear=proposal.is_clear,
    )


def _with_rule(line: BankLine, rule: BankRule, found: list[MatchProposal], around: _Around) -> list[MatchProposal]:
    amount = line.line.amount
    if rule.customer_id is not None:
        match = Match(rest_to_customer_id=rule.customer_id, note=rule.text)
    else:
        match = Match(accounts=(AccountShare(rule.account, amount, rule.text or rule.name),))
    clear = any(one.is_clear for one in found)
    proposal = MatchProposal(
        kind=ProposalKind.RULE,
        match=match,
        reasons=(),
        points=0,
        rest=amount if rule.customer_id is not None else Money.zero(amount.currency),
        customer_id=rule.customer_id,
        customer_name=around.customers.get(rule.customer_id or 0, ""),
        title=rule.name,
        is_clear=not clear,
    )
    # A document that is certain beats a rule; a rule beats every guess.
    return [*found, proposal] if clear else [proposal, *found]


def _to_balance(line: BankLine, around: _Around) -> tuple[MatchProposal, ...]:
    """Offer the balance of the customer who pays, when nothing that is open fits."""
    plain = line.line
    if plain.amount.minor <= 0:
        return ()
    said = {*_reference_forms(plain), *_numbers(plain)}
    named = [one.customer_id for one in around.paid if {one.number.upper(), one.structured_reference} & said]
    payer = around.knowledge.customers_by_account.get(plain.counterparty_account) or frozenset(named)
    reason = Reason.NUMBER_IN_TEXT if payer == frozenset(named) and named else Reason.KNOWN_ACCOUNT
    return tuple(
        MatchProposal(
            kind=ProposalKind.BALANCE,
            match=Match(rest_to_customer_id=customer_id),
            reasons=((reason, 1),),
            points=1,
            rest=plain.amount,
            customer_id=customer_id,
            customer_name=around.customers.get(customer_id, ""),
        )
        for customer_id in sorted(payer)
    )
