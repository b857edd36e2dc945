"""`dcat.jsonld` of releases: a DCAT-AP 3.0.1 catalogue with one dataset series and one dataset a wave.

Without a base address of the deployment, addresses are relative to the file, as JSON-LD allows. Terms of the EU
authority tables are named in the file itself, so that it can be checked without a network. Not here: what is described
(description.py). Standard: https://semiceu.github.io/DCAT-AP/releases/3.0.1/
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from orchestration.release.description import LICENCE_ADDRESSES, File, Release, leave_out_unknown
from orchestration.release.draft import Audience
from orchestration.settings import Publisher

DCAT = "dcat.jsonld"
Node = dict[str, Any]

CONTEXT = Path(__file__).with_name("dcat_context.jsonld")
AUTHORITY = "http://publications.europa.eu/resource/authority/"
MEDIA_TYPE_REGISTER = "https://www.iana.org/assignments/media-types/"
# The shapes of DCAT-AP ask for https, other than SPDX's own name for it.
SHA256 = "https://spdx.org/rdf/terms#checksumAlgorithm_sha256"
# Codes of the EU authority table `file-type`, which has none for Markdown.
FILE_TYPES = {".csv": "CSV", ".parquet": "PARQUET", ".xlsx": "XLSX", ".xml": "XML", ".md": "TXT"}
ACCESS_RIGHTS: dict[Audience, str] = {"public": "PUBLIC", "internal": "NON_PUBLIC"}
LANGUAGE, LANGUAGE_TAG = "ENG", "en"


def dcat(releases: Sequence[Release], publisher: Publisher) -> Node:
    """Catalogue of the given releases, one of each wave, as JSON-LD.

    Relative addresses suit a file in the folder of the first release. Raises ValueError for no release, or for two of
    the same wave.
    """
    waves = [release.wave for release in releases]
    if not waves or len(set(waves)) < len(waves):
        raise ValueError(f"a catalogue holds one release of each wave, not those of: {', '.join(waves) or 'none'}")
    root = publisher.base_address or "../" * (releases[0].folder.count("/") + 1)
    datasets = [_dataset(root, release, publisher) for release in releases]
    homepage = publisher.homepage
    catalogue = {
        "@id": f"{root}#catalogue",
        "@type": "dcat:Catalog",
        "dct:title": _text(publisher.series_title),
        "dct:description": _text(publisher.series_description),
        "dct:language": _term("language", LANGUAGE, "dct:LinguisticSystem"),
        "dcat:themeTaxonomy": {
            "@id": f"{AUTHORITY}data-theme",
            "@type": "skos:ConceptScheme",
            "dct:title": _text("Data theme"),
        },
        **_about(publisher),
        "foaf:homepage": {"@id": homepage, "@type": "foaf:Document"} if homepage else None,
        "dcat:dataset": [{"@id": dataset["@id"]} for dataset in datasets],
    }
    return {
        "@context": json.loads(CONTEXT.read_text(encoding="utf-8")),
        "@graph": [leave_out_unknown(catalogue), _series(root, publisher), *datasets],
    }


def _series(root: str, publisher: Publisher) -> Node:
    return {
        "@id": f"{root}#series",
        "@type": "dcat:DatasetSeries",
        "dct:title": _text(publisher.series_title),
        "dct:description": _text(publisher.series_description),
        "dct:accrualPeriodicity": _term("frequency", "ANNUAL", "dct:Frequency"),
        **_about(publisher),
        **_contact(publisher),
    }


def _dataset(root: str, release: Release, publisher: Publisher) -> Node:
    rights = release.audience and _term("access-right", ACCESS_RIGHTS[release.audience], "dct:RightsStatement")
    entries = {
        "@id": f"{root}#wave-{release.wave}",
        "@type": "dcat:Dataset",
        "dct:title": _text(release.title),
        "dct:description": _text(release.description),
        "dct:identifier": release.folder,
        "dcat:version": release.name,
        "dct:issued": _day(release.issued),
        "dct:temporal": _period(release),
        "dct:accessRights": rights,
        **_about(publisher),
        **_contact(publisher),
        "dct:language": _term("language", LANGUAGE, "dct:LinguisticSystem"),
        "dcat:theme": [_concept("data-theme", code) for code in publisher.themes],
        "dcat:keyword": [_text(keyword) for keyword in publisher.keywords],
        "dct:provenance": [_statement("dct:ProvenanceStatement", source.citation) for source in release.sources],
        "dcat:inSeries": {"@id": f"{root}#series"},
        "dcat:distribution": [_distribution(root, release, file) for file in release.files],
    }
    return leave_out_unknown(entries)


def _distribution(root: str, release: Release, file: File) -> Node:
    address = f"{root}{release.folder}/{file.path}"
    return {
        "@id": f"{root}#{release.folder}/{file.path}",
        "@type": "dcat:Distribution",
        "dct:title": _text(f"{file.title} ({file.ending.removeprefix('.')})"),
        "dct:description": _text(file.description),
        "dcat:accessURL": {"@id": address},
        "dcat:downloadURL": {"@id": address},
        "dct:format": _term("file-type", FILE_TYPES[file.ending], "dct:MediaTypeOrExtent"),
        "dcat:mediaType": {"@id": f"{MEDIA_TYPE_REGISTER}{file.media_type}", "@type": "dct:MediaType"},
        "dcat:byteSize": _make_literal(str(file.bytes), "nonNegativeInteger"),
        "spdx:checksum": {
            "@type": "spdx:Checksum",
            "spdx:algorithm": {"@id": SHA256, "@type": "spdx:ChecksumAlgorithm"},
            "spdx:checksumValue": _make_literal(file.sha256, "hexBinary"),
        },
        "dct:language": {"@id": f"{AUTHORITY}language/{LANGUAGE}"},
        "dcatap:availability": _concept("planned-availability", "STABLE"),
        **_licence(release),
    }


def _licence(release: Release) -> Node:
    """The licence of the release; where its sources do not share one, or it is internal, the terms in words."""
    if release.licence:
        return {"dct:license": {"@id": LICENCE_ADDRESSES[release.licence], "@type": "dct:LicenseDocument"}}
    terms = "; ".join(release.licences)
    words = terms if release.audience == "internal" else f"Terms of the sources: {terms}"
    return {"dct:rights": _statement("dct:RightsStatement", words)}


def _about(publisher: Publisher) -> Node:
    agent = {
        "@type": "foaf:Agent",
        "foaf:name": publisher.name,
        "@id": f"{publisher.homepage}#publisher" if publisher.homepage else None,
    }
    place = publisher.continent and _term("continent", publisher.continent, "dct:Location")
    return leave_out_unknown({"dct:publisher": leave_out_unknown(agent), "dct:spatial": place})


def _contact(publisher: Publisher) -> Node:
    """Contact point: the person or desk where one is given, else the publisher by name."""
    entries = {
        "@type": "vcard:Kind",
        "vcard:fn": publisher.contact_name or publisher.name,
        "vcard:hasEmail": {"@id": f"mailto:{publisher.contact_email}"} if publisher.contact_email else None,
        "vcard:hasURL": {"@id": publisher.homepage} if publisher.homepage else None,
    }
    return {"dcat:contactPoint": leave_out_unknown(entries)}


def _period(release: Release) -> Node | None:
    first, last = map(_day, release.fieldwork)
    entries = {"@type": "dct:PeriodOfTime", "dcat:startDate": first, "dcat:endDate": last}
    return leave_out_unknown(entries) if first or last else None


def _term(table: str, code: str, kind: str) -> Node:
    return {"@id": f"{AUTHORITY}{table}/{code}", "@type": kind, "skos:inScheme": {"@id": f"{AUTHORITY}{table}"}}


def _concept(table: str, code: str) -> Node:
    return {**_term(table, code, "skos:Concept"), "skos:prefLabel": code}


def _statement(kind: str, text: str) -> Node:
    return {"@type": kind, "rdfs:label": _text(text)}


def _text(text: str) -> Node:
    return {"@value": text, "@language": LANGUAGE_TAG}


def _day(day: date | None) -> Node | None:
    return _make_literal(day.isoformat(), "date") if day else None


def _make_literal(value: str, kind: str) -> Node:
    return {"@value": value, "@type": f"xsd:{kind}"}
