"""From open answers to codings, to what two coders agree on, to the counts of an item."""

import csv
import io
import subprocess
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import duckdb
import pytest
from deployments import Deployment

from orchestration.landing.codings import Codes, NewCodings, agreements, check_codings, load_frames, open_answers
from orchestration.landing.landing import Landed, land
from orchestration.onboarding.check import OpenQuestion, check_round
from orchestration.pipeline.refresh import RefreshError
from orchestration.rounds.card import RoundCard
from orchestration.rounds.codings import COLUMNS, CodingsError, decisive, load_codings, make_coding, text_hash
from tests.orchestration.readers.deliveries import choices, deliver, question

DAY = date(2030, 5, 1)
QUESTIONS = [
    question("text", "id", "Id", role="response_id"),
    question("text", "wishes", "Wishes"),
    question("text", "hope", "Hope"),
    question("text", "contact", "Contact", is_personal="yes"),
    question("text", "other", "Other"),
    question("select_one yes_no", "plan", "Plan"),
]
CHOICES = choices("yes_no", yes="Yes", no="No")
EXTRACT = (
    "Id,Wishes,Hope,Contact,Other,Plan\n"
    "a,A loan and a map,Better days,Ada,,Yes\n"
    "b,A loan,,Ben,,Yes\n"
    "c,,More rain,Cy,,No\n"
    'd,"Advice,\nplease",,,,No\n'
)
SEEDS = {
    "items": "item_code,label,kind,scale_code,theme_code,item_set,direction,is_dimension,base_rule\n"
    "wanted,Wanted,multiple,wish,t,,,no,all\nhoped,Hoped,single,hope,t,,,no,all\nplan,Plan,single,yes_no,t,,,no,all\n",
    "item_sources": "item_code,instrument,round,question_code,method,choice_map,comparability,note\n"
    "wanted,pulse,2030,wishes,coded,,same,\nhoped,pulse,2030,hope,coded,,same,\nplan,pulse,2030,plan,same,,same,\n",
    "scales": "scale_code,choice_code,label,position,value,group_label\n"
    "wish,money,Money,1,,\nwish,tools,Tools,2,,\nwish,advice,Advice,3,,\nhope,sun,Sun,1,,\nhope,rain,Rain,2,,\n",
}


@pytest.fixture
def card(tmp_path: Path) -> RoundCard:
    card = deliver(tmp_path / "seeds/rounds/pulse/2030", QUESTIONS, CHOICES, EXTRACT, expected_responses=4)
    for name, text in SEEDS.items():
        (tmp_path / "seeds" / f"{name}.csv").write_text(text)
    return card


@pytest.fixture
def landed(card: RoundCard, tmp_path: Path) -> Landed:
    return land(card, tmp_path / "landing")


def seeds_of(card: RoundCard) -> Path:
    return card.folder.parents[2]


def add(card: RoundCard, landed: Landed, response: str, codes: str, coder: str = "anna", **more: object) -> None:
    name = str(more.pop("question", "wishes"))
    new = NewCodings(card, landed, load_frames(card, seeds_of(card)), coder, DAY, **more)  # type: ignore[arg-type]
    new.add([Codes(response, name, tuple(codes.split()))])


def rows(card: RoundCard) -> list[str]:
    return (card.folder / "codings.csv").read_text().splitlines()[1:]


def write(card: RoundCard, *lines: Sequence[str]) -> None:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([COLUMNS, *lines])
    (card.folder / "codings.csv").write_text(out.getvalue())


def states(card: RoundCard, landed: Landed, name: str | None = None) -> dict[tuple[str, str], str]:
    found = open_answers(card, landed, load_frames(card, seeds_of(card)), name)
    return {(answer.response_id, answer.question_code): answer.state for answer in found}


def test_open_answers_wait_until_a_coding_decides_them(card: RoundCard, landed: Landed) -> None:
    waiting = {("a", "wishes"), ("a", "hope"), ("b", "wishes"), ("c", "hope"), ("d", "wishes")}
    assert states(card, landed) == dict.fromkeys(waiting, "not coded")
    add(card, landed, "a", "tools money")
    add(card, landed, "b", "money")
    add(card, landed, "b", "tools", coder="ben")
    assert states(card, landed, "wishes") == {
        ("a", "wishes"): "coded",
        ("b", "wishes"): "coders differ",
        ("d", "wishes"): "not coded",
    }
    add(card, landed, "b", "money", coder="carl", is_final=True)
    assert states(card, landed, "wishes")["b", "wishes"] == "coded"


