"""Small files that cost much to read: each by a size, so that tests plant little ones and a measurement the real ones.

Not here: files that are damaged (faults.py).
"""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Iterator, Mapping

from tests.orchestration.readers.deliveries import question, workbook
from tests.orchestration.readers.spreadsheets import edited, ods, zipped

QUESTIONS = (question("text", "code", "Code", role="response_id"), question("text", "remark", "Remark"))
_HEADER = "Code,Remark\n"
_TABLE = (["Code", "Remark"], ["r1", "well"], ["r2", "MARK"])
_PIECE = 1 << 20


def _pieces(size: int, sign: bytes = b"x") -> Iterator[bytes]:
    for begin in range(0, size, _PIECE):
        yield sign * min(_PIECE, size - begin)


def _with_text(content: bytes, name: str, size: int) -> bytes:
    """A ZIP archive in which a long text stands in the place of MARK."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for each in source.namelist():
            if each != name:
                archive.writestr(each, source.read(each))
                continue
            before, after = source.read(each).split(b"MARK")
            with archive.open(each, "w", force_zip64=True) as member:
                member.write(before)
                for piece in _pieces(size):
                    member.write(piece)
                member.write(after)
    return out.getvalue()


def xlsx_cell(size: int) -> bytes:
    """A workbook with a cell of so many characters."""
    return _with_text(workbook({"Answers": _TABLE}), "xl/sharedStrings.xml", size)


def xlsx_cell_of_runs(size: int) -> bytes:
    """A workbook with a cell of so many characters, in runs of a thousand."""
    runs = b"<r><t>" + b"x" * 1000 + b"</t></r>"
    return edited(
        workbook({"Answers": _TABLE}),
        "xl/sharedStrings.xml",
        lambda xml: xml.replace(b"<t>MARK</t>", runs * (size // 1000)),
    )


def xlsx_far_cell(row: int) -> bytes:
    """A workbook with one cell in the last column of a row."""
    rows = [[*each] for each in _TABLE]
    return edited(
        workbook({"Answers": rows}),
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace(
            b"</sheetData>", f'<row r="{row}"><c r="XFD{row}"><v>1</v></c></row></sheetData>'.encode()
        ),
    )


def xlsx_columns(n: int) -> bytes:
    """A workbook with so many headers."""
    return workbook({"Answers": [["Code", "Remark", *(f"c{number}" for number in range(n))], ["r1"]]})


def xlsx_members(n: int) -> bytes:
    """A workbook with so many further files in its archive."""
    return zipped({**_files(workbook({"Answers": _TABLE})), **{f"xl/media/{number}": b"" for number in range(n)}})


def _files(content: bytes) -> dict[str, str | bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def ods_cell(size: int) -> bytes:
    """An OpenDocument sheet with a cell of so many characters."""
    return _with_text(ods({"Answers": _TABLE}), "content.xml", size)


def ods_repeated(n: int) -> bytes:
    """An OpenDocument sheet whose last cell is repeated: so many rows of 1,000."""
    repeated = (
        f'<table:table-row table:number-rows-repeated="{n}"><table:table-cell table:number-columns-repeated="1000"'
        ' office:value-type="string"><text:p>x</text:p></table:table-cell></table:table-row>'
    )
    return ods({"Answers": [*_TABLE, repeated]})


def csv_blank_lines(n: int) -> bytes:
    """A packed text of so many empty lines behind one row."""
    return gzip.compress(f"{_HEADER}r1,well\n".encode() + b"\n" * n)


def csv_blank_rows(n: int) -> bytes:
    """A packed text of so many rows without content, one row with content behind them."""
    return gzip.compress(f"{_HEADER}r1,well\n".encode() + b",\n" * n + b"r2,well\n")


def csv_line(size: int) -> bytes:
    """A text without any end of a line."""
    return b"x" * size


def csv_line_below(size: int) -> bytes:
    """A text of which a row has no end."""
    return _HEADER.encode() + b"r1,well\n" * 300 + b"r2," + b"x" * size


def csv_quote(size: int) -> bytes:
    """A text in which a quotation mark is never closed, over lines."""
    return f'{_HEADER}r1,"'.encode() + b"some words\n" * (size // 11)


def csv_rows(n: int) -> bytes:
    """A text of so many plain rows."""
    return _HEADER.encode() + b"".join(b"r%d,well\n" % number for number in range(n))


def csv_columns(n: int) -> bytes:
    """A text with so many columns."""
    return ",".join(["Code", "Remark", *(f"c{number}" for number in range(n))]).encode() + b"\nr1,well\n"


def parquet_rows(n: int) -> bytes:
    """A Parquet file of so many rows, all alike."""
    import pyarrow as pa

    texts = pa.DictionaryArray.from_arrays(pa.repeat(pa.scalar(0, pa.int32()), n), ["well"])
    return _parquet({"Code": pa.repeat(pa.scalar(7, pa.int32()), n), "Remark": texts})


def parquet_cell(size: int) -> bytes:
    """A Parquet file with a text of so many characters, in ten thousand rows."""
    import pyarrow as pa

    texts = pa.DictionaryArray.from_arrays(pa.repeat(pa.scalar(0, pa.int32()), 10_000), ["x" * size])
    return _parquet({"Code": pa.array(range(10_000)), "Remark": texts})


def parquet_columns(n: int) -> bytes:
    """A Parquet file with so many columns."""
    import pyarrow as pa

    return _parquet({"Code": pa.array(["r1"]), **{f"c{number}": pa.array(["well"]) for number in range(n)}})


def _parquet(columns: Mapping[str, object]) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    out = io.BytesIO()
    pq.write_table(pa.table(dict(columns)), out, compression="zstd", row_group_size=1 << 24)
    return out.getvalue()


_FORM = '<Survey id="5"><Elements lang="EN"><Question id="q1" type="Free Text">Remark</Question></Elements></Survey>'


def _xml(before: str, repeated: bytes, size: int, after: str) -> bytes:
    filled = repeated * (size // len(repeated))
    return b"".join([f'<Results create="x">{_FORM}<Answers>{before}'.encode(), filled, after.encode()])


def xml_attribute(size: int) -> bytes:
    """An export whose contribution has an id of so many characters."""
    return _xml('<AnswerSet id="', b"x", size, '"/></Answers></Results>')


def xml_comment(size: int) -> bytes:
    """An export with a comment of so many characters."""
    return _xml("<!--", b"<", size, '--><AnswerSet id="r1"/></Answers></Results>')


def xml_text(size: int) -> bytes:
    """An export with an answer of so many characters."""
    return _xml('<AnswerSet id="r1"><Answer qid="q1">', b"x", size, "</Answer></AnswerSet></Answers></Results>")


def xml_section(size: int) -> bytes:
    """An export with an answer of so many signs that would be elements."""
    return _xml(
        '<AnswerSet id="r1"><Answer qid="q1"><![CDATA[', b"<a>", size, "]]></Answer></AnswerSet></Answers></Results>"
    )


def xml_attributes(n: int) -> bytes:
    """An export whose contribution has so many attributes."""
    said = " ".join(f'a{number}="1"' for number in range(n))
    return _xml(f'<AnswerSet id="r1" {said}>', b"x", 0, "</AnswerSet></Answers></Results>")


def xml_depth(n: int) -> bytes:
    """An export whose elements lie so deep in each other."""
    return _xml('<AnswerSet id="r1">', b"<a>", 3 * n, "")


def xml_answers(n: int) -> bytes:
    """An export whose contribution gives so many answers."""
    return _xml('<AnswerSet id="r1">', b'<Answer qid="q1">x</Answer>', 27 * n, "</AnswerSet></Answers></Results>")


def xml_questions(n: int) -> bytes:
    """An export whose form has so many questions."""
    form = b"".join(b'<Question id="c%d" type="Free Text">c%d</Question>' % (number, number) for number in range(n))
    head, tail = _FORM.encode().split(b"</Elements>")
    answers = b'<Answers><AnswerSet id="r1"><Answer qid="q1">x</Answer></AnswerSet></Answers></Results>'
    return b"".join([b'<Results create="x">', head, form, b"</Elements>", tail, answers])


def sav_columns(n: int) -> bytes:
    """An SPSS file with so many variables."""
    return _sav({"code": ["r1"], "remark": ["well"], **{f"c{number}": [1.0] for number in range(n)}})


def sav_text(size: int) -> bytes:
    """A packed SPSS file with two thousand texts of so many characters."""
    return _sav({"code": [f"r{number}" for number in range(2000)], "remark": ["x" * size] * 2000})


def sav_rows(n: int) -> bytes:
    """A packed SPSS file with so many cases, all alike."""
    return _sav({"code": [1.0] * n, "remark": [1.0] * n})


def _sav(columns: Mapping[str, list[object]]) -> bytes:
    import tempfile
    from pathlib import Path

    import pandas as pd
    import pyreadstat

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.zsav"
        pyreadstat.write_sav(pd.DataFrame(columns), path, compress=True)
        return path.read_bytes()
