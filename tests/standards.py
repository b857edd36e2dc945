"""The published schemas and shapes that metadata is checked against; they lie beside the project, not in it."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pyshacl
import pytest
from rdflib import RDF, Graph, Namespace

from orchestration.settings import PROJECT_ROOT

STANDARDS = PROJECT_ROOT.parent / "shared" / "standards"
DATA_PACKAGE = STANDARDS / "datapackage-2.0"
DCAT_AP = STANDARDS / "dcat-ap-3.0.1"
SHAPES = ("shapes", "range", "shapes_recommended", "mdr-vocabularies.shape", "deprecateduris")
SH = Namespace("http://www.w3.org/ns/shacl#")


def required(folder: Path) -> Path:
    """The folder of a standard; skips the test where it is not there."""
    if not folder.exists():
        pytest.skip(f"the standard lies beside the project, in ../shared/standards/{folder.name}, and is not there")
    return folder


def schema_errors(name: str, value: Any) -> list[str]:
    """What a JSON schema of Data Package 2.0 says against a value. The schemas name no other file."""
    schema = json.loads((required(DATA_PACKAGE) / f"{name}.json").read_text(encoding="utf-8"))
    validator = jsonschema.Draft7Validator(schema, format_checker=jsonschema.Draft7Validator.FORMAT_CHECKER)
    return sorted(f"{error.json_path}: {error.message}" for error in validator.iter_errors(value))


def graph_of(document: Any, address: str) -> Graph:
    """The statements of a JSON-LD document that is read from an address."""
    return Graph().parse(data=json.dumps(document), format="json-ld", publicID=address)


def shape_findings(graph: Graph, severity: str) -> set[tuple[str, str]]:
    """Class and property that the shapes of DCAT-AP find fault with; no shape file is fetched from elsewhere."""
    shapes = Graph()
    for name in SHAPES:
        shapes.parse(required(DCAT_AP) / f"{name}.ttl")
    _, report, _ = pyshacl.validate(graph, shacl_graph=shapes, do_owl_imports=False)
    found = set()
    for result in report.objects(None, SH.result):
        if report.value(result, SH.resultSeverity) == SH[severity]:
            kind = graph.value(report.value(result, SH.focusNode), RDF.type)
            found.add((_short(graph, kind), _short(graph, report.value(result, SH.resultPath))))
    return found


def _short(graph: Graph, term: Any) -> str:
    return graph.namespace_manager.normalizeUri(term) if term is not None else ""
