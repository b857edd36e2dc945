"""XML of survey platforms, read safely: no document type, no entities of its own, nothing fetched.

Not here: what the elements mean (limesurvey.py, eusurvey.py).
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from orchestration.codebooks import CodebookImportError
from orchestration.tabular import Problem

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


def parsed(file: str, data: bytes, until: str = "") -> Element:
    """The root of an XML document, read up to the end of the first element `until` if that is given.

    Raises CodebookImportError for what is not well-formed, and for a document type or entities.
    """
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import iterparse

    root: Element | None = None
    try:
        for event, element in iterparse(io.BytesIO(data), events=("start", "end"), forbid_dtd=True):
            root = element if root is None else root
            if event == "end" and element.tag == until:
                break
    except ParseError as error:
        row = error.position[0]
        problem = Problem(file, f"the XML is damaged: {error}", "export the file again, and do not edit it", row=row)
        raise CodebookImportError([problem]) from error
    except DefusedXmlException as error:
        reason = "the XML has a document type or entities of its own, which no survey platform writes"
        raise CodebookImportError([Problem(file, reason, "export the file again from its platform")]) from error
    if root is None:
        raise CodebookImportError([Problem(file, "the XML is empty", "export the file again")])
    return root
