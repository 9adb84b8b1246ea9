"""A usage file staged for bulk import: rows beside the book, matched and sorted in bounded memory.

DuckDB reads an ordinary CSV file, hashes keys, joins and sorts in about a quarter of the time that Python needs,
and spills to disk instead of growing. A file with anything odd in it goes through the careful reader, row by row.
"""

from __future__ import annotations

import csv
import glob
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

from billdesk.kernel.errors import Problem
from billdesk.kernel.progress import Progress
from billdesk.kernel.working_folder import working_folder
from billdesk.sheets.mapping import MappingProfile
from billdesk.sheets.problems import is_out_of_room, out_of_room
from billdesk.sheets.reading import profile_zone
from billdesk.sheets.sources import Format, SheetFile
from billdesk.sheets.usage import UsageBatch, UsageLayout, lay_out_usage, read_usage_columns

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_READING: Final = "SET threads = 2; SET memory_limit = '120MB'"
_SORTED: Final = "SET threads = 1; SET memory_limit = '64MB'"
"""Once the rows are sorted, the book's own cache begins to fill and takes the memory over."""

_BLOCK: Final = 1 << 20
_CSV: Final = "quote = '\"', escape = '\"', strict_mode = true, max_line_size = 1000000, buffer_size = 8000000"
_NEVER: Final = "\x01"
"""A text that stands for NULL in files of ours, which hold none: an empty text stays one."""
_QUARTER_HOUR: Final = 900_000_000
_MICRO: Final = timedelta(microseconds=1)
_LONGEST: Final = timedelta(days=30 * 366) // _MICRO
_NAIVE_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - wall time; the zone's offset is looked up
_MAX_PROBLEMS: Final = 1_000
_KEY: Final = 4
_DIGITS: Final = 18

_INSTANT: Final = r"\d{4}-\d\d-\d\d[T ]([01]\d|2[0-3]):\d\d(:\d\d(\.\d{1,6})?)?"
_OFFSET: Final = r"(Z|[+-]\d\d:\d\d)"
# The first 63 bits of MD5, the same for ever and everywhere; `md5_number` and BIT take four times as long.
_HASH: Final = "(('0x' || substr(md5({}), 1, 16))::UBIGINT >> 1)::BIGINT"


@dataclass(frozen=True, slots=True)
class Named:
    """A contract or customer as the file names it, with a metric: what has to be matched, and when it was used."""

    reference: str
    metric: str
    rows: int
    first: int
    last: int


class Match(NamedTuple):
    """What a name means for instants in `[start, end)`: a subscription, or `subscription_id` 0 and the reason why none.

    `zone` numbers the time zone that gives the subscription its local days.
    """

    reference: str
    metric: str
    start: int
    end: int
    subscription_id: int
    metric_id: int = 0
    zone: int = 0
    reason: str = ""


Offsets = Sequence[tuple[int, int]]
"""How far local time is ahead of UTC, each offset up to its instant, the last for ever; microseconds."""

STAGED: Final = ("subscription_id", "metric_id", "instant", "key_hash", "quantity", "row")
"""What `chunks` gives of each row; of a file with properties the series stands behind."""


@dataclass(frozen=True, slots=True)
class StagedTotal:
    """What a file brings for one metric; `billions` and `rest` are the split sum of scaled quantities."""

    metric_id: int
    events: int
    billions: int
    rest: int
    first: int
    last: int
    subscriptions: int


