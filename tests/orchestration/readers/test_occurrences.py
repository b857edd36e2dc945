from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.readers.occurrences import Occurrences

BLOCKS = st.lists(st.lists(st.sampled_from([f"r{n}" for n in range(12)])), max_size=12)


def _counted(blocks: list[list[str]]) -> list[list[int]]:
    seen: Counter[str] = Counter()
    numbers = []
    for block in blocks:
        numbers.append([])
        for text in block:
            seen[text] += 1
            numbers[-1].append(seen[text])
    return numbers


@settings(derandomize=True, deadline=None)
@given(BLOCKS)
def test_each_text_is_numbered_over_all_blocks(blocks: list[list[str]]) -> None:
    occurrences = Occurrences()
    assert [occurrences.numbers(block).tolist() for block in blocks] == _counted(blocks)


def test_texts_whose_first_hashes_are_the_same_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    import builtins

    from orchestration.readers import occurrences as module

    monkeypatch.setattr(
        module, "hash", lambda text: builtins.hash(text) if text.endswith("\0") else len(text), raising=False
    )
    occurrences = Occurrences()
    blocks = [["aa", "bb"], ["cc", "aa", "b"], ["bb", "aa", "dd"]]
    assert [occurrences.numbers(block).tolist() for block in blocks] == _counted(blocks)


def test_ids_take_16_bytes_each() -> None:
    import tracemalloc

    occurrences = Occurrences()
    tracemalloc.start()
    for start in range(0, 400_000, 20_000):
        assert occurrences.numbers([f"{n}" for n in range(start, start + 20_000)]).max() == 1
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 400_000 * 20
