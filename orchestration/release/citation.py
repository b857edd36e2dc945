"""How a release is cited: `CITATION.cff` (Citation File Format 1.2.0).

Not here: what is described (description.py).
"""

from __future__ import annotations

from typing import Any

from orchestration.release.description import LICENCE_ADDRESSES, Release, Source, leave_out_unknown

CITATION = "CITATION.cff"
MESSAGE = "Please cite this release of the data, with its number."


def citation_file(release: Release) -> str:
    """Text of `CITATION.cff`: the release, and the rounds it draws on as references."""
    import yaml

    publisher = release.publisher
    entries = {
        "cff-version": "1.2.0",
        "message": MESSAGE,
        "type": "dataset",
        "title": release.title,
        "abstract": release.description,
        "version": release.name,
        "authors": [{"name": publisher.name}],
        "date-released": release.issued.isoformat() if release.issued else None,
        "license": release.licence,
        "license-url": LICENCE_ADDRESSES[release.licence] if release.licence else None,
        # Where the release can be read, if the deployment has an address.
        "url": f"{publisher.base_address}{release.folder}/" if publisher.base_address else publisher.homepage,
        "keywords": list(publisher.keywords),
        "references": [_reference(source) for source in release.sources],
    }
    return yaml.safe_dump(leave_out_unknown(entries), sort_keys=False, allow_unicode=True, width=120)


def _reference(source: Source) -> dict[str, Any]:
    entries = {
        "type": "dataset",
        "title": source.title,
        "authors": [{"name": source.producer}],
        "year": source.fieldwork_end.year if source.fieldwork_end else None,
        "version": source.version,
        "notes": source.citation,
    }
    return leave_out_unknown(entries)
