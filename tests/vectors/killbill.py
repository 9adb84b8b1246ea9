"""Kill Bill's vocabulary in ours: billing events become entries, BCDs anchors, items lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from billdesk.domain.billing import BilledLine, ProposedLine, check_billed, settle
from billdesk.domain.billing.grid import grid_of
from billdesk.domain.billing.leftovers import net
from billdesk.domain.catalog import (
    Alignment,
    Catalog,
    PlanItem,
    PlanVersion,
    Price,
    PriceTerms,
    Proration,
    QuantitySource,
    Timing,
    VersionState,
)
from billdesk.domain.invoices import LineKind
from billdesk.domain.rating import compiled
from billdesk.domain.subscriptions import Entry, EntryKind, Subscription
from billdesk.domain.wallets import OpenCredit, Purse, use_credits
from billdesk.kernel.errors import InvariantBroken
from billdesk.kernel.money import Money, allocate, total
from billdesk.kernel.period import Interval, Period, Unit, add_months
from builders.contracts import VAT
from vectors.found import Answer, Case, known

INTERVALS = {
    "DAILY": Interval(Unit.DAY), "WEEKLY": Interval(Unit.WEEK), "BIWEEKLY": Interval(Unit.WEEK, 2),
    "THIRTY_DAYS": Interval(Unit.DAY, 30), "THIRTY_ONE_DAYS": Interval(Unit.DAY, 31),
    "SIXTY_DAYS": Interval(Unit.DAY, 60), "NINETY_DAYS": Interval(Unit.DAY, 90), "MONTHLY": Interval(Unit.MONTH),
    "BIMESTRIAL": Interval(Unit.MONTH, 2), "QUARTERLY": Interval(Unit.QUARTER), "TRIANNUAL": Interval(Unit.MONTH, 4),
    "BIANNUAL": Interval(Unit.HALF_YEAR), "ANNUAL": Interval(Unit.YEAR), "SESQUIENNIAL": Interval(Unit.MONTH, 18),
    "BIENNIAL": Interval(Unit.YEAR, 2), "TRIENNIAL": Interval(Unit.YEAR, 3),
}  # fmt: skip
TYPES = {
    LineKind.CHARGE: "RECURRING", LineKind.ONE_OFF: "FIXED", LineKind.CREDIT: "REPAIR_ADJ", LineKind.USAGE: "USAGE",
}  # fmt: skip
TIMINGS = {
    ("IN_ADVANCE", "DEFAULT"): Timing.ADVANCE, ("IN_ADVANCE", "GREEDY"): Timing.ADVANCE,
    # Greedy arrears bill the period that runs: that is in advance.
    ("IN_ARREAR", "GREEDY"): Timing.ADVANCE, ("IN_ARREAR", "DEFAULT"): Timing.ARREARS,
}  # fmt: skip
_LEAP_CYCLE = 48
KINDS_OF_EVENTS = {"CREATE": EntryKind.START, "CANCEL": EntryKind.CANCEL}
KINDS = {name: kind for kind, name in TYPES.items()}


def on(text: str) -> date:
    return date.fromisoformat(text)


def anchor_for(start: date, bcd: int, interval: Interval) -> date:
    """Give the day a BCD counts from: in the month of start, or whole intervals earlier where that month is short."""
    if not interval.months:
        return start
    months = (add_months(start.replace(day=1), -number * interval.months) for number in range(_LEAP_CYCLE))
    return max((_in_month(first, bcd) for first in months), key=lambda day: day.day)


def _in_month(first: date, bcd: int) -> date:
    return min(first + timedelta(days=bcd - 1), add_months(first, 1) - timedelta(days=1))


class Account:
    """The subscriptions of one vector with what was billed for them, in Kill Bill's policies."""

    def __init__(self, currency: str = "USD", fixed_days: int = 0) -> None:
        self.currency, self.fixed_days = currency, fixed_days
        self.prices: dict[object, Price] = {}
        self.versions: dict[int, PlanVersion] = {}
        self.events: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.billed: dict[str, list[BilledLine]] = defaultdict(list)
        self.lines = 0
        self.numbers: dict[str, int] = {}

    @property
    def catalog(self) -> Catalog:
        return Catalog({price.id: price for price in self.prices.values()}, {}, self.versions, {})

    def price(self, key: object, model: str, parameters: dict[str, str], **more: Any) -> Price:
        if key not in self.prices:
            number = len(self.prices) + 1
            proration = Proration.FIXED_DAYS if self.fixed_days else Proration.BY_DAY
            fields = {
                "interval": None, "timing": Timing.ADVANCE, "quantity_source": QuantitySource.SUBSCRIPTION,
                "terms": (PriceTerms(self.currency, parameters),), "proration": proration,
                "proration_days": self.fixed_days or 30,
            }  # fmt: skip
            self.prices[key] = Price(number, f"p{number}", number, str(key), model, **{**fields, **more})
        return self.prices[key]

    def subscription(self, name: str) -> Subscription:
        """Turn a subscription's events into entries; a change of BCD or interval resets the anchor."""
        entries: list[Entry] = []
        grid: tuple[object, ...] = ()
        anchor = date(2000, 1, 1)
        events = sorted(self.events[name], key=lambda one: one["date"])
        for number, event in enumerate(events):
            day, interval = on(event["date"]), INTERVALS.get(event.get("billing_period") or "")
            version = self.version(name, event, interval)
            kind = KINDS_OF_EVENTS.get(event["type"], EntryKind.CHANGE_PLAN)
            kind = EntryKind.START if not entries and kind is EntryKind.CHANGE_PLAN else kind
            entries.append(Entry(2 * number + 1, kind, day, _noon(number), plan_version_id=version.id))
            if interval is not None and event.get("recurring_rate") is not None:
                wanted = (event.get("bcd"), interval) if interval.months else (day, interval)
                if grid and wanted != grid:
                    reset = anchor_for(day, event["bcd"], interval)
                    entries.append(
                        Entry(2 * number + 2, EntryKind.RESET_ANCHOR, day, _noon(number), new_anchor=reset)
                    )  # fmt: skip
                elif not grid:
                    anchor = anchor_for(day, event["bcd"], interval)
                grid = wanted
        return Subscription(1, name, 1, 1, self.currency, anchor, tuple(entries))

    def version(self, name: str, event: dict[str, Any], interval: Interval | None) -> PlanVersion:
        items = []
        if event.get("recurring_rate") is not None and interval is not None:
            rate, quantity = str(event["recurring_rate"]), Decimal(str(event.get("quantity") or 1))
            timing = TIMINGS[event.get("billing_mode", "IN_ADVANCE"), event.get("in_arrear_mode", "DEFAULT")]
            key = (event.get("plan"), event.get("phase"), rate, interval, timing)
            recurring = self.price(key, "per_unit", {"unit_price": _plain(rate)}, interval=interval, timing=timing)
            items.append(PlanItem(recurring.id, quantity))
        if event.get("fixed_price") is not None and event.get("type") not in {"CANCEL", "PAUSE", "BLOCK"}:
            fixed = self.price((name, event["date"], event.get("plan"), event.get("phase")), "flat",
                               {"amount": _plain(str(event["fixed_price"]))})  # fmt: skip
            items.append(PlanItem(fixed.id))
        version = PlanVersion(
            len(self.versions) + 1, 1, 1, VersionState.LIVE, date(2000, 1, 1), tuple(items)
        )  # fmt: skip
        self.versions[version.id] = version
        return version

    def run(self, target: date, *, skip: Iterable[str] = ()) -> list[tuple[str, ProposedLine]]:
        """Bill all subscriptions as of a day and remember it as issued."""
        found = []
        for name in sorted({*self.events, *self.billed}):
            if name in skip:
                continue
            subscription = self.subscription(name)
            settlement = settle(subscription, self.catalog, {}, self.billed[name], target)
            for line in settlement.lines:
                self.billed[name].append(self.issued(line))
                found.append((name, line))
        return found

    def minor(self, amount: str) -> int:
        return Money.of(Decimal(amount), self.currency).minor

    def issued(self, line: ProposedLine) -> BilledLine:
        self.lines += 1
        corrects = line.corrects.line_id if line.corrects else None
        return BilledLine(
            self.lines, self.lines, str(self.lines), line.kind, line.price_id, line.period, line.amount.minor,
            line.quantity, line.terms, VAT, corrects_line_id=corrects,
        )  # fmt: skip


