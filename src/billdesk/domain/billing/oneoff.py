"""One-off prices: due once when they come into force by a start or a change of plan."""

from __future__ import annotations

from datetime import timedelta

from billdesk.domain.billing.crediting import credit_line
from billdesk.domain.billing.desk import Desk
from billdesk.domain.billing.leftovers import Leftovers
from billdesk.domain.billing.records import ProposedLine
from billdesk.domain.catalog import Price
from billdesk.domain.explain import Trace
from billdesk.domain.invoices import LineKind
from billdesk.domain.rating import compiled
from billdesk.domain.timeline import Billing, Term
from billdesk.kernel.decimals import round_ratio
from billdesk.kernel.period import Period


def settle_one_off(desk: Desk, price: Price, run: list[Term], leftovers: Leftovers) -> None:
    """Charge each coming into force once; a charge whose start is gone, moved or changed is credited whole.

    A charge belongs to the day of its start: a run that looks at little must know from that day whether it is billed.
    """
    lefts = [left for left in leftovers.get((price.id, LineKind.ONE_OFF), []) if left.spans]
    missing = []
    for term in (term for term in run if term.starts):
        start, terms = term.period.start, _fingerprint(desk, term)
        desk.expect(start)
        found = next((one for one in lefts if (one.line.period.start, one.line.terms) == (start, terms)), None)
        if found is not None:
            lefts.remove(found)
        elif start >= desk.since:
            missing.append(term)
    for left in lefts:
        if left.line.period.end > desk.since:
            credit_line(desk, left, left.line.period, 0)
    for term in missing:
        _charge(desk, term)


def _fingerprint(desk: Desk, term: Term) -> str:
    return compiled(desk.catalog, term.price, term.terms, term.period.start).fingerprint(term.quantity)


def _charge(desk: Desk, term: Term) -> None:
    start = term.period.start
    if start > desk.as_of or term.billing is Billing.FREE:
        return
    terms = compiled(desk.catalog, term.price, term.terms, term.period.start)
    full = terms.full(term.quantity)
    amount = round_ratio(full.numerator, full.denominator)
    if not amount or (term.price.skip_zero and not term.quantity):
        return
    trace: Trace = full.whole
    desk.lines.append(
        ProposedLine(
            kind=LineKind.ONE_OFF,
            subscription_id=desk.subscription.id,
            price_id=term.price.id,
            period=Period(start, start + timedelta(days=1)),
            quantity=term.quantity,
            unit_price=full.unit_price,
            amount=desk.money(amount),
            due=start,
            terms=terms.fingerprint(term.quantity),
            trace=trace,
            hold=term.billing is Billing.HOLD,
        )
    )
