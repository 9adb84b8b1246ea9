"""Usage files in bulk: columns of native values, checked as fast as the text can be read.

A million rows pass through here in about a second, so the ordinary row is handled by list operations over
whole columns; only a batch in which something is odd is looked at cell by cell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from itertools import repeat
from typing import Final

from billdesk.kernel.decimals import to_scaled
from billdesk.kernel.errors import Problem
from billdesk.kernel.progress import Progress
from billdesk.kernel.written.cell_error import CellError
from billdesk.kernel.written.moments import DateOrder
from billdesk.kernel.written.numbers import Mark
from billdesk.sheets.cells import CellFormat, parse_cell, shown
from billdesk.sheets.columns import Column, ColumnKind
from billdesk.sheets.mapping import MappingProfile
from billdesk.sheets.problems import unreadable
from billdesk.sheets.reading import RejectedRow, column_index, profile_zone
from billdesk.sheets.sources import ColumnBatch, RawBatch, SheetFile

USAGE_COLUMNS: Final = (
    Column(
        "subscription",
        "Subscription",
        required=True,
        synonyms={
            "en": "subscription code|subscription id|contract|account|customer|customer code|customer id",
            "nl": "abonnement|contract|contractnummer|klant|klantnummer|klantcode",
            "fr": "abonnement|contrat|numéro de contrat|client|code client|numéro client",
            "de": "abonnement|vertrag|vertragsnummer|kunde|kundennummer",
        },
    ),
    Column(
        "metric",
        "Metric",
        required=True,
        synonyms={
            "en": "meter|metric code|usage type|event|event name|event type|unit",
            "nl": "meter|eenheid|soort verbruik|verbruikstype",
            "fr": "compteur|métrique|unité|type de consommation",
            "de": "zähler|metrik|einheit|verbrauchsart",
        },
    ),
    Column(
        "instant",
        "Time",
        ColumnKind.INSTANT,
        required=True,
        synonyms={
            "en": "timestamp|date|datetime|event time|occurred at|usage date|when",
            "nl": "tijdstip|datum|tijd|verbruiksdatum",
            "fr": "horodatage|date|heure|date et heure",
            "de": "zeitpunkt|zeitstempel|datum|uhrzeit",
        },
    ),
    Column(
        "quantity",
        "Quantity",
        ColumnKind.DECIMAL,
        required=True,
        synonyms={
            "en": "amount|value|qty|usage|units|count",
            "nl": "hoeveelheid|aantal|verbruik|waarde",
            "fr": "quantité|nombre|consommation|valeur",
            "de": "menge|anzahl|verbrauch|wert",
        },
    ),
    Column(
        "key",
        "Event key",
        synonyms={
            "en": "event id|key|id|idempotency key|transaction id|reference|uuid",
            "nl": "sleutel|gebeurtenis id|referentie|kenmerk",
            "fr": "clé|identifiant|référence",
            "de": "schlüssel|kennung|referenz|ereignis id",
        },
    ),
)
"""The template of a usage file; any further columns may be taken along as properties."""

_SUBSCRIPTION, _METRIC, _INSTANT, _QUANTITY, _KEY = range(5)
_MICRO: Final = timedelta(microseconds=1)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - local wall time, shifted by the zone's offset below
_QUARTER_HOUR: Final = 900_000_000
_PLAIN: Final = re.compile(r"[0-9.\n-]*")
_NO_NUMBER: Final = ("", "-", ".", "-.")
_BIGGEST: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class UsageBatch:
    """Usage rows as parallel columns; row `numbers[i]` of the file gave item i of each.

    `instants` are microseconds since 1970 UTC, `quantities` whole units of the metric's scale.
    """

    numbers: Sequence[int]
    subscriptions: list[str]
    metrics: list[str]
    instants: list[int]
    quantities: list[int]
    keys: list[str]
    properties: list[tuple[str, ...]]
    problems: tuple[Problem, ...] = ()
    rejected: tuple[RejectedRow, ...] = ()

    def __len__(self) -> int:
        return len(self.subscriptions)


@dataclass
class UsageLayout:
    """Where the columns of one file are and how they are written; `indexes` lists the five columns, then properties."""

    sheet: SheetFile
    titles: tuple[str, ...]
    indexes: tuple[int | None, ...]
    constants: tuple[str, ...]
    how: CellFormat
    scales: Mapping[str, int]
    pads: dict[str, list[str]] = field(default_factory=dict)
    offsets: dict[int, int] = field(default_factory=dict)

    def offset(self, local: int) -> int:
        """Give the zone's offset at a local time; a quarter of an hour shares one."""
        quarter = local // _QUARTER_HOUR
        found = self.offsets.get(quarter)
        if found is None:
            moment = (_NAIVE_EPOCH + timedelta(microseconds=quarter * _QUARTER_HOUR)).replace(tzinfo=self.how.zone)
            found = self.offsets[quarter] = (moment.utcoffset() or timedelta()) // _MICRO
        return found


