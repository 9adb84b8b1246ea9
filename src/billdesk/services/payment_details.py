"""Where and how a document is paid, as printed on it."""

from __future__ import annotations

from collections.abc import Sequence

from billdesk.domain.entities import BankAccount, Entity
from billdesk.domain.invoices import PaymentDetails
from billdesk.kernel.i18n import Language


def payment_details(
    entity: Entity, accounts: Sequence[BankAccount], currency: str, language: str, days: int
) -> PaymentDetails:
    """Give the account of the document's currency, else the default one, with the terms in the customer's language."""
    own = [account for account in accounts if account.entity_id == entity.id]
    ranked = sorted(own, key=lambda account: (account.currency != currency, not account.is_default, account.id))
    terms = Language(language, "documents").plural("Payable within {n} day", "Payable within {n} days", days)
    if not ranked:
        return PaymentDetails(terms=terms)
    account = ranked[0]
    name = entity.legal_name or entity.name
    return PaymentDetails(account.iban, account.bic, name, account.number, terms=terms)
