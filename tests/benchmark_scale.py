"""A refresh of N answers, stage by stage, beside a script by hand in DuckDB: `make bench-scale N=1000000`.

The extract is made of a bundled round: its respondents again and again, as Parquet or CSV, each with an id and a
pseudonym of its own. Of the survey nearly every answer is read by an item; of the Expression of Interest (`eoi.2021`)
one in twelve. All other rounds are as they are bundled. The script (`peers/long.sql`, `peers/cube.sql`) reads the same
file into one row an answer, which it keeps as Parquet (beside landing), and counts the cube of the same round of them
(beside the models up to the cube); its counts have to be ours.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import psutil
import yaml
from deployments import Deployment

from orchestration.deployment.runs import HOLDING, Stage, stages
from orchestration.settings import PROJECT_ROOT, environment_with
from orchestration.warehouse.manifest import read_manifest

ROUND = "nmc_survey.2024"
SCRIPTS = Path(__file__).with_name("peers")
FORMS = {"parquet": "parquet", "csv": "delimited"}
ID = "contribution_id"
PSEUDONYM = "city"
SAMPLING_SECONDS = 0.2
CUBE = "model.city_needs.int_cube_counts"
GIBIBYTE = 2**30
STAGES_SHOWN = 100


@dataclass(frozen=True)
class Measured:
    """What a part of a run took: seconds, seconds of CPU, the most memory at a time and the most disk, in GiB."""

    seconds: float
    cpu: float
    memory: float
    disk: float


@dataclass(frozen=True)
class Run:
    """A refresh of `answers_n` answers: its stages by name, seconds of each model, and what the script took."""

    round: str
    answers_n: int
    whole: Measured
    stages: Mapping[str, Measured]
    models: Mapping[str, float]
    models_to_cube: frozenset[str]
    script: Mapping[str, float]

    @property
    def landing(self) -> float:
        """Seconds of landing the round that is large."""
        return self.stages[f"land {self.round}"].seconds

    @property
    def to_cube(self) -> float:
        """Seconds of the models up to the cube."""
        return sum(seconds for name, seconds in self.models.items() if name in self.models_to_cube)

    @property
    def after_cube(self) -> float:
        """Seconds of all other models."""
        return sum(self.models.values()) - self.to_cube


def main() -> None:
    """Measure each size that is asked for and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("answers", type=int, nargs="+", help="how many answers the extract has, about")
    parser.add_argument("--round", default=ROUND, help="the bundled round that is repeated: instrument.round")
    parser.add_argument("--form", choices=FORMS, default="parquet")
    parser.add_argument("--models", type=int, default=12, help="how many of the slowest models are shown")
    asked = parser.parse_args()
    runs = []
    for answers_n in asked.answers:
        with tempfile.TemporaryDirectory(prefix="bench-scale-") as folder:
            runs.append(measure(Path(folder), answers_n, asked.form, asked.round))
        print("\n".join(report(runs[-1], asked.models)), flush=True)
    for smaller, larger in itertools.pairwise(runs):
        print("\n".join(growth(smaller, larger)))


def measure(folder: Path, answers_n: int, form: str = "parquet", key: str = ROUND) -> Run:
    """Make the extract, refresh, run the script, and compare the counts of both."""
    deployed = Deployment(folder / "seeds", folder / "data", folder / "releases")
    shutil.copytree(PROJECT_ROOT / "seeds", deployed.seeds)
    extract = deliver(deployed.seeds.joinpath("rounds", *key.split(".")), folder, answers_n, form)
    whole, samples = refresh(deployed)
    by_stage = {f"{one.stage} {one.of}".strip(): _measured(one, samples) for one in _stages_of(deployed)}
    script = subprocess.run(
        [sys.executable, "-W", "ignore", __file__, "script", str(extract), str(deployed.seeds), str(folder), key],
        capture_output=True,
        text=True,
        check=True,
    )
    assert_same_cube(deployed, folder / "cube.parquet", key)
    return Run(
        round=key,
        answers_n=_landed_n(deployed, key),
        whole=whole,
        stages=by_stage,
        models=_seconds_of_models(deployed),
        models_to_cube=_models_to_cube(deployed),
        script=json.loads(script.stdout.splitlines()[-1]),
    )


