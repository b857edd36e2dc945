"""`needs round start`: writes the knowledge that the first round of an instrument begins with.

Here: checks and writing. Not here: which rows (starter.py), rounds that follow another (confirm.py).
"""

from __future__ import annotations

from pathlib import Path

from orchestration.common.decisions import decide
from orchestration.common.problems import Problem, shown_path
from orchestration.knowledge.load import load_seed
from orchestration.knowledge.seed_files import SEED_FILES
from orchestration.onboarding.additions import Additions
from orchestration.onboarding.confirm import load_one_round, wave_problems
from orchestration.onboarding.starter import questions_without_table, starting_rows
from orchestration.rounds.codebook import CodebookError


def list_without_table(seeds: Path, name: str) -> tuple[str, ...]:
    """The questions of a round that no table shows once it is started, each with why."""
    return tuple(questions_without_table(load_one_round(seeds, name).codebook))


def start_round(seeds: Path, name: str, wave: str) -> tuple[tuple[str, str], ...]:
    """Write items, scales, a cohort and tables for a first round; returns file and line of each row.

    A seed that is missing is written with its header, a wave that is missing with its line. Raises CodebookError if
    the instrument has items already, if the wave is closed, or if a register does not say whether it is public.
    """
    with decide(seeds) as decision:
        return _start_round(Additions(decision), name, wave)


def _start_round(additions: Additions, name: str, wave: str) -> tuple[tuple[str, str], ...]:
    seeds = additions.seeds
    found = load_one_round(seeds, name)
    known = {seed: load_seed(seeds / f"{seed}.csv", model) for seed, model in SEED_FILES.items()}
    fed = [row for row in known["item_sources"] if getattr(row, "instrument", None) == found.card.instrument]
    is_known_wave = wave in {getattr(row, "wave", None) for row in known["waves"]}
    problems = wave_problems(seeds, wave, found.card) if is_known_wave else []
    if fed:
        reason = f"{len(fed)} items draw on {found.card.instrument} already"
        remedy = f"run `needs round confirm {name}` for a later round, or edit items.csv and item_sources.csv"
        problems.append(Problem(shown_path(seeds / "item_sources.csv"), reason, remedy))
    if found.card.unit == "record" and "confidential" not in found.card.model_fields_set:
        reason = "it does not say whether its records are public"
        remedy = "write `confidential: false` if everybody may see them, else `confidential: true`"
        problems.append(Problem(shown_path(found.card.folder / "round.yml"), reason, remedy, column="confidential"))
    if problems:
        raise CodebookError(problems)
    for seed, rows in starting_rows(found.card, found.codebook, wave, known).items():
        additions.insert(seed, rows)
    return tuple(additions.lines)
