"""`needs round confirm`: marks crosswalk rows as confirmed and writes the rows of the seeds that follow from them.

An item that a question of the earlier round feeds is fed by its partner where the verdict is same or reworded. What
cannot follow by itself is told, not written. Here: item_sources.csv, choice_maps.csv, wave_rounds.csv, and countries in
scales.csv. Not here: the crosswalk's rules (rounds/crosswalk.py), items and other scales, which are a person's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from orchestration.common.decisions import Decision, decide
from orchestration.common.problems import Problem, shown_path, suggest
from orchestration.common.text import clean_label
from orchestration.knowledge.load import load_seed, load_waves
from orchestration.knowledge.rows.cohorts import WaveRound
from orchestration.knowledge.rows.items import ChoiceMapping, Item, ItemSource, ScaleChoice
from orchestration.onboarding.additions import Additions, next_rank
from orchestration.onboarding.inherit import NEAR_LABEL
from orchestration.onboarding.matching import SAME_TEXT
from orchestration.rounds.card import RoundCard, load_round
from orchestration.rounds.codebook import Choice, Codebook, load_codebook
from orchestration.rounds.crosswalk import (
    CROSSWALK,
    Crosswalk,
    CrosswalkError,
    CrosswalkRow,
    crosswalk_text,
    earlier_rounds,
    load_crosswalk,
    round_problems,
    text_score,
)

MAP_METHODS = ("map", "combine", "count")


@dataclass(frozen=True)
class Confirmed:
    """What a confirmation did: rows confirmed now and still open, lines added to seeds, and what a person decides."""

    confirmed: tuple[str, ...]
    open: tuple[str, ...]
    added: tuple[tuple[str, str], ...]
    to_decide: tuple[str, ...]


@dataclass(frozen=True)
class _Round:
    """A round with its instrument's rounds before it, their codebooks, and its crosswalk if it has one."""

    card: RoundCard
    cards: tuple[RoundCard, ...]
    codebooks: Mapping[str, Codebook]
    crosswalk: Crosswalk | None

    @property
    def codebook(self) -> Codebook:
        return self.codebooks[self.card.key]


def confirm_round(
    seeds: Path, name: str, codes: Sequence[str] = (), *, take_all: bool = False, wave: str | None = None
) -> Confirmed:
    """Confirm rows of the crosswalk of `instrument/round` by question code, or all, and write what follows.

    Raises CrosswalkError for a crosswalk at odds with the codebooks, CodebookError or KnowledgeError for other files.
    """
    with decide(seeds) as decision:
        return _confirm_round(decision, name, codes, take_all=take_all, wave=wave)


def _confirm_round(
    decision: Decision, name: str, codes: Sequence[str], *, take_all: bool, wave: str | None
) -> Confirmed:
    seeds = decision.root
    found = load_one_round(seeds, name)
    problems = round_problems(found.card, found.cards, found.codebooks, are_confirmed=False)
    problems += wave_problems(seeds, wave, found.card)
    rows = found.crosswalk.rows if found.crosswalk else ()
    problems += _unknown_codes(found, codes)
    if problems:
        raise CrosswalkError(problems)
    marked = tuple(replace(row, is_confirmed=row.is_confirmed or take_all or _code(row) in codes) for row in rows)
    if found.crosswalk is not None and marked != rows:
        decision.write(found.crosswalk.path, crosswalk_text(marked))
    additions = Additions(decision)
    to_decide = _add_sources(additions, found, [row for row in marked if row.is_confirmed])
    is_open = not all(row.is_confirmed for row in marked)
    if wave is not None:
        _add_wave(additions, found.card, wave)
    return Confirmed(
        confirmed=tuple(_code(row) for row, old in zip(marked, rows, strict=True) if row != old),
        open=tuple(_code(row) for row in marked if not row.is_confirmed),
        added=tuple(additions.lines),
        to_decide=(*to_decide, *([] if is_open else _ended_items(seeds, found))),
    )


def load_one_round(seeds: Path, name: str) -> _Round:
    """A round by `instrument/round` or `instrument.round`, with the rounds of its instrument.

    Raises CrosswalkError if there is none.
    """
    name = name if "/" in name else name.replace(".", "/", 1)
    folder = seeds / "rounds" / name
    if name.count("/") != 1 or not (folder / "round.yml").exists():
        names = sorted("/".join(path.parts[-3:-1]) for path in (seeds / "rounds").glob("*/*/round.yml"))
        remedy = suggest(
            name, names, "run `needs round new` first: there is no round here, or NEEDS_SEEDS is another one"
        )
        raise CrosswalkError([Problem(shown_path(seeds / "rounds"), f"there is no round {name!r}", remedy)])
    cards = tuple(load_round(path) for path in sorted(folder.parent.glob("*/round.yml")))
    card = next(card for card in cards if card.round == folder.name)
    path = folder / CROSSWALK
    return _Round(
        card,
        cards,
        {other.key: load_codebook(other.folder) for other in cards},
        load_crosswalk(path) if path.exists() else None,
    )


