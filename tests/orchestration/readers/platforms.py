"""One delivery as each platform writes it: the same questions and the same answers, in nine forms.

Here: what a platform's file looks like. Not here: what may be wrong with it (faults.py).
"""

from __future__ import annotations

import csv
import io
import struct
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from orchestration.rounds.card import RoundCard
from tests.orchestration.readers.deliveries import (
    METADATA,
    Plain,
    Row,
    Serial,
    choices,
    deliver,
    eusurvey,
    question,
    workbook,
)
from tests.orchestration.readers.spreadsheets import ODS_ERROR, edited, exported_by_eusurvey, ods

# What stands in place of a row that is the header again, and of a cell with a formula error.
HEADER_AGAIN: Sequence[Any] = ("the header again",)
FORMULA_ERROR = object()
CELL_LIMIT = 32767

LABELS: Mapping[str, str] = {
    "code": "Response code",
    "contact": "Your e-mail",
    "city": "City",
    "target": "Is there a target?",
    "support": "Which support?",
    "population": "Inhabitants",
    "share": "Share (%)",
    "adopted": "Adopted on",
    "remark": "Anything else?",
}
TYPES: Mapping[str, str] = {
    "target": "select_one target",
    "support": "select_multiple support",
    "population": "integer",
    "share": "decimal",
    "adopted": "date",
}
TARGETS = {"existing": "Existing", "planned": "Planned; not adopted", "none": "No target"}
SUPPORTS = {"money": "Money", "advice": "Advice; training", "staff": "R&D staff"}


@dataclass
class Delivery:
    """The table that a platform has to write: a column a question, several choices of a cell as a tuple of labels."""

    columns: list[str] = field(default_factory=lambda: list(LABELS))
    rows: list[list[Any]] = field(default_factory=lambda: [list(row) for row in ROWS])
    labels: dict[str, str] = field(default_factory=lambda: dict(LABELS))

    def heading(self, name: str) -> str:
        """What heads a column: the label of its question, its name if it is no question."""
        return self.labels.get(name, name)

    def put(self, response: str, question: str, cell: Any) -> None:
        """Change one cell."""
        self.row(response)[self.columns.index(question)] = cell

    def row(self, response: str) -> list[Any]:
        """The row of a response."""
        return next(row for row in self.rows if row[0] == response)

    def column(self, name: str) -> list[Any]:
        """The cells of a question, row by row."""
        return [row[self.columns.index(name)] for row in self.rows if row is not HEADER_AGAIN]


ROWS: Sequence[Sequence[Any]] = (
    ("11", "ada@city.example", "Ālfa", "Existing", ("Money", "Advice; training"), 1234567, 12.5, date(2024, 1, 31),
     'Two lines,\n"quoted"; and more'),
    ("12", "bob@city.example", "Bêta", "No target", ("R&D staff",), 42, 0.25, date(1999, 12, 31), "All is well"),
    ("13", "cy@city.example", "Gamma", "Planned; not adopted", (), None, None, None, "No more, thanks"),
)  # fmt: skip
# What is landed of it, whoever delivers it.
ANSWERS: Mapping[tuple[str, str], Any] = {
    ("11", "city"): "Ālfa",
    ("11", "target"): "existing",
    ("11", "support"): ("money", "advice"),
    ("11", "population"): 1234567.0,
    ("11", "share"): 12.5,
    ("11", "adopted"): date(2024, 1, 31),
    ("11", "remark"): 'Two lines,\n"quoted"; and more',
    ("12", "city"): "Bêta",
    ("12", "target"): "none",
    ("12", "support"): ("staff",),
    ("12", "population"): 42.0,
    ("12", "share"): 0.25,
    ("12", "adopted"): date(1999, 12, 31),
    ("12", "remark"): "All is well",
    ("13", "city"): "Gamma",
    ("13", "target"): "planned",
    ("13", "remark"): "No more, thanks",
}
SECRETS = ("ada@", "bob@", "cy@")


def limesurvey_text(header: Sequence[str], *rows: Sequence[str], delimiter: str = ",") -> str:
    """A file as LimeSurvey writes it: a mark, every field quoted, an empty line at the end."""
    lines = (delimiter.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in (header, *rows))
    return "\ufeff" + "\r\n".join(lines) + "\r\n\r\n"


