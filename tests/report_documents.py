"""A draft report read back from its DOCX: its tables and sentences, and the draft of a wave that it prints."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import docx
from docx.text.paragraph import Paragraph

MARKS = re.compile(r" \[[us]\]")
# What a sentence prints first is what it states; the rest is its base.
SENTENCE = re.compile(r"(?P<label>.+): (?P<number>[0-9][0-9,]*(?:[.][0-9]+)?)(?P<share> %)?(?: of|[.]$| [(])")
TABLE = re.compile(r"(?:Numbers of )?(?P<source>Table|Figure) (?P<number>[0-9]+)(?:: .*)?")

# Cells of tables are known by their labels, without the measure that ends their ids; sentences by their own ids.
DRAFT_OF_DOCUMENT = """
select draft.* replace (replace(text, ',', '') as value, text as printed)
from draft
join (select place, any_value(text) as text from document group by place)
on place = case source
    when 'prose' then cell_id else regexp_replace(cell_id, '[.](count|share|mean|median|min|max|sd)$', '')
end
"""


@dataclass(frozen=True)
class Table:
    """A table of a document with its caption."""

    caption: str
    header: list[str]
    rows: list[list[str]]

    @property
    def key(self) -> str:
        """`Table 9` or `Figure 3` of the report; empty for another."""
        match = TABLE.fullmatch(self.caption)
        return f"{match['source']} {match['number']}" if match else ""

    def cells(self) -> dict[tuple[str, str], str]:
        """Text of each cell by the labels of its row and column."""
        return {
            (MARKS.sub("", row[0]), MARKS.sub("", column)): cell
            for row in self.rows
            for column, cell in zip(self.header[1:], row[1:], strict=True)
        }


def read_tables(content: bytes) -> Iterator[Table]:
    """Tables of a document, each with the nearest caption above it."""
    caption = ""
    for block in docx.Document(io.BytesIO(content)).iter_inner_content():
        if isinstance(block, Paragraph):
            caption = block.text if block.style.name == "Caption" else caption
        else:
            header, *rows = [[cell.text for cell in row.cells] for row in block.rows]
            yield Table(caption, header, rows)


def read_sentences(content: bytes) -> dict[tuple[str, bool], str]:
    """The number that each sentence states, by the label of its measure and whether it is a share."""
    texts = (block.text for block in docx.Document(io.BytesIO(content)).paragraphs if block.style.name == "List Bullet")
    return {
        (match["label"], bool(match["share"])): MARKS.sub("", match["number"])
        for text in texts
        if (match := SENTENCE.match(MARKS.sub("", text)))
    }


def draft_edits(content: bytes, seeds: Path, wave: str) -> list[str]:
    """Edits that make the correct draft of a wave say what a document prints, wherever the document says it.

    What the document does not print is deleted; the draft of a document that lacks numbers is shorter, and seen to be.
    """
    printed: dict[str, str] = {}
    for table in read_tables(content):
        if table.key:
            table_id = f"{table.key[0]}{table.key.partition(' ')[2]}"
            for (row, column), cell in table.cells().items():
                for one, other in ((row, column), (column, row)):
                    printed[f"{table_id}.{one}.{other}"] = MARKS.sub("", cell)
    edits = [
        "create temp table document (place varchar, text varchar)",
        *(f"insert into document values ({quoted(place)}, {quoted(text)})" for place, text in printed.items()),
    ]
    sentences = read_sentences(content)
    labels = {row["measure_id"]: (row["label"], row["statistic"] == "share") for row in read(seeds / "measures.csv")}
    for row in read(seeds / "statements.csv"):
        label = labels.get(row["measure_id"], ("", False))
        if row["wave"] == wave and label in sentences:
            edits.append(f"insert into document values ({quoted(row['cell_id'])}, {quoted(sentences[label])})")
    return [
        *edits,
        f"create or replace temp table draft as {DRAFT_OF_DOCUMENT}",
        "drop table document",
    ]


def read(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
