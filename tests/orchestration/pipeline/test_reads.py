"""What a refresh reads, and tells on the way. Whatever a caller already has is passed down: nothing is read twice."""

import re
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from deployments import Deployment

from orchestration.common import strict_csv
from orchestration.common.progress import listen
from orchestration.deployment.waves import publish_wave
from orchestration.extracts import parts
from orchestration.landing import landing
from orchestration.release import manifest, store
from orchestration.rounds import card
from orchestration.settings import PROJECT_ROOT
from orchestration.warehouse.manifest import read_manifest


def counted(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, key: Callable[[Any], object]) -> Counter[object]:
    """How often a function of a module is called with what, from now on."""
    calls: Counter[object] = Counter()
    function = getattr(module, name)

    def counting(first: Any, *others: Any) -> Any:
        calls[key(first)] += 1
        return function(first, *others)

    monkeypatch.setattr(module, name, counting)
    return calls


@dataclass
class Watched:
    """A refresh: how often it called what with what, and what it told on the way."""

    seeds: Path
    loaded: Counter[object]
    cards: Counter[object]
    hashed: Counter[object]
    read: Counter[object]
    judged: Counter[object]
    told: list[str] = field(default_factory=list)


def watch(deployment: Deployment) -> Watched:
    """A refresh of a deployment, watched."""
    with pytest.MonkeyPatch.context() as patch:
        found = Watched(
            deployment.seeds,
            loaded=counted(patch, strict_csv, "_decode", Path),
            cards=counted(patch, card, "_read_yaml", Path),
            hashed=counted(patch, parts, "blocks_of", lambda file: Path(f"/dev/fd/{file.fileno()}").resolve()),
            read=counted(patch, Path, "read_bytes", Path),
            judged=counted(patch, landing, "read_submissions", Path),
        )
        with listen(found.told.append):
            deployment.refresh()
    return found


@pytest.fixture(scope="module")
def watched(another_mini: Callable[..., Deployment]) -> Watched:
    """The first refresh of a small deployment."""
    return watch(another_mini())


def test_how_far_a_refresh_has_come_is_told_by_what_it_does(watched: Watched) -> None:
    assert "8 rows" in watched.told
    counts = [re.fullmatch(r"(\d+) of (\d+) models and tests", far) for far in watched.told]
    (last,) = {match[0] for match in counts if match and match[1] == match[2]}
    assert last


def assert_each_was_read_once(watched: Watched) -> None:
    of_the_round = watched.seeds / "rounds" / "pulse" / "2030"
    extract = of_the_round / "extract.csv"
    # Limits of links that the deployment does not have are the project's.
    limits = PROJECT_ROOT / "seeds" / "thresholds.csv"
    codebook = (of_the_round / "questions.csv", of_the_round / "choices.csv")
    assert watched.loaded == Counter([*watched.seeds.glob("*.csv"), *codebook, limits])
    assert watched.cards == Counter([of_the_round / "round.yml"])
    assert watched.hashed == Counter([extract])
    assert watched.read[extract] == 0
    assert set(watched.judged.values()) == {1}


def test_a_refresh_loads_each_seed_and_hashes_each_extract_once(watched: Watched) -> None:
    assert_each_was_read_once(watched)


def test_so_does_a_refresh_of_another_extract_and_of_known_seeds(refreshed: Deployment) -> None:
    with (refreshed.seeds / "rounds" / "pulse" / "2030" / "extract.csv").open("a", encoding="utf-8") as extract:
        extract.write("\n")
    assert_each_was_read_once(watch(refreshed))


def test_where_nothing_changed_cards_and_extracts_are_all_that_is_read(refreshed: Deployment) -> None:
    found = watch(refreshed)
    of_the_round = refreshed.seeds / "rounds" / "pulse" / "2030"
    assert (found.loaded, found.cards) == (Counter(), Counter([of_the_round / "round.yml"]))
    assert found.hashed == Counter([of_the_round / "extract.csv"])


def test_publishing_hashes_each_file_of_a_release_once(refreshed: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.rmtree(refreshed.releases)
    hashed = counted(monkeypatch, manifest, "file_sha256", Path)
    monkeypatch.setattr(store, "file_sha256", manifest.file_sha256)
    read = counted(monkeypatch, store, "_digest", str)
    release = publish_wave(refreshed.settings, "2030", read_manifest(refreshed.settings.dbt_target))
    draft, published = refreshed.settings.drafts / "2030", Path(release.address)
    files = {path.relative_to(published) for path in published.rglob("*") if path.is_file()}
    assert hashed == Counter(draft / path for path in files if path.name != "SHA256SUMS")
    assert not read