def test_a_row_quotes_no_text(card: RoundCard, landed: Landed) -> None:
    add(card, landed, "d", "advice")
    assert rows(card) == [f"d,wishes,advice,anna,2030-05-01,,{text_hash('Advice, please')}"]


def test_coders_who_give_the_same_codes_in_another_order_agree(card: RoundCard, landed: Landed) -> None:
    add(card, landed, "a", "tools money")
    add(card, landed, "a", "money tools", coder="ben")
    assert states(card, landed, "wishes")["a", "wishes"] == "coded"


def test_what_counts_is_the_final_coding_else_what_all_coders_said() -> None:
    def coding(codes: str, coder: str, final: str = ""):
        row = {"response_id": "a", "question_code": "q", "codes": codes, "coder": coder, "final": final}
        return make_coding({**row, "file": "f", "line": 2, "coded_on": "2030-05-01", "text_hash": "0" * 12})

    anna, ben, third = coding("x y", "anna"), coding("y x", "ben"), coding("z", "carl")
    final = coding("z", "anna", "yes")
    assert decisive([anna]) == (anna,)
    assert decisive([anna, ben]) == (anna, ben)
    assert decisive([anna, ben, third]) == ()
    assert decisive([anna, ben, third, final]) == (final,)
    assert decisive([anna, ben, final]) == (final,)


@pytest.mark.parametrize(
    ("response", "name", "codes", "told"),
    [
        ("a", "wishes", "mony", "column codes: 'mony' is no choice of the item that is coded from wishes. To do: "),
        ("a", "wishes", "", "column codes: says nothing. To do: write at least one code"),
        ("a", "wishes", "money money", "column codes: 'money money' has a code twice. To do: write each once"),
        ("a", "hope", "sun rain", "sun, rain are several codes, and the item that is coded from hope takes one"),
        ("a", "wish", "money", "column question_code: the codebook has no question 'wish'. To do: write wishes"),
        ("a", "contact", "money", "column question_code: the answers to contact are personal and never landed"),
        ("a", "plan", "yes", "column question_code: plan is a select_one question, whose answers are codes already"),
        ("a", "other", "money", "no item is coded from other. To do: add a row for other with the method coded"),
        ("z", "wishes", "money", "column response_id: pulse.2030 has no answer of 'z' to wishes. To do: take"),
        ("c", "wishes", "money", "column response_id: pulse.2030 has no answer of 'c' to wishes. To do: take"),
    ],
)  # fmt: skip
def test_what_cannot_be_coded_is_refused_and_nothing_is_written(
    card: RoundCard, landed: Landed, response: str, name: str, codes: str, told: str
) -> None:
    with pytest.raises(CodingsError) as refused:
        add(card, landed, response, codes, question=name)
    assert told in str(refused.value)
    assert "codings.csv" in str(refused.value)
    assert not (card.folder / "codings.csv").exists()


def test_a_coder_has_a_name_which_is_no_address(card: RoundCard, landed: Landed) -> None:
    with pytest.raises(CodingsError, match=r"column coder: '' says nothing\. To do: fill it in"):
        add(card, landed, "a", "money", coder=" ")
    with pytest.raises(CodingsError, match=r"column coder: 'ada@city.example' is an address\. To do: write a name"):
        add(card, landed, "a", "money", coder="ada@city.example")


def test_a_coder_codes_an_answer_once_unless_it_is_replaced(card: RoundCard, landed: Landed) -> None:
    add(card, landed, "a", "money")
    with pytest.raises(CodingsError, match=r"row 2: anna has coded the answer as money on 2030-05-01.*give --replace"):
        add(card, landed, "a", "tools")
    add(card, landed, "a", "tools", replaces=True)
    add(card, landed, "a", "advice", coder="ben", is_final=True)
    with pytest.raises(CodingsError, match=r"ben has coded the answer as advice"):
        add(card, landed, "a", "money", coder="carl", is_final=True)
    assert [row.split(",")[2:4] for row in rows(card)] == [["tools", "anna"], ["advice", "ben"]]


