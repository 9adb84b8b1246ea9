"""Usage: PYTHONPATH=packaging python -m demo — writes resources/demo anew."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

from demo import sheets
from demo.people import customers

FOLDER = Path(__file__).resolve().parents[2] / "resources" / "demo"


def write_spreadsheets(folder: Path) -> None:
    """Write everything but the bank statements, which need the invoices first."""
    folder.mkdir(parents=True, exist_ok=True)
    dice = random.Random(20260101)  # noqa: S311 - the same company every time
    people = customers(dice)
    rows = sheets.contracts(dice, people)
    sheets.write_workbook(folder / "klanten.xlsx", {"Klanten": sheets.customer_rows(people)})
    sheets.write_workbook(
        folder / "catalogus.xlsx",
        {
            "Artikelen": sheets.product_rows(),
            "Meters": sheets.meter_rows(),
            "Prijzen": sheets.price_rows(),
            "Formules": sheets.plan_rows(),
        },
    )
    sheets.write_workbook(folder / "contracten.xlsx", {"Contracten": sheets.contract_rows(rows)})
    early = sheets.usage(dice, rows, date(2026, 8, 1), date(2026, 9, 30), 134_000)
    sheets.write_usage_csv(folder / "verbruik-2026-08-09.csv", early)
    late = sheets.usage(dice, rows, date(2026, 10, 1), date(2026, 10, 31), 66_000)
    sheets.write_workbook(folder / "verbruik-2026-10.xlsx", {"Verbruik": sheets.usage_rows(late)})
    sheets.write_rates(folder / "eurofxref-hist.csv", dice, date(2025, 12, 15), date(2026, 11, 24))


if __name__ == "__main__":
    write_spreadsheets(FOLDER)