def sav(columns: Mapping[str, Sequence[Any]], sets: bytes = b"", **more: Any) -> bytes:
    """A file as SPSS saves it; pyreadstat writes no multiple-response sets, so their record is put in."""
    import pandas as pd
    import pyreadstat

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.sav"
        pyreadstat.write_sav(pd.DataFrame({name: list(values) for name, values in columns.items()}), path, **more)
        data = path.read_bytes()
    end = data.index(struct.pack("<2i", 999, 0))
    record = struct.pack("<4i", 7, 7, 1, len(sets)) + sets if sets else b""
    rest = _moved(data, end + 8, len(record)) if more.get("compress") else data[end:]
    return data[:end] + record + rest


def _moved(data: bytes, start: int, by: int) -> bytes:
    """The packed cases of a .zsav, which tell where in the file they stand, after a move."""
    header, trailer, length = struct.unpack_from("<3q", data, start)
    blocks = bytearray(data[trailer : trailer + length])
    for place in range(24, length, 24):
        (at,) = struct.unpack_from("<q", blocks, place + 8)
        struct.pack_into("<q", blocks, place + 8, at + by)
    places = struct.pack("<3q", header + by, trailer + by, length)
    return data[start - 8 : start] + places + data[start + 24 : trailer] + bytes(blocks)


def parquet(table: Any) -> bytes:
    """A Parquet file with the checksums of its pages, two rows a group."""
    import pyarrow.parquet as pq

    out = io.BytesIO()
    pq.write_table(table, out, row_group_size=2, write_page_checksum=True, compression="none")
    return out.getvalue()


def results_xml(form: str, *contributions: str) -> str:
    """EUSurvey's XML of a form and contributions, each given as XML."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Results create="2024-06-01_00-00-00">'
        f"{form}<Answers>{''.join(contributions)}</Answers></Results>"
    )


def answer_set(attributes: Mapping[str, str | None], said: str) -> str:
    """One contribution; an attribute that is None is left out."""
    given = " ".join(f"{key}={quoteattr(text)}" for key, text in attributes.items() if text is not None)
    return f"<AnswerSet {given}>{said}</AnswerSet>"


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    return "; ".join(cell) if isinstance(cell, tuple) else str(cell)


def _cell(cell: Any) -> Any:
    """A cell of a workbook: several choices joined, dates as they are."""
    if isinstance(cell, tuple):
        return "; ".join(cell) or None
    return cell


def _xlsx_cell(cell: Any) -> Any:
    if cell is FORMULA_ERROR:
        return "=A1"
    if isinstance(cell, date):
        return Serial((cell - date(1899, 12, 30)).days)
    return Plain(cell) if isinstance(cell, str) else _cell(cell)


def _tabular(delivery: Delivery, as_cell: Callable[[Any], Any]) -> tuple[list[str], list[list[Any]]]:
    header = [delivery.heading(name) for name in delivery.columns]
    return header, [list(header) if row is HEADER_AGAIN else [as_cell(cell) for cell in row] for row in delivery.rows]


def delimited(delivery: Delivery) -> bytes:
    """A plain CSV with Unix line ends."""
    header, rows = _tabular(delivery, _text)
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([header, *rows])
    return out.getvalue().encode()


def sheet_xlsx(delivery: Delivery) -> bytes:
    """One plain sheet in XLSX."""
    header, rows = _tabular(delivery, _xlsx_cell)
    return _with_long_texts({"Answers": [header, *rows]})


def sheet_ods(delivery: Delivery) -> bytes:
    """One plain sheet in ODS."""
    header, rows = _tabular(delivery, lambda cell: ODS_ERROR if cell is FORMULA_ERROR else _cell(cell))
    return ods({"Answers": [header, *rows]})


FORMS_COLUMNS = ("ID", "Start time", "Completion time", "Email", "Name")


def forms_xlsx(delivery: Delivery) -> bytes:
    """A workbook of Microsoft Forms: the platform's columns first, choices each ended by a semicolon."""
    header, rows = _tabular(delivery, _forms_cell)
    own = [Serial(45393.5), Serial(45393.75), "anonymous", None]
    body = []
    for delivered, row in zip(delivery.rows, rows, strict=True):
        is_again = delivered is HEADER_AGAIN
        is_blank = all(cell is None for cell in row)
        body.append([*FORMS_COLUMNS, *row[1:]] if is_again else [row[0], *([None] * 4 if is_blank else own), *row[1:]])
    return _with_long_texts({"Sheet1": [[*FORMS_COLUMNS, *header[1:]], *body]})


