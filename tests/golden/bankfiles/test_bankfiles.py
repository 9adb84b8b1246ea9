"""Every file in a format's folder reads as the JSON beside it says; BILLDESK_REFRESH_GOLDEN=1 writes those anew."""

import json
import os
from dataclasses import asdict
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

from billdesk.bankfiles import ReadOptions, bank_formats, read_statements
from billdesk.domain.banking import Statement, imbalance

HERE = Path(__file__).parent
FILES = sorted(path for path in HERE.glob("*/*") if path.suffix != ".json")


def as_json(statement: Statement) -> dict[str, Any]:
    values = {**asdict(statement), "difference": statement.difference, "imbalance": imbalance(statement) is not None}
    del values["source_sha256"]
    return dict(json.loads(json.dumps(filled(values), default=text_of)))


def filled(value: Any) -> Any:
    """Leave out what is empty, so that a golden file shows what was read."""
    if isinstance(value, dict):
        pairs = ((name, filled(item)) for name, item in value.items() if name != "raw")
        return {name: item for name, item in pairs if item not in (None, "", [], {}, ())}
    return [filled(item) for item in value] if isinstance(value, list | tuple) else value


def text_of(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else format(value, "f") if isinstance(value, Decimal) else str(value)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_bank_file_reads_as_its_golden_json_says(path: Path) -> None:
    found = [as_json(statement) for statement in read_statements(path, ReadOptions(currency="EUR"))]
    golden = path.with_suffix(".json")
    if os.environ.get("BILLDESK_REFRESH_GOLDEN"):
        golden.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    assert found == json.loads(golden.read_text(encoding="utf-8"))
    assert {statement["source_format"] for statement in found} == {path.parent.name}


@pytest.mark.parametrize("plugin", list(bank_formats()), ids=lambda plugin: plugin.key)
def test_every_bank_format_has_golden_files_and_a_label(plugin: Any) -> None:
    assert plugin.label
    assert any(path.parent.name == plugin.key for path in FILES)