def _code(row: CrosswalkRow) -> str:
    """By what a row is named: its question, or the dropped one."""
    return row.question_code or row.earlier_code


def _unknown_codes(found: _Round, codes: Iterable[str]) -> list[Problem]:
    known = [_code(row) for row in found.crosswalk.rows] if found.crosswalk else []
    file = shown_path(found.card.folder / CROSSWALK)
    if_none = "leave it out: the round has no crosswalk, since it is the first"
    return [
        Problem(file, f"no row is of the question {code}", suggest(code, known, if_none))
        for code in codes
        if code not in known
    ]


def wave_problems(seeds: Path, wave: str | None, card: RoundCard) -> list[Problem]:
    """Why a round cannot be added to a wave: it is unknown or closed, or draws on another round of the instrument."""
    if wave is None:
        return []
    waves = {row.wave: row for row in load_waves(seeds)}
    file = shown_path(seeds / "waves.csv")
    if wave not in waves or waves[wave].status == "closed":
        reason = f"wave {wave} is closed" if wave in waves else f"there is no wave {wave!r}"
        names = ", ".join(waves) or "none yet"
        return [Problem(file, reason, f"name one that is open or planned ({names}), or add its line first")]
    drawn = load_seed(seeds / "wave_rounds.csv", WaveRound)
    others = [row.round for row in drawn if (row.wave, row.instrument) == (wave, card.instrument)]
    return [
        Problem(
            shown_path(seeds / "wave_rounds.csv"),
            f"wave {wave} draws on {card.instrument} {other} already, and a wave has one round of an instrument",
            "name another wave, or delete that line first",
        )
        for other in others
        if other != card.round
    ]


def _add_sources(additions: Additions, found: _Round, rows: Sequence[CrosswalkRow]) -> tuple[str, ...]:
    """Write item sources and choice maps of the round; returns what has to be decided."""
    seeds = additions.seeds
    sources = load_seed(seeds / "item_sources.csv", ItemSource)
    maps = load_seed(seeds / "choice_maps.csv", ChoiceMapping)
    scales = _scales(seeds)
    there = {(row.item_code, row.instrument, row.round) for row in sources}
    new_sources: list[ItemSource] = []
    new_maps: list[ChoiceMapping] = []
    new_choices: list[ScaleChoice] = []
    to_decide: list[str] = []
    fed = [(row, source) for row in rows for source in sources if _feeds(source, found.card.instrument, row)]
    for row, source in fed:
        is_there = (source.item_code, found.card.instrument, found.card.round) in there
        is_personal = row.question_code != "" and found.codebook.by_name[row.question_code].is_personal
        if is_personal or row.verdict in ("new scale", "dropped"):
            to_decide += [] if is_there else [_open_item(found.card, row, source, is_personal)]
            continue
        if not is_there:
            new_sources.append(_followed(source, found.card, row))
        if source.method in MAP_METHODS:
            mapped, unmapped = _followed_map(found, row, source, [*maps, *new_maps])
            new_maps += mapped
            to_decide += unmapped
        elif source.method == "same" and (outside := _outside_scale(found, row, scales.get(source.item_code, ()))):
            if "country" in found.codebook.by_name[row.question_code].roles:
                longer = _longer_scale(scales[source.item_code], outside)
                new_choices += [choice for choice in longer if choice not in new_choices]
            else:
                names = ", ".join(choice.name for choice in outside)
                told = f"item {source.item_code}: its scale has no choice {names}"
                to_decide.append(f"{told}. Add them to scales.csv, or read the question by a choice map")
    additions.insert("item_sources", (row.model_dump() for row in new_sources), ("item_code", "instrument"))
    additions.insert("choice_maps", (row.model_dump() for row in new_maps), ("choice_map",))
    additions.insert("scales", (row.model_dump() for row in new_choices), ("scale_code",))
    return tuple(to_decide)


def _feeds(source: ItemSource, instrument: str, row: CrosswalkRow) -> bool:
    return (source.instrument, source.round, source.question_code) == (instrument, row.earlier_round, row.earlier_code)


def _ended_items(seeds: Path, found: _Round) -> list[str]:
    """Items that the newest round before this one feeds, and this one by none of its questions.

    The crosswalk says nothing of them where it compares with another round.
    """
    card, sources = found.card, load_seed(seeds / "item_sources.csv", ItemSource)
    compared = {row.earlier_round for row in found.crosswalk.rows} if found.crosswalk else set()
    before = [other.round for other in earlier_rounds(card, found.cards)[:1] if other.round not in compared]
    fed = {row.item_code for row in sources if (row.instrument, row.round) == (card.instrument, card.round)}
    return [
        f"item {row.item_code}: {row.question_code} of {row.round} feeds it, and no question of {card.round} does. "
        f"Add a line to item_sources.csv for {card.instrument}, {card.round}, or leave the item without this round"
        for row in sources
        if row.instrument == card.instrument and row.round in before and row.item_code not in fed
    ]


