"""What a confirmed crosswalk writes into the seeds."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from orchestration.onboarding.confirm import confirm_round
from orchestration.onboarding.start import start_round
from orchestration.rounds.codebook import CodebookError
from orchestration.rounds.crosswalk import CROSSWALK_COLUMNS, CrosswalkError, load_crosswalk
from tests.orchestration.readers.deliveries import Row, choices, csv_text, question, write_card, write_codebook

ITEMS = """item_code,label,kind,scale_code,theme_code,item_set,direction,is_dimension,base_rule
region,Region,single,region,profile,,,no,all
plan,Plan,single,plan,profile,,,no,all
staff,Staff,number,,profile,,,no,all
"""
SCALES = """scale_code,choice_code,label,position,value,group_label
region,north,North,1,,
region,south,South,2,,
plan,yes,Yes,1,,
plan,no,No,2,,
"""
SOURCES = """item_code,instrument,round,question_code,method,choice_map,comparability,note
region,x,2024,land,map,regions,same,
region,y,2020,land,map,regions,other source,"a list, of others"
plan,x,2024,plan,same,,same,
staff,x,2024,staff,number,,same,as stated
"""
MAPS = """choice_map,source_choice,choice_code
regions,fi,north
regions,it,south
sizes,small,s
"""
WAVES = """wave,label,report,status,report_year
2023,Old,R,closed,2023
2024,First,R,open,2024
2025,Second,R,planned,2025
"""
LANDS = choices("land", fi="Finland", it="Italy", other="Other")
PLAN = choices("plan", yes="Yes", no="No")


def asked(staff: str = "How many people?") -> list[Row]:
    return [
        question("text", "id", "Code", role="response_id"),
        question("select_one land", "land", "Which country?"),
        question("select_one plan", "plan", "Is there a plan?"),
        question("integer", "staff", staff),
    ]


def crosswalk(**verdicts: str) -> str:
    """The crosswalk of 2025 with 2024; questions that are not named are the same."""
    rows = [
        {
            **dict.fromkeys(CROSSWALK_COLUMNS, ""),
            "question_code": "" if verdicts.get(code) == "dropped" else code,
            "earlier_round": "2024",
            "earlier_code": code,
            "verdict": verdicts.get(code, "same"),
        }
        for code in ("id", "land", "plan", "staff")
    ]
    return csv_text(CROSSWALK_COLUMNS, rows)


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    """Two rounds of the instrument x, items that the first one feeds, and an open crosswalk."""
    texts = {"items": ITEMS, "scales": SCALES, "item_sources": SOURCES, "choice_maps": MAPS, "waves": WAVES}
    for name, text in texts.items():
        (tmp_path / f"{name}.csv").write_text(text)
    (tmp_path / "wave_rounds.csv").write_text("wave,instrument,round,rank\n2024,x,2024,1\n2024,y,2020,2\n")
    for name in ("2024", "2025"):
        write_codebook(tmp_path / "rounds/x" / name, asked(), [*LANDS, *PLAN])
        write_card(tmp_path / "rounds/x" / name)
    (tmp_path / "rounds/x/2025/crosswalk.csv").write_text(crosswalk())
    return tmp_path


def second(seeds: Path, questions: Sequence[Row], choice_rows: Sequence[Row], **verdicts: str) -> None:
    """Change the second round and its crosswalk."""
    write_codebook(seeds / "rounds/x/2025", questions, choice_rows)
    (seeds / "rounds/x/2025/crosswalk.csv").write_text(crosswalk(**verdicts))


def content(seeds: Path) -> dict[str, str]:
    """Every file of the seeds."""
    return {str(path.relative_to(seeds)): path.read_text() for path in sorted(seeds.rglob("*.csv"))}


def test_items_are_fed_by_the_same_questions_each_beside_its_earlier_source(seeds: Path) -> None:
    found = confirm_round(seeds, "x/2025", take_all=True)
    assert (found.confirmed, found.open, found.to_decide) == (("id", "land", "plan", "staff"), (), ())
    assert (seeds / "item_sources.csv").read_text() == (
        "item_code,instrument,round,question_code,method,choice_map,comparability,note\n"
        "region,x,2024,land,map,regions,same,\n"
        "region,x,2025,land,map,regions,same,\n"
        'region,y,2020,land,map,regions,other source,"a list, of others"\n'
        "plan,x,2024,plan,same,,same,\n"
        "plan,x,2025,plan,same,,same,\n"
        "staff,x,2024,staff,number,,same,as stated\n"
        "staff,x,2025,staff,number,,same,as stated\n"
    )
    assert found.added[0] == ("item_sources.csv", "region,x,2025,land,map,regions,same,")
    assert all(row.is_confirmed for row in load_crosswalk(seeds / "rounds/x/2025/crosswalk.csv").rows)


def test_a_second_confirmation_changes_nothing(seeds: Path) -> None:
    confirm_round(seeds, "x/2025", take_all=True, wave="2025")
    before = content(seeds)
    again = confirm_round(seeds, "x/2025", take_all=True, wave="2025")
    assert (again.confirmed, again.added, again.to_decide) == ((), (), ())
    assert content(seeds) == before


def test_only_named_rows_are_confirmed_and_only_they_have_consequences(seeds: Path) -> None:
    found = confirm_round(seeds, "x/2025", ["staff"])
    assert (found.confirmed, found.open) == (("staff",), ("id", "land", "plan"))
    assert [line for _, line in found.added] == ["staff,x,2025,staff,number,,same,as stated"]
    assert confirm_round(seeds, "x/2025").confirmed == ()


def test_a_reworded_question_makes_the_item_less_comparable(seeds: Path) -> None:
    second(seeds, asked("How many persons?"), [*LANDS, *PLAN], staff="reworded")
    added = confirm_round(seeds, "x/2025", ["staff"]).added
    assert added == (("item_sources.csv", "staff,x,2025,staff,number,,reworded,as stated"),)


def test_a_new_scale_and_a_dropped_question_are_told_not_written(seeds: Path) -> None:
    second(seeds, asked()[:3], [*LANDS, *choices("plan", yes="Yes", maybe="Maybe")], plan="new scale", staff="dropped")
    found = confirm_round(seeds, "x/2025", ["plan", "staff"])
    assert found.added == ()
    assert [told.split(":")[0] for told in found.to_decide] == ["item plan", "item staff"]
    assert "have a new scale" in found.to_decide[0]
    assert "staff is dropped, so 2025 does not feed it" in found.to_decide[1]


def test_maps_get_lines_for_new_choices_that_are_plain_and_ask_for_the_others(seeds: Path) -> None:
    (seeds / "choice_maps.csv").write_text(MAPS.replace("sizes", "regions,other,south\nsizes"))
    lands = choices("land", fi="Finland", it="Italy", other="Other", oth="Other: Malta", fin="Finland.", no="Norway")
    second(seeds, asked(), [*lands, *PLAN], land="reworded")
    found = confirm_round(seeds, "x/2025", ["land"])
    assert (seeds / "choice_maps.csv").read_text() == (
        "choice_map,source_choice,choice_code\nregions,fi,north\nregions,it,south\nregions,other,south\n"
        "regions,oth,south\nregions,fin,north\nsizes,small,s\n"
    )
    (told,) = found.to_decide
    assert "the choice map regions has no line for no (Norway)" in told


def test_choices_outside_an_items_scale_are_told(seeds: Path) -> None:
    second(seeds, asked(), [*LANDS, *choices("plan", yes="Yes", no="No", soon="Soon")], plan="reworded")
    (told,) = confirm_round(seeds, "x/2025", ["plan"]).to_decide
    assert told.startswith("item plan: its scale has no choice soon.")


def test_countries_that_are_new_are_added_to_the_scale_of_an_item_that_takes_them_as_they_are(seeds: Path) -> None:
    questions = [{**row, "role": "country"} if row["name"] == "land" else row for row in asked()]
    write_codebook(seeds / "rounds/x/2024", questions, [*choices("land", north="N", south="S"), *PLAN])
    second(seeds, questions, [*choices("land", south="S", east="East\u00a0land"), *PLAN])
    (seeds / "item_sources.csv").write_text(SOURCES.replace("land,map,regions", "land,same,"))
    found = confirm_round(seeds, "x/2025", ["land"])
    assert (found.to_decide, found.added[1:]) == ((), (("scales.csv", "region,east,East land,3,,"),))
    assert (seeds / "scales.csv").read_text().splitlines()[3:5] == ["region,east,East land,3,,", "plan,yes,Yes,1,,"]
    assert confirm_round(seeds, "x/2025", ["land"]).added == ()


def test_a_wave_draws_on_the_round(seeds: Path) -> None:
    found = confirm_round(seeds, "x/2025", wave="2025")
    assert found.added == (("wave_rounds.csv", "2025,x,2025,1"),)
    drawn = (seeds / "wave_rounds.csv").read_text().splitlines()
    assert drawn == ["wave,instrument,round,rank", "2024,x,2024,1", "2024,y,2020,2", "2025,x,2025,1"]


def test_a_wave_has_one_round_of_an_instrument(seeds: Path) -> None:
    with pytest.raises(CrosswalkError, match="wave 2024 draws on x 2024 already"):
        confirm_round(seeds, "x/2025", wave="2024")


@pytest.mark.parametrize(
    ("wave", "reason"),
    [
        ("2023", "wave 2023 is closed"),
        ("2030", r"no wave '2030'. To do: name one that is open or planned \(2023,"),
    ],
)
def test_a_wave_that_is_closed_or_unknown_is_refused(seeds: Path, wave: str, reason: str) -> None:
    before = content(seeds)
    with pytest.raises(CrosswalkError, match=reason):
        confirm_round(seeds, "x/2025", take_all=True, wave=wave)
    assert content(seeds) == before


def test_a_crosswalk_at_odds_with_the_codebooks_confirms_nothing(seeds: Path) -> None:
    second(seeds, asked(), [*LANDS, *choices("plan", yes="Yes", soon="Soon")])
    before = content(seeds)
    with pytest.raises(CrosswalkError, match="choices added: soon; choices removed: no"):
        confirm_round(seeds, "x/2025", take_all=True)
    assert content(seeds) == before


def test_a_name_that_is_misspelt_is_told_with_the_nearest(seeds: Path) -> None:
    with pytest.raises(CrosswalkError, match=r"no row is of the question staf. To do: write staff"):
        confirm_round(seeds, "x/2025", ["staf"])
    with pytest.raises(CrosswalkError, match=r"there is no round 'x/2052'. To do: write x/2025"):
        confirm_round(seeds, "x/2052")


def test_an_item_is_told_whose_source_the_crosswalk_does_not_compare(seeds: Path) -> None:
    write_codebook(seeds / "rounds/x/2023", asked(), [*LANDS, *PLAN])
    write_card(seeds / "rounds/x/2023")
    (seeds / "rounds/x/2025/crosswalk.csv").write_text(crosswalk().replace("2024", "2023"))
    assert confirm_round(seeds, "x/2025", ["id"]).to_decide == ()
    told = confirm_round(seeds, "x/2025", take_all=True).to_decide
    assert [line.split(":")[0] for line in told] == ["item region", "item plan", "item staff"]
    assert told[0].startswith("item region: land of 2024 feeds it, and no question of 2025 does.")


@pytest.mark.parametrize(("kept", "item"), [(2, "plan"), (3, "staff")])
def test_an_item_is_told_whose_source_is_dropped(seeds: Path, kept: int, item: str) -> None:
    dropped = dict.fromkeys(("plan", "staff")[kept - 2 :], "dropped")
    second(seeds, asked()[:kept], [*LANDS, *PLAN], **dropped)
    told = confirm_round(seeds, "x/2025", take_all=True).to_decide
    assert f"item {item}: {item} is dropped, so 2025 does not feed it" in told
    assert confirm_round(seeds, "x/2025").to_decide == told


def test_an_item_is_told_whose_source_is_personal_now(seeds: Path) -> None:
    questions = [*asked()[:3], question("text", "staff", "How many people?", is_personal="yes")]
    second(seeds, questions, [*LANDS, *PLAN], staff="new scale")
    found = confirm_round(seeds, "x/2025", ["staff"])
    assert found.added == ()
    assert found.to_decide[0].startswith("item staff: staff is personal now, so 2025 does not feed it")


def test_no_message_lists_nothing(tmp_path: Path) -> None:
    with pytest.raises(CrosswalkError, match="To do: run `needs round new` first"):
        confirm_round(tmp_path, "x/2024")
    write_codebook(tmp_path / "rounds/x/2024", asked(), [*LANDS, *PLAN])
    write_card(tmp_path / "rounds/x/2024")
    with pytest.raises(CrosswalkError, match=r"no row is of the question plan. To do: leave it out: the round has no"):
        confirm_round(tmp_path, "x/2024", ["plan"])
    with pytest.raises(CrosswalkError, match=r"To do: write one of x/2024\."):
        confirm_round(tmp_path, "something/else")


def test_a_first_round_begins_with_items_a_cohort_and_tables(tmp_path: Path) -> None:
    write_codebook(tmp_path / "rounds/x/2024", asked(), [*LANDS, *PLAN])
    write_card(tmp_path / "rounds/x/2024")
    added = start_round(tmp_path, "x/2024", "2024")
    assert [line for file, line in added if file == "item_sources.csv"] == [
        "land,x,2024,land,same,,same,,,,",
        "plan,x,2024,plan,same,,same,,,,",
        "staff,x,2024,staff,number,,same,,,,",
    ]
    assert ("wave_rounds.csv", "2024,x,2024,1,") in added
    with pytest.raises(CodebookError, match="3 items draw on x already"):
        start_round(tmp_path, "x/2024", "2024")
