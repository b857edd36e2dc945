"""The public cube of a release in SDMX: observations as SDMX-CSV 2.0, their structure as SDMX-ML 3.0.

A hidden cell has no value, and the code C (confidential) of CL_CONF_STATUS; codes are those of the other files.
Not here: which cells are hidden (orchestration/disclosure/), the meaning of columns (description.py).
Standard: https://sdmx.org, technical specifications 3.0.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET  # nosec B405
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.common.csv_output import write_csv
from orchestration.common.whole_file import write_whole
from orchestration.disclosure.tables import CONF_STATUS, OBS_STATUS
from orchestration.release.description import Release

if TYPE_CHECKING:
    import pyarrow as pa

SDMX_DATA, SDMX_STRUCTURE = "sdmx-cube.csv", "sdmx-structure.xml"
CUBE, LABELS = "gaps/gap_cube.parquet", "gaps/gap_label.parquet"
# No agency has registered these structures: the name says whose they are, the publisher is named beside it.
AGENCY, VERSION = "CITY_NEEDS", "1.0.0"
STRUCTURE, FLOW, CONCEPTS = "DSD_NEEDS", "DF_NEEDS", "CS_NEEDS"
_TIME = "TIME_PERIOD"
# Component of the structure: column of the cube.
DIMENSIONS = {
    "COHORT": "cohort_code",
    "ITEM": "item_code",
    "CHOICE": "choice_code",
    "GROUP_ITEM": "dimension_code",
    "GROUP_MEMBER": "member_code",
}
MEASURES = {
    "N": "n",
    "BASE_N": "base_n",
    "SHARE_PCT": "share_pct",
    "SHARE_LOW_PCT": "share_low_pct",
    "SHARE_HIGH_PCT": "share_high_pct",
}
ATTRIBUTES = {"OBS_STATUS": OBS_STATUS, "CONF_STATUS": CONF_STATUS}
# Where the labels of a dimension's codes stand: kind of label.
_LABEL_KINDS = {
    "COHORT": "cohort",
    "ITEM": "item",
    "CHOICE": "choice",
    "GROUP_ITEM": "dimension",
    "GROUP_MEMBER": "choice",
}
# The codes that a release uses of SDMX's own code lists.
_STATUSES = {
    "OBS_STATUS": {
        "A": "Normal value",
        "P": "Provisional value",
        "Q": "Missing value; suppressed",
        "U": "Low reliability",
    },
    "CONF_STATUS": {"F": "Free (free for publication)", "C": "Confidential statistical information"},
}
_NAMESPACES = {
    part: f"http://www.sdmx.org/resources/sdmxml/schemas/v3_0/{name}"
    for part, name in (("mes", "message"), ("str", "structure"), ("com", "common"))
}
_WHOLE, _FRACTION = "Long", "Double"


def write_sdmx(release: Release, folder: Path) -> tuple[str, ...]:
    """Write the cube of a release, whose tables are in `folder`; names of the files, none where it has no cube."""
    import pyarrow.parquet as pq

    if not (folder / CUBE).exists():
        return ()
    cube = pq.read_table(folder / CUBE)
    labels = pq.read_table(folder / LABELS).to_pylist() if (folder / LABELS).exists() else []
    write_csv(_observations(cube), folder / SDMX_DATA)
    write_whole(folder / SDMX_STRUCTURE, _structure(release, cube, labels))
    return SDMX_DATA, SDMX_STRUCTURE


def _observations(cube: pa.Table) -> pa.Table:
    import pyarrow as pa

    said = {"STRUCTURE": "dataflow", "STRUCTURE_ID": f"{AGENCY}:{FLOW}({VERSION})", "ACTION": "I"}
    constants = {name: pa.repeat(value, len(cube)) for name, value in said.items()}
    coded = {name: pa.array(map(_code, cube[column].to_pylist()), pa.string()) for name, column in DIMENSIONS.items()}
    others = {_TIME: "wave", **MEASURES, **ATTRIBUTES}
    return pa.table({**constants, **coded, **{name: cube[column] for name, column in others.items()}})


def _code(code: str) -> str:
    """A code with each character that no identifier of SDMX may have as `$` with its number: `a+b` is `a$2b$b`."""
    return re.sub(r"[^A-Za-z0-9_@-]", lambda match: f"${ord(match[0]):x}$", code)


def _structure(release: Release, cube: pa.Table, labels: Iterable[Mapping[str, Any]]) -> str:
    for prefix, address in _NAMESPACES.items():
        ET.register_namespace(prefix, address)
    root = ET.Element(_tag("mes:Structure"))
    header = _add(root, "mes:Header")
    _add(header, "mes:ID", text=f"{AGENCY}_{release.name.replace('.', '_')}")
    _add(header, "mes:Test", text="false")
    # Of the year that the release is cited by: the same release makes the same bytes.
    _add(header, "mes:Prepared", text=f"{release.year or 1980}-01-01T00:00:00")
    sender = _add(header, "mes:Sender", id=AGENCY)
    _name(sender, release.publisher.name)
    structures = _add(root, "mes:Structures")
    names = _names(labels)
    lists = _add(structures, "str:Codelists")
    for dimension, column in DIMENSIONS.items():
        known = names.get(_LABEL_KINDS[dimension], {})
        codes = sorted(value for value in set(cube[column].to_pylist()) if value is not None)
        _codelist(lists, dimension, {code: known.get(code, code) for code in codes})
    for attribute, codes_of in _STATUSES.items():
        _codelist(lists, attribute, codes_of)
    schemes = _add(structures, "str:ConceptSchemes")
    scheme = _maintained(schemes, "str:ConceptScheme", CONCEPTS, "Concepts of the cube of city needs")
    for concept in (*DIMENSIONS, _TIME, *MEASURES, *ATTRIBUTES):
        _name(_add(scheme, "str:Concept", id=concept), concept.replace("_", " ").capitalize())
    flows = _add(structures, "str:Dataflows")
    flow = _maintained(flows, "str:Dataflow", FLOW, release.title)
    _add(flow, "str:Structure", text=_urn("datastructure.DataStructure", STRUCTURE))
    _data_structure(_add(structures, "str:DataStructures"), cube)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _data_structure(parent: ET.Element, cube: pa.Table) -> None:
    structure = _maintained(parent, "str:DataStructure", STRUCTURE, "Cube of city needs")
    components = _add(structure, "str:DataStructureComponents")
    dimensions = _add(components, "str:DimensionList", id="DimensionDescriptor")
    for position, name in enumerate(DIMENSIONS, start=1):
        _coded(_component(dimensions, "str:Dimension", name, position=str(position)), name)
    time = _component(dimensions, "str:TimeDimension", _TIME)
    _add(_add(time, "str:LocalRepresentation"), "str:TextFormat", textType="ObservationalTimePeriod")
    attributes = _add(components, "str:AttributeList", id="AttributeDescriptor")
    for name in ATTRIBUTES:
        attribute = _component(attributes, "str:Attribute", name, usage="mandatory")
        _coded(attribute, name)
        _add(_add(attribute, "str:AttributeRelationship"), "str:Observation")
    measures = _add(components, "str:MeasureList", id="MeasureDescriptor")
    for name, column in MEASURES.items():
        measure = _component(measures, "str:Measure", name, usage="optional")
        kind = _FRACTION if str(cube.schema.field(column).type) == "double" else _WHOLE
        _add(_add(measure, "str:LocalRepresentation"), "str:TextFormat", textType=kind)


def _names(labels: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """Label of each code by kind; a code that means different things by its item has none of its own."""
    found: dict[str, dict[str, set[str]]] = {}
    for row in labels:
        found.setdefault(row["label_kind"], {}).setdefault(row["code"], set()).add(row["label"])
    return {
        kind: {code: next(iter(texts)) for code, texts in codes.items() if len(texts) == 1}
        for kind, codes in found.items()
    }


def _codelist(parent: ET.Element, name: str, codes: Mapping[str, str]) -> None:
    codelist = _maintained(parent, "str:Codelist", f"CL_{name}", name.replace("_", " ").capitalize())
    for code, label in codes.items():
        _name(_add(codelist, "str:Code", id=_code(code)), label)


def _maintained(parent: ET.Element, tag: str, name: str, label: str) -> ET.Element:
    element = _add(parent, tag, id=name, agencyID=AGENCY, version=VERSION)
    _name(element, label)
    return element


def _component(parent: ET.Element, tag: str, name: str, **attributes: str) -> ET.Element:
    element = _add(parent, tag, id=name, **attributes)
    _add(element, "str:ConceptIdentity", text=_urn("conceptscheme.Concept", CONCEPTS, f".{name}"))
    return element


def _coded(component: ET.Element, name: str) -> None:
    _add(_add(component, "str:LocalRepresentation"), "str:Enumeration", text=_urn("codelist.Codelist", f"CL_{name}"))


def _name(element: ET.Element, text: str) -> None:
    _add(element, "com:Name", text=text).set("{http://www.w3.org/XML/1998/namespace}lang", "en")


def _urn(kind: str, name: str, rest: str = "") -> str:
    return f"urn:sdmx:org.sdmx.infomodel.{kind}={AGENCY}:{name}({VERSION}){rest}"


def _add(parent: ET.Element, tag: str, text: str | None = None, **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, _tag(tag), attributes)
    element.text = text
    return element


def _tag(tag: str) -> str:
    prefix, _, name = tag.partition(":")
    return f"{{{_NAMESPACES[prefix]}}}{name}"
