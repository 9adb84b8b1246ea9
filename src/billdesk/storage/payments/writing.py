"""Storing steps in bulk, and keeping the rests of payments in step with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Table

from billdesk.domain.payments import Allocation, LineBooking, Payment, PaymentRest, Settlement, Step
from billdesk.storage.bulk import delete_rows, insert_rows
from billdesk.storage.database import Db
from billdesk.storage.driver import reserve_ids
from billdesk.storage.tables.payments import allocation, line_booking, open_payment, payment, settlement


def save_steps(db: Db, steps: Sequence[Step]) -> dict[int, int]:
    """Store steps and give the real id of each provisional one."""
    payments = [row for step in steps for row in step.payments]
    allocations = [row for step in steps for row in step.allocations]
    bookings = [row for step in steps for row in step.bookings]
    ids: dict[int, int] = {}
    for table, provisional in (
        (settlement, [step.settlement.id for step in steps]),
        (payment, [row.id for row in payments]),
        (allocation, [row.id for row in allocations]),
        (line_booking, [row.id for row in bookings]),
    ):
        ids.update(_number(db, table, provisional))
    insert_rows(db, settlement, [_settlement(step.settlement, ids) for step in steps])
    insert_rows(db, payment, [_payment(row, ids) for row in payments])
    insert_rows(db, allocation, [_allocation(row, ids) for row in allocations])
    insert_rows(db, line_booking, [_booking(row, ids) for row in bookings])
    return ids


def _number(db: Db, table: Table, provisional: Sequence[int]) -> dict[int, int]:
    if not provisional:
        return {}
    return dict(zip(provisional, reserve_ids(db, table, len(provisional)), strict=True))


def _real(ids: Mapping[int, int], key: int | None) -> int | None:
    return None if key is None else ids.get(key, key)


def _settlement(row: Settlement, ids: Mapping[int, int]) -> dict[str, Any]:
    return {
        "id": ids[row.id],
        "entity_id": row.entity_id,
        "kind": row.kind,
        "settled_on": row.settled_on,
        "statement_line_id": row.statement_line_id,
        "reverses_id": row.reverses_id,
        "note": row.note,
        "made_at": row.made_at,
        "made_by": row.made_by,
    }


def _payment(row: Payment, ids: Mapping[int, int]) -> dict[str, Any]:
    return {
        "id": ids[row.id],
        "settlement_id": ids[row.settlement_id],
        "entity_id": row.entity_id,
        "customer_id": row.customer_id,
        "received_on": row.received_on,
        "currency": row.amount.currency,
        "amount_minor": row.amount.minor,
        "local_minor": row.local_minor,
        "method": row.method,
        "bank_account_id": row.bank_account_id,
        "statement_line_id": row.statement_line_id,
        "reference": row.reference,
        "note": row.note,
        "returns_id": row.returns_id,
        "reverses_id": row.reverses_id,
    }


def _allocation(row: Allocation, ids: Mapping[int, int]) -> dict[str, Any]:
    return {
        "id": ids[row.id],
        "settlement_id": ids[row.settlement_id],
        "kind": row.kind,
        "document_id": row.document_id,
        "currency": row.amount.currency,
        "amount_minor": row.amount.minor,
        "allocated_on": row.allocated_on,
        "payment_id": _real(ids, row.payment_id),
        "payment_minor": row.payment_minor,
        "credit_document_id": row.credit_document_id,
        "target_payment_id": _real(ids, row.target_payment_id),
        "reverses_id": row.reverses_id,
        "note": row.note,
    }


def _booking(row: LineBooking, ids: Mapping[int, int]) -> dict[str, Any]:
    return {
        "id": ids[row.id],
        "settlement_id": ids[row.settlement_id],
        "statement_line_id": row.statement_line_id,
        "account": row.account,
        "currency": row.amount.currency,
        "amount_minor": row.amount.minor,
        "local_minor": row.local_minor,
        "payment_id": row.payment_id,
        "reverses_id": row.reverses_id,
        "text": row.text,
    }


def save_rests(db: Db, rests: Iterable[PaymentRest], ids: Mapping[int, int]) -> None:
    """Write what is left of payments; a payment that is used up has no row."""
    known = {ids.get(rest.payment_id, rest.payment_id): rest for rest in rests}
    delete_rows(db, open_payment.c.payment_id, known)
    rows = [
        {"payment_id": key, "customer_id": rest.customer_id, "currency": rest.currency, "rest_minor": rest.rest_minor}
        for key, rest in known.items()
        if rest.rest_minor
    ]
    insert_rows(db, open_payment, rows)
