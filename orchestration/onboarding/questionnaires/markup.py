"""XML of survey platforms, read safely: no document type, no entities of its own, nothing fetched.

Not here: what the elements mean (limesurvey.py, eusurvey.py).
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING
from xml.parsers.expat import ExpatError  # nosec B407: an error alone

from orchestration.common.problems import Problem
from orchestration.extracts.errors import ExtractError
from orchestration.extracts.limits import DoctypeError, check_markup
from orchestration.onboarding.questionnaires.imported import CodebookImportError
from orchestration.settings import load_settings

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


def root_tag(file: str, data: bytes) -> str:
    """The name of the root of an XML document. Raises CodebookImportError as parse_xml does."""
    return next((element.tag for _, element in _events(file, data)), "")


def parse_xml(file: str, data: bytes, until: str = "") -> Element:
    """The root of an XML document, read up to the end of the first element `until` if that is given.

    Raises CodebookImportError for what is not well-formed, and for a document type or entities.
    """
    root: Element | None = None
    for event, element in _events(file, data):
        root = element if root is None else root
        if event == "end" and element.tag == until:
            break
    if root is None:
        raise CodebookImportError([Problem(file, "the XML is empty", "export the file again")])
    return root


def _events(file: str, data: bytes) -> Iterator[tuple[str, Element]]:
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException, ElementTree

    try:
        with suppress(ExpatError):  # told below, if what is wanted is not read before it
            check_markup(io.BytesIO(data), file, load_settings().reading)
        yield from ElementTree.iterparse(io.BytesIO(data), events=("start", "end"), forbid_dtd=True)
    except ParseError as error:
        row = error.position[0]
        problem = Problem(file, f"the XML is damaged: {error}", "export the file again, and do not edit it", row=row)
        raise CodebookImportError([problem]) from error
    except ExtractError as error:
        raise CodebookImportError(error.problems) from error
    except (DoctypeError, DefusedXmlException) as error:
        reason = "the XML has a document type or entities of its own, which no survey platform writes"
        raise CodebookImportError([Problem(file, reason, "export the file again from its platform")]) from error
