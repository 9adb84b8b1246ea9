"""The companies that issue: making and changing them, their bank accounts and numbers."""

from __future__ import annotations

import string
from dataclasses import asdict
from typing import Final

from stdnum import iban as iban_numbers
from stdnum.exceptions import ValidationError

from billdesk.domain.entities import BankAccount, Entity, NumberSeries
from billdesk.kernel.changes import Noun
from billdesk.kernel.errors import InvalidValue, NotFound, Place, Problem, RuleBroken
from billdesk.kernel.money import CODE_LENGTH
from billdesk.services import audit
from billdesk.services.result import Result
from billdesk.storage import entities as storage
from billdesk.storage.database import Db

_CHANGED: Final = frozenset({Noun.ENTITIES})


def create_entity(db: Db, record: Entity) -> Result[int]:
    """Add a company that issues documents; raises InvalidValue for a missing name, code or wrong currency."""
    _check(record)
    if record.code in {other.code for other in storage.list_entities(db)}:
        raise InvalidValue(Problem("already_used", Place(field="code"), record.code))
    entity_id = storage.insert_entity(db, record)
    audit.record(db, command="create_entity", noun=Noun.ENTITIES, subject=str(entity_id), details={"name": record.name})
    return Result(entity_id, _CHANGED)


def change_entity(db: Db, record: Entity) -> Result[None]:
    """Replace a company's data; documents issued before keep theirs. Raises StaleRecord or InvalidValue."""
    _check(record)
    before = storage.load_entity(db, record.id)
    if before.lock_date and (record.lock_date is None or record.lock_date < before.lock_date):
        raise RuleBroken("lock_date_backwards", (("date", before.lock_date.isoformat()),))
    storage.update_entity(db, record)
    old, new = asdict(before), asdict(record)
    names = [name for name in new if new[name] != old[name] and name != "version"]
    audit.record(
        db, command="change_entity", noun=Noun.ENTITIES, subject=str(record.id), details={"fields": sorted(names)}
    )
    return Result(None, _CHANGED)


def list_entities(db: Db) -> list[Entity]:
    """Give all companies of the book."""
    return storage.list_entities(db)


def load_entity(db: Db, entity_id: int) -> Entity:
    """Give one company; raises NotFound."""
    return storage.load_entity(db, entity_id)


def add_bank_account(db: Db, record: BankAccount) -> Result[int]:
    """Add an account of a company; the IBAN is checked by its checksum (ISO 13616)."""
    _check_account(record)
    account_id = storage.insert_bank_account(db, record)
    audit.record(
        db, command="add_bank_account", noun=Noun.ENTITIES, subject=str(record.entity_id), details={"iban": record.iban}
    )
    return Result(account_id, _CHANGED)


def change_bank_account(db: Db, record: BankAccount) -> Result[int]:
    """Replace an account's data; its currency stays, for its lines are in it. Raises InvalidValue, NotFound."""
    _check_account(record)
    before = next((one for one in storage.list_bank_accounts(db) if one.id == record.id), None)
    if before is None:
        raise NotFound("entities", str(record.id))
    if (before.currency, before.entity_id) != (record.currency, record.entity_id):
        raise InvalidValue(Problem("account_is_fixed", Place(field="currency"), before.currency))
    storage.update_bank_account(db, record)
    audit.record(
        db,
        command="change_bank_account",
        noun=Noun.ENTITIES,
        subject=str(record.entity_id),
        details={"iban": record.iban},
    )
    return Result(record.id, _CHANGED)


def _check_account(record: BankAccount) -> None:
    if record.iban:
        try:
            # The country's own check knows only the banks of its day, so it would refuse new ones.
            iban_numbers.validate(record.iban, check_country=False)
        except ValidationError as error:
            raise InvalidValue(Problem("iban_wrong", Place(field="iban"), record.iban)) from error
    elif not record.number:
        raise InvalidValue(Problem("value_missing", Place(field="iban")))


def list_bank_accounts(db: Db, entity_id: int | None = None) -> list[BankAccount]:
    """Give the accounts of one or all companies."""
    return storage.list_bank_accounts(db, entity_id)


def list_series(db: Db) -> list[NumberSeries]:
    """Give the number series that are in use."""
    return storage.list_series(db)


def _check(record: Entity) -> None:
    for field in ("code", "name"):
        if not getattr(record, field).strip():
            raise InvalidValue(Problem("value_missing", Place(field=field)))
    is_code = len(record.currency) == CODE_LENGTH and all(
        letter in string.ascii_uppercase for letter in record.currency
    )
    if not is_code:
        raise InvalidValue(Problem("unknown_currency", Place(field="currency"), record.currency))
