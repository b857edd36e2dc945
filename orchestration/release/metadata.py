"""Writing the metadata files of a release: the same bytes for the same description.

Not here: what stands in each (dictionary.py, datapackage.py, dcat.py, csvw.py, citation.py).
"""

from __future__ import annotations

from pathlib import Path

from orchestration.common.whole_file import write_json, write_whole
from orchestration.release.citation import CITATION, citation_file
from orchestration.release.csvw import CSVW, csvw
from orchestration.release.datapackage import DATAPACKAGE, datapackage
from orchestration.release.dcat import DCAT, dcat
from orchestration.release.description import Release
from orchestration.release.dictionary import DICTIONARY, write_dictionary

METADATA_FILES = (DICTIONARY, DATAPACKAGE, DCAT, CSVW, CITATION)


def write_metadata(release: Release, folder: Path) -> tuple[Path, ...]:
    """Write all metadata files into the folder of the release; their paths."""
    write_dictionary(release, folder / DICTIONARY)
    write_json(folder / DATAPACKAGE, datapackage(release))
    write_json(folder / DCAT, dcat([release], release.publisher))
    write_json(folder / CSVW, csvw(release))
    write_whole(folder / CITATION, citation_file(release))
    return tuple(folder / name for name in METADATA_FILES)
