"""How a release is cited."""

from datetime import date

import yaml
from metadata_cases import Drafted, source

from orchestration.release.citation import citation_file
from orchestration.settings import Publisher


def test_year_is_that_of_the_fieldwork_where_no_day_is_given(draft: Drafted) -> None:
    assert draft.describe(Publisher()).year == 2030
    assert draft.describe(issued=date(2031, 1, 15)).year == 2031
    draft.manifest["sources"] = [source(fieldwork_start=None, fieldwork_end=None)]
    assert draft.describe(Publisher()).year is None


def test_citation_file_has_the_release_and_its_sources(draft: Drafted) -> None:
    release = draft.describe(audience="public", issued=date(2031, 1, 15))
    assert yaml.safe_load(citation_file(release)) == {
        "cff-version": "1.2.0",
        "message": "Please cite this release of the data, with its number.",
        "type": "dataset",
        "title": "City needs: Wave 2030, release 2030.1",
        "abstract": release.description,
        "version": "2030.1",
        "authors": [{"name": "Office of Cities"}],
        "date-released": "2031-01-15",
        "license": "CC-BY-4.0",
        "license-url": "https://creativecommons.org/licenses/by/4.0/",
        "url": "https://data.cities.example/releases/2030.1/public/",
        "keywords": ["cities", "needs", "survey"],
        "references": [
            {
                "type": "dataset",
                "title": "Pulse survey, 2030",
                "authors": [{"name": "Bureau of Cities"}],
                "year": 2030,
                "version": "2030",
                "notes": "Bureau of Cities (2030): Pulse survey.",
            }
        ],
    }


def test_what_is_not_known_is_left_out(draft: Drafted) -> None:
    draft.manifest["sources"] = [source(licence="Terms of the portal", fieldwork_end=None)]
    entries = yaml.safe_load(citation_file(draft.describe(Publisher())))
    assert not {"date-released", "license", "license-url", "url"} & set(entries)
    assert "year" not in entries["references"][0]
