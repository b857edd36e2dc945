"""Fixtures of tests that plant a fault in a built database and ask dbt's tests for it."""

import shutil

import pytest
from deployments import Deployment


@pytest.fixture
def built(refreshed: Deployment) -> Deployment:
    """The small deployment with its database where dbt looks for it."""
    refreshed.settings.build_database.write_bytes(refreshed.settings.served_database.read_bytes())
    return refreshed


@pytest.fixture(scope="session")
def workshop(bundled: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """A copy of the bundled deployment, with dbt's parse of the project, to damage."""
    folder = tmp_path_factory.mktemp("workshop")
    deployment = Deployment(bundled.seeds, folder / "data", folder / "releases")
    shutil.copytree(bundled.settings.dbt_target, deployment.settings.dbt_target)
    deployment.settings.build_database.parent.mkdir(parents=True)
    return deployment
