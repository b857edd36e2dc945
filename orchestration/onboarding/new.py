"""`needs round new`: the folder of a new round, with all that can be told from its extract and from earlier rounds.

It writes what is missing and never overwrites: to have a file proposed anew, delete it and run the command again. Here:
the order of the steps. Not here: detection (extract_table.py), proposals (proposals.py, inherit.py), forms (files.py).
"""

from __future__ import annotations

import filecmp
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import ValidationError

from orchestration.common.addresses import is_address
from orchestration.common.decisions import Decision, decide
from orchestration.common.problems import Problem, list_some, shown_path
from orchestration.common.whole_file import write_aside
from orchestration.extracts.delimited import TextForm
from orchestration.extracts.errors import ExtractError
from orchestration.extracts.parts import Part, open_parts
from orchestration.onboarding.extract_table import ExtractTable, platform_with_codebook, read_extract_table
from orchestration.onboarding.files import ASKED, Value, card_text
from orchestration.onboarding.inherit import ProposedCodebook, propose_codebook
from orchestration.onboarding.joints import SURE
from orchestration.onboarding.matching import propose_crosswalk
from orchestration.onboarding.proposals import propose_questions
from orchestration.readers.read import collect_chunks, read_chunks
from orchestration.rounds.card import FOLDER_NAME, RoundCard, check_fits, load_round
from orchestration.rounds.codebook import Codebook, CodebookError, load_codebook
from orchestration.rounds.crosswalk import CROSSWALK, crosswalk_text, round_problems
from orchestration.rounds.platforms import PLATFORMS

REJECTED_SHARE_LIMIT = 0.05
_ISO_CODE = re.compile("[A-Z]{2}")
# What the person may say of how a text is written.
FORM = ("encoding", "delimiter", "language")
# What a new round takes over from the card of the earlier one, unless the person says otherwise.
TAKEN_OVER = ("producer", "licence", "rejected_share_limit", "joined_by", "ticked", "not_ticked")


