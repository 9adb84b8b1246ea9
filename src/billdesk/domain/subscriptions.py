"""A contract as an append-only list of dated entries (billing rules §5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from billdesk.domain.catalog import Alignment, PriceTerms
from billdesk.domain.contract_terms import ContractTerm, Uplift
from billdesk.kernel.records import quick


class EntryKind(StrEnum):
    """What a timeline entry does from its effective date on."""

    START = "start"
    CONVERT = "convert"
    CHANGE_PLAN = "change_plan"
    CHANGE_QUANTITY = "change_quantity"
    OVERRIDE_PRICE = "override_price"
    PAUSE = "pause"
    RESUME = "resume"
    SET_TERM = "set_term"
    RENEW = "renew"
    RESET_ANCHOR = "reset_anchor"
    CANCEL = "cancel"


class PauseKind(StrEnum):
    """Whether a pause stops the service (unused days are credited) or only its billing.

    BILLING_KEEP makes drafts that are held back; BILLING_SKIP charges nothing for its days and leaves what
    was billed; BILLING_WAIVE charges nothing and credits what was billed.
    """

    SERVICE = "service"
    BILLING_KEEP = "billing_keep"
    BILLING_SKIP = "billing_skip"
    BILLING_WAIVE = "billing_waive"


@dataclass(frozen=True, slots=True)
class Override:
    """Other terms for one price of this subscription, up to (not including) `until`."""

    price_id: int
    terms: PriceTerms
    reason: str
    until: date | None = None


@quick
@dataclass(frozen=True, slots=True)
class Entry:
    """One dated change. Only the fields that its kind uses are set.

    START and CHANGE_PLAN set `plan_version_id`; quantities are by price id and replace only the prices
    they name; CANCEL with `credit_unused` False keeps what was billed; `trial_until` belongs to START;
    a revoked entry stays in the list but has no effect. START, SET_TERM and RENEW may set `term`; `uplift` of
    RENEW takes the place of what the term says. `notice_given` and `fee_waived` belong to CANCEL.
    """

    id: int
    kind: EntryKind
    effective: date
    recorded_at: datetime
    user: str = ""
    reason: str = ""
    plan_version_id: int | None = None
    quantities: Mapping[int, Decimal] = field(default_factory=dict)
    override: Override | None = None
    trial_until: date | None = None
    pause_kind: PauseKind = PauseKind.SERVICE
    credit_unused: bool = True
    new_anchor: date | None = None
    revoked: bool = False
    term: ContractTerm | None = None
    uplift: Uplift | None = None
    notice_given: date | None = None
    fee_waived: bool = False


@quick
@dataclass(frozen=True, slots=True)
class Subscription:
    """A contract of a customer with an entity, in one currency."""

    id: int
    number: str
    customer_id: int
    entity_id: int
    currency: str
    anchor: date
    entries: tuple[Entry, ...]
    alignment: Alignment = Alignment.ANNIVERSARY
    alignment_day: int = 1
    purchase_order: str = ""
    name: str = ""
    notes: str = ""
    version: int = 1


class SubscriptionState(StrEnum):
    """How a subscription stands on a day."""

    FUTURE = "future"
    TRIAL = "trial"
    ACTIVE = "active"
    PAUSED = "paused"
    ENDING = "ending"
    ENDED = "ended"
