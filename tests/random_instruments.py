"""Small deployments made by chance, through the real stages: land, build, draft, gate.

Each is a wave of two instruments over shared cities: confidential or public, of cities or of records, with questions of
one choice, of several and of numbers, groups, cohorts within others, needs and services. Several waves are one seeds
folder, for one build costs as much as twenty. Some of what passes the gate is attacked as well.
`make random-instruments` runs many of them.
"""

from __future__ import annotations

import argparse
import csv
import random
import shutil
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml
from deployments import MINI_SEEDS, Deployment
from intruder import Limits, attack, read_folder, read_knowledge

from orchestration.settings import PROJECT_ROOT

if TYPE_CHECKING:
    import dagster as dg

WAVES_A_BUILD = 20
REGISTRY = PROJECT_ROOT / "seeds" / "rounds" / "city_registry" / "2022" / "extract.csv"
PROFILE = {"size_class": "number_classes", "country_to_region": "choice_maps"}
SCALES = {
    "yes_no": ("yes", "no"),
    "challenge": ("low", "some", "high"),
    "plan": ("none", "draft", "adopted", "done"),
    "menu": ("money", "people", "time"),
}
# What says why the gate refused a draft: a table is named, which may be left out.
NAMES_A_TABLE = "hidden_cells_cannot_be_computed"

City = Mapping[str, Any]
Row = dict[str, Any]


class Place(NamedTuple):
    """A city as extracts name it."""

    name: str
    country: str
    population: int


@dataclass(frozen=True)
class Instrument:
    """A round made by chance: its questions, and what each of its rows says."""

    code: str
    unit: str
    is_confidential: bool
    questions: Mapping[str, tuple[str, str]]
    rows: Sequence[City]
    places: Sequence[Place]


@dataclass
class Seeds:
    """Rows of a seeds folder by file."""

    rows: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))

    def add(self, name: str, **row: Any) -> None:
        """One row; what is not said stays empty."""
        self.rows[name].append(row)

    def write(self, folder: Path) -> None:
        """The files, each with the columns that its rows have."""
        for name, rows in self.rows.items():
            write_csv(folder / f"{name}.csv", rows)


def write_csv(path: Path, rows: Sequence[Row], delimiter: str = ",") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n", delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def make_seeds(folder: Path, seeds: Sequence[int]) -> None:
    """A seeds folder with a wave for each seed of chance, named by it."""
    made = Seeds()
    shared = PROJECT_ROOT / "seeds"
    for choice_map, name in PROFILE.items():
        made.rows[name] += [row for row in read_csv(shared / f"{name}.csv") if row["choice_map"] == choice_map]
    profile = ("size_class", "region")
    made.rows["scales"] += [row for row in read_csv(shared / "scales.csv") if row["scale_code"] in profile]
    # The more dimensions, the larger the systems of counts: one of both in most builds.
    grouped = random.Random(seeds[0]).choice((profile, profile[:1], profile[1:]))
    made.rows["items"] += [
        row | {"theme_code": "all", "is_dimension": "yes" if row["item_code"] in grouped else "no"}
        for row in read_csv(shared / "items.csv")
        if row["item_code"] in profile
    ]
    made.rows["thresholds"] += read_csv(MINI_SEEDS / "thresholds.csv")
    made.add("themes", theme_code="all", label="All", chapter="1", position=1)
    for scale, choices in SCALES.items():
        for value, choice in enumerate(choices, 1):
            number = value if scale == "challenge" else ""
            made.add(
                "scales",
                scale_code=scale,
                choice_code=choice,
                label=choice.title(),
                position=value,
                value=number,
                group_label="",
            )
    places = [
        Place(row["city"], row["country_iso2"], int(row["geonames_population"]))
        for row in read_csv(REGISTRY)
        if row["geonames_population"]
    ]
    for seed in seeds:
        _Wave(made, folder, places, seed).make()
    made.write(folder)


