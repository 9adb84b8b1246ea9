"""What publishing a plan version would do to running contracts, worked out by doing it and throwing it away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from billdesk.domain.catalog import PlanVersion, VersionState
from billdesk.domain.standing import standing
from billdesk.domain.subscriptions import Subscription, SubscriptionState
from billdesk.services.catalog import approve_version, load_catalog, load_version, publish_version
from billdesk.services.moved_contracts import MovedContract, moved_contracts
from billdesk.storage import subscriptions as storage
from billdesk.storage.database import Db
from billdesk.storage.subscription_lists import SubscriptionFilter, count

_RUNNING: Final = (
    SubscriptionState.TRIAL,
    SubscriptionState.ACTIVE,
    SubscriptionState.PAUSED,
    SubscriptionState.ENDING,
)


@dataclass(frozen=True, slots=True)
class Publication:
    """What publishing does: contracts that move, and how many keep the version they have."""

    version: PlanVersion
    moved: tuple[MovedContract, ...]
    kept: int


def preview_publication(db: Db, version_id: int) -> Publication:
    """Give what publishing a version would change; call it as a query, so that nothing is kept.

    Raises RuleBroken as publishing would.
    """
    version = load_version(db, version_id)
    older = [
        one.id
        for one in load_catalog(db).plan_versions.values()
        if one.plan_id == version.plan_id and one.id != version.id
    ]
    before = {record.id: record for record in storage.load_on_versions(db, older)}
    if version.state is VersionState.DRAFT:
        approve_version(db, version_id)
    published = publish_version(db, version_id).value
    after = storage.load_many(db, before)
    moved = _moved(db, before, after, published)
    running = SubscriptionFilter(plan_id=version.plan_id, states=_RUNNING)
    return Publication(published, moved, count(db, running) - len(moved))


def _moved(
    db: Db, before: dict[int, Subscription], after: dict[int, Subscription], version: PlanVersion
) -> tuple[MovedContract, ...]:
    catalog = load_catalog(db)
    moves = []
    for key, record in after.items():
        day = next((e.effective for e in reversed(record.entries) if e.plan_version_id == version.id), None)
        if day is not None:
            minors = [standing(one, catalog, day).mrr_minor for one in (before[key], record)]
            moves.append((record, day, minors[0], minors[1]))
    return moved_contracts(db, moves)
