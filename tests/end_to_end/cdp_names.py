"""European respondents of the CDP portal's exports as two rounds that name their city, landed and linked."""

import csv
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from deployments import CDP_EXTRACT

from orchestration.cities.link import link_cities
from orchestration.knowledge.load import load_knowledge
from orchestration.knowledge.rows.cities import CityDecisions
from orchestration.landing.landing import land
from orchestration.rounds.card import load_rounds
from orchestration.rounds.codebook import load_codebook
from orchestration.settings import PROJECT_ROOT

ROUNDS = {2018: CDP_EXTRACT, 2019: CDP_EXTRACT.with_name("2019_City-wide_Emissions.csv")}
# As CDP writes them, with their ISO codes.
COUNTRIES = {
    "Albania": "AL", "Belgium": "BE", "Bulgaria": "BG", "Croatia": "HR", "Denmark": "DK", "Estonia": "EE",
    "Finland": "FI", "France": "FR", "Georgia": "GE", "Germany": "DE", "Gibraltar": "GI", "Greece": "GR",
    "Iceland": "IS", "Italy": "IT", "Latvia": "LV", "Lithuania": "LT", "Monaco": "MC", "Montenegro": "ME",
    "Netherlands": "NL", "Norway": "NO", "Poland": "PL", "Portugal": "PT", "Romania": "RO",
    "Russian Federation": "RU", "Slovenia": "SI", "Spain": "ES", "Sweden": "SE", "Switzerland": "CH", "Turkey": "TR",
    "United Kingdom of Great Britain and Northern Ireland": "GB",
}  # fmt: skip
QUESTIONS = """\
type,name,label,hint,required,relevant,constraint,section,question_number,matrix,role,is_personal
text,account,Account Number,,yes,,,,,,response_id city_id,
text,city,City,,,,,,,,city_name,
text,organization,Organization,,,,,,,,organisation,
select_one country,country,Country,,yes,,,,,,country,
"""
CARD = """\
title: CDP
producer: CDP
platform: delimited
extract: extract.csv
fieldwork_start: null
fieldwork_end: null
licence: CDP Open Data Portal terms of use
citation: CDP Open Data Portal
expected_responses: null
rejected_share_limit: 0
synthetic: false
"""


def european_rounds(seeds: Path) -> Path:
    """A seeds folder with a round a year, and the registry of Mission Cities."""
    shutil.copytree(PROJECT_ROOT / "seeds" / "rounds" / "city_registry", seeds / "rounds" / "city_registry")
    for year, export in ROUNDS.items():
        folder = seeds / "rounds" / "cdp" / str(year)
        folder.mkdir(parents=True)
        (folder / "questions.csv").write_text(QUESTIONS)
        (folder / "round.yml").write_text(CARD)
        choices = (f'country,{code},"{name}",{n}\n' for n, (name, code) in enumerate(COUNTRIES.items(), start=1))
        (folder / "choices.csv").write_text("list_name,name,label,position\n" + "".join(choices))
        with export.open(encoding="utf-8-sig") as file, (folder / "extract.csv").open("w", encoding="utf-8") as extract:
            columns = ["Account Number", "City", "Organization", "Country"]
            writer = csv.DictWriter(extract, columns, extrasaction="ignore")
            writer.writeheader()
            writer.writerows(row for row in csv.DictReader(file) if row["CDP Region"] == "Europe")
    return seeds


def linked(seeds: Path, landing: Path, aliases: Sequence[Any] = ()) -> dict[str, list[dict[str, Any]]]:
    """The rows of each table about cities."""
    rounds = load_rounds(seeds)
    landed = {card.key: land(card, landing).path for card in rounds}
    codebooks = {card.key: load_codebook(card.folder) for card in rounds}
    wrappers = load_knowledge(PROJECT_ROOT / "seeds").city_decisions().wrappers
    tables = link_cities(rounds, codebooks, landed, CityDecisions(aliases, wrappers))
    return {name: table.to_pylist() for name, table in tables.items()}