LINES = {
    "unknown": ("a", "wishes", "mony", "anna", "2030-05-01", "", "0" * 12),
    "day": ("a", "wishes", "money", "anna", "May", "", "0" * 12),
    "final": ("a", "wishes", "money", "anna", "2030-05-01", "no", "0" * 12),
    "hash": ("a", "wishes", "money", "anna", "2030-05-01", "", "A loan"),
    "good": ("a", "wishes", "money", "anna", "2030-05-01", "", "0" * 12),
}


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["day"], "row 2, column coded_on: 'May' is not a date. To do: write it as YYYY-MM-DD."),
        (["final"], "row 2, column final: 'no' is neither yes nor empty"),
        (["hash"], "row 2, column text_hash: 'A loan' is no hash of a text. To do: have `needs coding add`"),
        (["good", "good"], "row 3: anna has coded the answer on line 2 already. To do: keep one of both."),
    ],
)  # fmt: skip
def test_lines_written_by_hand_are_told_with_row_column_and_remedy(
    card: RoundCard, lines: Sequence[str], told: str
) -> None:
    write(card, *(LINES[name] for name in lines))
    with pytest.raises(CodingsError) as refused:
        load_codings(card.folder)
    assert "codings.csv, " + told in str(refused.value)


def test_two_final_codings_of_an_answer_are_refused(card: RoundCard) -> None:
    final = ("2030-05-01", "yes", "0" * 12)
    write(card, ("a", "wishes", "money", "anna", *final), ("a", "wishes", "tools", "ben", *final))
    with pytest.raises(CodingsError, match="row 3: the answer has a final coding on line 2 already"):
        load_codings(card.folder)


def test_codings_that_do_not_fit_the_landing_are_told_all_at_once(card: RoundCard, landed: Landed) -> None:
    known = text_hash("A loan and a map")
    write(
        card,
        ("a", "wishes", "money", "anna", "2030-05-01", "", known),
        ("a", "wishes", "money", "ben", "2030-05-01", "", "0" * 12),
        ("c", "wishes", "money", "anna", "2030-05-01", "", known),
        ("z", "wishes", "money", "anna", "2030-05-01", "", known),
    )
    codings = load_codings(card.folder)
    with pytest.raises(CodingsError) as refused:
        check_codings({card.key: codings}, {card.key: landed.path})
    assert [(problem.row, problem.column) for problem in refused.value.problems] == [
        (3, "text_hash"),
        (4, "question_code"),
        (5, "response_id"),
    ]
    assert "`needs coding add pulse.2030 wishes a CODES --coder ben --replace`" in str(refused.value)
    assert "A loan" not in str(refused.value)
    check_codings({card.key: codings}, {})


def test_the_words_of_a_text_are_its_hash_not_its_line_breaks() -> None:
    assert text_hash("Advice,\nplease") == text_hash(" Advice,  please") != text_hash("Advice please")


def test_a_round_check_tells_what_waits_and_what_does_not_fit(card: RoundCard, landed: Landed) -> None:
    add(card, landed, "a", "money")
    add(card, landed, "b", "money")
    add(card, landed, "b", "tools", coder="ben")
    found = check_round(seeds_of(card), "pulse/2030")
    assert found.open_questions == (OpenQuestion("wishes", 3, 1, 1, 0), OpenQuestion("hope", 2, 2, 0, 0))
    assert found.coding_problems == ()
    write(card, LINES["unknown"])
    found = check_round(seeds_of(card), "pulse/2030")
    assert [problem.column for problem in found.coding_problems] == ["codes", "text_hash"]
    assert found.open_questions[0] == OpenQuestion("wishes", 3, 2, 0, 1)


# Anna and Ben on ten answers; money: both 4, Anna alone 1, Ben alone 2, neither 3, so kappa is (0.7 - 0.5) / 0.5.
ANNA = ["m", "m", "m", "mt", "mt", "t", "t", "t", "t", "a"]
BEN = ["m", "m", "m", "m", "t", "mt", "mt", "a", "a", "t"]
LETTERS = {"m": "money", "t": "tools", "a": "advice"}


def planted(card: RoundCard, **coders: Sequence[str]) -> None:
    write(
        card,
        *(
            (f"r{number}", "wishes", " ".join(LETTERS[letter] for letter in codes), coder, "2030-05-01", "", "0" * 12)
            for coder, coded in coders.items()
            for number, codes in enumerate(coded)
        ),
        # What was adjudicated, and an answer that one coder alone has, take no part.
        ("r0", "wishes", "advice", "ben", "2030-05-02", "yes", "0" * 12),
        ("r99", "wishes", "advice", "ben", "2030-05-02", "", "0" * 12),
    )


