"""The minute of the soak that runs each time; `make soak` is the long one."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from deployments import Deployment
from soak import Soak, killed, reading, reading_of


@pytest.fixture(scope="module")
def tried(another_mini: Callable[..., Deployment], tmp_path_factory: pytest.TempPathFactory) -> Soak:
    return Soak(another_mini(is_refreshed=True), tmp_path_factory.mktemp("soak"))


def test_killed_refreshes_lose_nothing_and_the_next_one_mends_them_under_the_eyes_of_readers(tried: Soak) -> None:
    """Killed within a stage, then before the last one; readers see the old warehouse until they see the new one."""
    with tried.changed("killed") as deployment:
        killed(deployment, None, 0.6 * tried.seconds)
        assert tried.look(deployment) == ""
        killed(deployment, "put the warehouse in place", 0)
        assert tried.look(deployment) == ""
        with reading(deployment.settings.served_database, readers=2) as found:
            assert tried.mend(deployment) == ""
    seen = reading_of(found, {repr(tried.old.rows), repr(tried.new.rows)})
    assert (seen.errors, seen.broken) == ([], 0)
    assert seen.reads > 4


def test_a_loss_would_be_found(tried: Soak) -> None:
    other = {**tried.old.releases, "2030.0/internal/manifest.json": b"another"}
    with tried.changed("lost") as deployment:
        assert tried.look(deployment) == ""
        lost, tried.old = tried.old, replace(tried.old, releases=other)
        assert tried.look(deployment) == "the releases are neither the old nor the new ones"
        tried.old = replace(lost, rows={})
        assert tried.look(deployment) == "the served warehouse is neither the old nor the new one"
        tried.old = lost
