"""Patterns of several waves are found in processes of their own, and are those that each draft would find alone."""

import multiprocessing
import os

import pytest
from deployments import Deployment

from orchestration.deployment.ahead import PatternsAhead
from orchestration.release.disclosure import find_pattern

pytestmark = pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="on one core nothing is found ahead")

WAVE, OTHER_WAVE = "2030", "1999"


def test_a_pattern_found_ahead_is_the_one_that_the_draft_would_find_alone(refreshed: Deployment) -> None:
    settings = refreshed.settings
    ahead = PatternsAhead(settings)
    with ahead.hold_processes(2):
        ahead.begin([WAVE, OTHER_WAVE])
        found = ahead.find(WAVE)
        again = ahead.find(WAVE)
    assert found is not None
    assert [folder.parent.name for folder in found.earlier] == ["2030.0"]
    assert found.pattern == find_pattern(settings.checked_database, WAVE, settings.disclosure, found.earlier)
    assert again is None


def test_where_its_process_is_killed_nothing_is_found_ahead(refreshed: Deployment) -> None:
    ahead = PatternsAhead(refreshed.settings)
    with ahead.hold_processes(2):
        ahead.begin([WAVE, OTHER_WAVE])
        for process in multiprocessing.active_children():
            process.kill()
        assert ahead.find(WAVE) is None


def test_no_process_is_left_when_a_draft_fails(refreshed: Deployment) -> None:
    ahead = PatternsAhead(refreshed.settings)
    with pytest.raises(KeyboardInterrupt), ahead.hold_processes(2):
        ahead.begin([WAVE, OTHER_WAVE])
        assert multiprocessing.active_children()
        raise KeyboardInterrupt
    assert not multiprocessing.active_children()


def test_of_one_wave_nothing_is_found_ahead(refreshed: Deployment) -> None:
    ahead = PatternsAhead(refreshed.settings)
    with ahead.hold_processes(1):
        ahead.begin([WAVE])
        assert not multiprocessing.active_children()
        assert ahead.find(WAVE) is None
