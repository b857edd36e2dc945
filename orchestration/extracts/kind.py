"""What a file is by its bytes.

Here: kinds that need no codebook. Not here: the content of a platform's file (readers/), where the bytes come from
(parts.py).
"""

from __future__ import annotations

import re
import zipfile
import zlib
from typing import BinaryIO

from orchestration.common.problems import Problem
from orchestration.extracts.archives import open_zip
from orchestration.extracts.errors import ExtractError
from orchestration.extracts.parts import Part

XLSX = "an XLSX workbook"
ODS = "an OpenDocument file"
SPSS = "an SPSS file"
PARQUET = "a Parquet file"
MARKUP = "an HTML or XML page"
TEXT = "plain text or another kind of file"

# What the standard library raises for an archive with a damaged byte, depending on where it is.
ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError)

_HEAD_SIZE = 1 << 12
_ZIP = b"PK\x03\x04"
_SIGNATURES = (
    (b"\xd0\xcf\x11\xe0", "an old Excel (.xls) or password-protected workbook"),
    (b"%PDF", "a PDF document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"PAR1", PARQUET),
    (b"$FL2", SPSS),
    (b"$FL3", SPSS),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
)
_MARKUP = re.compile(rb"\s*<(?:!doctype\s+html|html|head|body|\?xml|!--|table|document|Results)", re.IGNORECASE)
_XML = re.compile(rb"\s*<(?:\?xml|document|Results)")


def kind_of(part: Part) -> str:
    """What a file is, in words; TEXT where no signature tells."""
    with part.open() as file:
        head = file.read(_HEAD_SIZE)
        if head.startswith(_ZIP):
            return _kind_of_zip(file)
    if _MARKUP.match(_without_mark(head)):
        return MARKUP
    return next((kind for signature, kind in _SIGNATURES if head.startswith(signature)), TEXT)


def require_kind(part: Part, wanted: str, remedy: str) -> None:
    """Raise ExtractError unless a file is of a kind."""
    kind = kind_of(part)
    if kind != wanted:
        name = "delimited text" if wanted == TEXT else wanted
        raise ExtractError([Problem(part.shown, f"not {name} as its platform says, but {kind}", remedy)])


def is_xml(part: Part) -> bool:
    """Whether a file begins as an XML document that a survey platform writes."""
    with part.open() as file:
        return _XML.match(_without_mark(file.read(_HEAD_SIZE))) is not None


def _without_mark(head: bytes) -> bytes:
    return head.removeprefix(b"\xef\xbb\xbf")


def _kind_of_zip(file: BinaryIO) -> str:
    try:
        names = open_zip(file).namelist()
    except ZIP_ERRORS:
        return "a damaged or truncated ZIP archive or workbook"
    if "xl/workbook.xml" in names:
        return XLSX
    return ODS if "mimetype" in names else "a ZIP archive"