class _Wave:
    """One deployment by chance: its rows in the seeds, its rounds below the folder."""

    def __init__(self, made: Seeds, folder: Path, places: Sequence[Place], seed: int) -> None:
        self.made, self.folder = made, folder
        self.chance = random.Random(seed)
        self.wave = f"{seed:04d}"
        unknown = [Place(f"Nowhere {self.wave} {number}", "DE", 9_000 * number) for number in range(1, 4)]
        self.places = self.chance.sample(list(places), self.chance.randint(15, 70)) + unknown

    def make(self) -> None:
        """Two instruments, their cohorts, needs and tables."""
        self.made.add("waves", wave=self.wave, label=self.wave, report="By chance", status="open", report_year=2030)
        first, second = (self._make_instrument(name, rank) for rank, name in enumerate("ab", 1))
        cohorts = [*self._make_cohorts(first, second), *self._make_cohorts(second, first)]
        for cohort in cohorts[1:]:
            if self.chance.random() < 0.6:
                self.made.add("cohort_pairs", cohort_code=cohorts[0], comparison_cohort_code=cohort)
        if not any(row["cohort_code"] == cohorts[0] for row in self.made.rows["cohort_pairs"]):
            self.made.add("cohort_pairs", cohort_code=cohorts[0], comparison_cohort_code=cohorts[-1])
        self._make_card(first, [])
        self._make_card(second, [c for c in cohorts if c.startswith("A") and self.chance.random() < 0.5])
        self._make_needs(first)
        self._make_tables(first, cohorts)

    def _make_instrument(self, name: str, rank: int) -> Instrument:
        chance, code = self.chance, f"{name}{self.wave}"
        unit = "record" if name == "b" and chance.random() < 0.5 else "city"
        asked = {"main": ("select_one", "challenge")}
        asked |= {"plan": ("select_one", "plan")} if chance.random() < 0.7 else {}
        asked |= {"has": ("select_one", "yes_no")} if chance.random() < 0.5 else {}
        asked |= {"help": ("select_multiple", "menu")} if chance.random() < 0.5 else {}
        asked |= {"people": ("integer", "")} if chance.random() < 0.5 else {}
        places = chance.sample(self.places, chance.randint(8, len(self.places)))
        rows = [
            self._answer(asked, place)
            for place in places
            for _ in range(chance.randint(1, 3) if unit == "record" else 1 + (chance.random() < 0.02))
        ]
        is_confidential = chance.random() < (0.7 if name == "a" else 0.4)
        made = Instrument(code, unit, is_confidential, asked, rows, places)
        self.made.add("wave_rounds", wave=self.wave, instrument=code, round="2030", rank=rank)
        self._make_items(made)
        return made

    def _answer(self, asked: Mapping[str, tuple[str, str]], place: Place) -> City:
        chance = self.chance
        answers: dict[str, Any] = {}
        for position, (question, (kind, scale)) in enumerate(asked.items()):
            if chance.random() < 0.08 * (position + 1) / 2:
                answers[question] = ""
            elif kind == "integer":
                answers[question] = place.population
            elif kind == "select_multiple":
                answers[question] = sorted(chance.sample(SCALES[scale], chance.randint(1, len(SCALES[scale]))))
            else:
                choices = SCALES[scale]
                answers[question] = chance.choices(choices, [1, 4, 2, 1][: len(choices)])[0]
        return answers | {"city": place}

    def _make_items(self, made: Instrument) -> None:
        chance = self.chance
        for question, (kind, scale) in made.questions.items():
            # Both instruments may ask the same question.
            item = f"w{self.wave}_{question}" if question == "has" else f"{made.code}_{question}"
            kind_of_item = {"select_one": "single", "select_multiple": "multiple", "integer": "number"}[kind]
            if not any(row["item_code"] == item for row in self.made.rows["items"]):
                self.made.add(
                    "items", item_code=item, label=item.replace("_", " "), kind=kind_of_item, scale_code=scale,
                    theme_code="all", item_set="",
                    direction="higher_is_more_need" if question == "main" else "",
                    is_dimension="yes" if question in ("plan", "has") and chance.random() < 0.3 else "no",
                    base_rule=chance.choice(("all", "all", "answered")),
                    follows_city="yes" if question == "has" or chance.random() < 0.5 else "no",
                )  # fmt: skip
            method = "number" if kind == "integer" else "same"
            self._add_source(made, item, question, method, pick="any" if kind_of_item == "multiple" else "latest")
        if "people" in made.questions and chance.random() < 0.5:
            self._add_source(made, "size_class", "people", "class", choice_map="size_class")
        if chance.random() < 0.3:
            self._add_source(made, "region", "country", "map", choice_map="country_to_region")
        if made.unit == "record":
            listed = {"theme_code": "all", "item_set": "", "direction": "", "base_rule": "all", "follows_city": "yes"}
            self.made.add(
                "items", item_code=f"in_{made.code}", label=f"In {made.code}", kind="single", scale_code="yes_no",
                is_dimension=chance.choice(("yes", "no", "no")), **listed,
            )  # fmt: skip
            self.made.add(
                "items", item_code=f"{made.code}_n", label=f"Records in {made.code}", kind="number", scale_code="",
                is_dimension="no", **listed,
            )  # fmt: skip
            for item, pick in ((f"in_{made.code}", "any"), (f"{made.code}_n", "count")):
                for own in (pick, "none"):
                    self._add_source(made, item, "city", "answered", pick=own)

    def _add_source(
        self, made: Instrument, item: str, question: str, method: str, choice_map: str = "", pick: str = ""
    ) -> None:
        pick = (pick or "latest") if made.unit == "record" else ""
        self.made.add(
            "item_sources", item_code=item, instrument=made.code, round="2030", question_code=question, method=method,
            choice_map=choice_map, comparability="same", note="", pick=pick,
        )  # fmt: skip

    def _make_cohorts(self, own: Instrument, other: Instrument) -> list[str]:
        """All cities of an instrument, and some that meet a condition: of its own, or of the other instrument."""
        letter = own.code[0].upper()
        cohorts = [f"{letter}{self.wave}"]
        named = {row["city"].name for row in own.rows}
        conditions: list[tuple[str, Row]] = []
        for question in ("plan", "has", "main"):
            if question in own.questions and self.chance.random() < 0.4:
                item = f"w{self.wave}_has" if question == "has" else f"{own.code}_{question}"
                last = {row["city"].name: row[question] for row in own.rows}
                given = Counter(answer for answer in last.values() if answer)
                # One of the few records of a city counts: a common answer is one of some city's last.
                choice = given.most_common(1)[0][0]
                conditions.append((question, {"item_code": item, "choice_code": choice, "instrument": ""}))
        if named & {row["city"].name for row in other.rows if not row["city"].name.startswith("Nowhere")} and (
            self.chance.random() < 0.5
        ):
            conditions.append(("other", {"item_code": "", "choice_code": "", "instrument": other.code}))
        for name, condition in conditions[: self.chance.choice((1, 1, 1, 2))]:
            cohorts.append(f"{letter}{self.wave}_{name}")
            self.made.add("cohort_filters", cohort_code=cohorts[-1], **condition)
        for position, cohort in enumerate(cohorts):
            self.made.add(
                "cohorts", cohort_code=cohort, label=cohort, instrument=own.code,
                position=position + (10 if letter == "B" else 0), is_census="no", description=cohort,
            )  # fmt: skip
        return cohorts

    def _make_card(self, made: Instrument, complete_for: Sequence[str]) -> None:
        folder = self.folder / "rounds" / made.code / "2030"
        card = {
            "title": made.code, "producer": "Chance", "platform": "delimited", "extract": "extract.csv",
            "fieldwork_start": None, "fieldwork_end": None, "licence": "CC0-1.0", "citation": "Made by chance.",
            "expected_responses": None, "rejected_share_limit": 0.0, "synthetic": self.chance.random() < 0.5,
            "unit": made.unit, "confidential": made.is_confidential, "joined_by": "|", "delimiter": ";",
        }  # fmt: skip
        card |= {"complete_for": list(complete_for)} if complete_for and made.unit == "record" else {}
        folder.mkdir(parents=True)
        (folder / "round.yml").write_text(yaml.safe_dump(card), encoding="utf-8")
        fixed = {
            "id": ("text", "", "response_id"), "city": ("text", "", "city_name"),
            "country": ("select_one", "country", "country"),
        }  # fmt: skip
        has_role = self.chance.random() < 0.7
        own = {
            name: (kind, scale, "population" if name == "people" and has_role else "")
            for name, (kind, scale) in made.questions.items()
        }
        questions = [
            {
                "type": f"{kind} {scale}".strip(), "name": name, "label": name.title(), "hint": "",
                "required": "", "relevant": "", "constraint": "", "section": "", "question_number": position,
                "matrix": "", "role": role, "is_personal": "",
            }
            for position, (name, (kind, scale, role)) in enumerate((fixed | own).items(), 1)
        ]  # fmt: skip
        write_csv(folder / "questions.csv", questions)
        countries = sorted({place.country for place in made.places})
        lists = {"country": countries} | {scale: SCALES[scale] for _, scale in made.questions.values() if scale}
        choices = [
            {"list_name": name, "name": choice, "label": choice if name == "country" else choice.title(), "position": n}
            for name, own_choices in lists.items()
            for n, choice in enumerate(own_choices, 1)
        ]
        write_csv(folder / "choices.csv", choices)
        rows = [
            {"Id": number, "City": row["city"].name, "Country": row["city"].country}
            | {question.title(): _text(row[question]) for question in made.questions}
            for number, row in enumerate(made.rows, 1)
        ]
        write_csv(folder / "extract.csv", rows, ";")

    def _make_needs(self, first: Instrument) -> None:
        need = f"need{self.wave}"
        self.made.add("needs", need_code=need, label=need, theme_code="all")
        asked = [("main", ("high",)), ("main", ("some", "high"))]
        if "help" in first.questions:
            asked += [("help", ("money",)), ("help", ("money", "people"))]
        question, choices = self.chance.choice(asked)
        for choice in choices:
            item = f"{first.code}_{question}"
            self.made.add(
                "need_evidence", need_code=need, item_code=item, choice_code=choice, is_chosen="yes", basis="stated"
            )
        if "help" in first.questions and self.chance.random() < 0.5:
            self._make_service(first, need)

    def _make_service(self, first: Instrument, need: str) -> None:
        code = f"service{self.wave}"
        empty = dict.fromkeys(("channel", "format", "audience", "selection_rule", "capacity_limit", "line"), "")
        self.made.add(
            "services", service_code=code, label=code, purpose="By chance", owner="Chance", **empty,
            position=int(self.wave) + 1,
        )  # fmt: skip
        self.made.add(
            "service_status", service_code=code, wave=self.wave, status="existing", launched_on="",
            for_mission_cities="yes", for_others="yes", basis="inferred", line="", source="Chance",
        )  # fmt: skip
        self.made.add("service_needs", service_code=code, need_code=need, basis="inferred", line="")
        for choice in ("people", "time"):
            self.made.add(
                "service_interest", service_code=code, item_code=f"{first.code}_help", choice_code=choice,
                basis="inferred", line="",
            )  # fmt: skip

    def _make_tables(self, first: Instrument, cohorts: Sequence[str]) -> None:
        self.made.add(
            "tables", wave=self.wave, table_id="T1", source="table", number=1, title="Main", section="1",
            row_axis="cohort", column_axis="choice", dimension_code="", measure="count",
        )  # fmt: skip
        members = [
            ("item", f"{first.code}_main"),
            *(("cohort", cohort) for cohort in cohorts if cohort.startswith("A")),
        ]
        for position, (kind, code) in enumerate(members, 1):
            self.made.add(
                "table_members", wave=self.wave, table_id="T1", member_kind=kind, member_code=code, position=position
            )


