"""The source card of a round, round.yml: typed, and every fault of it told at once.

Not here: the questions of a round (codebook.py), whether its extract is there (extracts/).
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
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
    ValidationInfo,
    field_validator,
    model_validator,
)

from orchestration.common.addresses import is_address
from orchestration.common.problems import Problem, nearest, shown_path
from orchestration.common.rows import FieldError, field_problem, require_match
from orchestration.rounds.choices import Ticks, known_ticks, read_joint, tick_key
from orchestration.rounds.codebook import Codebook, CodebookError
from orchestration.rounds.platforms import PLATFORMS

# What stands in a scaffolded round.yml for what only a person knows, before the words that ask for it.
PLACEHOLDER = "FILL IN"
FOLDER_NAME = re.compile(r"[A-Za-z0-9_-]+")
FolderName = Annotated[
    str, require_match(FOLDER_NAME.pattern, "cannot name a round", "use letters, digits, - and _ only")
]


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


def _joint(value: Any) -> Any:
    return read_joint(str(value)) if value not in (None, "") else ""


def _one_or_more(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


def _words(value: Any) -> Any:
    words = value if isinstance(value, list | tuple) else [value]
    if any(isinstance(word, bool) for word in words):
        raise FieldError("YAML takes yes, no, on and off for truth values", "put the word into quotation marks")
    return tuple(words)


def _checksum(text: str) -> str:
    if not re.fullmatch(r"[0-9a-fA-F]{64}", text):
        raise ValueError(f"{text!r} is no sha256: 64 hexadecimal digits")
    return text.lower()


class RoundCard(BaseModel):
    """Source card of a round: what `round.yml` says, and where it stands."""

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True, str_strip_whitespace=True)

    instrument: FolderName
    round: FolderName
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
    # Of a register that is delivered again and again: how old the newest delivery may be.
    renewed_every_days: int | None = Field(default=None, gt=0)
    rejected_share_limit: float = Field(ge=0, le=1)
    synthetic: bool
    note: str = ""
    unit: Literal["city", "record"] = "city"
    # Answers are confidential unless the card says otherwise.
    confidential: bool = True
    # Cohorts of whose cities a register holds every record, or `all`.
    complete_for: Annotated[tuple[str, ...], BeforeValidator(lambda v: _one_or_more(v) if v else ())] = ()
    # ISO codes of the countries whose national numbers free texts may hold, where no answer names one.
    countries: Annotated[
        tuple[Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")], ...],
        BeforeValidator(lambda v: _one_or_more(v) if v else ()),
    ] = ()
    # Empty: detected, and told.
    encoding: Annotated[str, AfterValidator(_existing_encoding), BeforeValidator(_text_or_nothing)] = ""
    delimiter: Annotated[
        str, StringConstraints(strip_whitespace=False, max_length=1), BeforeValidator(_text_or_nothing)
    ] = ""
    decimal: Literal[".", ","] = "."
    joined_by: Annotated[str, StringConstraints(strip_whitespace=False), BeforeValidator(_joint)] = ""
    ticked: Annotated[tuple[str, ...], BeforeValidator(_words)] = ()
    not_ticked: Annotated[tuple[str, ...], BeforeValidator(_words)] = ()
    sheet: str = ""
    language: str = Field(default="", pattern=r"^([a-z]{2,3})?$")

    @field_validator("*", mode="before")
    @classmethod
    def _is_filled_in(cls, value: Any, info: ValidationInfo) -> Any:
        if isinstance(value, str) and value.startswith(PLACEHOLDER):
            asked = value.removeprefix(PLACEHOLDER).strip(" :") or "the value"
            raise FieldError(f"{info.field_name} is not filled in yet", f"write {asked}")
        return value

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

    @model_validator(mode="after")
    def _has_ticks_of_one_meaning(self) -> RoundCard:
        both = [word for word in self.ticked if tick_key(word) in set(map(tick_key, self.not_ticked))]
        if both:
            raise ValueError(f"{both[0]!r} stands in ticked and in not_ticked: delete it in one of them")
        return self

    @property
    def ticks(self) -> Ticks:
        """What says in a column of one choice that it was chosen, and what that it was not."""
        return known_ticks().with_own(self.ticked, self.not_ticked)

    @property
    def key(self) -> str:
        """The round's name among all rounds: `instrument.round`."""
        return f"{self.instrument}.{self.round}"


