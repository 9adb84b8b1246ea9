"""Rows of a contract sheet beside the timelines in the book: what is new, changed, known and wrong."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from billdesk.domain.catalog import Alignment, Catalog, PlanVersion, QuantitySource, VersionState
from billdesk.domain.contract_changes import carried_quantities, ends_by_term, term_on
from billdesk.domain.subscriptions import Entry, EntryKind, Override, PauseKind, Subscription, SubscriptionState
from billdesk.domain.timeline import in_order, lay_out, state_on
from billdesk.kernel.errors import Problem
from billdesk.services.imports.contract_overrides import own_terms, read_parameters
from billdesk.services.imports.contract_term_rows import HELD, with_terms
from billdesk.services.imports.model import Checked, Outcome, SourceRow, SourceSheet
from billdesk.services.imports.staging import Staged
from billdesk.services.imports.triage import fill
from billdesk.storage import subscriptions as storage

_OWN: Final[dict[str, object]] = {"purchase_order": "", "name": "", "notes": "", "alignment_day": 1}
_DAY: Final = timedelta(days=1)
# Ids above this belong to entries that are not stored yet; they sort behind stored ones of the same day.
_NEW: Final = 1 << 62


@dataclass
class ContractWork:
    """Contracts to make with their entries, entries to add to and take back from others, and own fields to change."""

    made: list[tuple[int, Subscription]] = field(default_factory=list)
    added: list[tuple[int, int, Entry]] = field(default_factory=list)
    revoked: list[tuple[int, int, int]] = field(default_factory=list)
    updated: list[tuple[int, Subscription, Subscription]] = field(default_factory=list)
    entry_rows: dict[str, list[int]] = field(default_factory=dict)
    touched: dict[int, date] = field(default_factory=dict)


@dataclass
class _Contract:
    """One contract while its rows are read, in the order of their dates."""

    sheet: _Sheet
    number: str
    rows: list[SourceRow]
    stored: Subscription | None
    record: Subscription | None = None
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    entry_rows: dict[int, int] = field(default_factory=dict)
    revoked: list[tuple[int, int]] = field(default_factory=list)

    def refuse(self, row: SourceRow, column: str, code: str, value: object = "", **details: object) -> None:
        self.problems.append(self.sheet.source.problem(row.number, column, code, value, **details))
        self.outcomes[row.number] = Outcome.REJECTED


@dataclass
class _Sheet:
    """What all contracts of a sheet share."""

    staged: Staged
    source: SourceSheet
    catalog: Catalog
    versions: Mapping[str, list[PlanVersion]]


def check_contracts(staged: Staged, source: SourceSheet) -> Checked[ContractWork]:
    """Read each contract's rows by date (a start first) and compare them with the stored timeline."""
    staged.look_up_customers(row.text("customer") for row in source.rows if row.text("customer"))
    groups: dict[str, list[SourceRow]] = defaultdict(list)
    for row in source.rows:
        groups[row.text("number")].append(row)
    stored = storage.load_by_numbers(staged.db, groups)
    versions: dict[str, list[PlanVersion]] = defaultdict(list)
    for (code, _number), version in sorted(staged.versions.items()):
        versions[code].append(version)
    sheet = _Sheet(staged, source, staged.catalog(), versions)
    checked = Checked(ContractWork())
    for number, rows in groups.items():
        contract = _Contract(sheet, number, sorted(rows, key=_order), stored.get(number))
        _read(contract)
        _collect(contract, checked)
    return checked


def _order(row: SourceRow) -> tuple[date, bool]:
    return row.get("date"), _kind(row) is not EntryKind.START


def _kind(row: SourceRow) -> EntryKind:
    return EntryKind(row.get("action") or EntryKind.START)


def _read(contract: _Contract) -> None:
    contract.record = contract.stored
    for row in contract.rows:
        kind = _kind(row)
        if kind is not EntryKind.START and (contract.record is None or not contract.record.entries):
            starts = any(_kind(one) is EntryKind.START for one in contract.rows)
            contract.refuse(row, "number", "contract_not_started" if starts else "unknown_contract", contract.number)
            continue
        if kind is EntryKind.START:
            _read_start(contract, row)
        if row.number in contract.outcomes and contract.outcomes[row.number] is Outcome.REJECTED:
            continue
        if contract.record is not None:
            _READERS[kind](contract, contract.record, row)
    _check_prices(contract)