def _text(answer: Any) -> str:
    return "|".join(choice.title() for choice in answer) if isinstance(answer, list) else str(answer).title()


class Verdict(NamedTuple):
    """What came of a wave: whether the gate accepted it, and what was said; of an attacked one, how much it hides."""

    wave: str
    outcome: str
    said: str
    hidden_n: int = 0


def judge(deployment: Deployment, seeds: Sequence[int], attacked_each: int = 0) -> Iterator[Verdict]:
    """Land and build some waves together, then draft and judge each; of what passes one in so many is attacked."""
    import dagster as dg

    from orchestration.deployment.waves import GateError, draft_wave
    from orchestration.knowledge.load import load_knowledge
    from orchestration.pipeline.dbt import ensure_manifest
    from orchestration.pipeline.graph import build_definitions
    from orchestration.pipeline.jobs import BUILD, LAND

    make_seeds(deployment.seeds, seeds)
    settings = deployment.settings
    definitions = build_definitions(settings, load_knowledge(settings.seeds))
    quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    options: dict[str, Any] = {"run_config": quiet, "raise_on_error": False}
    with dg.DagsterInstance.ephemeral() as instance:
        for card in sorted((deployment.seeds / "rounds").glob("*/*/round.yml")):
            key = f"{card.parent.parent.name}.{card.parent.name}"
            landed = definitions.resolve_job_def(LAND)
            _require(landed.execute_in_process(partition_key=key, **options, instance=instance))
        _require(definitions.resolve_job_def(BUILD).execute_in_process(**options, instance=instance))
    manifest = ensure_manifest(settings.dbt_target)
    for seed in seeds:
        wave = f"{seed:04d}"
        try:
            draft_wave(settings, wave, manifest)
        except GateError as error:
            rules = [outcome.rule for outcome in error.outcomes if outcome.severity == "error" and not outcome.passed]
            yield Verdict(wave, "refused" if rules == [NAMES_A_TABLE] else "other", str(error))
        except Exception as error:
            yield Verdict(wave, "other", f"{type(error).__name__}: {error}")
        else:
            is_attacked = attacked_each and seed % attacked_each == 0
            yield _attack(deployment, wave) if is_attacked else Verdict(wave, "accepted", "")


