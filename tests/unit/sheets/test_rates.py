import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from billdesk.kernel.errors import InvalidValue, UnreadableFile
from billdesk.sheets.rates import EcbRate, read_ecb_rates

WIDE = "Date,USD,JPY,CYP,\n2026-11-24,1.0562,163.2,N/A,\n2026-11-23,1.0531,,0.5,\n"
XML = """<?xml version="1.0" encoding="UTF-8"?>{doctype}
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
<Cube><Cube time='2026-11-24'><Cube currency='USD' rate='1.0562'/><Cube currency='JPY' rate='163.2'/></Cube></Cube>
</gesmes:Envelope>"""


def rates_of(folder: Path, text: str) -> list[EcbRate]:
    path = folder / "eurofxref"
    path.write_text(text, encoding="utf-8")
    return list(read_ecb_rates(path))


def test_the_wide_history_gives_a_rate_per_day_and_quoted_currency(tmp_path: Path) -> None:
    assert rates_of(tmp_path, WIDE) == [
        EcbRate(date(2026, 11, 24), "USD", Decimal("1.0562")),
        EcbRate(date(2026, 11, 24), "JPY", Decimal("163.2")),
        EcbRate(date(2026, 11, 23), "USD", Decimal("1.0531")),
        EcbRate(date(2026, 11, 23), "CYP", Decimal("0.5")),
    ]


def test_the_daily_file_writes_its_date_in_words(tmp_path: Path) -> None:
    assert rates_of(tmp_path, "Date, USD, \n24 November 2026, 1.0562, \n") == [
        EcbRate(date(2026, 11, 24), "USD", Decimal("1.0562"))
    ]


def test_the_xml_file_gives_the_same_rates(tmp_path: Path) -> None:
    assert rates_of(tmp_path, XML.format(doctype="")) == rates_of(tmp_path, WIDE)[:2]


def test_the_zip_of_the_bank_is_opened(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "eurofxref-hist.zip", "w") as archive:
        archive.writestr("eurofxref-hist.csv", WIDE)
    assert len(list(read_ecb_rates(tmp_path / "eurofxref-hist.zip"))) == 4


def test_a_document_type_is_refused(tmp_path: Path) -> None:
    doctype = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
    with pytest.raises(UnreadableFile) as caught:
        rates_of(tmp_path, XML.format(doctype=doctype))
    assert caught.value.problem.code == "doctype_refused"


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "Date,usd\n", "<Envelope/>"])
def test_another_file_is_not_taken_for_rates(tmp_path: Path, text: str) -> None:
    with pytest.raises(UnreadableFile) as caught:
        rates_of(tmp_path, text)
    assert caught.value.problem.code == "not_a_rates_file"


@pytest.mark.parametrize("line", ["2026-11-24,x", "2026-11-24,0", "2026-11-24,NaN", "2026-02-31,1.1"])
def test_a_rate_that_makes_no_sense_names_its_row(tmp_path: Path, line: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        rates_of(tmp_path, f"Date,USD\n{line}\n")
    assert caught.value.problem.place.row == 2