def _read_start(contract: _Contract, row: SourceRow) -> None:
    """Make the contract, or compare what the row says of it with what is stored."""
    staged, source, record = contract.sheet.staged, contract.sheet.source, contract.record
    customer = staged.customers.get(row.text("customer"))
    entity = staged.entities.get(row.text("entity"))
    if entity is None and row.text("entity"):
        contract.refuse(row, "entity", "unknown_entity", row.text("entity"))
        return
    if customer is None and (record is None or row.text("customer")):
        code = "unknown_customer" if row.text("customer") else "value_missing"
        contract.refuse(row, "customer", code, row.text("customer"))
        return
    if record is None and customer is not None:
        empty = Subscription(
            staged.temporary_id(), contract.number, customer.id, entity.id if entity else customer.entity_id,
            row.get("currency") or customer.currency, row.get("anchor") or row.get("date"), (),
        )  # fmt: skip
        contract.record = replace(empty, **_own(source, row))
        return
    if record is not None:
        _compare(contract, record, row, customer.id if customer else record.customer_id)


def _own(source: SourceSheet, row: SourceRow) -> dict[str, Any]:
    values = fill(source, row, _OWN)
    if source.has("alignment"):
        values["alignment"] = Alignment(row.get("alignment") or Alignment.ANNIVERSARY)
    return values


def _compare(contract: _Contract, record: Subscription, row: SourceRow, customer_id: int) -> None:
    if customer_id != record.customer_id:
        contract.refuse(row, "customer", "contract_differs", row.text("customer"))
    elif row.get("currency") and row.get("currency") != record.currency:
        contract.refuse(row, "currency", "contract_differs", row.get("currency"))
    elif row.get("anchor") and row.get("anchor") != record.anchor:
        contract.refuse(row, "anchor", "contract_differs", row.get("anchor"))
    else:
        own = {name: value for name, value in _own(contract.sheet.source, row).items() if "alignment" not in name}
        contract.record = replace(record, **own)


def _enter_start(contract: _Contract, _record: Subscription, row: SourceRow) -> None:
    version = _version(contract, row)
    if version is None:
        return
    entry = _entry(contract, row, EntryKind.START)
    trial = row.get("trial_until")
    if trial is None and version.trial_days:
        trial = entry.effective + version.trial_days * _DAY
    quantities = _quantities(contract, row, version)
    entry = replace(entry, plan_version_id=version.id, quantities=quantities, trial_until=trial)
    _enter(contract, row, _with_terms(contract, row, entry))
    end = row.get("end_date")
    if end is not None and row.number in contract.outcomes and contract.outcomes[row.number] is not Outcome.REJECTED:
        _enter_end(contract, row, end)


def _enter_end(contract: _Contract, row: SourceRow, end: date) -> None:
    if end <= row.get("date"):
        contract.refuse(row, "end_date", "end_before_start", end)
        return
    credit = row.get("credit_unused") is not False
    entry = replace(_entry(contract, row, EntryKind.CANCEL), effective=end, credit_unused=credit)
    _enter(contract, row, _with_terms(contract, row, entry))


def _enter_plan(contract: _Contract, record: Subscription, row: SourceRow) -> None:
    version = _version(contract, row)
    if version is None:
        return
    entry = _entry(contract, row, EntryKind.CHANGE_PLAN)
    carried = carried_quantities(record, contract.sheet.catalog, version, entry.effective)
    given = replace(entry, plan_version_id=version.id, quantities=_quantities(contract, row, version))
    _enter(contract, row, given, carried)


def _enter_quantity(contract: _Contract, record: Subscription, row: SourceRow) -> None:
    if row.get("quantity") is None:
        contract.refuse(row, "quantity", "value_missing")
        return
    quantities = _quantities(contract, row, _running(contract, record, row.get("date")))
    if quantities:
        _enter(contract, row, replace(_entry(contract, row, EntryKind.CHANGE_QUANTITY), quantities=quantities))


def _enter_plain(contract: _Contract, _record: Subscription, row: SourceRow) -> None:
    entry = _entry(contract, row, _kind(row))
    if entry.kind is EntryKind.PAUSE:
        entry = replace(entry, pause_kind=PauseKind(row.get("pause_kind") or PauseKind.SERVICE))
    if entry.kind is EntryKind.RESET_ANCHOR:
        entry = replace(entry, new_anchor=row.get("anchor") or entry.effective)
    entry = replace(entry, credit_unused=row.get("credit_unused") is not False)
    _enter(contract, row, _with_terms(contract, row, entry))