def _require(result: dg.ExecuteInProcessResult) -> None:
    """Raises RuntimeError with what the step said that failed."""
    for event in result.all_events:
        if event.is_step_failure:
            failure = event.step_failure_data.user_failure_data
            raise RuntimeError(failure.description if failure else str(event.step_failure_data.error))


def _attack(deployment: Deployment, wave: str) -> Verdict:
    settings = deployment.settings
    public, inside = (read_folder(settings.drafts / wave / audience) for audience in ("public", "internal"))
    own = settings.disclosure
    limits = Limits(own.minimum_frequency, own.minimum_base, own.minimum_group)
    filters = deployment.seeds / "cohort_filters.csv"
    defining = {row["item_code"] for row in read_csv(filters)} if filters.exists() else set()
    try:
        found = attack(public, inside, read_knowledge(settings.checked_database, wave), limits, defining)
    except ValueError as error:
        return Verdict(wave, "other", f"the attack: {error}")
    if found.findings:
        return Verdict(wave, "told", "\n".join(map(str, found.findings[:5])), found.hidden_n)
    return Verdict(wave, "accepted", "", found.hidden_n)


def judge_many(folder: Path, first: int, number: int, attacked_each: int) -> Iterator[Verdict]:
    """Waves by chance, some a build; dbt's parse of the project is kept from build to build."""
    deployment = Deployment(folder / "seeds", folder / "data", folder / "releases")
    for start in range(first, first + number, WAVES_A_BUILD):
        shutil.rmtree(deployment.seeds, ignore_errors=True)
        for path in deployment.data.glob("*") if deployment.data.exists() else ():
            if path.name != "dbt":
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        yield from judge(deployment, range(start, min(start + WAVES_A_BUILD, first + number)), attacked_each)


def main() -> int:
    """Print what came of each wave, then the table of outcomes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--number", type=int, default=300)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--attacked-each", type=int, default=20, help="0: none; an attack takes half a minute")
    arguments = parser.parse_args()
    outcomes: Counter[str] = Counter()
    hidden_n = 0
    with tempfile.TemporaryDirectory() as own:
        folder = arguments.folder or Path(own)
        for verdict in judge_many(folder, arguments.first, arguments.number, arguments.attacked_each):
            outcomes[verdict.outcome] += 1
            hidden_n += verdict.hidden_n
            print(f"{time.strftime('%X')} {verdict.wave}: {verdict.outcome} {verdict.said}", flush=True)
    print(f"{dict(outcomes)}, {hidden_n} counts hidden in what was attacked")
    return 1 if outcomes["other"] or outcomes["told"] else 0


if __name__ == "__main__":
    sys.exit(main())
