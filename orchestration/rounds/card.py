"""The source card of a round, round.yml: typed, and every fault of it told at once.

Not here: the questions of a round (codebook.py), whether its extract is there (extracts/).
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from orchestration.common.addresses import is_address
from orchestration.common.problems import Problem, nearest, shown_path
from orchestration.rounds.codebook import Codebook, CodebookError
from orchestration.rounds.platforms import PLATFORMS

# What stands in a scaffolded round.yml for what only a person knows, before the words that ask for it.
PLACEHOLDER = "FILL IN"
FOLDER_NAME = re.compile(r"[A-Za-z0-9_-]+")


def _existing_encoding(name: str) -> str:
    try:
        return codecs.lookup(name).name if name else ""
    except LookupError as error:
        raise ValueError(f"no such text encoding: {name!r}") from error


def _text_or_nothing(value: Any) -> Any:
    return "" if value is None else value


def _file_name(name: str) -> str:
    is_name = bool(name) and (is_address(name) or Path(name).name == name)
    if not is_name:
        raise ValueError(
            "must be the name of a file beside round.yml, without folders, or an address such as https://…"
        )
    return name


def _one_or_more(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


def _checksum(text: str) -> str:
    if not re.fullmatch(r"[0-9a-fA-F]{64}", text):
        raise ValueError(f"{text!r} is no sha256: 64 hexadecimal digits")
    return text.lower()


class RoundCard(BaseModel):
    """Source card of a round: what `round.yml` says, and where it stands."""

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True, str_strip_whitespace=True)

    instrument: str
    round: str
    folder: Path
    title: str = Field(min_length=1)
    producer: str = Field(min_length=1)
    platform: str
    extract: Annotated[
        tuple[Annotated[str, AfterValidator(_file_name)], ...], BeforeValidator(_one_or_more), Field(min_length=1)
    ]
    sha256: Annotated[
        tuple[Annotated[str, AfterValidator(_checksum)], ...], BeforeValidator(lambda v: _one_or_more(v) if v else ())
    ] = ()
    fieldwork_start: date | None
    fieldwork_end: date | None
    licence: str = Field(min_length=1)
    citation: str = Field(min_length=1)
    expected_responses: int | None = Field(ge=0)
    rejected_share_limit: float = Field(ge=0, le=1)
    synthetic: bool
    note: str = ""
    # Empty: detected, and told.
    encoding: Annotated[str, AfterValidator(_existing_encoding), BeforeValidator(_text_or_nothing)] = ""
    delimiter: Annotated[
        str, StringConstraints(strip_whitespace=False, max_length=1), BeforeValidator(_text_or_nothing)
    ] = ""
    decimal: Literal[".", ","] = "."
    sheet: str = ""
    language: str = Field(default="", pattern=r"^([a-z]{2,3})?$")

    @model_validator(mode="after")
    def _has_possible_dates(self) -> RoundCard:
        if self.fieldwork_start and self.fieldwork_end and self.fieldwork_end < self.fieldwork_start:
            raise ValueError(f"fieldwork_end {self.fieldwork_end} is before fieldwork_start {self.fieldwork_start}")
        return self

    @model_validator(mode="after")
    def _has_a_checksum_a_file(self) -> RoundCard:
        if self.sha256 and len(self.sha256) != len(self.extract):
            raise ValueError(f"sha256 names {len(self.sha256)} checksums, extract {len(self.extract)} files")
        if len(set(self.extract)) != len(self.extract):
            raise ValueError("extract names a file twice")
        return self

    @property
    def key(self) -> str:
        """The round's name among all rounds: `instrument.round`."""
        return f"{self.instrument}.{self.round}"


def load_rounds(seeds: Path) -> tuple[RoundCard, ...]:
    """Read the source card of every round below `seeds/rounds`, sorted by instrument and round.

    Raises CodebookError with the faults of all cards.
    """
    folder = seeds / "rounds"
    paths = sorted(folder.glob("*/*/round.yml"))
    cards, problems = [], list(_rounds_without_card(folder))
    for path in paths:
        try:
            cards.append(load_round(path))
        except CodebookError as error:
            problems += error.problems
    if not paths:
        remedy = "put a round into <instrument>/<round>/round.yml below it, or correct NEEDS_SEEDS"
        problems.append(Problem(shown_path(folder), "no round is found here", remedy))
    if problems:
        raise CodebookError(problems)
    return tuple(sorted(cards, key=lambda card: (card.instrument, card.round)))