def load_rounds(seeds: Path) -> tuple[RoundCard, ...]:
    """Read the source card of every round below `seeds/rounds`, sorted by instrument and round.

    Raises CodebookError with the faults of all cards.
    """
    folder = seeds / "rounds"
    cards, problems = [], []
    for path in (round_folder / "round.yml" for round_folder in sorted(folder.glob("*/*/"))):
        try:
            if path.exists():
                cards.append(load_round(path))
            elif path.with_name("questions.csv").exists():
                reason = "the codebook has no source card beside it"
                problems.append(Problem(shown_path(path), reason, "write its round.yml"))
        except CodebookError as error:
            problems += error.problems
    if not cards and not problems:
        remedy = "put a round into <instrument>/<round>/round.yml below it, or correct NEEDS_SEEDS"
        problems.append(Problem(shown_path(folder), "no round is found here", remedy))
    if problems:
        raise CodebookError(problems)
    return tuple(cards)


def load_round(path: Path) -> RoundCard:
    """Read one `round.yml`. Raises CodebookError."""
    file = shown_path(path)
    values, lines = _read_yaml(path, file)
    place = {"instrument": path.parent.parent.name, "round": path.parent.name, "folder": path.parent}
    problems = [
        Problem(file, "the folder says this", "remove the key", row=lines[key], column=key)
        for key in place
        if key in values
    ]
    if "platform" in values and values["platform"] not in PLATFORMS:
        reason, remedy = f"no reader for platform {values['platform']!r}", f"use one of {', '.join(PLATFORMS)}"
        problems.append(Problem(file, reason, remedy, row=lines["platform"], column="platform"))
    try:
        card = RoundCard.model_validate({**values, **place})
    except ValidationError as error:
        raise CodebookError([*problems, *(_card_problem(file, issue, lines) for issue in error.errors())]) from error
    if problems:
        raise CodebookError(problems)
    return card


def _read_yaml(path: Path, file: str) -> tuple[dict[str, Any], dict[str, int]]:
    """The values of a YAML mapping by key, and the line on which each key stands."""
    try:
        text = path.read_bytes().decode("utf-8")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except UnicodeDecodeError as error:
        raise CodebookError([Problem(file, "not UTF-8 text", "save the file as UTF-8")]) from error
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        reason = f"not YAML: {getattr(error, 'problem', None) or 'unreadable'}"
        row = mark.line + 1 if mark else None
        raise CodebookError(
            [Problem(file, reason, "correct the syntax; quote text that holds ': '", row=row)]
        ) from error
    if not isinstance(node, yaml.MappingNode):
        raise CodebookError([Problem(file, "not a list of keys with values", "write one `key: value` a line", row=1)])
    lines: dict[str, int] = {}
    values: dict[str, Any] = {}
    problems = []
    # A key is the text that stands there: YAML's own would be False for `no`.
    constructor = yaml.SafeLoader("")
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            problems.append(Problem(file, "no key stands here", "write one `key: value` a line", row=line))
            continue
        key = key_node.value
        if key in lines:
            problems.append(
                Problem(file, f"the key stands on line {lines[key]} already", "keep one of them", None, line, key)
            )
        lines[key] = line
        try:
            values[key] = constructor.construct_object(value_node, deep=True)
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            # A tag, a date that is none, a list that holds itself.
            reason = f"the value cannot be read: {getattr(error, 'problem', None) or error}"
            problems.append(Problem(file, reason, "write the value in quotation marks", None, line, key))
    if problems:
        raise CodebookError(problems)
    return values, lines


def _card_problem(file: str, issue: Any, lines: Mapping[str, int]) -> Problem:
    key = str(issue["loc"][0]) if issue["loc"] else ""
    if issue["type"] == "extra_forbidden":
        near = nearest(key, RoundCard.model_fields)
        remedy = f"remove it, or write {near!r}" if near else "remove it"
        return Problem(file, "no such key is known", remedy, row=lines[key], column=key)
    if issue["type"] == "missing":
        return Problem(file, "the key is missing", f"add `{key}:` and its value", column=key)
    return field_problem(file, lines.get(key), issue)


def check_fits(card: RoundCard, codebook: Codebook) -> None:
    """Raise CodebookError unless the codebook tells what the round's platform needs to know of responses."""
    file = shown_path(codebook.folder / "questions.csv")
    question = codebook.with_role("response_id")
    own_id = PLATFORMS[card.platform]
    # A record is named by its row where the register gives it no id.
    if own_id == "never" and question is None and card.unit == "city":
        remedy = "give the role response_id to the question that identifies a response"
        raise CodebookError(
            [Problem(file, "a plain file needs a question that identifies a response", remedy, column="role")]
        )
    if own_id == "always" and question is not None:
        reason = f"question {question.name} has the role response_id, but {card.platform} has its own response id"
        raise CodebookError([Problem(file, reason, "remove the role", column="role")])
