"""Whatever a caller already has is passed down: nothing is loaded or hashed twice."""

import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from deployments import Deployment

from orchestration.common import strict_csv
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


def test_a_refresh_loads_each_seed_and_hashes_each_extract_once(
    mini: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = counted(monkeypatch, strict_csv, "_decode", Path)
    cards = counted(monkeypatch, card, "_read_yaml", Path)
    hashed = counted(monkeypatch, parts, "blocks_of", lambda file: Path(f"/dev/fd/{file.fileno()}").resolve())
    read = counted(monkeypatch, Path, "read_bytes", Path)
    judged = counted(monkeypatch, landing, "read_submissions", Path)
    mini.refresh()
    of_the_round = mini.seeds / "rounds" / "pulse" / "2030"
    extract = of_the_round / "extract.csv"
    # Limits of links that the deployment does not have are the project's.
    limits = PROJECT_ROOT / "seeds" / "thresholds.csv"
    codebook = (of_the_round / "questions.csv", of_the_round / "choices.csv")
    assert loaded == Counter([*mini.seeds.glob("*.csv"), *codebook, limits])
    assert cards == Counter([of_the_round / "round.yml"])
    assert hashed == Counter([extract])
    assert read[extract] == 0
    assert set(judged.values()) == {1}


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
