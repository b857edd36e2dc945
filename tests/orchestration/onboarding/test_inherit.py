"""What a new round takes over from the codebook of the earlier one."""

from pathlib import Path

from orchestration.extracts.delimited import TextForm
from orchestration.onboarding.extract_table import read_extract_table
from orchestration.onboarding.inherit import ProposedCodebook, propose_codebook
from orchestration.onboarding.proposals import propose_questions
from orchestration.rounds.codebook import Codebook, load_codebook
from tests.orchestration.readers.deliveries import CHOICES, QUESTIONS, choices, part_of, question, write_codebook

HEADER = (
    "Name of the respondent,Response code,City,Is there a target?,Which support?,Inhabitants,"
    "Share (%),Adopted on,How pressing are these needs?: Finance\n"
)
ROW = "Ada,r{n},Alpha,Planned; not adopted,Money;Advice; training,{n},1.5,2024-01-31,2\n"


def inherited(tmp_path: Path, header: str, *rows: str, earlier: Codebook | None = None) -> ProposedCodebook:
    """The codebook proposed for an extract after a round with the small questionnaire of every type."""
    if earlier is None:
        write_codebook(tmp_path, QUESTIONS, CHOICES)
        earlier = load_codebook(tmp_path)
    table = read_extract_table(part_of("x.csv", (header + "".join(rows)).encode()), TextForm())
    return propose_codebook(propose_questions(table), earlier)


def test_types_roles_and_reviewed_columns_are_those_of_the_earlier_round(tmp_path: Path) -> None:
    found = inherited(tmp_path, HEADER, *(ROW.format(n=n) for n in range(6)))
    assert [question.code for question in found.questions] == [row["name"] for row in QUESTIONS]
    by_code = {question.code: question for question in found.questions}
    assert {code: q.base_type for code, q in by_code.items()} == {
        row["name"]: row["type"].split()[0] for row in QUESTIONS
    }
    assert (by_code["respondent"].is_personal, by_code["code"].roles, by_code["city"].roles) == (
        True, ("response_id",), ("city_pseudonym",),
    )  # fmt: skip
    assert by_code["population"].reviewed["constraint"] == ". >= 1 and . <= 1000000"
    assert by_code["support"].reviewed["relevant"] == "${target} = 'existing'"
    assert by_code["city"].reviewed["required"] == "yes"


def test_choices_whose_labels_hold_the_separator_are_read_as_the_earlier_round_reads_them(tmp_path: Path) -> None:
    found = inherited(tmp_path, HEADER, *(ROW.format(n=n) for n in range(6)))
    lists = {listed.name: {choice.code: choice.count for choice in listed.choices} for listed in found.lists}
    assert lists["target"] == {"existing": 0, "planned": 6, "none": 0}
    assert lists["support"] == {"money": 6, "advice": 6, "advice_only": 0, "staff": 0}
    assert list(lists["scale"]) == ["c1", "c2", "c3"]


def test_a_condition_on_what_is_not_asked_any_more_is_left_out_and_told(tmp_path: Path) -> None:
    header = "Response code,Which support?\n"
    found = inherited(tmp_path, header, *(f"r{n},Money\n" for n in range(6)))
    support = found.questions[1]
    assert support.reviewed["relevant"] == ""
    assert support.remark.startswith("its condition ${target} = 'existing' names what this round does not have")


def test_a_choice_in_other_words_keeps_its_code_and_one_persons_text_is_not_carried_on(tmp_path: Path) -> None:
    write_codebook(
        tmp_path,
        [question("text", "id", "Code", role="response_id"), question("select_one m", "m", "Which method?")],
        choices("m", gpc="Global Protocol for Community-Scale Emissions", o="Other", o1="Other: BISKO", ipcc="IPCC"),
    )
    words = ["Global Protocol for Community Scale Emissions (new)", "Other", "Other: ADEME"]
    rows = [f"r{n},{words[n % 2] if n else words[2]}\n" for n in range(12)]
    found = inherited(tmp_path, "Code,Which method?\n", *rows, earlier=load_codebook(tmp_path))
    (listed,) = found.lists
    assert [(choice.code, choice.label, choice.count) for choice in listed.choices] == [
        ("gpc", "Global Protocol for Community Scale Emissions (new)", 5),
        ("o", "Other", 6),
        ("ipcc", "IPCC", 0),
        ("other_ademe", "Other: ADEME", 1),
    ]