@dataclass(frozen=True)
class NewRound:
    """What the person says of a new round; `values` are those of round.yml that are given."""

    instrument: str
    round: str
    extracts: tuple[str, ...] = ()
    platform: str | None = None
    sheet: str | None = None
    like: str | None = None
    values: Mapping[str, Value] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The round as commands name it."""
        return f"{self.instrument}/{self.round}"


@dataclass(frozen=True)
class Scaffolded:
    """What was written, what a person should look at, and what has to be mended before the round can be loaded."""

    written: tuple[Path, ...]
    remarks: tuple[str, ...]
    problems: tuple[Problem, ...]


def new_round(seeds: Path, wanted: NewRound) -> Scaffolded:
    """Write the missing files of a round's folder.

    Raises CodebookError for a round or an earlier one that cannot be used, ExtractError for an extract that cannot be
    read; nothing is left behind then.
    """
    with decide(seeds) as decision:
        return _new_round(decision, wanted)


def _new_round(decision: Decision, wanted: NewRound) -> Scaffolded:
    folder = _folder(decision.root, wanted)
    others = _other_rounds(decision.root, wanted)
    earlier = _earlier(decision.root, wanted, others)
    copied = _copy_extracts(folder, wanted)
    try:
        return _write_round(decision, folder, wanted, others, earlier, copied)
    except ValueError as error:
        _take_back(copied)
        if isinstance(error, ExtractError):
            raise ExtractError(_of_the_original(problem, wanted, folder) for problem in error.problems) from error
        raise


def _folder(seeds: Path, wanted: NewRound) -> Path:
    folder = seeds / "rounds" / wanted.instrument / wanted.round
    problems = [
        Problem(shown_path(folder), f"{name!r} cannot name a round", "use letters, digits, - and _ only")
        for name in (wanted.instrument, wanted.round)
        if not FOLDER_NAME.fullmatch(name)
    ]
    card = folder / "round.yml"
    if card.exists() and wanted.extracts:
        remedy = "leave the extract out of the command; to begin anew, delete round.yml first"
        problems.append(Problem(shown_path(card), "the round has its source card already", remedy))
    if not card.exists() and not wanted.extracts:
        problems.append(
            Problem(shown_path(card), "the round has no source card yet", "name its extract in the command")
        )
    if problems:
        raise CodebookError(problems)
    return folder


def _other_rounds(seeds: Path, wanted: NewRound) -> tuple[RoundCard, ...]:
    """The rounds of the instrument that come before this one, and the one it is said to be like."""
    paths = sorted((seeds / "rounds" / wanted.instrument).glob("*/round.yml"))
    names = {path.parent.name: path for path in paths if path.parent.name != wanted.round}
    if wanted.like is not None and wanted.like not in names:
        reason = f"{wanted.instrument} has no other round {wanted.like!r}"
        remedy = f"name one of {list_some([*names])}" if names else "leave --like out: this round is the first"
        raise CodebookError([Problem(shown_path(seeds / "rounds" / wanted.instrument), reason, remedy)])
    return tuple(load_round(path) for name, path in names.items() if name < wanted.round or name == wanted.like)


def _earlier(seeds: Path, wanted: NewRound, others: Sequence[RoundCard]) -> RoundCard | None:
    if wanted.like is not None:
        return next(card for card in others if card.round == wanted.like)
    return max(others, key=lambda card: card.round, default=None)


def _copy_extracts(folder: Path, wanted: NewRound) -> list[Path]:
    """Put the delivered files into the folder; addresses and files that lie there already stay where they are."""
    local = [Path(extract) for extract in wanted.extracts if not is_address(extract)]
    missing = [path for path in local if not path.is_file()]
    if missing:
        remedy = "correct the path"
        raise ExtractError([Problem(shown_path(path), "there is no such file", remedy) for path in missing])
    copied = []
    for path in local:
        target = folder / path.name
        # The same content may be what a killed command copied.
        if target.exists() and not (target.samefile(path) or filecmp.cmp(target, path, shallow=False)):
            raise ExtractError([Problem(shown_path(target), "another file lies there", "rename or delete one of both")])
        if not target.exists():
            folder.mkdir(parents=True, exist_ok=True)
            with write_aside(target) as aside:
                shutil.copyfile(path, aside)
            copied.append(target)
    return copied


def _take_back(copied: Sequence[Path]) -> None:
    """Remove copies, and the folders that they alone had filled."""
    for path in copied:
        path.unlink()
        for folder in (path.parent, path.parent.parent):
            if not any(folder.iterdir()):
                folder.rmdir()


def _of_the_original(problem: Problem, wanted: NewRound, folder: Path) -> Problem:
    """A problem of a copy as one of the file that was named."""
    originals = {shown_path(folder / Path(name).name): name for name in wanted.extracts}
    return replace(problem, file=originals.get(problem.file, problem.file))


def _write_round(
    decision: Decision,
    folder: Path,
    wanted: NewRound,
    others: Sequence[RoundCard],
    earlier: RoundCard | None,
    copied: Sequence[Path],
) -> Scaffolded:
    card, table = _read_card_and_table(folder, wanted)
    codebooks = {other.key: load_codebook(other.folder) for other in others}
    earlier_codebook = codebooks[earlier.key] if earlier is not None else None
    texts: dict[Path, str] = {}
    told: dict[str, Value] = {}
    remarks = list(table.remarks) if table else []
    if table is not None and not (folder / "questions.csv").exists():
        used = {question.name for codebook in codebooks.values() for question in codebook.questions}
        proposed = propose_codebook(propose_questions(table), earlier_codebook, used)
        texts |= {folder / name: text for name, text in proposed.texts().items()}
        remarks += _remarks(proposed)
        told = _cells(proposed)
    codebook = _proposed_codebook(folder, texts)
    card_values, said = _card_values(card, table, codebook, wanted, earlier, told)
    if not (folder / "round.yml").exists():
        texts[folder / "round.yml"] = card_text(card_values)
        remarks += said
    if earlier is not None and earlier_codebook is not None and not (folder / CROSSWALK).exists():
        has_own_codes = folder / "questions.csv" not in texts
        rows = propose_crosswalk(codebook, earlier_codebook, earlier.round, has_own_codes=has_own_codes)
        texts[folder / CROSSWALK] = crosswalk_text(rows)
    for path, text in texts.items():
        decision.write(path, text)
    decision.put_in_place()
    problems = [*_misfits(card, codebook)]
    if (folder / CROSSWALK).exists():
        problems += round_problems(card, [*others, card], {**codebooks, card.key: codebook}, are_confirmed=False)
    return Scaffolded((*copied, *texts), tuple(remarks), tuple(problems))


def _proposed_codebook(folder: Path, texts: Mapping[Path, str]) -> Codebook:
    """The codebook of a folder as it will be: what is proposed is read before it stands there."""
    if not texts:
        return load_codebook(folder)
    with TemporaryDirectory() as trial:
        for path, text in texts.items():
            (Path(trial) / path.name).write_text(text, encoding="utf-8", newline="")
        try:
            return replace(load_codebook(Path(trial)), folder=folder)
        except CodebookError as error:
            problems = (
                replace(problem, file=shown_path(folder / Path(problem.file).name)) for problem in error.problems
            )
            raise CodebookError(problems) from error


def _read_card_and_table(folder: Path, wanted: NewRound) -> tuple[RoundCard, ExtractTable | None]:
    """The card as far as it is known, and the table of the extract; None where only its own reader can read it."""
    path = folder / "round.yml"
    if path.exists():
        card = load_round(path)
    else:
        names = tuple(name if is_address(name) else Path(name).name for name in wanted.extracts)
        card = _provisional(folder, wanted, names)
    with open_parts(card) as parts:
        card = card.model_copy(update={"sha256": tuple(part.sha256 for part in parts)})
        has_codebook = (folder / "questions.csv").exists()
        own = platform_with_codebook(parts[0])
        if own is not None and has_codebook:
            _check_platform(parts[0], wanted.platform or own)
            return card.model_copy(update={"platform": wanted.platform or own}), None
        form = TextForm(card.encoding, card.delimiter, card.language)
        table = _join([read_extract_table(part, form, wanted.platform, wanted.sheet or "") for part in parts], parts)
    _check_platform(parts[0], wanted.platform or table.platform)
    found = {
        "platform": table.platform,
        "encoding": table.encoding,
        "delimiter": table.delimiter,
        "decimal": table.decimal,
        "sheet": table.sheet,
    }
    return (card if path.exists() else card.model_copy(update=found)), table


def _check_platform(part: Part, platform: str) -> None:
    if platform not in PLATFORMS:
        remedy = f"name another by --platform: {', '.join(PLATFORMS)}"
        raise ExtractError([Problem(part.shown, f"no reader for platform {platform!r}", remedy)])


def _provisional(folder: Path, wanted: NewRound, extract: tuple[str, ...]) -> RoundCard:
    known: dict[str, object] = dict.fromkeys(("title", "producer", "licence", "citation"), "-")
    known |= dict.fromkeys(("fieldwork_start", "fieldwork_end", "expected_responses"))
    known |= {
        "instrument": wanted.instrument,
        "round": wanted.round,
        "folder": folder,
        "platform": wanted.platform or "delimited",
        "extract": extract,
        "rejected_share_limit": REJECTED_SHARE_LIMIT,
        "synthetic": False,
        **{key: wanted.values[key] for key in (*FORM, "unit") if wanted.values.get(key)},
    }
    try:
        return RoundCard.model_validate(known)
    except ValidationError as error:
        problems = [Problem(f"--{issue['loc'][0]}", issue["msg"], "correct the option") for issue in error.errors()]
        raise CodebookError(problems) from error


def _join(tables: Sequence[ExtractTable], parts: Sequence[Part]) -> ExtractTable:
    """The tables of several files as one. Raises ExtractError unless all are written alike."""
    first = tables[0]
    other = [
        Problem(part.shown, "its columns are not those of the first file", "export all files of the round alike", row=1)
        for table, part in zip(tables, parts, strict=True)
        if table.header != first.header
    ]
    if other:
        raise ExtractError(other)
    # What is not the same in all of them is left to the reader, which detects it file by file.
    encodings, delimiters = ({getattr(table, name) for table in tables} for name in ("encoding", "delimiter"))
    return replace(
        first,
        rows=tuple(row for table in tables for row in table.rows),
        rows_n=sum(table.rows_n for table in tables),
        encoding=first.encoding if len(encodings) == 1 else "",
        delimiter=first.delimiter if len(delimiters) == 1 else "",
        remarks=tuple(dict.fromkeys(remark for table in tables for remark in table.remarks)),
    )


def _remarks(proposed: ProposedCodebook) -> list[str]:
    remarks = [
        f"questions.csv, {question.code}: {question.remark}" for question in proposed.questions if question.remark
    ]
    of_countries = {question.list_name for question in proposed.questions if "country" in question.roles}
    for listed in proposed.lists:
        unknown = [repr(choice.label) for choice in listed.choices if not _ISO_CODE.fullmatch(choice.code)]
        if listed.name in of_countries and unknown:
            remarks.append(
                f"choices.csv, {listed.name}: no ISO code is known for {list_some(unknown)}: write it as name"
            )
    return remarks


def _cells(proposed: ProposedCodebook) -> dict[str, Value]:
    """How cells are to be read, as round.yml says it: what joins choices, if that is one sign in all of them."""
    joints = {question.joined_by for question in proposed.questions} - {"", SURE}
    return {"joined_by": joints.pop()} if len(joints) == 1 else {}


def _card_values(
    card: RoundCard,
    table: ExtractTable | None,
    codebook: Codebook,
    wanted: NewRound,
    earlier: RoundCard | None,
    told: Mapping[str, Value],
) -> tuple[dict[str, Value], list[str]]:
    """The values of round.yml that are known, and what is said of where they come from."""
    values_before = {key: getattr(earlier, key) for key in TAKEN_OVER if key not in told} if earlier else {}
    taken = {key: list(value) if isinstance(value, tuple) else value for key, value in values_before.items() if value}
    values: dict[str, Value] = {
        "platform": card.platform,
        "extract": card.extract[0] if len(card.extract) == 1 else list(card.extract),
        "sha256": card.sha256[0] if len(card.sha256) == 1 else list(card.sha256),
        "expected_responses": table.rows_n if table is not None else _rows_in(card, codebook),
        "rejected_share_limit": REJECTED_SHARE_LIMIT,
    }
    if table is not None:
        values |= {key: getattr(card, key) for key in ("encoding", "delimiter", "sheet") if getattr(card, key)}
    if card.decimal != ".":
        values["decimal"] = card.decimal
    values |= {**taken, **told, **wanted.values}
    said = [
        f"round.yml, {key}: taken over from {earlier.round}: {taken[key]}"
        for key in taken
        if earlier is not None and key not in wanted.values
    ]
    return values, [*said, *(f"round.yml, {key}: fill in {ASKED[key]}" for key in ASKED if key not in values)]


def _rows_in(card: RoundCard, codebook: Codebook) -> int:
    with open_parts(card) as parts:
        return collect_chunks(read_chunks(parts, card, codebook)).rows_in


def _misfits(card: RoundCard, codebook: Codebook) -> tuple[Problem, ...]:
    try:
        check_fits(card, codebook)
    except CodebookError as error:
        return error.problems
    return ()
