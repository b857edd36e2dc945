"""What proposed questions take over from an earlier round: codes, types and choice lists of the questions they are.

Here: inheritance and the lists that several questions share. Not here: who is whose partner (matching.py), the verdicts
(crosswalk.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from orchestration.codebook import SELECT_TYPES, Choice, Codebook, Question
from orchestration.crosswalk import text_score
from orchestration.readers.labels import clean_label
from orchestration.rounds.matching import Asked, matched
from orchestration.rounds.names import unused
from orchestration.rounds.proposals import ProposedChoice, ProposedQuestion, coded, in_order

# From this score on two labels are one choice in other words.
NEAR_LABEL = 85
LEAST_SHARE_KNOWN = 0.5


@dataclass(frozen=True)
class ChoiceList:
    """A choice list of the new round: choices in order, each with its code."""

    name: str
    choices: tuple[ProposedChoice, ...]


@dataclass(frozen=True)
class ProposedCodebook:
    """What will be questions.csv and choices.csv."""

    questions: tuple[ProposedQuestion, ...]
    lists: tuple[ChoiceList, ...]


def proposed_codebook(
    questions: Sequence[ProposedQuestion], earlier: Codebook | None, used_codes: Collection[str] = ()
) -> ProposedCodebook:
    """Give questions the codes, types and lists of the earlier round where they are its questions.

    `used_codes` are the codes of all rounds of the instrument: a new question gets none of them.
    """
    partners = _partners(questions, earlier) if earlier is not None else {}
    named = _with_codes(questions, partners, used_codes)
    typed = [_with_type(question, partners.get(i), earlier) for i, question in enumerate(named)]
    return _with_lists(typed, partners, earlier)


def _partners(questions: Sequence[ProposedQuestion], earlier: Codebook) -> dict[int, Question]:
    new = [Asked(question.code if question.source else "", question.header) for question in questions]
    old = [Asked(question.name, question.header) for question in earlier.questions]
    return {pair.new: earlier.questions[pair.earlier] for pair in matched(new, old)}


def _with_codes(
    questions: Sequence[ProposedQuestion], partners: Mapping[int, Question], used_codes: Collection[str]
) -> list[ProposedQuestion]:
    used = {*used_codes, *(partner.name for partner in partners.values())}
    return [
        replace(question, code=partners[i].name if i in partners else unused(question.code, used))
        for i, question in enumerate(questions)
    ]


def _with_type(question: ProposedQuestion, partner: Question | None, earlier: Codebook | None) -> ProposedQuestion:
    """The earlier type where all values can be of it and the data do not plainly say another."""
    if partner is None or earlier is None:
        return question
    kept = replace(question, is_personal=question.is_personal or partner.is_personal)
    fits = {
        "text": question.base_type in SELECT_TYPES or not question.answered_n,
        "decimal": question.base_type == "integer",
        "integer": question.base_type == "decimal" and "population" in question.roles,
    }
    if kept.is_personal:
        return replace(kept, base_type="text", choices=(), roles=())
    if not question.answered_n or fits.get(partner.base_type, False):
        return replace(kept, base_type=partner.base_type, choices=() if question.answered_n else question.choices)
    if partner.base_type in SELECT_TYPES and question.base_type == "text" and _share_known(question, partner, earlier):
        return replace(kept, base_type=partner.base_type)
    return kept


def _share_known(question: ProposedQuestion, partner: Question, earlier: Codebook) -> bool:
    """Whether at least half of the answers are choices that the earlier round has."""
    labels = {clean_label(choice.label).casefold() for choice in earlier.choices_of(partner)}
    answers = sum(choice.count for choice in question.choices)
    known = sum(choice.count for choice in question.choices if choice.label.casefold() in labels)
    return answers > 0 and known >= LEAST_SHARE_KNOWN * answers


def _with_lists(
    questions: Sequence[ProposedQuestion], partners: Mapping[int, Question], earlier: Codebook | None
) -> ProposedCodebook:
    """One list for each group of select questions that have the same choices."""
    groups: dict[tuple[str, ...], list[int]] = {}
    for i, question in enumerate(questions):
        if question.base_type in SELECT_TYPES:
            groups.setdefault(_group_of(question, partners.get(i)), []).append(i)
    lists: list[ChoiceList] = []
    names: dict[int, str] = {}
    used: set[str] = set()
    for members in groups.values():
        partner = next((partners[i] for i in members if i in partners and partners[i].list_name), None)
        old = earlier.choices_of(partner) if earlier is not None and partner is not None else ()
        choices = _inherited(_together(questions[i] for i in members), old)
        name = unused(_list_name([questions[i] for i in members], partner, choices), used)
        lists.append(ChoiceList(name, choices))
        names |= dict.fromkeys(members, name)
    return ProposedCodebook(
        tuple(replace(question, list_name=names.get(i, "")) for i, question in enumerate(questions)), tuple(lists)
    )


def _group_of(question: ProposedQuestion, partner: Question | None) -> tuple[str, ...]:
    """Questions with one earlier list, rows of one array, or with the same set of labels belong together."""
    if partner is not None and partner.list_name:
        return ("list", partner.list_name)
    if question.array:
        return ("array", question.array)
    return ("labels", *sorted(choice.label for choice in question.choices))


def _together(questions: Iterable[ProposedQuestion]) -> tuple[ProposedChoice, ...]:
    """The choices of several questions as one: counts added, in the order in which they first come."""
    found: dict[str, ProposedChoice] = {}
    keeps_order = False
    for question in questions:
        keeps_order = keeps_order or any(choice.source for choice in question.choices)
        for choice in question.choices:
            first = found.get(choice.label)
            found[choice.label] = replace(choice, count=choice.count + first.count) if first else choice
    choices = tuple(found.values())
    return choices if keeps_order else in_order(choices)


def _inherited(choices: Sequence[ProposedChoice], old: Sequence[Choice]) -> tuple[ProposedChoice, ...]:
    """Choices with the codes and in the order of an earlier list; its others stay if most answers are known to it.

    A label that only adds words to another choice ("Other: a word") is one person's text: it is not carried on.
    """
    codes = _codes_of(choices, old)
    named = {codes[choice.label]: choice for choice in choices if choice.label in codes}
    answers = sum(choice.count for choice in choices)
    known = sum(choice.count for choice in named.values())
    is_same_list = not answers or known >= LEAST_SHARE_KNOWN * answers
    labels = [clean_label(choice.label) for choice in old]
    first = [
        replace(named[choice.name], code=choice.name)
        if choice.name in named
        else ProposedChoice(clean_label(choice.label), 0, choice.name, choice.source)
        for choice in old
        if choice.name in named
        or (is_same_list and not any(clean_label(choice.label).startswith(f"{label}:") for label in labels))
    ]
    rest = [choice for choice in choices if choice.label not in codes]
    return coded([*first, *rest])


def _codes_of(choices: Sequence[ProposedChoice], old: Sequence[Choice]) -> dict[str, str]:
    """The earlier code of each label that an earlier list has, in the same words or in near ones, one to one."""
    scored = [
        (-(101 if choice.label.casefold() == clean_label(other.label).casefold() else score), i, j)
        for i, choice in enumerate(choices)
        for j, other in enumerate(old)
        if (score := text_score(choice.label, other.label)) >= NEAR_LABEL or choice.label == clean_label(other.label)
    ]
    codes: dict[str, str] = {}
    for _, i, j in sorted(scored):
        if choices[i].label not in codes and old[j].name not in codes.values():
            codes[choices[i].label] = old[j].name
    return codes


def _list_name(
    questions: Sequence[ProposedQuestion], partner: Question | None, choices: Sequence[ProposedChoice]
) -> str:
    if partner is not None and partner.list_name:
        return partner.list_name
    if {choice.label.casefold() for choice in choices} == {"yes", "no"}:
        return "yes_no"
    return questions[0].array or questions[0].code
