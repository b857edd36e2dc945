"""The public cube in SDMX, read back and validated by another's library, and held against the release."""

import json
import math
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from deployments import Deployment
from metadata_cases import Drafted
from pysdmx.errors import Invalid
from pysdmx.io import get_datasets, read_sdmx
from pysdmx.model import Codelist, DataStructureDefinition

from orchestration.release.sdmx import CUBE, DIMENSIONS, LABELS, MEASURES, SDMX_DATA, SDMX_STRUCTURE, write_sdmx


@pytest.fixture(scope="module")
def cube(bundled: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the tables of the public release of 2024 that the cube is made of."""
    folder = tmp_path_factory.mktemp("cube")
    (folder / "gaps").mkdir()
    for name in (CUBE, LABELS):
        (folder / name).write_bytes((bundled.releases / "2024.0" / "public" / name).read_bytes())
    return folder


@pytest.fixture
def written(cube: Path, draft: Drafted) -> Path:
    assert write_sdmx(draft.describe(audience="public"), cube) == (SDMX_DATA, SDMX_STRUCTURE)
    return cube


def test_structure_meets_the_schema_and_names_every_component(written: Path) -> None:
    found = read_sdmx(written / SDMX_STRUCTURE, validate=True)
    (structure,) = [one for one in found.structures if isinstance(one, DataStructureDefinition)]
    assert {one.id for one in structure.components.dimensions} == {*DIMENSIONS, "TIME_PERIOD"}
    assert {one.id for one in structure.components.measures} == {*MEASURES}
    lists = {
        one.id: {code.id: code.name for code in one.items} for one in found.structures if isinstance(one, Codelist)
    }
    assert lists["CL_COHORT"]["NMC"] == "Non-Mission Cities"
    assert lists["CL_CONF_STATUS"].keys() == {"F", "C"}


def test_every_observation_is_the_release_s_and_hidden_ones_are_confidential(written: Path) -> None:
    (dataset,) = get_datasets(written / SDMX_DATA, written / SDMX_STRUCTURE, validate=True)
    found, released = dataset.data, pq.read_table(written / CUBE).to_pandas()
    assert len(found) == len(released) == len(found.drop_duplicates([*DIMENSIONS, "TIME_PERIOD"]))
    for name, column in MEASURES.items():
        one, other = (series.to_numpy("float64", na_value=math.nan) for series in (found[name], released[column]))
        np.testing.assert_array_equal(one, other)
    hidden = found[found["CONF_STATUS"] == "C"]
    assert 0 < len(hidden) < len(found)
    assert hidden["N"].isna().all()
    assert (found["CONF_STATUS"].to_numpy() == released["conf_status"].to_numpy()).all()


def test_every_code_of_an_observation_is_in_its_list(written: Path) -> None:
    lists = {one.id: one for one in read_sdmx(written / SDMX_STRUCTURE).structures if isinstance(one, Codelist)}
    (dataset,) = read_sdmx(written / SDMX_DATA).data
    for name in (*DIMENSIONS, "OBS_STATUS", "CONF_STATUS"):
        assert set(dataset.data[name]) <= {code.id for code in lists[f"CL_{name}"].items}, name


def test_the_same_cube_makes_the_same_bytes(written: Path, draft: Drafted) -> None:
    before = [(written / name).read_bytes() for name in (SDMX_DATA, SDMX_STRUCTURE)]
    write_sdmx(draft.describe(audience="public"), written)
    assert [(written / name).read_bytes() for name in (SDMX_DATA, SDMX_STRUCTURE)] == before


def test_a_structure_that_breaks_the_standard_is_noticed(written: Path, tmp_path: Path) -> None:
    broken = tmp_path / SDMX_STRUCTURE
    broken.write_text((written / SDMX_STRUCTURE).read_text().replace('<str:Code id="NMC"', '<str:Code id="N+MC"'))
    with pytest.raises(Invalid, match="pattern"):
        read_sdmx(broken, validate=True)


def test_a_release_without_a_cube_has_none_and_a_public_one_lists_its_own(
    draft: Drafted, refreshed: Deployment
) -> None:
    assert write_sdmx(draft.describe(audience="public"), draft.folder / "none") == ()
    release = refreshed.releases / "2030.0"
    assert not list((release / "internal").glob("sdmx*"))
    resources = json.loads((release / "public" / "datapackage.json").read_text())["resources"]
    assert {SDMX_DATA, SDMX_STRUCTURE} <= {resource["path"] for resource in resources}
    checksums = (release / "public" / "SHA256SUMS").read_text()
    assert all(f"  {name}\n" in checksums for name in (SDMX_DATA, SDMX_STRUCTURE))