def _forms_cell(cell: Any) -> Any:
    if isinstance(cell, tuple):
        return "".join(f"{label};" for label in cell) or None
    return _xlsx_cell(cell)


def eusurvey_xlsx(delivery: Delivery) -> bytes:
    """A workbook of EUSurvey: two sheets, the platform's columns last, texts beyond a cell in rows of their own."""
    header, rows = _tabular(delivery, _xlsx_cell)
    own = ["user", Serial(45393.5), Serial(45394), "EN"]
    body = []
    for delivered, row in zip(delivery.rows, rows, strict=True):
        is_again = delivered is HEADER_AGAIN
        is_blank = all(cell is None for cell in row)
        metadata = METADATA if is_again else [None, row[0], *([None] * 4 if is_blank else own)]
        body.append([*row[1:], *metadata])
    whole = [*header[1:], *METADATA]
    if any(len(cell) > CELL_LIMIT for row in body for cell in row if isinstance(cell, str)):
        return exported_by_eusurvey(whole, body)
    return workbook(eusurvey(whole, body, columns_a_sheet=8))


def _with_long_texts(sheets: Mapping[str, Sequence[Sequence[Any]]]) -> bytes:
    """A workbook; texts longer than the library writes are put in afterwards."""
    long: dict[str, str] = {}

    def short(cell: Any) -> Any:
        if isinstance(cell, str) and len(cell) > CELL_LIMIT:
            mark = f"long text {len(long)}"
            long[mark] = cell
            return mark
        return cell

    content = workbook({name: [[short(cell) for cell in row] for row in rows] for name, rows in sheets.items()})
    for mark, text in long.items():
        content = edited(
            content, "xl/sharedStrings.xml", lambda xml, m=mark, t=text: xml.replace(m.encode(), escape(t).encode())
        )
    return content


# A column of LimeSurvey: its code, its heading in the export, and what a cell says.
LIMESURVEY_OWN = ("submitdate", "startlanguage", "ipaddr")
_CODES = {"target": {"Existing": "A1", "Planned; not adopted": "A2", "No target": "A3"}}
_SUPPORT_CODES = {"Money": "SQ001", "Advice; training": "SQ002", "R&D staff": "SQ003"}


def limesurvey_csv(delivery: Delivery) -> bytes:
    """LimeSurvey's CSV with codes as headings: a column a choice, the platform's columns first."""
    unknown = sorted({label for label in _said_supports(delivery) if label not in _SUPPORT_CODES})
    supports = {**_SUPPORT_CODES, **{label: f"SQ9{number}" for number, label in enumerate(unknown)}}

    def header_of(name: str) -> list[str]:
        if name == "code":
            return ["id", *LIMESURVEY_OWN]
        if name == "support":
            return [f"q_support[{code}]" for code in supports.values()]
        return [f"q_{name}" if name in LABELS and delivery.heading(name) else delivery.heading(name)]

    def cells_of(name: str, cell: Any, is_blank: bool) -> list[str]:
        if name == "code":
            return [_text(cell), *([""] * 3 if is_blank else ["2024-05-02 10:11:12", "en", "10.0.0.7"])]
        if name == "support":
            ticks = cell if isinstance(cell, tuple) else ()
            return ["Y" if label in ticks else "" for label in supports]
        if isinstance(cell, date):
            return [f"{cell} 00:00:00"]
        return [_CODES.get(name, {}).get(cell, _text(cell))]

    header = [each for name in delivery.columns for each in header_of(name)]
    rows = []
    for row in delivery.rows:
        if row is HEADER_AGAIN:
            rows.append(header)
            continue
        is_blank = all(cell in (None, ()) for cell in row)
        known = [
            each for name, cell in zip(delivery.columns, row, strict=False) for each in cells_of(name, cell, is_blank)
        ]
        rows.append([*known, *map(_text, row[len(delivery.columns) :])])
    return limesurvey_text(header, *rows).encode()


