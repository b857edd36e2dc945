"""The minute of the soak that runs each time; `make soak` is the long one."""

from pathlib import Path

import pytest
from deployments import Deployment
from soak import Soak


@pytest.fixture
def tried(refreshed: Deployment, tmp_path: Path) -> Soak:
    return Soak(refreshed, tmp_path)


def test_killed_refreshes_lose_nothing_and_the_next_one_mends_them(tried: Soak) -> None:
    before_serving = tried.trial(0, "put the warehouse in place", 0)
    within = tried.trial(1, None, 0.6 * tried.seconds)
    assert (before_serving.trouble, within.trouble) == ("", "")
    reading = tried.read_on(readers=4, refreshes=1)
    assert (reading.errors, reading.broken, reading.seen) == ([], 0, 2)
    assert reading.reads > 20


def test_a_loss_would_be_found(tried: Soak) -> None:
    tried.old.releases["2030.0/manifest.json"] = b"another"
    assert tried.trial(0, "build the warehouse", 0).trouble == "the releases are neither the old nor the new ones"