def _rounds_without_card(folder: Path) -> Iterator[Problem]:
    for path in sorted(folder.glob("*/*/questions.csv")):
        if not path.with_name("round.yml").exists():
            reason = "the codebook has no source card beside it"
            yield Problem(shown_path(path.with_name("round.yml")), reason, "write its round.yml")


def load_round(path: Path) -> RoundCard:
    """Read one `round.yml`. Raises CodebookError."""
    file = shown_path(path)
    folder = path.parent
    values, lines = _read_yaml(path, file)
    problems = [
        Problem(file, f"the folder name {name!r} cannot name a round", "use letters, digits, - and _ only")
        for name in (folder.parent.name, folder.name)
        if not FOLDER_NAME.fullmatch(name)
    ]
    reserved = [key for key in ("instrument", "round", "folder") if key in values]
    problems += [
        Problem(file, "the folder says this", "remove the key", row=lines[key], column=key) for key in reserved
    ]
    for key in reserved:
        del values[key]
    if values.get("platform") not in PLATFORMS and "platform" in values:
        reason = f"no reader for platform {values['platform']!r}"
        problems.append(
            Problem(file, reason, f"use one of {', '.join(PLATFORMS)}", row=lines["platform"], column="platform")
        )
    unfilled = [key for key, value in values.items() if isinstance(value, str) and value.startswith(PLACEHOLDER)]
    if unfilled:
        raise CodebookError([*problems, *(_unfilled_problem(file, key, values[key], lines[key]) for key in unfilled)])
    card = None
    try:
        card = RoundCard(instrument=folder.parent.name, round=folder.name, folder=folder, **values)
    except ValidationError as error:
        problems += [_card_problem(file, issue, lines) for issue in error.errors()]
    if problems or card is None:
        raise CodebookError(problems)
    return card


def _unfilled_problem(file: str, key: str, value: str, line: int) -> Problem:
    asked = value.removeprefix(PLACEHOLDER).strip(" :") or "the value"
    return Problem(file, f"{key} is not filled in yet", f"write {asked}", row=line, column=key)


def _read_yaml(path: Path, file: str) -> tuple[dict[str, Any], dict[str, int]]:
    """The values of a YAML mapping by key, and the line on which each key stands."""
    try:
        text = path.read_bytes().decode("utf-8")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except UnicodeDecodeError as error:
        raise CodebookError([Problem(file, "not UTF-8 text", "save the file as UTF-8")]) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = f"not YAML: {getattr(error, 'problem', None) or 'unreadable'}"
        row = mark.line + 1 if mark else None
        raise CodebookError(
            [Problem(file, reason, "correct the syntax; quote text that holds ': '", row=row)]
        ) from error
    if not isinstance(node, yaml.MappingNode):
        raise CodebookError([Problem(file, "not a list of keys with values", "write one `key: value` a line", row=1)])
    lines: dict[str, int] = {}
    problems = []
    for key_node, _ in node.value:
        key, line = str(key_node.value), key_node.start_mark.line + 1
        if key in lines:
            problems.append(
                Problem(file, f"the key stands on line {lines[key]} already", "keep one of them", None, line, key)
            )
        lines[key] = line
    if problems:
        raise CodebookError(problems)
    return {str(key): value for key, value in yaml.safe_load(text).items()}, lines


def _card_problem(file: str, issue: Any, lines: Mapping[str, int]) -> Problem:
    key = str(issue["loc"][0]) if issue["loc"] else None
    row = lines.get(key) if key else None
    if issue["type"] == "extra_forbidden" and key is not None:
        near = nearest(key, RoundCard.model_fields)
        remedy = f"remove it, or write {near!r}" if near else "remove it"
        return Problem(file, "no such key is known", remedy, row=row, column=key)
    if issue["type"] == "missing":
        return Problem(file, "the key is missing", f"add `{key}:` and its value", column=key)
    message = str(issue["msg"]).removeprefix("Value error, ")
    return Problem(file, f"{message} (found {issue.get('input')!r})" if key else message, "correct it", None, row, key)


def check_fits(card: RoundCard, codebook: Codebook) -> None:
    """Raise CodebookError unless the codebook tells what the round's platform needs to know of responses."""
    file = shown_path(codebook.folder / "questions.csv")
    question = codebook.with_role("response_id")
    own_id = PLATFORMS[card.platform]
    if own_id == "never" and question is None:
        remedy = "give the role response_id to the question that identifies a response"
        raise CodebookError(
            [Problem(file, "a plain file needs a question that identifies a response", remedy, column="role")]
        )
    if own_id == "always" and question is not None:
        reason = f"question {question.name} has the role response_id, but {card.platform} has its own response id"
        raise CodebookError([Problem(file, reason, "remove the role", column="role")])
