"""What a file is by its bytes.

Here: kinds that need no codebook. Not here: the content of a platform's file (eusurvey.py, delimited.py), where the
bytes come from (extracts/).
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib

XLSX = "an XLSX workbook"

# What the standard library raises for an archive with a damaged byte, depending on where it is.
ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError)

_SIGNATURES = (
    (b"\xd0\xcf\x11\xe0", "an old Excel (.xls) or password-protected workbook"),
    (b"%PDF", "a PDF document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"PAR1", "a Parquet file"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
)
_MARKUP = re.compile(rb"\s*<(?:!doctype\s+html|html|head|body|\?xml|!--|table)", re.IGNORECASE)


def kind_of(data: bytes) -> str | None:
    """What a file is by its first bytes, in words; None if it may be plain text."""
    if data.startswith(b"PK\x03\x04"):
        return _kind_of_zip(data)
    if _MARKUP.match(data[:200].removeprefix(b"\xef\xbb\xbf")):
        return "an HTML or XML page"
    return next((kind for signature, kind in _SIGNATURES if data.startswith(signature)), None)


def _kind_of_zip(data: bytes) -> str:
    try:
        names = zipfile.ZipFile(io.BytesIO(data)).namelist()
    except ZIP_ERRORS:
        return "a damaged or truncated ZIP archive or workbook"
    if "xl/workbook.xml" in names:
        return XLSX
    return "an OpenDocument file" if "mimetype" in names else "a ZIP archive"