def _with_terms(contract: _Contract, row: SourceRow, entry: Entry) -> Entry:
    return with_terms(entry, row, contract.sheet.catalog.indexes, contract.refuse)


def _enter_term(contract: _Contract, record: Subscription, row: SourceRow) -> None:
    """Read a term or a renewal; one must be there to be renewed."""
    entry = _with_terms(contract, row, _entry(contract, row, _kind(row)))
    if entry.term is None and entry.kind is EntryKind.SET_TERM:
        contract.refuse(row, "term_months", "value_missing")
    elif entry.term is None and term_on(record, entry.effective - _DAY) is None:
        contract.refuse(row, "date", "renewal_without_term", entry.effective, number=contract.number)
    _enter(contract, row, entry)


def _enter_override(contract: _Contract, record: Subscription, row: SourceRow) -> None:
    price, more = contract.sheet.staged.prices.get(row.text("price")), read_parameters(row.text("parameters"))
    if price is None:
        contract.refuse(row, "price", "unknown_price" if row.text("price") else "value_missing", row.text("price"))
        return
    if more is None:
        contract.refuse(row, "parameters", "not_json", row.text("parameters"))
        return
    if row.get("amount") is None and not more:
        contract.refuse(row, "amount", "value_missing")
        return
    terms, problems = own_terms(price, record.currency, row.get("amount"), more)
    for problem in problems:
        contract.refuse(row, "parameters" if more else "amount", problem.code, problem.value, **dict(problem.details))
    override = Override(price.id, terms, row.text("reason"), row.get("end_date"))
    _enter(contract, row, replace(_entry(contract, row, EntryKind.OVERRIDE_PRICE), override=override))


_READERS: Final[Mapping[EntryKind, Callable[[_Contract, Subscription, SourceRow], None]]] = {
    EntryKind.START: _enter_start,
    EntryKind.CHANGE_PLAN: _enter_plan,
    EntryKind.CHANGE_QUANTITY: _enter_quantity,
    EntryKind.PAUSE: _enter_plain,
    EntryKind.RESUME: _enter_plain,
    EntryKind.CONVERT: _enter_plain,
    EntryKind.RESET_ANCHOR: _enter_plain,
    EntryKind.OVERRIDE_PRICE: _enter_override,
    EntryKind.CANCEL: _enter_plain,
    EntryKind.SET_TERM: _enter_term,
    EntryKind.RENEW: _enter_term,
}


def _entry(contract: _Contract, row: SourceRow, kind: EntryKind) -> Entry:
    db = contract.sheet.staged.db
    return Entry(0, kind, row.get("date"), db.now, user=db.user, reason=row.text("reason"))


def _version(contract: _Contract, row: SourceRow) -> PlanVersion | None:
    """Find the plan version a row means: the one it names, or the newest in effect on its date."""
    code, number, day = row.text("plan"), row.get("plan_version"), row.get("date")
    if not code:
        contract.refuse(row, "plan", "value_missing")
        return None
    versions = [v for v in contract.sheet.versions.get(code, ()) if v.state is not VersionState.DRAFT]
    if not versions:
        contract.refuse(row, "plan", "unknown_plan", code)
        return None
    if number is not None:
        named = [version for version in versions if version.number == number]
        if not named:
            contract.refuse(row, "plan_version", "unknown_plan", f"{code} {number}")
        return named[0] if named else None
    started = [version for version in versions if version.effective <= day]
    if not started:
        contract.refuse(row, "date", "plan_not_yet_sold", day, plan=code, first=versions[0].effective)
        return None
    return started[-1]


def _running(contract: _Contract, record: Subscription, day: date) -> PlanVersion | None:
    entries = [e for e in in_order(record.entries) if e.effective <= day and e.plan_version_id is not None]
    return contract.sheet.catalog.plan_versions.get((entries[-1].plan_version_id or 0) if entries else 0)


