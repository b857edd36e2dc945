"""`dcat.jsonld` against the shapes of DCAT-AP, and what a catalogue reads in it."""

from datetime import date
from typing import Any

import pytest
from metadata_cases import PUBLISHER, Drafted, source
from rdflib import RDF, RDFS, Graph, Literal, Namespace, URIRef
from standards import graph_of, shape_findings

from orchestration.release.dcat import dcat
from orchestration.settings import Publisher

DCAT = Namespace("http://www.w3.org/ns/dcat#")
DCT = Namespace("http://purl.org/dc/terms/")
SPDX = Namespace("http://spdx.org/rdf/terms#")
ROOT = "https://data.cities.example/releases/"
HERE = f"{ROOT}2030.1/public/dcat.jsonld"


def catalogue(draft: Drafted, publisher: Publisher = PUBLISHER, **options: Any) -> dict[str, Any]:
    return dcat([draft.describe(publisher, audience="public", **options)], publisher)


def dataset_of(document: dict[str, Any]) -> dict[str, Any]:
    (dataset,) = (node for node in document["@graph"] if node["@type"] == "dcat:Dataset")
    return dataset


@pytest.mark.parametrize("publisher", [Publisher(), PUBLISHER], ids=["nothing told", "all told"])
@pytest.mark.parametrize("issued", [None, date(2030, 9, 1)])
def test_catalogue_meets_the_shapes(draft: Drafted, publisher: Publisher, issued: date | None) -> None:
    graph = graph_of(catalogue(draft, publisher, issued=issued), HERE)
    assert shape_findings(graph, "Violation") == set()


def test_release_without_a_shared_licence_meets_the_shapes(draft: Drafted) -> None:
    draft.manifest["sources"].append(source(licence="Terms of the portal"))
    graph = graph_of(catalogue(draft), HERE)
    assert shape_findings(graph, "Violation") == set()
    rights = {str(graph.value(term, RDFS.label)) for term in graph.objects(None, DCT.rights)}
    assert rights == {"Terms of the sources: CC-BY-4.0; Terms of the portal"}


def test_what_the_shapes_would_like_and_we_do_not_say(draft: Drafted) -> None:
    """The publisher need not be an EU body; a catalogue has no licence of its own; terms are named, not classified."""
    assert shape_findings(graph_of(catalogue(draft), HERE), "Warning") == {
        ("dcat:Catalog", "dct:issued"),
        ("dcat:Catalog", "dct:license"),
        ("dcat:Catalog", "dct:modified"),
        ("dcat:Catalog", "dct:publisher"),
        ("dcat:Dataset", "dct:publisher"),
        ("dcat:DatasetSeries", "dct:publisher"),
        ("dct:LicenseDocument", "dct:type"),
        ("dct:Location", "dcat:bbox"),
        ("dct:Location", "dcat:centroid"),
        ("foaf:Agent", "dct:type"),
    }


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (["dct:title"], ("dcat:Dataset", "dct:title")),
        (["dct:description"], ("dcat:Dataset", "dct:description")),
        (["dcat:distribution", 0, "dcat:accessURL"], ("dcat:Distribution", "dcat:accessURL")),
        (["dcat:distribution", 0, "spdx:checksum", "spdx:algorithm"], ("spdx:Checksum", "spdx:algorithm")),
        (["dcat:distribution", 0, "spdx:checksum", "spdx:checksumValue"], ("spdx:Checksum", "spdx:checksumValue")),
    ],
    ids=lambda value: str(value[-1]),
)
def test_the_shapes_find_what_is_missing(draft: Drafted, path: list[Any], found: tuple[str, str]) -> None:
    document = catalogue(draft)
    node = dataset_of(document)
    for step in path[:-1]:
        node = node[step]
    del node[path[-1]]
    assert shape_findings(graph_of(document, HERE), "Violation") == {found}


def test_the_shapes_find_a_size_that_is_no_number_of_bytes(draft: Drafted) -> None:
    document = catalogue(draft)
    dataset_of(document)["dcat:distribution"][0]["dcat:byteSize"]["@value"] = "-1"
    assert shape_findings(graph_of(document, HERE), "Violation") == {("dcat:Distribution", "dcat:byteSize")}


def test_a_file_is_found_at_its_address_with_size_and_checksum(draft: Drafted) -> None:
    graph = graph_of(catalogue(draft), HERE)
    file = URIRef(f"{ROOT}2030.1/public/cells.csv")
    distribution = graph.value(predicate=DCAT.downloadURL, object=file)
    entry = draft.manifest["files"][0]
    assert (
        int(graph.value(distribution, DCAT.byteSize)) == entry["bytes"] == (draft.folder / "cells.csv").stat().st_size
    )
    assert str(graph.value(graph.value(distribution, SPDX.checksum), SPDX.checksumValue)) == entry["sha256"]
    assert graph.value(distribution, DCAT.mediaType) == URIRef("https://www.iana.org/assignments/media-types/text/csv")
    assert graph.value(distribution, DCT.license) == URIRef("https://creativecommons.org/licenses/by/4.0/")


def test_without_a_base_address_files_lie_beside_the_catalogue(draft: Drafted) -> None:
    def addresses(publisher: Publisher, address: str) -> set[Any]:
        return set(graph_of(catalogue(draft, publisher), address).objects(None, DCAT.downloadURL))

    told = addresses(PUBLISHER, "https://elsewhere.example/dcat.jsonld")
    assert addresses(PUBLISHER.model_copy(update={"base_address": None}), HERE) == told
    assert len(told) == 7


def test_a_wave_is_one_dataset_of_the_series_whatever_its_revision(draft: Drafted) -> None:
    wave, series = URIRef(f"{ROOT}#wave-2030"), URIRef(f"{ROOT}#series")
    for revision in ("2030.1", "2030.2"):
        draft.manifest["release"] = revision
        graph = graph_of(catalogue(draft), HERE)
        assert list(graph.subjects(DCAT.inSeries, series)) == [wave]
        assert graph.value(wave, DCAT.version) == Literal(revision)
        assert graph.value(series, RDF.type) == DCAT.DatasetSeries


def test_a_catalogue_of_several_waves_meets_the_shapes(draft: Drafted) -> None:
    first = draft.describe(audience="public")
    draft.manifest |= {"release": "2031.0", "wave": "2031"}
    second = draft.describe(audience="public")
    graph = graph_of(dcat([first, second], PUBLISHER), HERE)
    assert shape_findings(graph, "Violation") == set()
    assert len(set(graph.subjects(DCAT.inSeries))) == 2
    with pytest.raises(ValueError, match="one release of each wave, not those of: 2030, 2030"):
        dcat([first, first], PUBLISHER)


@pytest.mark.parametrize(("audience", "code"), [("public", "PUBLIC"), ("internal", "NON_PUBLIC")])
def test_access_is_told_by_audience(draft: Drafted, audience: Any, code: str) -> None:
    graph = graph_of(dcat([draft.describe(audience=audience)], PUBLISHER), HERE)
    rights = f"http://publications.europa.eu/resource/authority/access-right/{code}"
    assert list(graph.objects(None, DCT.accessRights)) == [URIRef(rights)]


def test_nothing_is_made_up_where_the_deployment_says_nothing(draft: Drafted) -> None:
    document = catalogue(draft, Publisher())
    assert "foaf:homepage" not in document["@graph"][0]
    assert dataset_of(document)["dcat:contactPoint"] == {
        "@type": "vcard:Kind",
        "vcard:fn": "The city needs warehouse authors",
    }
    assert isinstance(graph_of(document, HERE), Graph)
