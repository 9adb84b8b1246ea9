"""Money by hand: payments, balances, refunds, offsets and write-offs, and taking any of it back."""

from billdesk.domain.payments import AllocationKind, DocumentShare, PaymentMethod
from billdesk.services.payments.checking import check_money
from billdesk.services.payments.commands import (
    CreditToUse,
    PaymentInput,
    allocate_balance,
    note_payment,
    offset_credit_note,
    refund_customer,
    release_document,
    take_back,
    use_credits,
    write_off,
)
from billdesk.services.payments.queries import (
    list_document_settlements,
    list_payments,
    load_balances,
    load_step,
    sum_payments,
)
from billdesk.services.payments.till import DocumentOpen, Settled
from billdesk.storage.payments.listing import (
    DocumentSettlement,
    PaymentFilter,
    PaymentRow,
    PaymentSort,
    PaymentSums,
)

__all__ = [
    "AllocationKind",
    "CreditToUse",
    "DocumentOpen",
    "DocumentSettlement",
    "DocumentShare",
    "PaymentFilter",
    "PaymentInput",
    "PaymentMethod",
    "PaymentRow",
    "PaymentSort",
    "PaymentSums",
    "Settled",
    "allocate_balance",
    "check_money",
    "list_document_settlements",
    "list_payments",
    "load_balances",
    "load_step",
    "note_payment",
    "offset_credit_note",
    "refund_customer",
    "release_document",
    "sum_payments",
    "take_back",
    "use_credits",
    "write_off",
]
