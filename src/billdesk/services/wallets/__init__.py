"""Wallets: prepaid credit of customers, how it is granted, added to, used up, taken back and shown."""

from billdesk.domain.wallets import MovementKind
from billdesk.services.wallets.granting import (
    HIGHEST_PRIORITY,
    LOWEST_PRIORITY,
    USUAL_PRIORITY,
    Grant,
    TopUp,
    check_grant,
    expire_wallets,
    grant_wallet,
    top_up_wallet,
    withdraw_wallet,
)
from billdesk.services.wallets.looking import (
    check_wallets,
    list_movements,
    list_wallets,
    load_balances,
    load_wallet,
)
from billdesk.services.wallets.refunding import (
    AS_USUAL,
    RefundTerms,
    refund_contract_into_wallet,
    refund_into_wallet,
    undo_refund_into_wallet,
)
from billdesk.services.wallets.statements import (
    StatementLine,
    WalletStatement,
    load_statement,
    load_statements,
    statement_file,
)
from billdesk.storage.wallets import Movement, WalletRow

__all__ = [
    "AS_USUAL",
    "HIGHEST_PRIORITY",
    "LOWEST_PRIORITY",
    "USUAL_PRIORITY",
    "Grant",
    "Movement",
    "MovementKind",
    "RefundTerms",
    "StatementLine",
    "TopUp",
    "WalletRow",
    "WalletStatement",
    "check_grant",
    "check_wallets",
    "expire_wallets",
    "grant_wallet",
    "list_movements",
    "list_wallets",
    "load_balances",
    "load_statement",
    "load_statements",
    "load_wallet",
    "refund_contract_into_wallet",
    "refund_into_wallet",
    "statement_file",
    "top_up_wallet",
    "undo_refund_into_wallet",
    "withdraw_wallet",
]