def deliver(round_folder: Path, aside: Path, answers_n: int, form: str) -> Path:
    """Put a repeated extract into a round in place of the bundled one; returns its file."""
    import duckdb

    from orchestration.landing.landing import land
    from orchestration.rounds.card import load_round

    landed = land(load_round(round_folder / "round.yml"), aside / "bundled")
    extract = round_folder / f"extract.{form}"
    with duckdb.connect() as connection:
        connection.execute("create table landed as from read_parquet(?)", [str(landed.path / "answers.parquet")])
        connection.execute(
            "create table respondents as select row_number() over (order by response_id) - 1 as number, "
            "response_id from (select distinct response_id from landed)"
        )
        connection.execute(_WIDE)
        (asked_n,) = connection.execute("select count(*) from respondents").fetchone() or (0,)
        responses_n = max(1, round(answers_n * asked_n / landed.answers_n))
        names = [row[1] for row in csv.reader((round_folder / "questions.csv").open(encoding="utf-8"))][1:]
        given = {row[0] for row in connection.execute("describe wide").fetchall()}
        cells = ", ".join(
            f"{PSEUDONYM} || copy as {PSEUDONYM}"
            if name == PSEUDONYM
            else f'"{name}"'
            if name in given
            else f"'' as \"{name}\""
            for name in names
        )
        options = "format parquet, compression zstd" if form == "parquet" else "format csv, header"
        connection.execute(
            f"copy (select response_id || copy as {ID}, {cells} from wide "
            f"inner join (select number, number % {asked_n} as respondent, case when number >= {asked_n} then '-' || "
            f"(number // {asked_n}) else '' end as copy from range({responses_n}) as numbers (number)) as copies "
            f"using (respondent) order by number) to '{extract}' ({options})"
        )
    _write_card(round_folder, extract, form, responses_n)
    return extract


_WIDE = """
create table wide as
pivot (
    select
        respondents.number as respondent,
        response_id,
        question_code,
        string_agg(coalesce(choice_code, value_text, cast(cast(value_date as date) as varchar),
            case when value_number = floor(value_number) then cast(cast(value_number as bigint) as varchar)
            else cast(value_number as varchar) end), ';' order by choice_code) as answer
    from landed inner join respondents using (response_id)
    group by all
) on question_code using first(answer) group by respondent, response_id
"""