def _noon(number: int) -> datetime:
    return datetime(2000, 1, 1) + timedelta(minutes=number)  # noqa: DTZ001


def _plain(text: str) -> str:
    return f"{Decimal(text):f}"


def shown(lines: Iterable[tuple[str, ProposedLine]]) -> list[tuple[str, str, str, str]]:
    """Give lines as (type, start, end, amount); a one-off has no end."""
    return sorted(
        (
            TYPES[line.kind],
            line.period.start.isoformat(),
            "" if line.kind is LineKind.ONE_OFF else line.period.end.isoformat(),
            f"{line.amount.major:f}",
        )
        for _name, line in lines
    )


def items(found: Iterable[dict[str, Any]], currency: str = "USD") -> list[tuple[str, str, str, str]]:
    """Give expected items in the same shape; zero items and movements of account credit are no lines of ours."""
    return sorted(
        (
            item["type"],
            item["start"],
            "" if item["type"] == "FIXED" else str(item["end"]),
            f"{Money.of(Decimal(item['amount']), currency).major:f}",
        )
        for item in found
        if item["type"] in KINDS and Decimal(item["amount"]) != 0
    )


def generator(case: Case) -> Answer:
    """Run each step's target date and compare the lines."""
    if case.get("kind") == "safety_bound":
        return _safety(case["id"]), "refused"
    account = Account(case["inputs"]["currency"], case["inputs"].get("proration_fixed_days") or 0)
    ours, theirs = [], []
    for step in case["steps"]:
        if "replace_all_events_with" in step:
            account.events.clear()
        for event in [*step.get("add_events", []), *step.get("replace_all_events_with", [])]:
            account.events[event["subscription"]].append(event)
        _existing(account, case)
        lines = account.run(on(step["target_date"]), skip=step.get("auto_invoicing_off_subscriptions", ()))
        ours.append(shown(lines))
        theirs.append(items(step.get("derived_items", []), account.currency))
    return ours, theirs