def _said_supports(delivery: Delivery) -> Iterator[str]:
    for cell in delivery.column("support"):
        yield from cell if isinstance(cell, tuple) else ()


_VALUES = {"Existing": 1.0, "Planned; not adopted": 2.0, "No target": 3.0}


def spss_sav(delivery: Delivery) -> bytes:
    """An SPSS file: values with labels, a variable a choice; a column of numbers and texts is of texts."""
    columns: dict[str, list[Any]] = {}
    labels: dict[str, str] = {}
    value_labels: dict[str, dict[float, str]] = {}
    for index, name in enumerate(delivery.columns):
        cells = [row[index] for row in delivery.rows]
        if name == "support":
            said = dict.fromkeys([*SUPPORTS.values(), *(label for cell in cells for label in cell or ())])
            for number, label in enumerate(said, 1):
                columns[f"SUPPORT_{number}"] = [None if c is None else float(label in c) for c in cells]
                labels[f"SUPPORT_{number}"] = label
        elif name == "target":
            again = "TARGET" if "TARGET" not in columns else "TARGET_2"
            unknown = {cell: 7.0 + n for n, cell in enumerate(sorted({c for c in cells if c} - _VALUES.keys()))}
            values = {**_VALUES, **unknown}
            columns[again] = [values.get(cell) for cell in cells]
            labels[again] = delivery.heading(name)
            value_labels[again] = {value: label for label, value in values.items()}
        else:
            variable = name.upper()
            columns[variable] = _of_one_type(cells)
            labels[variable] = delivery.heading(name)
    formats = {} if any(delivery.column("adopted")) else {"ADOPTED": "DATE11"}
    sets = b"$support=D1 1 14 Which support? support_1 support_2 support_3\n"
    return sav(columns, sets, column_labels=labels, variable_value_labels=value_labels, variable_format=formats)


def _of_one_type(cells: Sequence[Any]) -> list[Any]:
    kinds = {type(cell) for cell in cells if cell is not None}
    if len(kinds) > 1 or kinds == {str}:
        return ["" if cell is None else _text(cell) for cell in cells]
    return [float(cell) if isinstance(cell, int) else cell for cell in cells]


def parquet_file(delivery: Delivery) -> bytes:
    """A Parquet file with typed columns, several choices as a list; a column of numbers and texts is of texts."""
    import pyarrow as pa

    header, rows = _tabular(delivery, lambda cell: cell)
    arrays = []
    for column in range(len(header)):
        cells = [row[column] for row in rows]
        if any(isinstance(cell, tuple) for cell in cells):
            arrays.append(
                pa.array([[cell] if isinstance(cell, str) else cell for cell in cells], pa.list_(pa.string()))
            )
        elif len({type(cell) for cell in cells if cell is not None}) > 1:
            arrays.append(pa.array([None if cell is None else _text(cell) for cell in cells], pa.string()))
        else:
            arrays.append(pa.array(cells))
    return parquet(pa.Table.from_arrays(arrays, names=header))


_KINDS = {"target": "Single Choice", "support": "Multiple Choice", "population": "Number", "adopted": "Date"}


def eusurvey_xml(delivery: Delivery) -> bytes:
    """EUSurvey's XML: a form with ids, then a contribution a response."""
    answer_ids = {label: f"a-{code}" for code, label in (TARGETS | SUPPORTS).items()}
    asked = [(index, name) for index, name in enumerate(delivery.columns) if name != "code"]
    form: list[str] = []
    seen: set[str] = set()
    ids: dict[int, str] = {}
    for index, name in asked:
        key = ids[index] = f"q-{name}" if name not in seen else f"q-{name}-again"
        seen.add(name)
        kind = _KINDS.get(name, "Free Text")
        form.append(f'<Question id="{key}" type="{kind}">{escape(delivery.heading(name))}</Question>')
        listed = {"target": TARGETS, "support": SUPPORTS}.get(name)
        if listed is None:
            continue
        cells = [row[index] for row in delivery.rows]
        said = [each for cell in cells for each in (cell if isinstance(cell, tuple) else (cell,)) if each]
        for label in dict.fromkeys([*listed.values(), *said]):
            answer = answer_ids.setdefault(label, f"a-new-{len(answer_ids)}")
            form.append(f'<Answer id="{answer}" type="Choice Answer">{escape(label)}</Answer>')
    contributions = []
    for row in delivery.rows:
        answers = "".join(
            each
            for index, name in asked
            if row[index] not in (None, ())
            for each in _xml_answers(ids[index], name, row[index], answer_ids)
        )
        contributions.append(answer_set({"id": _text(row[0]), "lang": "EN", "user": "ada"}, answers))
    survey = f'<Survey id="5"><Elements lang="EN">{"".join(form)}</Elements></Survey>'
    return results_xml(survey, *contributions).encode()


