"""How a release is cited: `CITATION.cff` (Citation File Format 1.2.0).

Not here: what is described (description.py).
"""

from __future__ import annotations

from typing import Any

from orchestration.release.description import LICENCE_ADDRESSES, Release, Source

CITATION = "CITATION.cff"
MESSAGE = "Please cite this release of the data, with its number."


def release_address(release: Release) -> str | None:
    """Where the release can be read; None where the deployment has no address."""
    base = release.publisher.base_address
    return f"{base}{release.folder}/" if base else None


def citation_file(release: Release) -> str:
    """Text of `CITATION.cff`: the release, and the rounds it draws on as references."""
    import yaml

    optional = {
        "date-released": release.issued.isoformat() if release.issued else None,
        "license": release.licence,
        "license-url": LICENCE_ADDRESSES[release.licence] if release.licence else None,
        "url": release_address(release) or release.publisher.homepage,
    }
    entries = {
        "cff-version": "1.2.0",
        "message": MESSAGE,
        "type": "dataset",
        "title": release.title,
        "abstract": release.description,
        "version": release.name,
        "authors": [{"name": release.publisher.name}],
        **{name: value for name, value in optional.items() if value},
        "keywords": list(release.publisher.keywords),
        "references": [_reference(source) for source in release.sources],
    }
    return yaml.safe_dump(entries, sort_keys=False, allow_unicode=True, width=120)


def _reference(source: Source) -> dict[str, Any]:
    year = {"year": source.fieldwork_end.year} if source.fieldwork_end else {}
    return {
        "type": "dataset",
        "title": source.title,
        "authors": [{"name": source.producer}],
        **year,
        "version": source.version,
        "notes": source.citation,
    }