def _existing(account: Account, case: Case) -> None:
    """Put items that were billed before the vector starts into the book, at today's terms where they are equal."""
    for item in case["inputs"].pop("existing_items", []):
        name = item["subscription"]
        price = next((one for key, one in account.prices.items() if str(item.get("rate") or "") in str(key)), None)
        account.subscription(name)
        price = price or next(iter(account.prices.values()))
        add_item(account, name, item, price)


def add_item(account: Account, name: str, item: dict[str, Any], price: Price) -> None:
    account.lines += 1
    linked = item.get("linked_item")
    kind = LineKind.ADJUSTMENT if item["type"] == "ITEM_ADJ" else KINDS.get(item["type"], LineKind.CHARGE)
    corrected = account.numbers.get(linked) if linked else None
    terms = compiled(account.catalog, price, price.terms[0]).fingerprint(Decimal(1))
    end = item.get("end") or item["start"]
    line = BilledLine(
        account.lines, account.lines, item["id"], kind, price.id, Period(on(item["start"]), on(end)),
        account.minor(item["amount"]), Decimal(1), terms, VAT, corrects_line_id=corrected,
    )  # fmt: skip
    account.numbers[item["id"]] = line.line_id
    account.billed[name].append(line)


def _safety(name: str) -> str:
    """Prove that lines that contradict each other are refused before anything is proposed."""
    account = Account()
    event = {"date": "2016-01-01", "bcd": 1, "billing_period": "MONTHLY", "recurring_rate": "10", "type": "CREATE"}
    account.events["s"].append(event)
    lines = account.run(on("2016-01-01"))
    line = account.issued(lines[0][1])
    unknown = replace(line, line_id=9, corrects_line_id=77, kind=LineKind.CREDIT, amount=-1000)
    extra = [line] if "Double" in name else [unknown]
    try:
        check_billed([*account.billed["s"], *extra])
    except InvariantBroken:
        return "refused"
    return "let in"


def scenario(case: Case) -> Answer:
    """Run a scenario's steps and compare charges, credits and what the customer has left of credits."""
    given = case["inputs"]
    known(given, "currency", "account_bcd", "proration_fixed_days", "overdue_states")
    account = Account(given["currency"], given.get("proration_fixed_days") or 0)
    purse = Purse()
    ours: list[object] = []
    theirs: list[object] = []
    for number, step in enumerate(case["steps"], 1):
        known(step, *_STEP)
        _learn(account, step)
        lines = account.run(on(step["target_date"]))
        purse = _net_off(purse, number, lines, on(step["target_date"]))
        left = sum(one.left.minor for one in purse.credits)
        ours.append((shown(lines), left))
        credit = step.get("account_credit_after")
        expected = items((step.get("expected_invoice") or {}).get("items", []), account.currency)
        theirs.append((expected, left if credit is None else Money.of(Decimal(credit), account.currency).minor))
    return ours, theirs


_STEP = (
    "target_date", "invoice_date", "actions", "billing_events_added", "billing_events_removed", "manual_items",
    "expected_invoice", "asserted_by_test", "account_credit_after",
)  # fmt: skip


def _learn(account: Account, step: Case) -> None:
    for event in step.get("billing_events_removed", []):
        same = [one for one in account.events[event["subscription"]] if _is_same(one, event)]
        for one in same:
            account.events[event["subscription"]].remove(one)
    for event in step.get("billing_events_added", []):
        account.events[event["subscription"]].append(event)
    for item in step.get("manual_items", []):
        _adjust(account, item)