def _quantities(contract: _Contract, row: SourceRow, version: PlanVersion | None) -> dict[int, Decimal]:
    """Give the quantity of a row to the price it names, or to all seats of the plan."""
    quantity = row.get("quantity")
    if quantity is None:
        return {}
    if quantity < 0:
        contract.refuse(row, "quantity", "too_small", quantity, minimum=0)
        return {}
    prices = contract.sheet.staged.prices
    if row.text("price"):
        price = prices.get(row.text("price"))
        if price is None:
            contract.refuse(row, "price", "unknown_price", row.text("price"))
        return {} if price is None else {price.id: quantity}
    items = version.items if version else ()
    known = contract.sheet.catalog.prices
    seats = [i.price_id for i in items if known[i.price_id].quantity_source is QuantitySource.SUBSCRIPTION]
    if not seats and quantity != 1:
        contract.refuse(row, "quantity", "plan_without_quantity", quantity)
    return dict.fromkeys(seats, quantity)


def _enter(
    contract: _Contract, row: SourceRow, entry: Entry, carried: Mapping[int, Decimal] = MappingProxyType({})
) -> None:
    """Put an entry on the timeline unless it is there already; one that says otherwise takes the old one's place.

    `carried` are quantities that the row does not give; they do not make it differ from what is stored.
    """
    record = contract.record
    if record is None or contract.outcomes.get(row.number) is Outcome.REJECTED:
        return
    old = _counterpart(contract, record, entry)
    entry = entry if old is None else _kept(contract, entry, old)
    if old is not None and _same(old, entry):
        contract.outcomes.setdefault(row.number, Outcome.UNCHANGED if old.id < _NEW else Outcome.DUPLICATE)
    elif old is not None and old.id >= _NEW:
        _join(contract, record, row, old, entry)
    elif _is_allowed(contract, record, row, entry, old):
        _put(contract, record, row, replace(entry, quantities={**carried, **entry.quantities}), old)


def _kept(contract: _Contract, entry: Entry, old: Entry) -> Entry:
    """Leave what a stored entry says where the file has no column for it."""
    source = contract.sheet.source
    lacking = [name for name, columns in HELD.get(entry.kind, ()) if not any(source.has(column) for column in columns)]
    kept: dict[str, Any] = {name: getattr(old, name) for name in lacking}
    return replace(entry, **kept)


def _put(contract: _Contract, record: Subscription, row: SourceRow, entry: Entry, old: Entry | None) -> None:
    if old is not None:
        contract.revoked.append((row.number, old.id))
    temporary = _NEW + len(contract.entry_rows)
    contract.entry_rows[temporary] = row.number
    kept = tuple(replace(e, revoked=True) if old is not None and e.id == old.id else e for e in record.entries)
    contract.record = replace(record, entries=(*kept, replace(entry, id=temporary)))
    contract.outcomes[row.number] = Outcome.ADDED if old is None else Outcome.CHANGED


def _join(contract: _Contract, record: Subscription, row: SourceRow, old: Entry, entry: Entry) -> None:
    """Let a further row of the same entry give the quantity of another price; anything else contradicts the first."""
    given = {**old.quantities, **entry.quantities}
    if len(given) == len(old.quantities) or not _same(replace(old, quantities=given), entry):
        contract.refuse(row, "date", "rows_disagree", entry.effective, first=contract.entry_rows[old.id])
        return
    joined = replace(old, quantities=given)
    contract.record = replace(record, entries=tuple(joined if e.id == old.id else e for e in record.entries))
    contract.outcomes[row.number] = Outcome.ADDED


def _counterpart(contract: _Contract, record: Subscription, entry: Entry) -> Entry | None:
    """Find the entry of the same kind on the same day, or the only start when this is the only one in the file."""
    alike = [one for one in record.entries if not one.revoked and one.kind is entry.kind]
    same_day = [
        one
        for one in alike
        if one.effective == entry.effective
        and (entry.kind is not EntryKind.CHANGE_QUANTITY or set(entry.quantities) <= set(one.quantities))
        and _overridden(one) == _overridden(entry)
    ]
    if same_day:
        return same_day[-1]
    starts = [row for row in contract.rows if _kind(row) is EntryKind.START]
    if entry.kind is EntryKind.START and len(alike) == 1 and len(starts) == 1:
        return alike[0]
    return None


def _overridden(entry: Entry) -> int | None:
    return entry.override.price_id if entry.override else None


