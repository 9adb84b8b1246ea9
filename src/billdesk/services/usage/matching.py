"""From the names in a usage file to contracts, for all instants that the file holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, tzinfo

from billdesk.domain.local_days import day_start, offsets
from billdesk.domain.metering import UNKNOWN, Claim, Contract, claim_by_contract, claim_by_customer
from billdesk.domain.usage import Metric
from billdesk.kernel.period import Period
from billdesk.sheets.usage_stage import Match, Named
from billdesk.storage.database import Db
from billdesk.storage.usage import contracts

_FIRST_INSTANT = 0
"""Usage before 1970 is a typing mistake: it matches nothing and waits."""

_FAR = day_start(date(2100, 1, 1), UTC)
"""Up to where clocks are known to be set."""


@dataclass(frozen=True, slots=True)
class Matcher:
    """What the names of a file mean: contracts first, then customers."""

    by_number: Mapping[str, Contract]
    by_customer: Mapping[str, list[Contract]]
    metrics: Mapping[str, Metric]
    _claims: dict[tuple[str, str], Sequence[Claim]] = field(default_factory=dict)
    zones: dict[tzinfo, int] = field(default_factory=dict)

    def claims(self, reference: str, metric: str) -> Sequence[Claim]:
        """Give what a name means for a metric, in order of time; gaps mean "not active"."""
        key = (reference, metric)
        found = self._claims.get(key)
        if found is None:
            found = self._claims[key] = self._find(reference, metric)
        return found

    def _find(self, reference: str, metric: str) -> Sequence[Claim]:
        metric_id = self.metrics[metric].id
        if reference in self.by_number:
            return claim_by_contract(self.by_number[reference], metric_id)
        if reference in self.by_customer:
            return claim_by_customer(self.by_customer[reference], metric_id)
        return UNKNOWN

    def matches(self, names: Iterable[Named]) -> Iterator[Match]:
        """Give the claims on all names; `zones` has the zones that they number once all were given."""
        for name in names:
            metric_id = self.metrics[name.metric].id
            for start, end, contract, reason, _priced in self.claims(name.reference, name.metric):
                if contract is None:
                    yield Match(name.reference, name.metric, start, end, 0, reason=reason.value if reason else "")
                else:
                    zone = self.zones.setdefault(contract.zone, len(self.zones))
                    since = max(start, _FIRST_INSTANT)
                    yield Match(name.reference, name.metric, since, end, contract.id, metric_id, zone)

    def offsets(self, names: Iterable[Named]) -> list[list[tuple[int, int]]]:
        """Give how the numbered zones shift over the time of a file."""
        instants = [instant for name in names for instant in (name.first, name.last)]
        first, last = (max(_FIRST_INSTANT, min(instant, _FAR)) for instant in (min(instants), max(instants)))
        return [offsets(first, last, zone) for zone in self.zones]

    def unpriced(self, names: Iterable[Named]) -> list[Named]:
        """Give names whose contract measures the metric but never charges it."""
        contracts = (name for name in names if name.reference in self.by_number)
        claims = ((name, self.claims(name.reference, name.metric)) for name in contracts)
        return [name for name, found in claims if found and not any(claim.priced for claim in found)]

    def ranges(self, names: Iterable[Named], period: Period) -> list[tuple[int, int, int, int]]:
        """Give subscription, metric, first and last instant of a period of local days, for the contracts named."""
        found = {}
        for name in names:
            for claim in self.claims(name.reference, name.metric):
                if claim.contract is not None:
                    zone = claim.contract.zone
                    key = (claim.contract.id, self.metrics[name.metric].id)
                    found[key] = (*key, day_start(period.start, zone), day_start(period.end, zone) - 1)
        return sorted(found.values())


def load_matcher(db: Db, references: Iterable[str], metrics: Mapping[str, Metric]) -> Matcher:
    """Look names up as contract numbers, and the rest as customer numbers."""
    wanted = set(references)
    by_number = contracts.by_number(db, wanted)
    by_customer = contracts.by_customer(db, wanted - by_number.keys())
    return Matcher(by_number, by_customer, metrics)


def resolve(claims: Iterable[Claim], instant: int) -> Claim | None:
    """Give the claim that holds at an instant, None when no contract was active."""
    if instant < _FIRST_INSTANT:
        return None
    return next((claim for claim in claims if claim.start <= instant < claim.end), None)