def _xml_answers(key: str, name: str, cell: Any, answer_ids: Mapping[str, str]) -> Iterator[str]:
    if name in ("target", "support"):
        for label in cell if isinstance(cell, tuple) else (cell,):
            yield f'<Answer qid="{key}" aid="{answer_ids[label]}"/>'
    else:
        said = cell.strftime("%d/%m/%Y") if isinstance(cell, date) else _text(cell)
        yield f'<Answer qid="{key}">{escape(said)}</Answer>'


@dataclass(frozen=True)
class Column:
    """A column of the matrix: a platform, the name of its file, how it writes a delivery, and what it calls things."""

    platform: str
    extract: str
    write: Callable[[Delivery], bytes]
    has_own_id: bool = False
    question_source: Callable[[str], str] = lambda name: ""
    choice_source: Callable[[str, str], str] = lambda list_name, name: ""

    def questions(self) -> list[Row]:
        """The codebook's questions for this platform."""
        return [
            question(
                TYPES.get(name, "text"),
                name,
                label,
                role="response_id" if name == "code" else "",
                is_personal="yes" if name == "contact" else "",
                source=self.question_source(name),
            )
            for name, label in LABELS.items()
            if not (name == "code" and self.has_own_id)
        ]

    def choices(self) -> list[Row]:
        """The codebook's choices for this platform."""
        lists = {"target": TARGETS, "support": SUPPORTS}
        return [
            {**row, "source": self.choice_source(name, row["name"])}
            for name, listed in lists.items()
            for row in choices(name, **listed)
        ]

    def deliver(self, folder: Path, content: bytes, **card: Any) -> RoundCard:
        """Write a whole round with this content."""
        settings = {"platform": self.platform, "extract": self.extract, **card}
        return deliver(folder, self.questions(), self.choices(), content, **settings)


def _limesurvey_choice(list_name: str, name: str) -> str:
    label = (TARGETS | SUPPORTS)[name]
    return _CODES["target"][label] if list_name == "target" else _SUPPORT_CODES[label]


def _spss_choice(list_name: str, name: str) -> str:
    if list_name == "target":
        return str(int(_VALUES[TARGETS[name]]))
    return f"SUPPORT_{list(SUPPORTS).index(name) + 1}"


MATRIX: Mapping[str, Column] = {
    "eusurvey_xlsx": Column("eusurvey_xlsx", "extract.xlsx", eusurvey_xlsx, has_own_id=True),
    "eusurvey_xml": Column(
        "eusurvey_xml",
        "extract.xml",
        eusurvey_xml,
        has_own_id=True,
        question_source=lambda name: f"q-{name}",
        choice_source=lambda _, name: f"a-{name}",
    ),
    "forms_xlsx": Column("forms_xlsx", "extract.xlsx", forms_xlsx, has_own_id=True),
    "limesurvey_csv": Column(
        "limesurvey_csv",
        "extract.csv",
        limesurvey_csv,
        has_own_id=True,
        question_source=lambda name: f"q_{name}",
        choice_source=_limesurvey_choice,
    ),
    "spss_sav": Column(
        "spss_sav",
        "extract.sav",
        spss_sav,
        question_source=lambda name: name.upper(),
        choice_source=_spss_choice,
    ),
    "delimited": Column("delimited", "extract.csv", delimited),
    "sheet_xlsx": Column("sheet", "extract.xlsx", sheet_xlsx),
    "sheet_ods": Column("sheet", "extract.ods", sheet_ods),
    "parquet": Column("parquet", "extract.parquet", parquet_file),
}