def test_agreement_of_two_coders_is_as_computed_by_hand(card: RoundCard) -> None:
    planted(card, anna=ANNA, ben=BEN)
    (pair,) = agreements(card, "wishes", load_frames(card, seeds_of(card)))
    assert (pair.first, pair.second, pair.agreement.answers_n, pair.agreement.same_n) == ("anna", "ben", 10, 3)
    money, tools, _ = pair.agreement.codes
    assert (money.code, money.agreement_pct, money.kappa) == ("money", 70.0, pytest.approx(0.4))
    assert (tools.code, tools.agreement_pct, tools.kappa) == ("tools", 60.0, pytest.approx(0.12 / 0.52))
    assert [one.response_id for one, _ in pair.differing] == [f"r{number}" for number in range(3, 10)]


def test_each_two_of_three_coders_are_compared(card: RoundCard) -> None:
    planted(card, anna=ANNA, ben=BEN, carl=ANNA)
    pairs = agreements(card, "wishes", load_frames(card, seeds_of(card)))
    assert [(pair.first, pair.second) for pair in pairs] == [("anna", "ben"), ("anna", "carl"), ("ben", "carl")]
    assert pairs[1].agreement.kappa == 1


def test_one_coder_agrees_with_nobody(card: RoundCard, landed: Landed) -> None:
    add(card, landed, "a", "money")
    with pytest.raises(CodingsError, match=r"no two coders have coded the same answers to wishes.*--coder NAME"):
        agreements(card, "wishes", load_frames(card, seeds_of(card)))


ADD = """
import sys
from pathlib import Path
from datetime import date
from orchestration.landing.codings import Codes, NewCodings, load_frames
from orchestration.landing.landing import land
from orchestration.rounds.card import load_round
folder, landing, coder = sys.argv[1:]
card = load_round(Path(folder) / "round.yml")
new = NewCodings(card, land(card, Path(landing)), load_frames(card, card.folder.parents[2]), coder, date(2030, 5, 1))
sys.stdin.readline()
for response in "abd":
    new.add([Codes(response, "wishes", ("money",))])
"""


def test_six_people_who_code_at_once_lose_no_row(card: RoundCard, landed: Landed) -> None:
    names = [f"coder{number}" for number in range(6)]
    arguments = [str(card.folder), str(landed.path.parents[2])]
    started = [
        subprocess.Popen([sys.executable, "-c", ADD, *arguments, name], stdin=subprocess.PIPE, text=True)
        for name in names
    ]
    for process in started:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    assert [process.wait(timeout=120) for process in started] == [0] * 6
    found = {(coding.response_id, coding.coder) for coding in load_codings(card.folder)}
    assert found == {(response, name) for response in "abd" for name in names}
    assert {path.name for path in card.folder.iterdir()} >= {"codings.csv", "round.yml"}
    assert not list(card.folder.glob(".*"))


# The small deployment with an open question beside its others, and one table of the item that is coded from it.
WISHES = {"A": "A loan", "B": "A loan and a map", "C": "A map", "D": "Advice", "E": "Money"}
PULSE = Path("rounds/pulse/2030")


def ask_for_wishes(mini: Deployment) -> None:
    folder = mini.seeds / PULSE
    header, *body = (folder / "extract.csv").read_text().splitlines()
    lines = [f"{header},Wishes", *(f"{line},{WISHES.get(line[0], '')}" for line in body)]
    (folder / "extract.csv").write_text("\n".join(lines) + "\n")
    for name, text in {
        PULSE / "questions.csv": "text,wishes,Wishes,,,,,,6,,,\n",
        "items.csv": "wanted,Wanted,multiple,wish,finance,,,no,all\n",
        "scales.csv": "wish,money,Money,1,,\nwish,tools,Tools,2,,\nwish,advice,Advice,3,,\n",
        "item_sources.csv": "wanted,pulse,2030,wishes,coded,,same,\n",
        "tables.csv": "2030,T2,table,2,Wanted,1,item,choice,,count\n",
        "table_members.csv": "2030,T2,cohort,ALL,1\n2030,T2,item,wanted,1\n",
    }.items():
        with (mini.seeds / name).open("a") as file:
            file.write(text)


