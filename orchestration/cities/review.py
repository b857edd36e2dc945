"""The review of open names: which names lead to no city, and the confirmed name that settles one.

Not here: why a name is open (link.py) and what it may mean (suggest.py).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from orchestration.cities.gazetteer import load_gazetteer
from orchestration.cities.link import own_key
from orchestration.common.decisions import Decision, decide
from orchestration.common.strict_csv import csv_text
from orchestration.common.text import normalise
from orchestration.knowledge.load import load_seed
from orchestration.knowledge.rows.cities import GEONAMES_KEY, CityAlias
from orchestration.settings import Settings
from orchestration.warehouse.build_record import read_column

if TYPE_CHECKING:
    import pyarrow as pa

NEW = "new"
FILE = "city_aliases.csv"


class CityReviewError(ValueError):
    """A name that cannot be confirmed as asked; the message says why and what to do."""


def open_names(database: Path, country: str | None = None) -> pa.Table:
    """Rows of `facts.fct_city_review`, of one country or all, by country and name."""
    import duckdb

    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(
            "from facts.fct_city_review where $country is null or country_code = $country "
            "order by country_code, city_name, instrument, round",
            {"country": country},
        ).to_arrow_table()


def confirm_name(settings: Settings, country: str, name: str, city_key: str, reason: str, on: str) -> CityAlias:
    """Write the row that confirms a name. Raises CityReviewError, or KnowledgeError where the seed cannot be read."""
    with decide(settings.seeds) as decision:
        return _confirm_name(settings, decision, country, name, city_key, reason, on)


def _confirm_name(
    settings: Settings, decision: Decision, country: str, name: str, city_key: str, reason: str, on: str
) -> CityAlias:
    path = settings.seeds / FILE
    decided = load_seed(path, CityAlias)
    key = own_key(country, name) if city_key == NEW else city_key
    fields = {"country_code": country, "name": name, "city_key": key, "reason": reason, "decided_on": on}
    try:
        alias = CityAlias.model_validate(fields)
    except ValidationError as error:
        told = "; ".join(f"{'.'.join(map(str, issue['loc']))}: {issue['msg']}" for issue in error.errors())
        raise CityReviewError(f"This cannot be confirmed: {told}.") from error
    same = next((row for row in decided if row.place == alias.place), None)
    if same:
        raise CityReviewError(
            f"{country} {name!r} is decided already: {same.city_key} since {same.decided_on} ({same.reason}). "
            f"Correct that row of {path} if it is wrong."
        )
    if not normalise(name):
        raise CityReviewError(f"{name!r} has no letter or digit to compare. Give the name as responses write it.")
    known = _known_city_keys(settings.served_database)
    if city_key == NEW and key in known:
        raise CityReviewError(f"There is a city {key} already. Confirm the name as {key}, or ask what else it means.")
    if city_key != NEW:
        _check_key(key, country, known, {row.city_key for row in decided})
    in_order = sorted([*decided, alias], key=lambda row: (row.country_code, row.name))
    decision.write(path, csv_text(list(CityAlias.model_fields), (row.model_dump(mode="json") for row in in_order)))
    return alias


def _check_key(key: str, country: str, known: set[str], decided: set[str]) -> None:
    """Raise unless the key is a place of the country, or a city that is known without one."""
    if not GEONAMES_KEY.fullmatch(key):
        if key not in known | decided:
            raise CityReviewError(
                f"There is no city {key}. See `needs cities review` for suggestions, or write {NEW!r} for a city that "
                "the gazetteer lacks."
            )
        return
    place = load_gazetteer().place(key.removeprefix("gn-"))
    if place is None and key not in known:
        raise CityReviewError(f"Neither gazetteer nor registry has {key}. See `needs cities review` for suggestions.")
    if place is not None and place.country != country:
        raise CityReviewError(f"{key} is {place.name} in {place.country}, not in {country}. Correct one of both.")


def _known_city_keys(served: Path) -> set[str]:
    query = "select city_key from intermediate.int_response_cities where city_key <> response_key and not is_pseudonym"
    return set(read_column(served, query, {})) if served.exists() else set()
