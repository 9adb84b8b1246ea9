"""Audit events and the hash chain that proves none was changed or taken out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

GENESIS = "0" * 64
"""The hash before the first event of a book."""


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One command that changed the book. `details` is canonical JSON text."""

    id: int
    at: datetime
    user: str
    command: str
    noun: str
    subject: str
    details: str
    previous_hash: str
    hash: str


def canonical(details: Mapping[str, object]) -> str:
    """Give JSON text that is the same for equal contents."""
    return json.dumps(details, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def chain_hash(previous: str, at: str, user: str, command: str, subject: str, details: str) -> str:
    """Give the hash of an event that follows the event with hash `previous`."""
    body = "\x1f".join([previous, at, user, command, subject, details])  # noqa: FLY002 - an f-string of separators hides them
    return hashlib.sha256(body.encode()).hexdigest()
