"""A bookkeeper who does anything that is possible in a whole book, and some things that are not, on odd days."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

from billdesk.domain.catalog import PlanItem, Price, PriceTerms, Product, QuantitySource, Timing
from billdesk.domain.customers import CreditPolicy, Customer
from billdesk.domain.invoices import DocumentState
from billdesk.domain.payments import AllocationKind, DocumentShare, PaymentMethod
from billdesk.domain.subscriptions import EntryKind as Kind
from billdesk.domain.subscriptions import Override, PauseKind, Subscription
from billdesk.domain.usage import BatchState
from billdesk.kernel.errors import InputError
from billdesk.kernel.money import Money
from billdesk.kernel.period import Interval, Unit
from billdesk.kernel.progress import Progress
from billdesk.services import (
    billing,
    catalog,
    customers,
    entities,
    imports,
    invoices,
    ledger,
    payments,
    rates,
    subscriptions,
    usage,
)  # fmt: skip
from billdesk.services.book import Book
from billdesk.services.check import check_book
from billdesk.services.company import NewCompany, set_up_company
from billdesk.services.payments import PaymentInput
from billdesk.services.subscriptions import Change, Start, When
from billdesk.storage.invoices import DocumentFilter, open_items
from builders.catalog import a_live_plan
from builders.customers import a_customer
from builders.usage import PROFILE, a_metric

CURRENCIES = ("EUR", "GBP", "JPY", "KWD", "CHF")
AMOUNTS = {"EUR": "99.99", "GBP": "86.01", "JPY": "16001", "KWD": "33.337", "CHF": "95.05"}
ODD_DAYS = (
    "2027-12-31 2028-01-01 2028-01-30 2028-01-31 2028-02-28 2028-02-29 2028-03-01 "
    "2028-03-26 2028-03-31 2028-04-01 2028-04-30 2028-10-29 2028-12-31 2029-02-28"
).split()
KINDS = (Kind.CHANGE_PLAN, Kind.CHANGE_QUANTITY, Kind.PAUSE, Kind.RESUME, Kind.CANCEL, Kind.OVERRIDE_PRICE)
TIMES = ("00:00:00", "23:59:59", "02:30:00", "12:00:00")
READINGS = ("1", "0", "0.001", "1234.567", "-2")
NAMES = ("Bakkerij Vermeulen", "=cmd|' /C calc'!A0", "😀 Emoji & Zoon", "N" * 180, "CON", 'a/b\\c:d*e?"<>|')


class Bookkeeper:
    """One book and what is done with it; every refusal is an answer, every other error fails."""

    def __init__(self, folder: Path, dice: Random) -> None:
        self.folder, self.dice, self.files = folder, dice, 0
        self.now = datetime(2028, 1, 15, 10, tzinfo=UTC)
        self.book = Book.create(folder / "odd.billdesk", clock=lambda: self.now, user="Ann")
        self.book.run(set_up_company, NewCompany("Acme BV", "BE", "EUR", vat="BE0671650665", iban="BE68539007547034"))
        for currency in CURRENCIES[1:]:
            self.book.run(rates.set_rate, currency, date(2027, 1, 1), Decimal(AMOUNTS[currency]) / 100)
        self._furnish()
        for _number in range(4):
            self.start()

    def _furnish(self) -> None:
        book = self.book
        product = book.run(catalog.create_product, Product(0, "HOST", "Hosting")).value.id
        self.metric = book.run(usage.create_metric, a_metric("calls", decimals=3)).value
        flat = self._price(product, "FLAT", "flat", "amount", QuantitySource.ONE)
        year = replace(self._price(product, "YEAR", "flat", "amount", QuantitySource.ONE), interval=Interval(Unit.YEAR))
        seat = self._price(product, "SEAT", "per_unit", "unit_price", QuantitySource.SUBSCRIPTION)
        calls = replace(
            self._price(product, "CALLS", "per_unit", "unit_price", QuantitySource.USAGE),
            timing=Timing.ARREARS, metric_id=self.metric,
        )  # fmt: skip
        self.flat, self.year, self.seat, self.calls = (
            book.run(catalog.create_price, price).value.id for price in (flat, year, seat, calls)
        )
        now, self.now = self.now, datetime(2026, 3, 16, 10, tzinfo=UTC)
        self.plans = [
            a_live_plan(book, "ONE", PlanItem(self.flat), PlanItem(self.calls)),
            a_live_plan(book, "TWO", PlanItem(self.seat, Decimal(3)), PlanItem(self.calls)),
            a_live_plan(book, "THREE", PlanItem(self.year), PlanItem(self.seat, Decimal(1))),
        ]
        self.now = now
        self.people = [book.run(customers.create_customer, self._person(n)).value.id for n in range(6)]

    def _price(self, product: int, code: str, model: str, parameter: str, source: QuantitySource) -> Price:
        terms = tuple(PriceTerms(currency, {parameter: AMOUNTS[currency]}) for currency in CURRENCIES)
        return Price(0, code, product, code, model, Interval(Unit.MONTH), Timing.ADVANCE, source, terms)

    def _person(self, number: int) -> Customer:
        country = {"GBP": "GB", "JPY": "JP", "KWD": "KW", "CHF": "CH"}.get(CURRENCIES[number % 5], "BE")
        person = a_customer(
            number=f"K{number}", name=NAMES[number], legal_name="", currency=CURRENCIES[number % 5], tax_id="",
            credit_policy=self.dice.choice(tuple(CreditPolicy)), ibans=(), tags=(),
        )  # fmt: skip
        return replace(person, address=replace(person.address, country=country))

    # what is done

    def act(self) -> str:
        """Do one thing; gives its name, with a minus when it was refused."""
        step: Callable[[], object] = self.dice.choice((
            self.start, self.start, self.change, self.change, self.change, self.revoke, self.measure, self.measure,
            self.undo_import, self.bill, self.bill, self.work, self.work, self.work, self.undo_run, self.issue,
            self.correct, self.credit, self.pay, self.pay, self.settle, self.take_back, self.refund,
            self.lock, self.later, self.recognise, self.customer_file, self.void,
        ))  # fmt: skip
        try:
            step()
        except InputError as refused:
            return f"-{step.__name__} {refused!r}"[:150]
        return step.__name__

    def day(self, first: int = 0, until: int | None = None) -> date:
        return date.fromisoformat(self.dice.choice(ODD_DAYS[first:until]))

    def later(self) -> None:
        self.now += timedelta(days=self.dice.choice((1, 13, 31)))

    def start(self) -> None:
        person = self.book.query(customers.load_customer, self.dice.choice(self.people))
        record = Subscription(0, "", person.id, 1, person.currency, self.day(0, 6), ())
        quantity = Decimal(self.dice.choice(("0", "1", "2.5", "7", "0.001")))
        plan = self.dice.choice(self.plans)
        seats = {} if plan == self.plans[0] else {self.seat: quantity}
        self.book.run(subscriptions.start_subscription, record, Start(plan, record.anchor, seats))

    def contract(self) -> int:
        rows = self.book.query(subscriptions.list_subscriptions)
        if not rows:
            raise InputError("no contract")
        return self.dice.choice(rows).id

    def change(self) -> None:
        kind = self.dice.choice(KINDS)
        contract = self.book.query(subscriptions.load_subscription, self.contract())
        deal = Override(self.seat, PriceTerms(contract.currency, {"unit_price": "7.125"}), "deal")
        seats = {self.seat: Decimal(self.dice.choice(("0", "3", "1.75")))}
        change = Change(
            kind,
            self.dice.choice((When.DATE, When.DATE, When.NOW, When.PERIOD_END)),
            day=self.day(),
            plan_version_id=self.dice.choice(self.plans) if kind is Kind.CHANGE_PLAN else None,
            quantities=seats if kind is Kind.CHANGE_QUANTITY else {},
            override=replace(deal, until=self.dice.choice((None, self.day()))) if kind is Kind.OVERRIDE_PRICE else None,
            pause_kind=self.dice.choice(tuple(PauseKind)),
            credit_unused=self.dice.random() < 0.7,
        )
        self.book.run(subscriptions.change_subscription, contract.id, change)

    def revoke(self) -> None:
        contract = self.contract()
        items = self.book.query(subscriptions.load_timeline, contract)
        self.book.run(subscriptions.revoke_entry, contract, self.dice.choice(items).entry_id)

    def measure(self) -> None:
        self.files += 1
        number = self.book.query(subscriptions.load_subscription, self.contract()).number
        rows = [
            f"{number},calls,{self.day()} {self.dice.choice(TIMES)},{self.dice.choice(READINGS)},{self.files}-{n}"
            for n in range(3)
        ]
        path = self.folder / f"u{self.files}.csv"
        path.write_text("\n".join(("contract,metric,time,quantity,key", *rows)), encoding="utf-8")
        self.book.run(usage.import_usage, path, PROFILE)

    def customer_file(self) -> None:
        path = self.folder / "klanten.csv"
        rows = f"K0;Nieuw {self.dice.randint(1, 3)}\nN{self.dice.randint(1, 5)};Nieuw\n"
        path.write_text(f"Klantnummer;Naam\n{rows}", encoding="utf-8")
        self.book.run(imports.apply_import, path)

    def undo_import(self) -> None:
        batches = [one for one in self.book.query(imports.list_batches) if one.state is BatchState.APPLIED]
        if not batches:
            raise InputError("no batch")
        batch = self.dice.choice(batches)
        if batch.kind == "usage":
            self.book.run(usage.undo_usage_import, batch.id, force=self.dice.random() < 0.5)
        else:
            self.book.run(imports.undo_import, batch.id)

    def bill(self) -> None:
        on = self.day(2)
        preview = self.book.query(billing.preview_billing, on, progress=Progress())
        first = self.book.run(billing.run_billing, on, progress=Progress()).value
        assert preview.totals == first.preview.totals, "preview and run differ"
        again = self.book.run(billing.run_billing, on, progress=Progress()).value
        assert (again.created, again.replaced) == (0, 0), f"a second run for {on} made something"

    def work(self) -> None:
        self.bill()
        self.issue()

    def undo_run(self) -> None:
        runs = self.book.query(billing.list_runs, offset=0, limit=50)
        if runs:
            self.book.run(billing.undo_run, self.dice.choice(runs).id)

    def documents(self, state: DocumentState) -> list[int]:
        rows = self.book.query(invoices.list_documents, DocumentFilter(), limit=1000)
        found = [row.id for row in rows if row.state is state]
        if not found:
            raise InputError("no document")
        return found

    def issue(self) -> None:
        drafts = self.documents(DocumentState.DRAFT)
        chosen = drafts if self.dice.random() < 0.6 else drafts[:1]
        self.book.run(
            invoices.issue_documents,
            chosen,
            self.dice.choice((None, None, None, None, self.day(4))),
            progress=Progress(),
        )

    def void(self) -> None:
        self.book.run(invoices.void_drafts, self.documents(DocumentState.DRAFT)[:1])

    def correct(self) -> None:
        self.book.run(invoices.correct_document, self.dice.choice(self.documents(DocumentState.ISSUED)), "wrong")

    def credit(self) -> None:
        chosen = self.book.query(invoices.load_document, self.dice.choice(self.documents(DocumentState.ISSUED)))
        line = self.dice.choice(chosen.lines)
        share = self.dice.choice((1, 2, 3, 50))
        amounts = {line.id: Money(line.net.minor * 10 // share // 5, line.net.currency)}
        self.book.run(invoices.credit_document, chosen.id, "less", self.dice.choice((None, amounts)))

    def open_item(self) -> tuple[int, Money, int]:
        items = self.book.query(open_items, entity_id=1)
        if not items:
            raise InputError("nothing open")
        item = self.dice.choice(items)
        return item.document_id, item.open, self.book.query(invoices.load_document, item.document_id).customer_id

    def pay(self) -> None:
        document, amount, customer = self.open_item()
        money = Money(amount.minor // self.dice.choice((1, 1, 2, 3)), amount.currency)
        share = DocumentShare(document, money)
        if self.dice.random() < 0.3:
            paid = Money(abs(money.minor) + 7, self.dice.choice(CURRENCIES))
            share = DocumentShare(document, money, paid=paid)
            money = paid
        given = PaymentInput(1, customer, money, self.now.date(), PaymentMethod.CASH, (share,))
        self.book.run(payments.note_payment, given)

    def settle(self) -> None:
        document, amount, _customer = self.open_item()
        what = self.dice.choice(("balance", "write_off", "offset", "uncollectible"))
        if what == "balance":
            self.book.run(payments.allocate_balance, document)
        elif what == "write_off":
            kind = self.dice.choice((AllocationKind.WRITE_OFF, AllocationKind.BANK_FEE, AllocationKind.EXCHANGE))
            self.book.run(payments.write_off, document, Money(amount.minor // 2, amount.currency), kind=kind)
        elif what == "offset":
            self.book.run(payments.offset_credit_note, document, self.open_item()[0])
        else:
            self.book.run(invoices.mark_uncollectible, document, "gone")

    def take_back(self) -> None:
        rows = self.book.query(payments.list_payments, payments.PaymentFilter())
        if rows:
            self.book.run(payments.take_back, self.dice.choice(rows).settlement_id)

    def refund(self) -> None:
        person = self.book.query(customers.load_customer, self.dice.choice(self.people))
        amount = Money(self.dice.choice((1, 100, 99_999)), person.currency)
        self.book.run(payments.refund_customer, PaymentInput(1, person.id, amount, self.now.date()))

    def lock(self) -> None:
        if self.dice.random() < 0.03:
            company = self.book.query(entities.load_entity, 1)
            self.book.run(entities.change_entity, replace(company, lock_date=self.day()))

    def recognise(self) -> None:
        self.book.run(ledger.recognise_revenue, self.day(), progress=Progress())

    # what must be true

    def check(self) -> None:
        """Prove the totals, the trail, and that every issued line is what its trace says."""
        assert self.book.query(check_book) == []
        assert self.book.query(ledger.tie_out, 1).holds
        rows = self.book.query(invoices.list_documents, DocumentFilter(), limit=1000)
        for row in rows:
            if row.state is not DocumentState.DRAFT:
                found = self.book.query(invoices.recompute_and_compare, row.id)
                assert found.agrees, found