def _net_off(purse: Purse, number: int, lines: Sequence[tuple[str, ProposedLine]], day: date) -> Purse:
    """Let a net negative run become an open credit, and credits pay a net positive one."""
    if not lines:
        return purse
    net_amount = total((line.amount for _name, line in lines), lines[0][1].amount.currency)
    if net_amount.minor < 0:
        return replace(purse, credits=(*purse.credits, OpenCredit(number, str(number), -net_amount, day)))
    return use_credits(purse, net_amount, (), day)[1]


def _adjust(account: Account, item: dict[str, Any]) -> None:
    """Take money off an issued line, as a person does; its days stay billed."""
    kind, start = KINDS[item["on"]["type"]], on(item["on"]["start"])
    for lines in account.billed.values():
        for line in [one for one in lines if one.kind is kind and one.period.start == start]:
            account.lines += 1
            amount = account.minor(item["amount"])
            lines.append(
                replace(line, line_id=account.lines, kind=LineKind.ADJUSTMENT, amount=amount,
                        corrects_line_id=line.line_id)
            )  # fmt: skip


def _is_same(one: dict[str, Any], event: dict[str, Any]) -> bool:
    keys = [key for key in ("date", "type", "plan", "phase") if event.get(key) is not None]
    return all(one.get(key) == event[key] for key in keys)


def repair(case: Case) -> Answer:
    """Net what exists, or settle the proposed items as terms against it."""
    given = case["inputs"]
    account = Account()
    prices = _repair_prices(account, [*given["existing"], *given["proposed"]])
    for item in given["existing"]:
        add_item(account, "s", item, _priced(prices, item, given["existing"]))
    if "error" in case["expected"]:
        return _refused(account), "refused"
    expected = items(case["expected"]["items"])
    if given["mode"] == "net_view_of_existing":
        return _net(account), [(start, end, amount) for _type, start, end, amount in expected]
    for item in given["proposed"]:
        _propose(account, item, prices[item.get("plan"), item.get("rate")])
    return shown(account.run(date(2100, 1, 1))), expected


def _repair_prices(account: Account, found: list[dict[str, Any]]) -> dict[tuple[object, object], Price]:
    prices = {}
    for item in found:
        key = (item.get("plan"), item.get("rate"))
        if item.get("rate"):
            longest = max((on(one["end"]) - on(one["start"])).days for one in found if one.get("end"))
            interval = Interval(Unit.YEAR) if longest > 62 else Interval(Unit.MONTH)
            rate = str(item["rate"])
            engine_key = (item.get("plan"), None, rate, interval, Timing.ADVANCE)
            prices[key] = account.price(engine_key, "per_unit", {"unit_price": _plain(rate)}, interval=interval)
        elif item["type"] == "FIXED":
            prices[key] = account.price(key, "flat", {"amount": _plain(item["amount"])})
    return prices


def _priced(prices: dict[tuple[object, object], Price], item: dict[str, Any], found: list[dict[str, Any]]) -> Price:
    linked = next((one for one in found if one.get("id") == item.get("linked_item")), item)
    return prices.get((linked.get("plan"), linked.get("rate"))) or next(iter(prices.values()))


def _propose(account: Account, item: dict[str, Any], price: Price) -> None:
    if item["type"] == "FIXED":
        key = ("s", item["start"], item.get("plan"), None)
        account.prices[key] = price
        account.events["s"][-2]["fixed_price"] = item["amount"]
        return
    interval = next(name for name, one in INTERVALS.items() if one == (price.interval or Interval(Unit.MONTH)))
    events = account.events["s"]
    start = on(item["start"])
    is_whole = grid_of(start, INTERVALS[interval], Alignment.ANNIVERSARY, 1).boundary(1) == on(item["end"])
    bcd = start.day if is_whole or not events else events[-1]["bcd"]
    base = {"plan": item.get("plan"), "billing_period": interval, "recurring_rate": item.get("rate"), "bcd": bcd}
    if events and events[-1]["date"] == item["start"]:
        events.pop()
    events.append({**base, "date": item["start"], "type": "CREATE"})
    events.append({**base, "date": item["end"], "type": "CANCEL", "recurring_rate": None})


def _refused(account: Account) -> str:

    try:
        check_billed(account.billed["s"])
        net(account.billed["s"])
    except InvariantBroken:
        return "refused"
    return "let in"


def _net(account: Account) -> list[tuple[str, str, str]]:
    """Give what is left of each line by stretches of its days, spread by the engine's largest remainder."""
    found = []
    for lefts in net(account.billed["s"]).values():
        for left in [one for one in lefts if one.spans]:
            shares = allocate(left.money, [span.days for span in left.spans])
            found += [
                (span.start.isoformat(), span.end.isoformat(), f"{Money(share, account.currency).major:f}")
                for span, share in zip(left.spans, shares, strict=True)
            ]
    return sorted(found)