def read_usage_columns(
    sheet: SheetFile,
    profile: MappingProfile,
    *,
    scales: Mapping[str, int],
    properties: Sequence[str] = (),
    zone: tzinfo = UTC,
    progress: Progress | None = None,
) -> Iterator[UsageBatch]:
    """Give a usage file as checked columns in batches.

    `scales` gives the decimals of each metric's quantities by metric code as written in the file; other codes are
    rejected as `unknown_metric`. `properties` are headers taken along as text. A file without quantity column
    counts 1 per row, one without key column has empty keys. Raises UnreadableFile and Cancelled.
    """
    plan = lay_out_usage(sheet, profile, scales, tuple(properties), profile_zone(profile, zone))
    for batch in sheet.column_batches():
        yield _check_batch(plan, batch)
        if progress:
            progress.step(*sheet.portion())


def lay_out_usage(
    sheet: SheetFile, profile: MappingProfile, scales: Mapping[str, int], properties: tuple[str, ...], zone: tzinfo
) -> UsageLayout:
    """Find the columns of a file; raises UnreadableFile when a required one is not mapped or not there."""
    titles, indexes, constants = [], [], []
    for column in USAGE_COLUMNS:
        rule = profile.rule(column.name)
        if rule is None and column.required and column.name != "quantity":
            raise unreadable("column_missing", sheet.path, column.title, row=sheet.header_row or None)
        titles.append(rule.header if rule and rule.header else column.title)
        indexes.append(column_index(sheet, rule))
        constants.append(rule.constant if rule else "1" if column.name == "quantity" else "")
    for header in properties:
        if header not in sheet.header:
            raise unreadable("column_missing", sheet.path, header, row=sheet.header_row or None)
        titles.append(header)
        indexes.append(sheet.header.index(header))
        constants.append("")
    number, moment = profile.rule("quantity"), profile.rule("instant")
    how = CellFormat(
        Mark(number.decimal_mark) if number and number.decimal_mark else Mark.POINT,
        DateOrder(moment.date_order) if moment and moment.date_order else None,
        zone,
    )
    pads = {metric: ["0" * (scale - used) for used in range(scale + 1)] for metric, scale in scales.items()}
    return UsageLayout(sheet, tuple(titles), tuple(indexes), tuple(constants), how, scales, pads)


def _check_batch(plan: UsageLayout, batch: ColumnBatch | RawBatch) -> UsageBatch:
    if isinstance(batch, RawBatch):
        return _check_cells(plan, batch)
    columns: list[list[object]] = [
        [constant] * len(batch.numbers) if index is None else batch.columns[index]
        for index, constant in zip(plan.indexes, plan.constants, strict=True)
    ]
    try:
        return _check_columns(plan, batch.numbers, columns)
    except _OddError:
        return _check_cells(plan, RawBatch(batch.numbers, list(zip(*batch.columns, strict=True))))


class _OddError(Exception):
    """Something in a batch is not in the ordinary form."""


def _check_columns(plan: UsageLayout, numbers: Sequence[int], columns: list[list[object]]) -> UsageBatch:
    """Check whole columns of text; raises _OddError when any cell needs a closer look."""
    subscriptions, metrics, keys = (_texts(columns[index]) for index in (_SUBSCRIPTION, _METRIC, _KEY))
    if "" in subscriptions or (plan.indexes[_KEY] is not None and "" in keys):
        raise _OddError
    return UsageBatch(
        numbers,
        subscriptions,
        metrics,
        _instants(plan, columns[_INSTANT]),
        _quantities(plan, columns[_QUANTITY], metrics),
        keys,
        list(zip(*map(_texts, columns[5:]), strict=True)) if len(columns) > _KEY + 1 else [()] * len(keys),
    )


def _texts(column: list[object]) -> list[str]:
    """Make sure that a column is all text without blanks around."""
    try:
        joined = "\n".join(column)  # type: ignore[arg-type]  # what is no text raises
    except TypeError:
        raise _OddError from None
    if "\t" in joined or " \n" in joined or "\n " in joined or joined[:1] == " " or joined[-1:] == " ":
        raise _OddError
    return column  # type: ignore[return-value]


