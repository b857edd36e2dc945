"""The minute of the soak that runs each time; `make soak` is the long one."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from deployments import Deployment
from soak import MOST_PROCESSES, STAGES, Outcome, Soak, counting_processes, killed, reading, reading_of, show


@pytest.fixture(scope="module")
def tried(another_mini: Callable[..., Deployment], tmp_path_factory: pytest.TempPathFactory) -> Soak:
    return Soak(another_mini(is_refreshed=True), tmp_path_factory.mktemp("soak"))


def test_killed_refreshes_lose_nothing_and_the_next_one_mends_them_under_the_eyes_of_readers(
    tried: Soak, capsys: pytest.CaptureFixture[str]
) -> None:
    """Killed within a stage, then before the last one; readers see the old warehouse until they see the new one."""
    with counting_processes() as most, tried.changed("killed") as deployment:
        stage = killed(deployment, None, 0.6 * tried.seconds)
        outcomes = [Outcome(stage, "within", tried.look(deployment))]
        killed(deployment, STAGES[-1], 0)
        left = tried.look(deployment)
        with reading(deployment.settings.served_database, MOST_PROCESSES - 1) as found:
            outcomes.append(Outcome(STAGES[-1], "boundary", left or tried.mend(deployment)))
    seen = reading_of(found, {repr(tried.old.rows), repr(tried.new.rows)})
    with capsys.disabled():
        print()
        show(seen, outcomes, most[0])
    assert [outcome.trouble for outcome in outcomes] == ["", ""]
    assert (seen.errors, seen.broken) == ([], 0)
    assert seen.reads > 4
    assert 1 < most[0] <= MOST_PROCESSES


def test_a_loss_would_be_found(tried: Soak) -> None:
    other = {**tried.old.releases, "2030.0/internal/manifest.json": b"another"}
    with tried.changed("lost") as deployment:
        assert tried.look(deployment) == ""
        lost, tried.old = tried.old, replace(tried.old, releases=other)
        assert tried.look(deployment) == "the releases are neither the old nor the new ones"
        tried.old = replace(lost, rows={})
        assert tried.look(deployment) == "the served warehouse is neither the old nor the new one"
        tried.old = lost
