"""Which contract a usage event belongs to: the one that was active at its instant (billing rules §4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from itertools import pairwise
from typing import NamedTuple

from billdesk.domain.local_days import EARLIEST, LATEST, day_start
from billdesk.domain.subscriptions import EntryKind
from billdesk.domain.usage import WaitReason


@dataclass(frozen=True, slots=True)
class ContractEntry:
    """What decides whom usage belongs to; `metrics` are those that the entry's plan or add-on measures."""

    kind: EntryKind
    effective: date
    metrics: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Contract:
    """A subscription reduced to when it was active and what it measured; entries are in order."""

    id: int
    number: str
    customer: str
    zone: tzinfo
    entries: tuple[ContractEntry, ...]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Instants `[start, end)` in which a contract was active with the same metrics."""

    contract: Contract
    start: int
    end: int
    metrics: frozenset[int]


class Claim(NamedTuple):
    """Instants `[start, end)` for which usage belongs to `contract`, or to none for a `reason`."""

    start: int
    end: int
    contract: Contract | None
    reason: WaitReason | None = None
    priced: bool = True


def stretches(contract: Contract) -> list[Stretch]:
    """Lay out when a contract was active and which metrics its plan measured then."""
    found: list[Stretch] = []
    since: date | None = None
    metrics: frozenset[int] = frozenset()
    for entry in contract.entries:
        if since is not None and entry.effective > since:
            found.append(_stretch(contract, since, entry.effective, metrics))
        if entry.kind is EntryKind.CANCEL:
            since = None
            continue
        if entry.kind in {EntryKind.START, EntryKind.CHANGE_PLAN}:
            metrics = entry.metrics
        else:
            metrics |= entry.metrics
        if since is not None or entry.kind is EntryKind.START:
            since = max(entry.effective, since or entry.effective)
    if since is not None:
        found.append(_stretch(contract, since, date.max, metrics))
    return found


def _stretch(contract: Contract, start: date, end: date, metrics: frozenset[int]) -> Stretch:
    return Stretch(contract, day_start(start, contract.zone), day_start(end, contract.zone), metrics)


def claim_by_contract(contract: Contract, metric_id: int) -> list[Claim]:
    """Give the instants in which usage under a contract's own number counts, in order."""
    return [Claim(s.start, s.end, contract, priced=metric_id in s.metrics) for s in stretches(contract)]


def claim_by_customer(contracts: Iterable[Contract], metric_id: int) -> list[Claim]:
    """Give the instants in which exactly one contract of a customer measured the metric, and those with several."""
    active = [s for contract in contracts for s in stretches(contract) if metric_id in s.metrics]
    return list(_merged(_sweep(active)))


def _sweep(active: Sequence[Stretch]) -> Iterator[Claim]:
    edges = sorted({edge for stretch in active for edge in (stretch.start, stretch.end)})
    for start, end in pairwise(edges):
        here = {s.contract.id: s.contract for s in active if s.start <= start and end <= s.end}
        if len(here) == 1:
            yield Claim(start, end, next(iter(here.values())))
        elif here:
            yield Claim(start, end, None, WaitReason.SEVERAL_CONTRACTS)


def _merged(claims: Iterable[Claim]) -> Iterator[Claim]:
    last: Claim | None = None
    for claim in claims:
        if last and last.end == claim.start and last.contract == claim.contract and last.reason is claim.reason:
            last = Claim(last.start, claim.end, claim.contract, claim.reason)
            continue
        if last:
            yield last
        last = claim
    if last:
        yield last


UNKNOWN = (Claim(EARLIEST, LATEST, None, WaitReason.UNKNOWN_CONTRACT),)
"""What a name means that is neither a contract nor a customer."""