def _same(old: Entry, new: Entry) -> bool:
    wanted = (
        "effective", "plan_version_id", "trial_until", "credit_unused", "pause_kind", "new_anchor",
        "term", "uplift", "notice_given", "fee_waived",
    )  # fmt: skip
    if old.override and new.override and not _same_terms(old.override, new.override):
        return False
    if any(getattr(old, name) != getattr(new, name) for name in wanted):
        return False
    return {**old.quantities, **new.quantities} == dict(old.quantities)


def _same_terms(old: Override, new: Override) -> bool:
    return old.until == new.until and dict(old.terms.parameters) == dict(new.terms.parameters)


_STATES: Final[Mapping[EntryKind, frozenset[SubscriptionState]]] = {
    EntryKind.START: frozenset({SubscriptionState.FUTURE, SubscriptionState.ENDED}),
    EntryKind.RESUME: frozenset({SubscriptionState.PAUSED}),
    EntryKind.CONVERT: frozenset({SubscriptionState.TRIAL}),
}
_LIVE: Final = frozenset(
    {SubscriptionState.ACTIVE, SubscriptionState.TRIAL, SubscriptionState.ENDING, SubscriptionState.PAUSED}
)


def _is_allowed(contract: _Contract, record: Subscription, row: SourceRow, entry: Entry, old: Entry | None) -> bool:
    """Refuse an entry behind the lock date, or one that the contract's state on that day does not allow."""
    locks = {entity.id: entity.lock_date for entity in contract.sheet.staged.entities.values()}
    lock_date = locks.get(record.entity_id)
    first = entry.effective if old is None else min(entry.effective, old.effective)
    if lock_date is not None and first < lock_date:
        contract.refuse(row, "date", "before_lock_date", first, date=lock_date)
        return False
    others = record if old is None else replace(record, entries=tuple(e for e in record.entries if e.id != old.id))
    before = state_on(others, entry.effective)
    if entry.kind is EntryKind.RENEW and ends_by_term(others, entry.effective):
        return True
    if before not in _STATES.get(entry.kind, _LIVE):
        contract.refuse(row, "date", "contract_state", entry.effective, number=contract.number, state=before.value)
        return False
    return True


def _check_prices(contract: _Contract) -> None:
    """Refuse the rows of a contract whose prices are not sold in its currency."""
    if contract.record is None or not contract.entry_rows:
        return
    problems = lay_out(contract.record, contract.sheet.catalog).problems
    rows = {row.number: row for row in contract.rows}
    for problem in problems:
        row = rows[min(contract.entry_rows.values())]
        contract.refuse(row, "currency", problem.code, problem.value, **dict(problem.details))
    if problems:
        for number in contract.entry_rows.values():
            contract.outcomes[number] = Outcome.REJECTED
        contract.entry_rows, contract.revoked, contract.record = {}, [], contract.stored


def _collect(contract: _Contract, checked: Checked[ContractWork]) -> None:
    """Hand over what has to be written for a contract."""
    checked.problems += contract.problems
    for row in contract.rows:
        checked.outcomes[row.number] = contract.outcomes.get(row.number, Outcome.REJECTED)
    record, work = contract.record, checked.work
    if record is None:
        return
    if contract.stored is None:
        if record.entries:
            work.made.append((contract.rows[0].number, record))
            work.entry_rows[contract.number] = [contract.entry_rows[entry.id] for entry in record.entries]
        return
    new = [entry for entry in record.entries if entry.id in contract.entry_rows]
    work.added += [(contract.entry_rows[entry.id], record.id, entry) for entry in new]
    work.revoked += [(row, record.id, entry_id) for row, entry_id in contract.revoked]
    gone = {entry_id for _row, entry_id in contract.revoked}
    days = [e.effective for e in new] + [e.effective for e in record.entries if e.id in gone]
    if days:
        work.touched[record.id] = min(days)
    _collect_own(contract, contract.stored, record, checked)


def _collect_own(
    contract: _Contract, stored: Subscription, record: Subscription, checked: Checked[ContractWork]
) -> None:
    if replace(record, entries=()) == replace(stored, entries=()):
        return
    starts = [row.number for row in contract.rows if _kind(row) is EntryKind.START]
    checked.work.updated.append((starts[0], stored, replace(record, entries=())))
    for number in starts:
        if checked.outcomes[number] is Outcome.UNCHANGED:
            checked.outcomes[number] = Outcome.CHANGED