class UsageStage:
    """The rows of one usage file. Use it as a context manager: its working files go with it."""

    def __init__(self, codes: Sequence[str], properties: Sequence[str] = ()) -> None:
        import duckdb

        self._folder = working_folder("usage")
        self._db: DuckDBPyConnection = duckdb.connect(config={"temp_directory": self._folder.name})
        self._db.execute(_READING)
        self.codes: Final = tuple(codes)
        self.properties: Final = tuple(properties)
        self._numbers: Final = {code: number for number, code in enumerate(self.codes)}
        self.problems: list[Problem] = []
        self.rejected = 0
        self._columns = "".join(f", p{index}" for index in range(len(self.properties)))
        # Rows are stored in order; numbering series updates them, after which it must be asked for.
        self._order = " ORDER BY s, m, t, k, row" if self.properties else ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the working files away; raises OutOfRoom when it was memory or disk that ended the work."""
        self._db.close()
        self._folder.cleanup()
        if error is not None and is_out_of_room(error):
            raise out_of_room(error) from error

    def _all(self, sql: str, values: Sequence[object] = ()) -> list[Any]:
        return self._db.execute(sql, list(values)).fetchall()

    def _stream(self, sql: str, size: int) -> Iterator[list[Any]]:
        result = self._db.cursor().execute(sql)  # the connection itself holds one result at a time
        while rows := result.fetchmany(size):
            yield rows

    @property
    def rows(self) -> int:
        """Number of good rows."""
        return int(self._all("SELECT count(*) FROM staged")[0][0])

    def names(self) -> list[Named]:
        """Give every contract or customer with each of its metrics."""
        sql = "SELECT reference, metric, count(*), min(t), max(t) FROM staged GROUP BY ALL ORDER BY ALL"
        found = [Named(reference, self.codes[metric], *rest) for reference, metric, *rest in self._all(sql)]
        return sorted(found, key=lambda name: (name.reference, name.metric))

    def match(self, matches: Sequence[Match], zones: Sequence[Offsets] = ()) -> None:
        """Say what the names mean; instants outside all matches of a name stay unmatched.

        `zones` give the offsets of the numbered time zones.
        """
        self._db.execute(
            "CREATE TABLE match (reference VARCHAR, metric SMALLINT, t0 BIGINT, t1 BIGINT, s BIGINT, m BIGINT,"
            " zone SMALLINT, reason VARCHAR)"
        )
        self._load("match", [(one[0], self._numbers[one[1]], *one[2:]) for one in matches])
        self._db.execute(
            "CREATE TABLE matched AS SELECT s, m, st.t, st.k, st.q, st.row,"
            f" ((st.t + {_shift(zones)}) // 86400000000)::INTEGER AS d, 0 AS series{self._columns}"
            f" FROM staged st JOIN match mt ON {_MATCHES} AND s > 0 ORDER BY ALL"
        )
        matched = self._all("SELECT count(*) FROM matched")[0][0]
        self._db.execute("CREATE TABLE unmatched (row BIGINT, reason VARCHAR)")
        if matched < self.rows:
            self._db.execute(
                "INSERT INTO unmatched SELECT st.row, coalesce(reason, '')"
                f" FROM staged st LEFT JOIN match mt ON {_MATCHES} WHERE s IS NULL OR s = 0"
            )
        self._db.execute("DROP VIEW staged")
        self._db.execute("DROP TABLE read")
        self._db.execute(_SORTED)
        self._db.execute("CREATE TABLE skipped (row BIGINT)")

    def property_sets(self) -> list[tuple[Any, ...]]:
        """Give subscription id, metric id and property values of every series that the file has events of."""
        if not self.properties:
            return []
        filled = " OR ".join(f"p{index} <> ''" for index in range(len(self.properties)))
        return self._all(f"SELECT DISTINCT s, m{self._columns} FROM matched WHERE {filled} ORDER BY ALL")

    def number_series(self, numbers: Sequence[tuple[Any, ...]]) -> None:
        """Give events their series: rows as from `property_sets`, each with its number behind."""
        if not numbers:
            return
        names = [f"p{index}" for index in range(len(self.properties))]
        columns = ", ".join(f"{name} VARCHAR" for name in names)
        self._db.execute(f"CREATE TABLE series (s BIGINT, m BIGINT, {columns}, number BIGINT)")
        self._load("series", numbers)
        same = " AND ".join(f"matched.{name} = series.{name}" for name in ("s", "m", *names))
        self._db.execute(f"UPDATE matched SET series = series.number FROM series WHERE {same}")

    def chunks(self, size: int) -> Iterator[list[tuple[int, ...]]]:
        """Give the matched rows, as `STAGED` says, in the order of the book's key."""
        more = ", series" if self.properties else ""
        yield from self._stream(f"SELECT s, m, t, k, q, row{more} FROM matched{self._order}", size)

    def skip(self, rows: Sequence[int]) -> None:
        """Leave rows out of what follows: they are in the book already."""
        self._load("skipped", [(row,) for row in rows])

    def waiting(self) -> list[tuple[int, str]]:
        """Give the rows that match nothing, each with the reason; empty when its contract was not active."""
        return self._all("SELECT row, reason FROM unmatched ORDER BY row")

    def days(self, size: int) -> Iterator[list[tuple[int, ...]]]:
        """Give subscription, metric, local day, count and split sum of the rows that were not skipped."""
        yield from self._stream(
            "SELECT s, m, d, count(*), sum(q // 1000000000)::BIGINT,"
            f" sum(q % 1000000000)::BIGINT FROM {self._kept()} GROUP BY s, m, d ORDER BY s, m, d",
            size,
        )

    def spans(self) -> list[tuple[int, int, int, int, int]]:
        """Give subscription, metric, first and last instant and count of the rows that were not skipped."""
        return self._all(f"SELECT s, m, min(t), max(t), count(*) FROM {self._kept()} GROUP BY s, m ORDER BY s, m")

    def totals(self) -> list[StagedTotal]:
        """Give what the rows that were not skipped bring for each metric."""
        sql = (
            "SELECT m, count(*), sum(q // 1000000000)::BIGINT, sum(q % 1000000000)::BIGINT, min(t), max(t),"
            f" count(DISTINCT s) FROM {self._kept()} GROUP BY m ORDER BY m"
        )
        return [StagedTotal(*row) for row in self._all(sql)]

    def _kept(self) -> str:
        skipping = self._all("SELECT 1 FROM skipped LIMIT 1")
        return "matched ANTI JOIN skipped USING (row)" if skipping else "matched"

    def _load(self, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Load rows through a file: measured ten times as fast as lists, a hundred times as a call per row."""
        if not rows:
            return
        path = Path(self._folder.name) / "rows.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(rows)
        types = ", ".join(f"'c{index}': '{_sql_type(value)}'" for index, value in enumerate(rows[0]))
        self._db.execute(
            f"INSERT INTO {table} SELECT * FROM read_csv({_literal(str(path))}, columns = {{{types}}}, header = false,"
            f" auto_detect = false, nullstr = {_literal(_NEVER)}, {_CSV})"
        )

    def read_ordinary(self, sheet: SheetFile, layout: UsageLayout) -> bool:
        """Read an ordinary CSV file at once; False, with nothing read, when any row of it is not ordinary."""
        import duckdb

        lines, blanks = _count_lines(sheet.path)
        try:
            self._db.execute(f"CREATE TABLE read AS SELECT {_cells(sheet, layout, blanks=blanks)}")
            if self._reaches_far():
                self._db.execute("DROP TABLE read")
                return False
            offset = self._offset_sql(layout) if lines else "0"
            rows, odd = self._all(f"SELECT count(*), count(*) FILTER (({_ORDINARY}) IS NOT TRUE) FROM read")[0]
            if odd or not rows or rows != lines - sheet.header_row:
                self._db.execute("DROP TABLE read")
                return False
        except (duckdb.InvalidInputException, duckdb.DataError):
            # Rows of another width, an open quote, another encoding, a huge number: the careful reader says where.
            self._db.execute("DROP TABLE IF EXISTS read")
            return False
        self._db.execute(
            f"CREATE VIEW staged AS SELECT rowid + {sheet.header_row + 1} AS row, reference, metric,"
            f" t - {offset} AS t, q, k{self._columns} FROM read"
        )
        return True

    def _reaches_far(self) -> bool:
        """Tell whether a mistyped year makes more changes of the clock than a file of usage ever meets."""
        span = self._all("SELECT max(t) - min(t) FROM read WHERE NOT zoned")[0][0]
        return span is not None and span > _LONGEST

    def _offset_sql(self, layout: UsageLayout) -> str:
        """Write the offset of local times as a CASE over the changes of the zone between the first and last row."""
        first, last = self._all("SELECT min(t), max(t) FROM read WHERE NOT zoned")[0]
        if first is None:
            return "0"
        changes = wall_offsets(layout.how.zone, first, last)
        cases = "".join(f" WHEN t < {until} THEN {offset}" for until, offset in changes[:-1])
        local = f"CASE{cases} ELSE {changes[-1][1]} END" if cases else str(changes[-1][1])
        return f"CASE WHEN zoned THEN 0 ELSE {local} END"

    def create(self) -> None:
        """Make room for batches of the careful reader."""
        columns = "".join(f", p{index} VARCHAR" for index in range(len(self.properties)))
        self._db.execute(
            f"CREATE TABLE read (row BIGINT, reference VARCHAR, metric SMALLINT, t BIGINT, q BIGINT,"
            f" key VARCHAR{columns})"
        )

    def add(self, batch: UsageBatch) -> None:
        """Take over a batch of the careful reader."""
        self.problems += batch.problems[: max(0, _MAX_PROBLEMS - len(self.problems))]
        self.rejected += len(batch.rejected)
        if len(batch):
            metrics = map(self._numbers.__getitem__, batch.metrics)
            columns = [batch.numbers, batch.subscriptions, metrics, batch.instants, batch.quantities, batch.keys]
            rows = zip(*columns, *zip(*batch.properties, strict=True), strict=True)
            self._load("read", list(rows))

    def finish(self, layout: UsageLayout) -> None:
        """Hash the keys; a file without them gets one per event from its instant, properties and occurrence."""
        key = "key"
        if not _has_key(layout):
            same = f"reference, metric, t{self._columns}"
            parts = "".join(f" || '|' || p{index}" for index in range(len(self.properties)))
            number = f"row_number() OVER (PARTITION BY {same} ORDER BY row)"
            key = f"t{parts} || '#' || {number}"
        self._db.execute(
            f"CREATE VIEW staged AS SELECT row, reference, metric, t, q, {_HASH.format(key)} AS k{self._columns}"
            " FROM read"
        )


_YEAR_ONE: Final = -62_135_596_800_000_000
"""Python knows no earlier instant; a year 0000 is left to the careful reader."""

_MATCHES: Final = "st.reference = mt.reference AND st.metric = mt.metric AND st.t >= t0 AND st.t < t1"
_ORDINARY: Final = f"t >= {_YEAR_ONE} AND q IS NOT NULL AND tidy"


def key_hash(key: str) -> int:
    """Give the number by which an event's key is known, the same as the stage's."""
    return int(hashlib.md5(key.encode(), usedforsecurity=False).hexdigest()[:16], 16) >> 1


def occurrence_key(instant: int, properties: Sequence[str], occurrence: int) -> str:
    """Give the key of an event in a file without keys: the nth of its instant and properties."""
    return "|".join((str(instant), *properties)) + f"#{occurrence}"


def _tidy(text: str) -> str:
    """Write that a text has no blanks around it; `trim` would cost as much as reading the file."""
    edges = (f"{edge}({text}, {blank})" for edge in ("starts_with", "ends_with") for blank in ("' '", "chr(9)"))
    return f"NOT ({' OR '.join(edges)})"


def _sql_type(value: object) -> str:
    return "VARCHAR" if isinstance(value, str) else "BIGINT"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _shift(zones: Sequence[Offsets]) -> str:
    """Write the offset of local time at an instant, by zone."""
    cases = " ".join(f"WHEN {number} THEN {_steps(offsets)}" for number, offsets in enumerate(zones))
    return f"CASE zone {cases} END" if cases else "0"


def _steps(offsets: Offsets) -> str:
    cases = "".join(f" WHEN st.t < {until} THEN {offset}" for until, offset in offsets[:-1])
    return f"CASE{cases} ELSE {offsets[-1][1]} END" if cases else str(offsets[-1][1])


def _count_lines(path: Path) -> tuple[int, bool]:
    """Count records, if each stands on a line: then the nth has the row number n. Also tell if there are blanks."""
    count, last, blanks = 0, b"\n", False
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            count += block.count(b"\n")
            blanks = blanks or b" " in block or b"\t" in block
            last = block[-1:]
    return count + (last != b"\n"), blanks


def _cells(sheet: SheetFile, layout: UsageLayout, *, blanks: bool) -> str:
    """Write the columns of the staging query over the file."""
    texts = [
        _literal(constant) if index is None else f"coalesce(c{index}, '')"
        for index, constant in zip(layout.indexes, layout.constants, strict=True)
    ]
    reference, metric, instant, quantity, key, *rest = texts
    number = f"replace({quantity}, ',', '.')" if layout.how.mark.value == "," else quantity
    forbidden = f" AND NOT contains({quantity}, '.')" if layout.how.mark.value == "," else ""
    # Looking for blanks around texts costs a tenth of the import, so it is done only where there are any.
    tidy = " AND ".join(map(_tidy, (reference, key, *rest))) if blanks else "true"
    named = "".join(f", {text} AS p{index}" for index, text in enumerate(rest))
    names = ", ".join(f"'c{index}': 'VARCHAR'" for index in range(len(sheet.header)))
    regular = f"({instant} LIKE '____-__-__T__:__:__Z' AND {instant} >= '0' AND {instant} < ':'"
    regular += f" AND substr({instant}, 12, 2) < '24')"
    zoned = f"({regular} OR regexp_full_match({instant}, '{_INSTANT}{_OFFSET}'))"
    local = f"regexp_full_match({instant}, '{_INSTANT}')"
    return (
        f"{reference} AS reference, ({_numbered(metric, tuple(layout.scales))})::SMALLINT AS metric, {zoned} AS zoned,"
        f" CASE WHEN zoned THEN epoch_us(TRY_CAST({instant} AS TIMESTAMPTZ))"
        f" WHEN {local} THEN epoch_us(TRY_CAST({instant} AS TIMESTAMP)) END AS t,"
        f" {_scaled(metric, number, layout.scales, forbidden)} AS q, {_HASH.format(key)} AS k,"
        f" {reference} <> '' AND {key} <> '' AND {tidy} AS tidy{named}"
        f" FROM read_csv({_literal(glob.escape(str(sheet.path)))}, columns = {{{names}}}, header = false,"
        f" skip = {sheet.header_row}, auto_detect = false, delim = {_literal(sheet.delimiter)}, {_CSV})"
    )


def _numbered(metric: str, codes: Sequence[str]) -> str:
    """Write the number of a metric among the known ones; NULL for others."""
    cases = " ".join(f"WHEN {_literal(code)} THEN {number}" for number, code in enumerate(codes))
    return f"CASE {metric} {cases} END" if codes else "NULL"


def _scaled(metric: str, number: str, scales: Mapping[str, int], forbidden: str) -> str:
    """Write quantities of at most 18 digits as whole units of their metric's scale; others are not ordinary."""
    by_scale: dict[int, list[str]] = {}
    for code, scale in scales.items():
        by_scale.setdefault(scale, []).append(code)
    cases = []
    for scale, codes in by_scale.items():
        decimals = rf"(\.\d{{1,{scale}}})?" if scale else ""
        shape = rf"-?\d{{1,{_DIGITS - scale}}}{decimals}"
        cases.append(
            f"WHEN {metric} IN ({', '.join(map(_literal, codes))})"
            f" AND regexp_full_match({number}, '{shape}'){forbidden}"
            f" THEN (TRY_CAST({number} AS DECIMAL({_DIGITS}, {scale})) * {10**scale})::BIGINT"
        )
    return f"CASE {' '.join(cases)} END" if cases else "NULL"


def wall_offsets(zone: tzinfo, first: int, last: int) -> list[tuple[int, int]]:
    """Give (until, offset) for local times from `first` to `last`; microseconds, the last `until` means for ever."""
    offsets: list[tuple[int, int]] = []
    for quarter in range(first // _QUARTER_HOUR, last // _QUARTER_HOUR + 1):
        wall = quarter * _QUARTER_HOUR
        moment = (_NAIVE_EPOCH + timedelta(microseconds=wall)).replace(tzinfo=zone)
        offset = (moment.utcoffset() or timedelta()) // _MICRO
        if offsets and offsets[-1][1] == offset:
            offsets[-1] = (wall + _QUARTER_HOUR, offset)
        else:
            offsets.append((wall + _QUARTER_HOUR, offset))
    return offsets


def stage_usage(
    sheet: SheetFile,
    profile: MappingProfile,
    *,
    scales: Mapping[str, int],
    properties: Sequence[str] = (),
    zone: tzinfo = UTC,
    progress: Progress | None = None,
) -> UsageStage:
    """Read a usage file into a stage; arguments and errors are those of `read_usage_columns`.

    Bad rows are in `problems` (the first thousand) and counted in `rejected`; they are not staged.
    """
    layout = lay_out_usage(sheet, profile, scales, tuple(properties), profile_zone(profile, zone))
    stage = UsageStage(tuple(scales), properties)
    try:
        if _may_be_ordinary(sheet, layout) and stage.read_ordinary(sheet, layout):
            return stage
        stage.create()
        for batch in read_usage_columns(
            sheet, profile, scales=scales, properties=properties, zone=zone, progress=progress
        ):
            stage.add(batch)
        stage.finish(layout)
    except BaseException as error:
        stage.__exit__(type(error), error, error.__traceback__)
        raise
    return stage


def _may_be_ordinary(sheet: SheetFile, layout: UsageLayout) -> bool:
    ascii_like = sheet.encoding.lower().replace("_", "-") in {"utf-8", "utf-8-sig", "ascii"}
    is_plain = sheet.format is Format.CSV and sheet.is_as_on_disk
    return is_plain and ascii_like and sheet.header_row > 0 and _has_key(layout)


def _has_key(layout: UsageLayout) -> bool:
    return layout.indexes[_KEY] is not None
