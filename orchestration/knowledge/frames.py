"""Coding frames: which choices the open answers of a round may be coded as.

Here: the frame of a question is the scales of the items that `item_sources.csv` codes from it. Not here: codings
(rounds/codings.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from orchestration.knowledge.rows.base import Row
from orchestration.knowledge.rows.items import CODED, Item, ItemSource, ScaleChoice
from orchestration.rounds.codings import Frame

FRAME_SEEDS: Mapping[str, type[Row]] = {"items": Item, "item_sources": ItemSource, "scales": ScaleChoice}


def coding_frames(rows: Mapping[str, Iterable[Row]], instrument: str, round_name: str) -> dict[str, Frame]:
    """The frame of each question of a round that an item is coded from, by question, of the rows of FRAME_SEEDS."""
    items = {row.item_code: row for row in rows["items"] if isinstance(row, Item)}
    scales = [row for row in rows["scales"] if isinstance(row, ScaleChoice)]
    frames: dict[str, Frame] = {}
    for source in rows["item_sources"]:
        if not isinstance(source, ItemSource) or source.method != CODED or source.item_code not in items:
            continue
        if (source.instrument, source.round) == (instrument, round_name):
            item = items[source.item_code]
            labels = {row.choice_code: row.label for row in scales if row.scale_code == item.scale_code}
            frames[source.question_code] = Frame(labels, item.kind == "single")
    return frames
