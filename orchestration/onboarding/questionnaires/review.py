"""What a person has to look at in an imported codebook: personal questions and roles.

Here: what the words of a question suggest. Personal is marked at once, since an answer that has been landed cannot be
taken back; a role is only suggested. Not here: what personal and roles do (readers/rows.py, codebook.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from orchestration.onboarding.questionnaires.imported import ImportedCodebook, ImportedQuestion, Kind, Note
from orchestration.onboarding.wording import is_personal_heading, may_name_persons, personal_phrase, says_role

_FREE_TYPES = ("text", "integer", "decimal")
# Roles that are suggested, in the order in which they are told.
_ROLES = ("response_id", "respondent", "submitted_at", "city_name", "country", "population")


def review(codebook: ImportedCodebook) -> ImportedCodebook:
    """The codebook with what looks personal marked so, and notes on that and on roles."""
    notes = list(codebook.notes)
    questions = []
    for question in codebook.questions:
        word = _personal_word(question)
        if word:
            notes.append(Note(Kind.LOOK, question.name, f"marked personal: its text says {word!r}"))
            question = replace(question, is_personal=True)
        elif _is_perhaps_personal(question):
            notes.append(Note(Kind.LOOK, question.name, "may name persons: mark it personal if it does"))
        questions.append(question)
    reviewed = replace(codebook, questions=tuple(questions))
    return replace(reviewed, notes=(*notes, *_role_notes(reviewed)))


def _texts(question: ImportedQuestion) -> Iterator[str]:
    yield from (question.label, question.matrix, *question.labels.values(), question.name.replace("_", " "))


def _personal_word(question: ImportedQuestion) -> str:
    if question.is_personal or question.base_type not in _FREE_TYPES or question.role:
        return ""
    said = (personal_phrase(text) or (text if is_personal_heading(text) else "") for text in _texts(question))
    return next(filter(None, said), "")


def _is_perhaps_personal(question: ImportedQuestion) -> bool:
    is_open = question.base_type == "text" and not question.is_personal and not question.role
    return is_open and may_name_persons(question.label)


def _role_notes(codebook: ImportedCodebook) -> Iterator[Note]:
    given = {role for question in codebook.questions for role in question.role.split()}
    for role in _ROLES:
        if role in given:
            continue
        question = next((q for q in codebook.questions if _may_have(q, role, codebook.language)), None)
        if question is not None:
            yield Note(Kind.LOOK, question.name, f"may have the role {role}: {question.label!r}")


def _may_have(question: ImportedQuestion, role: str, language: str) -> bool:
    return (
        not question.is_personal
        and question.base_type != "select_multiple"
        and any(says_role(text, role, ("en", language)) for text in _texts(question))
    )
