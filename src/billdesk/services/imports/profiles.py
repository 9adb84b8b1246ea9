"""Mappings that people saved: recognised again by the headers of the next file."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from billdesk.kernel.changes import Noun
from billdesk.services.result import Result
from billdesk.sheets import MappingProfile
from billdesk.storage import imports as storage
from billdesk.storage.database import Db
from billdesk.storage.imports import SavedMapping


@dataclass(frozen=True, slots=True)
class SavedProfile:
    """A saved mapping with the kind it is for."""

    id: int
    kind: str
    profile: MappingProfile


def list_profiles(db: Db, kind: str = "") -> list[SavedProfile]:
    """Give saved mappings, newest first."""
    return [SavedProfile(saved.id, saved.kind, _profile(saved)) for saved in storage.list_mappings(db, kind)]


def _profile(saved: SavedMapping) -> MappingProfile:
    return MappingProfile.from_json(json.dumps(saved.mapping))


def saved_profiles(db: Db) -> dict[str, list[MappingProfile]]:
    """Give saved mappings by kind, newest first."""
    found: dict[str, list[MappingProfile]] = defaultdict(list)
    for saved in list_profiles(db):
        found[saved.kind].append(saved.profile)
    return found


def save_profile(db: Db, kind: str, profile: MappingProfile) -> Result[None]:
    """Keep a mapping under its name, in place of the one of that name."""
    mapping: dict[str, Any] = json.loads(profile.to_json())
    storage.save_mapping(db, SavedMapping(0, kind, profile.name, profile.signature, mapping))
    return Result(None, frozenset({Noun.SETTINGS}))


def delete_profile(db: Db, profile_id: int) -> Result[None]:
    """Forget a saved mapping."""
    storage.delete_mapping(db, profile_id)
    return Result(None, frozenset({Noun.SETTINGS}))