def _open_item(card: RoundCard, row: CrosswalkRow, source: ItemSource, is_personal: bool) -> str:
    if is_personal:
        told = f"item {source.item_code}: {row.question_code} is personal now, so {card.round} does not feed it"
        return f"{told}. Clear is_personal in questions.csv, or leave the item without this round"
    if row.verdict == "dropped":
        return f"item {source.item_code}: {row.earlier_code} is dropped, so {card.round} does not feed it"
    how = f" ({row.note})" if row.note else ""
    return (
        f"item {source.item_code}: the answers of {row.question_code} have a new scale{how}. Add a line to "
        f"item_sources.csv for {card.instrument}, {card.round}, method map, a choice map of its own "
        "and comparability 'new scale', or leave the item without this round"
    )


def _followed(source: ItemSource, card: RoundCard, row: CrosswalkRow) -> ItemSource:
    """The source of the earlier round for the new one; less comparable where it was reworded."""
    is_reworded = row.verdict == "reworded" and source.comparability == "same"
    return source.model_copy(
        update={
            "round": card.round,
            "question_code": row.question_code,
            "comparability": "reworded" if is_reworded else source.comparability,
        }
    )


def _followed_map(
    found: _Round, row: CrosswalkRow, source: ItemSource, maps: Sequence[ChoiceMapping]
) -> tuple[list[ChoiceMapping], list[str]]:
    """Lines for choices that the map does not have: read as the choice that they add words to, or nearly the same one.

    A choice that the earlier round had and the map left out stays out.
    """
    earlier = found.codebooks[f"{found.card.instrument}.{row.earlier_round}"]
    old = earlier.choices_of(earlier.by_name[row.earlier_code])
    choices = found.codebook.choices_of(found.codebook.by_name[row.question_code])
    targets = {line.source_choice: line.choice_code for line in maps if line.choice_map == source.choice_map}
    mapped = [choice for choice in (*old, *choices) if choice.name in targets]
    lines, unmapped = [], []
    for choice in choices:
        if choice.name in targets or choice.name in {other.name for other in old}:
            continue
        best = max(mapped, key=lambda other: _likeness(choice, other), default=None)
        if best is None or _likeness(choice, best) < NEAR_LABEL:
            unmapped.append(f"{choice.name} ({choice.label})")
            continue
        line = {"choice_map": source.choice_map, "source_choice": choice.name, "choice_code": targets[best.name]}
        lines.append(ChoiceMapping.model_validate(line))
    told = f"item {source.item_code}: the choice map {source.choice_map} has no line for {', '.join(unmapped)}. "
    return lines, [f"{told}Add a line for each, or no answer to it counts"] if unmapped else []


def _likeness(choice: Choice, other: Choice) -> int:
    """How much a choice is another one, 0 to 100; "Other: a word" is "Other"."""
    label, base = clean_label(choice.label).casefold(), clean_label(other.label).casefold()
    return SAME_TEXT if label.startswith(f"{base}:") else text_score(label, base)


def _scales(seeds: Path) -> Mapping[str, tuple[ScaleChoice, ...]]:
    """The scale of each item that has one."""
    items = load_seed(seeds / "items.csv", Item)
    scales = load_seed(seeds / "scales.csv", ScaleChoice)
    return {
        item.item_code: tuple(row for row in scales if row.scale_code == item.scale_code)
        for item in items
        if item.scale_code is not None
    }


def _outside_scale(found: _Round, row: CrosswalkRow, scale: Sequence[ScaleChoice]) -> list[Choice]:
    """Choices that an item which takes them as they are does not have."""
    known = {choice.choice_code for choice in scale}
    choices = found.codebook.choices_of(found.codebook.by_name[row.question_code])
    return [choice for choice in choices if scale and choice.name not in known]


def _longer_scale(scale: Sequence[ScaleChoice], outside: Sequence[Choice]) -> list[ScaleChoice]:
    """Lines that add countries to a scale: their codes mean the same everywhere."""
    last = max(choice.position for choice in scale)
    return [
        scale[0].model_copy(
            update={
                "choice_code": choice.name,
                "label": clean_label(choice.label),
                "position": position,
                "value": None,
                "group_label": None,
            }
        )
        for position, choice in enumerate(outside, last + 1)
    ]


def _add_wave(additions: Additions, card: RoundCard, wave: str) -> None:
    drawn = load_seed(additions.seeds / "wave_rounds.csv", WaveRound)
    if (wave, card.instrument, card.round) not in {(row.wave, row.instrument, row.round) for row in drawn}:
        row = WaveRound(wave=wave, instrument=card.instrument, round=card.round, rank=next_rank(drawn, wave))
        additions.insert("wave_rounds", [row.model_dump()], ("wave",))