def _write_card(folder: Path, extract: Path, form: str, responses_n: int) -> None:
    card = yaml.safe_load((folder / "round.yml").read_text(encoding="utf-8"))
    card |= {"platform": FORMS[form], "extract": extract.name, "expected_responses": responses_n}
    card |= {"encoding": "utf-8", "delimiter": ","} if form == "csv" else {}
    del card["sha256"]
    (folder / "round.yml").write_text(yaml.safe_dump(card), encoding="utf-8")
    with (folder / "questions.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    # The file names its columns by code, as a platform does that exports codes.
    rows = [{**row, "source": row["name"]} for row in rows]
    rows.append(
        dict.fromkeys(rows[0], "") | {"type": "text", "name": ID, "label": ID, "source": ID, "role": "response_id"}
    )
    _write_rows(folder / "questions.csv", rows)
    for crosswalk in folder.parent.glob("*/crosswalk.csv"):
        with crosswalk.open(encoding="utf-8", newline="") as file:
            verdicts = list(csv.DictReader(file))
        own = {"earlier_round": folder.name, "earlier_code": ID, "verdict": "dropped", "confirmed": "yes"}
        verdicts.append(dict.fromkeys(verdicts[0], "") | own)
        _write_rows(crosswalk, verdicts)


def _write_rows(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


class Sample(NamedTuple):
    """What a process has used of a machine at a moment: seconds of CPU so far, memory and disk in GiB."""

    moment: float
    cpu: float
    memory: float
    disk: float


def refresh(deployed: Deployment) -> tuple[Measured, list[Sample]]:
    """A refresh in a process of its own, and samples of it."""
    places = {"NEEDS_SEEDS": str(deployed.seeds), "NEEDS_DATA": str(deployed.data)}
    # The same respondents again and again pack better than any extract of different ones.
    places["NEEDS_READING__CELLS_A_BYTE"] = "1000000"
    samples: list[Sample] = []
    start = time.time()
    with (deployed.seeds.parent / "refresh.log").open("w") as log:
        process = subprocess.Popen(
            [str(Path(sys.executable).with_name("needs")), "refresh"],
            env=environment_with({**places, "NEEDS_RELEASES": str(deployed.releases)}),
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        ended = threading.Event()
        sampler = threading.Thread(target=_sample, args=(process.pid, deployed.data, ended, samples))
        sampler.start()
        code = process.wait()
        ended.set()
        sampler.join()
    if code:
        sys.exit((deployed.seeds.parent / "refresh.log").read_text())
    return _summed(time.time() - start, samples), samples


def _sample(pid: int, data: Path, ended: threading.Event, samples: list[Sample]) -> None:
    while not ended.wait(SAMPLING_SECONDS):
        try:
            top = psutil.Process(pid)
            used = [_used(process) for process in [top, *top.children(recursive=True)]]
            ended_children = top.cpu_times()
        except psutil.NoSuchProcess:
            return
        cpu = sum(one for one, _ in used) + ended_children.children_user + ended_children.children_system
        memory = sum(one for _, one in used) / GIBIBYTE
        samples.append(Sample(time.time(), cpu, memory, sum(_sizes(data)) / GIBIBYTE))


def _used(process: psutil.Process) -> tuple[float, int]:
    try:
        times = process.cpu_times()
        return times.user + times.system, int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0, 0


def _summed(seconds: float, samples: Sequence[Sample]) -> Measured:
    """What a time took, of the samples in it."""
    if not samples:
        return Measured(seconds, 0, 0, 0)
    cpu = samples[-1].cpu - samples[0].cpu
    return Measured(seconds, cpu, max(one.memory for one in samples), max(one.disk for one in samples))


def _sizes(folder: Path) -> Iterator[int]:
    for where, _, names in os.walk(folder):
        for name in names:
            try:
                yield (Path(where) / name).stat().st_size
            except OSError:
                continue


def _stages_of(deployed: Deployment) -> list[Stage]:
    """The stages of the refresh in their order."""
    return [one for one in reversed(stages(deployed.settings, STAGES_SHOWN)) if one.stage not in HOLDING]


def _measured(stage: Stage, samples: Sequence[Sample]) -> Measured:
    # The run table tells when a stage began to the second.
    start = datetime.fromisoformat(stage.started_at).timestamp()
    seconds = stage.seconds or 0
    return _summed(seconds, [sample for sample in samples if start <= sample.moment <= start + seconds + 1])


def _seconds_of_models(deployed: Deployment) -> dict[str, float]:
    """What Dagster was told of each model."""
    import dagster as dg

    from orchestration.pipeline.runs import open_instance

    deployed.settings.prepare_environment()
    seconds = {}
    with open_instance(deployed.settings.dagster_home) as instance:
        for name, node in read_manifest(deployed.settings.dbt_target)["nodes"].items():
            event = instance.get_latest_materialization_event(dg.AssetKey([node["schema"], node["name"]]))
            if event and event.asset_materialization:
                seconds[name] = float(event.asset_materialization.metadata["Execution Duration"].value)
    return seconds


def _models_to_cube(deployed: Deployment) -> frozenset[str]:
    """The cube's counts and all models that they are made of."""
    manifest = read_manifest(deployed.settings.dbt_target)
    found = [CUBE]
    for name in found:
        found += [
            parent for parent in manifest["parent_map"][name] if parent.startswith("model.") and parent not in found
        ]
    return frozenset(found)


def _landed_n(deployed: Deployment, key: str) -> int:
    return next(int(one.facts["answers_n"]) for one in _stages_of(deployed) if one.of == key)


def assert_same_cube(deployed: Deployment, by_hand: Path, key: str) -> None:
    """Every count of the script is the warehouse's, in each wave. Raises AssertionError with those that differ."""
    import duckdb

    with duckdb.connect(str(deployed.settings.served_database), read_only=True) as connection:
        different = connection.execute(
            f"""select waves.wave, by_hand.*, counts.n as warehouse_n
            from read_parquet('{by_hand}') as by_hand
            inner join knowledge.wave_rounds as waves on concat_ws('.', waves.instrument, waves.round) = '{key}'
            left join intermediate.int_cube_counts as counts using (
                wave, cohort_code, item_code, choice_code, dimension_code, member_code)
            where counts.n is distinct from by_hand.n order by all limit 5"""
        ).fetchall()
        (compared_n,) = connection.execute(f"select count(*) from read_parquet('{by_hand}')").fetchone() or (0,)
    if different or not compared_n:
        raise AssertionError(f"of {compared_n} counts by hand differ: {different}")


def read_extract(extract: str) -> str:
    """What DuckDB reads an extract by, every column of a CSV as text."""
    return f"read_parquet('{extract}')" if extract.endswith("parquet") else f"read_csv('{extract}', all_varchar = true)"


def run_script(extract: str, seeds: str, folder: str, key: str) -> None:
    """The script in this process: seconds of reading the file and keeping its answers, and of counting them."""
    import duckdb

    long = f"{folder}/long.parquet"
    with duckdb.connect(config={"temp_directory": folder, "memory_limit": "4GiB"}) as connection:
        start = time.perf_counter()
        connection.execute(f"create view extract as from {read_extract(extract)}")
        answers = (SCRIPTS / "long.sql").read_text(encoding="utf-8").rstrip(";\n")
        connection.execute(f"copy ({answers}) to '{long}' (format parquet, compression zstd)")
        read = time.perf_counter() - start
        start = time.perf_counter()
        connection.execute(f"create view long as from read_parquet('{long}')")
        for name, value in dict(zip(("seeds", "instrument", "round"), (seeds, *key.split(".")), strict=True)).items():
            connection.execute(f"set variable {name} = '{value}'")
        connection.execute((SCRIPTS / "cube.sql").read_text(encoding="utf-8"))
        count = time.perf_counter() - start
        connection.execute(f"copy cube to '{folder}/cube.parquet' (format parquet)")
    print(json.dumps({"read": read, "count": count}))


def report(run: Run, models_n: int) -> list[str]:
    """The run as lines of a table."""
    lines = [f"{run.answers_n:,} answers", f"  {'stage':<34}{'s':>8}{'CPU s':>8}{'GiB':>8}{'disk':>8}{'answers/s':>12}"]
    for name, found in {"whole refresh": run.whole, **run.stages}.items():
        rate = run.answers_n / found.seconds if found.seconds else 0
        lines.append(
            f"  {name:<34}{found.seconds:>8.1f}{found.cpu:>8.1f}{found.memory:>8.2f}{found.disk:>8.2f}{rate:>12,.0f}"
        )
    lines += [
        f"  landing {run.landing:.1f} s, {run.landing / run.script['read']:.2f} times the script's reading "
        f"({run.script['read']:.1f} s)",
        f"  models up to the cube {run.to_cube:.1f} s, {run.to_cube / run.script['count']:.2f} times the script's "
        f"counting ({run.script['count']:.1f} s)",
        f"  models after the cube {run.after_cube:.1f} s",
    ]
    slowest = sorted(run.models.items(), key=lambda pair: -pair[1])[:models_n]
    return lines + [f"    {seconds:>8.2f}  {name.split('.', 2)[2]}" for name, seconds in slowest]


def growth(smaller: Run, larger: Run) -> list[str]:
    """Growth exponents from one size to the next: 1 is time in proportion to answers."""
    from math import log

    times = log(larger.answers_n / smaller.answers_n)
    parts = {
        "whole refresh": (smaller.whole.seconds, larger.whole.seconds),
        "landing": (smaller.landing, larger.landing),
        "models up to the cube": (smaller.to_cube, larger.to_cube),
        "models after the cube": (smaller.after_cube, larger.after_cube),
    }
    return [f"growth exponents from {smaller.answers_n:,} to {larger.answers_n:,} answers"] + [
        f"  {name:<34}{log(second / first) / times:>8.2f}" for name, (first, second) in parts.items()
    ]


if __name__ == "__main__":
    if sys.argv[1:2] == ["script"]:
        run_script(*sys.argv[2:])
    else:
        main()