def _instants(plan: UsageLayout, texts: list[object]) -> list[int]:
    """Read ISO 8601 texts, all with an offset or all without."""
    read = datetime.fromisoformat
    try:
        moments = [read(text) for text in texts]  # type: ignore[arg-type]  # what is no text raises
        if moments[0].tzinfo is not None:
            return [(moment - _EPOCH) // _MICRO for moment in moments]
        local = [(moment - _NAIVE_EPOCH) // _MICRO for moment in moments]
    except (ValueError, TypeError):
        raise _OddError from None
    offset = plan.offset
    return [moment - offset(moment) for moment in local]


def _quantities(plan: UsageLayout, column: list[object], metrics: list[str]) -> list[int]:
    """Read plain decimals into whole units of their metric's scale by writing the missing zeros behind."""
    texts = _texts(column)
    if plan.how.mark is Mark.COMMA:
        if any("." in text for text in texts):
            raise _OddError
        texts = [text.replace(",", ".") for text in texts]
    if not _PLAIN.fullmatch("\n".join(texts)) or any(map(texts.__contains__, _NO_NUMBER)):
        raise _OddError
    try:
        parts = zip(map(plan.pads.__getitem__, metrics), map(str.partition, texts, repeat(".")), strict=True)
        scaled = [int(whole + decimals + pads[len(decimals)]) for pads, (whole, _mark, decimals) in parts]
    except (KeyError, IndexError, ValueError):
        raise _OddError from None
    if max(scaled) > _BIGGEST or min(scaled) < -_BIGGEST:
        raise _OddError
    return scaled


def _check_cells(plan: UsageLayout, batch: RawBatch) -> UsageBatch:
    good: list[tuple[int, str, str, int, int, str, tuple[str, ...]]] = []
    problems: list[Problem] = []
    rejected: list[RejectedRow] = []
    for number, cells in zip(batch.numbers, batch.rows, strict=True):
        raw = [c if i is None else cells[i] for i, c in zip(plan.indexes, plan.constants, strict=True)]
        row, found = _check_row(plan, number, raw)
        extra = next((shown(cell) for cell in cells[len(plan.sheet.header) :] if shown(cell)), "")
        if extra:
            width = str(len(plan.sheet.header))
            found.append(Problem("too_many_cells", plan.sheet.place(number), extra, (("columns", width),)))
        if found or row is None:
            problems += found
            rejected.append(RejectedRow(number, tuple(map(shown, raw))))
        else:
            good.append((number, *row))
    return UsageBatch(
        [row[0] for row in good],
        [row[1] for row in good],
        [row[2] for row in good],
        [row[3] for row in good],
        [row[4] for row in good],
        [row[5] for row in good],
        [row[6] for row in good],
        tuple(problems),
        tuple(rejected),
    )


_Row = tuple[str, str, int, int, str, tuple[str, ...]]


def _check_row(plan: UsageLayout, number: int, raw: list[object]) -> tuple[_Row | None, list[Problem]]:
    problems: list[Problem] = []

    def attempt(position: int, read: Callable[[], object]) -> object:
        try:
            return read()
        except CellError as error:
            problems.append(error.at(plan.sheet.place(number, plan.titles[position]), shown(raw[position])))
            return None

    texts = [
        attempt(position, lambda position=position: parse_cell(raw[position], USAGE_COLUMNS[position], plan.how))  # type: ignore[misc]
        for position in (_SUBSCRIPTION, _METRIC)
    ]
    instant = attempt(_INSTANT, lambda: _instant(plan, raw[_INSTANT]))
    quantity = attempt(_QUANTITY, lambda: _quantity(plan, raw[_QUANTITY], shown(raw[_METRIC])))
    key = attempt(_KEY, lambda: _key(plan, raw[_KEY]))
    if problems:
        return None, problems
    properties = tuple(shown(value) for value in raw[5:])
    return (str(texts[0]), str(texts[1]), int(str(instant)), int(str(quantity)), str(key), properties), problems


def _instant(plan: UsageLayout, raw: object) -> int:
    if isinstance(raw, str):
        raw = _iso(raw.strip())
    moment = parse_cell(raw, USAGE_COLUMNS[_INSTANT], plan.how)
    if not isinstance(moment, datetime):
        raise CellError("not_an_instant")
    return (moment - _EPOCH) // _MICRO


def _iso(text: str) -> str | datetime | date:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return text


def _quantity(plan: UsageLayout, raw: object, metric: str) -> int:
    number = parse_cell(raw, USAGE_COLUMNS[_QUANTITY], plan.how)
    if metric not in plan.scales:
        raise CellError("unknown_metric", metric=metric)
    places = plan.scales[metric]
    try:
        scaled = to_scaled(Decimal(str(number)), places)
    except ValueError:
        raise CellError("too_many_decimals", places=places) from None
    if abs(scaled) > _BIGGEST:
        raise CellError("too_large", maximum=Decimal(_BIGGEST).scaleb(-places))
    return scaled


def _key(plan: UsageLayout, raw: object) -> str:
    text = shown(raw)
    if not text and plan.indexes[_KEY] is not None:
        raise CellError("value_missing")
    return text
