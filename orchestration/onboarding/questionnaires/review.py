"""What a person has to look at in an imported codebook: personal questions and roles.

Here: what the words of a question suggest. Personal is marked at once, since an answer that has been landed cannot be
taken back; a role is only suggested. Not here: what personal and roles do (readers/rows.py, codebook.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from orchestration.onboarding.questionnaires.imported import ImportedCodebook, ImportedQuestion, Kind, Note

_FREE_TYPES = ("text", "integer", "decimal")
_PERSONAL = re.compile(
    r"\be-?mail\b|\bcourriel\b|\b(?:tele)?phone\b|\bt[ée]l[ée]phone\b|\btelefon\w*\b|\bmobile number\b"
    r"|\b(?:first|last|family|full|your) names?\b|\bsurname\b|\bcontact person\b|\brespondent'?s? name\b"
    r"|\bname of (?:the )?(?:respondent|contact)\b|\b(?:home|postal|street|ip) address\b",
    re.IGNORECASE,
)
_ROLES = {
    "response_id": r"\b(?:response|contribution|submission|case) id\b",
    "respondent": r"\b(?:token|respondent id|participant id)\b",
    "submitted_at": r"\b(?:date submitted|submission date|submitdate|submitted at|creation date)\b",
    "city_name": r"\b(?:city|municipality|town)\b",
    "country": r"\bcountry\b",
    "population": r"\b(?:population|inhabitants)\b",
}


def review(codebook: ImportedCodebook) -> ImportedCodebook:
    """The codebook with what looks personal marked so, and notes on that and on roles."""
    notes = list(codebook.notes)
    questions = []
    for question in codebook.questions:
        word = _personal_word(question)
        if word:
            notes.append(Note(Kind.LOOK, question.name, f"marked personal: its text says {word!r}"))
            question = replace(question, is_personal=True)
        questions.append(question)
    reviewed = replace(codebook, questions=tuple(questions))
    return replace(reviewed, notes=(*notes, *_role_notes(reviewed)))


def _texts(question: ImportedQuestion) -> Iterator[str]:
    yield from (question.label, question.matrix, *question.labels.values(), question.name.replace("_", " "))


def _personal_word(question: ImportedQuestion) -> str:
    if question.is_personal or question.base_type not in _FREE_TYPES or question.role:
        return ""
    found = (_PERSONAL.search(text) for text in _texts(question))
    return next((match[0] for match in found if match), "")


def _role_notes(codebook: ImportedCodebook) -> Iterator[Note]:
    given = {role for question in codebook.questions for role in question.role.split()}
    for role, words in _ROLES.items():
        if role in given:
            continue
        question = next((q for q in codebook.questions if _may_have(q, words)), None)
        if question is not None:
            yield Note(Kind.LOOK, question.name, f"may have the role {role}: {question.label!r}")


def _may_have(question: ImportedQuestion, words: str) -> bool:
    return (
        not question.is_personal
        and question.base_type != "select_multiple"
        and any(re.search(words, text, re.IGNORECASE) for text in _texts(question))
    )
