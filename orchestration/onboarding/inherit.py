"""What proposed questions take over from an earlier round: codes, types, choice lists and what a person had reviewed.

Here: inheritance and the lists that several questions share. Not here: who is whose partner (matching.py), the verdicts
(crosswalk.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from orchestration.common.text import clean_label
from orchestration.common.values import Fault, cell_text
from orchestration.onboarding.files import Row, codebook_texts
from orchestration.onboarding.matching import Asked, match_questions
from orchestration.onboarding.names import unused
from orchestration.onboarding.proposals import ProposedChoice, ProposedQuestion, give_codes, in_order
from orchestration.rounds.choices import ChoiceReader
from orchestration.rounds.codebook import NUMBER_TYPES, SELECT_TYPES, Choice, Codebook, Question
from orchestration.rounds.crosswalk import text_score

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

    def texts(self) -> dict[str, str]:
        """The contents of both files by name."""
        choices = (
            {"list_name": listed.name, "name": choice.code, "label": choice.label, "source": choice.source}
            for listed in self.lists
            for choice in listed.choices
        )
        return codebook_texts(map(_row, self.questions), choices)


def _row(question: ProposedQuestion) -> Row:
    return {
        "type": f"{question.base_type} {question.list_name}".strip(),
        "name": question.code,
        "label": question.label,
        "matrix": question.matrix,
        "role": " ".join(question.roles),
        "is_personal": "yes" if question.is_personal else "",
        "source": question.source,
        **question.reviewed,
    }


def propose_codebook(
    questions: Sequence[ProposedQuestion], earlier: Codebook | None, used_codes: Collection[str] = ()
) -> ProposedCodebook:
    """Give questions the codes, types and lists of the earlier round where they are its questions.

    `used_codes` are the codes of all rounds of the instrument: a new question gets none of them.
    """
    partners = _partners(questions, earlier) if earlier is not None else {}
    named = _with_codes(questions, partners, used_codes)
    typed = [_with_type(question, partners.get(i), earlier) for i, question in enumerate(named)]
    return _with_conditions_that_hold(_with_lists(_with_reviewed(typed, partners), partners, earlier))


def _partners(questions: Sequence[ProposedQuestion], earlier: Codebook) -> dict[int, Question]:
    new = [Asked(question.code if question.source else "", question.header) for question in questions]
    old = [Asked(question.name, question.header) for question in earlier.questions]
    return {pair.new: earlier.questions[pair.earlier] for pair in match_questions(new, old)}


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
    if kept.is_personal:
        return replace(kept, base_type="text", choices=(), roles=())
    if not question.answered_n:
        return replace(kept, base_type=partner.base_type)
    if partner.base_type in SELECT_TYPES:
        choices = _read_as(question, partner, earlier)
        return replace(kept, base_type=partner.base_type, choices=choices, remark="") if choices else kept
    fits = {
        "text": question.base_type in SELECT_TYPES,
        "decimal": question.base_type == "integer",
        "integer": question.base_type == "decimal" and "population" in question.roles,
    }
    return replace(kept, base_type=partner.base_type, choices=()) if fits.get(partner.base_type, False) else kept


def _read_as(question: ProposedQuestion, partner: Question, earlier: Codebook) -> tuple[ProposedChoice, ...]:
    """The values as the choices of an earlier question, with what is none of them; nothing unless most are known."""
    old = earlier.choices_of(partner)
    is_multiple = partner.base_type == "select_multiple"
    reader = ChoiceReader(str(partner.list_name), old, is_multiple)
    counts: Counter[str] = Counter()
    for text in question.texts:
        found = reader.split(text.label) if is_multiple else None
        known = found.choices if found else reader.read(text.label)
        labels = [text.label] if isinstance(known, Fault) else [choice.label for choice in known]
        labels += found.unknown if found else ()
        for label in dict.fromkeys(filter(None, map(clean_label, labels))):
            counts[label] += text.count
    codes = _codes_of([ProposedChoice(label, count) for label, count in counts.items()], old)
    is_known = sum(counts[label] for label in codes) >= LEAST_SHARE_KNOWN * counts.total() > 0
    own_codes = {choice.label: choice.code for choice in question.choices}
    choices = (ProposedChoice(label, count, own_codes.get(label, "")) for label, count in counts.items())
    return tuple(choices) if is_known else ()


def _with_reviewed(questions: Sequence[ProposedQuestion], partners: Mapping[int, Question]) -> list[ProposedQuestion]:
    """Roles and the columns that only a person writes, as the earlier round has them."""
    held = {role for partner in partners.values() for role in partner.roles}
    return [
        replace(question, roles=partners[i].roles, reviewed=_reviewed(question, partners[i]))
        if i in partners and (partners[i].roles or set(question.roles) <= held)
        else replace(
            question,
            roles=tuple(role for role in question.roles if role not in held),
            reviewed=_reviewed(question, partners[i]) if i in partners else question.reviewed,
        )
        for i, question in enumerate(questions)
    ]


def _reviewed(question: ProposedQuestion, partner: Question) -> dict[str, str]:
    is_number = question.base_type in NUMBER_TYPES
    constraint = partner.constraint if is_number else None
    own = question.reviewed.get("constraint", "") if is_number else ""
    bounds = [] if constraint is None else [(">=", constraint.minimum), ("<=", constraint.maximum)]
    relevant = partner.relevant
    return {
        "hint": partner.hint,
        "required": "yes" if partner.is_required else "",
        "relevant": f"${{{relevant.question}}} = '{relevant.choice}'" if relevant else "",
        "constraint": " and ".join(f". {sign} {cell_text(bound)}" for sign, bound in bounds if bound is not None)
        or own,
        "section": partner.section,
        "question_number": partner.question_number,
    }


def _with_conditions_that_hold(codebook: ProposedCodebook) -> ProposedCodebook:
    """Without conditions that name a question or a choice which is not there any more, said so."""
    choices = {listed.name: {choice.code for choice in listed.choices} for listed in codebook.lists}
    conditions = {
        f"${{{question.code}}} = '{code}'"
        for question in codebook.questions
        if question.base_type == "select_one" and not question.is_personal
        for code in choices.get(question.list_name, ())
    }

    def checked(question: ProposedQuestion) -> ProposedQuestion:
        condition = question.reviewed.get("relevant", "")
        if not condition or condition in conditions:
            return question
        remark = f"its condition {condition} names what this round does not have, so it is left out"
        return replace(question, reviewed={**question.reviewed, "relevant": ""}, remark=question.remark or remark)

    return replace(codebook, questions=tuple(map(checked, codebook.questions)))


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
    return give_codes([*first, *rest])


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