def counts(mini: Deployment) -> dict[str, tuple[int, int, int, int]]:
    with duckdb.connect(str(mini.settings.served_database), read_only=True) as connection:
        found = connection.execute(
            "select choice_code, n, base_n, answered_n, members_n from gaps.gap_cube "
            "where cohort_code = 'ALL' and item_code = 'wanted' and dimension_code = 'all'"
        ).fetchall()
    return {choice: tuple(numbers) for choice, *numbers in found}


def test_from_a_text_to_a_count_that_names_its_coder(mini: Deployment) -> None:
    ask_for_wishes(mini)
    report = mini.refresh()
    assert "open_answers_are_coded" in {rule for check in report.checks for rule in check.warnings}
    # Three of eight wrote nothing and are in the base, as of any question; five are not known.
    assert counts(mini)["money"] == (0, 3, 0, 8)
    assert counts(mini)["missing"] == (3, 3, 0, 8)

    listed = mini.needs("coding", "list", "pulse.2030", "wishes", "--csv", "--coder", "anna")
    rows = list(csv.DictReader(io.StringIO(listed.stdout)))
    assert [(row["response_id"], row["text"], row["codes"]) for row in rows] == [(*wish, "") for wish in WISHES.items()]
    sheet = mini.data / "filled_in.csv"
    codes = {"A": "money", "B": "money tools", "C": "tools", "D": "", "E": "mony"}
    lines = (f"{response},wishes,{WISHES[response]},{found}\n" for response, found in codes.items())
    sheet.write_text("response_id,question_code,text,codes\n" + "".join(lines))
    refused = mini.needs("coding", "import", "pulse.2030", str(sheet), "--coder", "anna")
    assert (refused.returncode, "filled_in.csv, row 6, column codes: 'mony'" in refused.stderr) == (1, True)
    assert not (mini.seeds / PULSE / "codings.csv").exists()
    sheet.write_text(sheet.read_text().replace("mony", "money"))
    done = mini.needs("coding", "import", "pulse.2030", str(sheet), "--coder", "anna", "--date", "2030-05-01")
    assert done.returncode == 0, done.stderr
    done = mini.needs("coding", "add", "pulse.2030", "wishes", "C", "money", "--coder", "ben", "--date", "2030-05-02")
    assert done.returncode == 0, done.stderr
    listed = mini.needs("coding", "list", "pulse.2030").stdout
    assert "2 of 5 open answers wait for a coding" in listed
    assert "anna: tools" in listed and "ben: money" in listed
    assert "anna: tools" not in mini.needs("coding", "list", "pulse.2030", "--coder", "ben").stdout

    mini.refresh()
    # C, whose coders differ, and D, whom nobody has coded, are in no count: A, B and E beside the three without a text.
    assert counts(mini)["money"] == (3, 6, 3, 8)
    assert counts(mini)["tools"] == (1, 6, 3, 8)
    assert counts(mini)["missing"] == (3, 6, 3, 8)
    explained = mini.needs("explain", "T2", "Wanted", "Tools", "--csv")
    (row,) = csv.DictReader(io.StringIO(explained.stdout))
    assert (row["response_id"], row["answer"]) == ("B", "Tools")
    assert row["coding"] == "coded from the text by anna on 2030-05-01"

    for response, found in (("C", "tools"), ("D", "advice")):
        new = ("pulse.2030", "wishes", response, found, "--coder", "carl", "--final", "--date", "2030-05-03")
        added = mini.needs("coding", "add", *new)
        assert added.returncode == 0, added.stderr
    agreed = mini.needs("coding", "agree", "pulse.2030", "wishes").stdout
    assert "anna and ben: 1 answers coded by both, 0 alike (0.0 %)" in agreed
    report = mini.refresh()
    assert not [rule for check in report.checks for rule in check.warnings if rule == "open_answers_are_coded"]
    assert counts(mini)["tools"] == (2, 8, 5, 8)
    assert not [name for name, content in mini.release_files().items() if b"A loan and a map" in content]

    extract = mini.seeds / PULSE / "extract.csv"
    extract.write_text(extract.read_text().replace("A loan and a map", "A loan or a map"))
    told = r"codings\.csv, row 3, column text_hash: the answer of B is not the text any more that anna coded"
    with pytest.raises(RefreshError, match=told):
        mini.refresh()
