"""The review of open names: which names lead to no city, and the confirmed name that settles one.

Not here: why a name is open (cities.py) and what it may mean (city_suggestions.py).
"""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from pydantic import ValidationError

from orchestration.cities import own_key
from orchestration.gazetteer import load_gazetteer
from orchestration.knowledge import load_seed
from orchestration.readers.labels import normalised
from orchestration.seed_rows.cities import GEONAMES_KEY, CityAlias, CountryName
from orchestration.settings import Settings, load_settings

if TYPE_CHECKING:
    import pyarrow as pa

NEW = "new"
FILE = "city_aliases.csv"

app = typer.Typer(no_args_is_help=True, help="Names that lead to no city, and what they mean.")


class CityReviewError(ValueError):
    """A name that cannot be confirmed as asked; the message says why and what to do."""


@app.command()
def review(
    country: Annotated[str | None, typer.Option(help="Only names of this country (ISO code).")] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV, all rows and columns.")] = False,
    limit: Annotated[int, typer.Option(help="Names shown as a table.", min=1)] = 50,
) -> None:
    """List the names that lead to no city, with up to three cities that each may mean."""
    from rich.console import Console

    from orchestration.query import show_csv, show_rows

    database = load_settings().served_database
    if not database.exists():
        _leave(f"There is no warehouse at {database} yet. Run `needs refresh` first.")
    names = open_names(database, country)
    if as_csv:
        show_csv(names)
        return
    console = Console(highlight=False)
    rows = [
        (row["country_code"], row["city_name"], f"{row['instrument']} {row['round']}", row["open_reason"], *_shown(row))
        for row in names.to_pylist()
    ]
    show_rows(("country", "name", "round", "why", "likeliest", "second", "third"), rows, console, limit)
    console.print(f"{len(rows)} open. To settle one: needs cities confirm COUNTRY NAME CITY_KEY --reason ...")


@app.command()
def confirm(
    country: Annotated[str, typer.Argument(help="Country of the name (ISO code).")],
    name: Annotated[str, typer.Argument(help="The name as responses write it.")],
    city_key: Annotated[
        str, typer.Argument(help="Key of the city it means, such as gn-2643123; `new` for a city of its own.")
    ],
    reason: Annotated[str, typer.Option(help="How you know.")],
    decided_on: Annotated[str | None, typer.Option(help="Date of the decision; today if not given.")] = None,
) -> None:
    """Add a confirmed name to city_aliases.csv; the next refresh links by it."""
    try:
        alias = confirmed_name(load_settings(), country, name, city_key, reason, decided_on or date.today().isoformat())
    except ValueError as error:
        _leave(str(error))
    typer.echo(f"{alias.country_code} {alias.name} is {alias.city_key}. Run `needs refresh` to link by it.")


def open_names(database: Path, country: str | None = None) -> pa.Table:
    """Rows of `facts.fct_city_review`, of one country or all, by country and name."""
    import duckdb

    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(
            "from facts.fct_city_review where $country is null or country_code = $country "
            "order by country_code, city_name, instrument, round",
            {"country": country},
        ).to_arrow_table()


def confirmed_name(settings: Settings, country: str, name: str, city_key: str, reason: str, on: str) -> CityAlias:
    """Write the row that confirms a name. Raises CityReviewError, or KnowledgeError where the seed cannot be read."""
    path = settings.seeds / FILE
    decided = [row for row in load_seed(path, CityAlias) if isinstance(row, CityAlias)]
    key = own_key(country, name) if city_key == NEW else city_key
    fields = {"country_code": country, "name": name, "city_key": key, "reason": reason, "decided_on": on}
    try:
        alias = CityAlias.model_validate(fields)
    except ValidationError as error:
        told = "; ".join(f"{'.'.join(map(str, issue['loc']))}: {issue['msg']}" for issue in error.errors())
        raise CityReviewError(f"This cannot be confirmed: {told}.") from error
    same = next((row for row in decided if _place(row) == _place(alias)), None)
    if same:
        raise CityReviewError(
            f"{country} {name!r} is decided already: {same.city_key} since {same.decided_on} ({same.reason}). "
            f"Correct that row of {path} if it is wrong."
        )
    if not normalised(name):
        raise CityReviewError(f"{name!r} has no letter or digit to compare. Give the name as responses write it.")
    known = _known_city_keys(settings.served_database)
    if city_key == NEW and key in known:
        raise CityReviewError(f"There is a city {key} already. Confirm the name as {key}, or ask what else it means.")
    if city_key != NEW:
        _check_key(key, country, known, {row.city_key for row in decided})
    _write(path, [*decided, alias])
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
    import duckdb

    if not served.exists():
        return set()
    with duckdb.connect(str(served), read_only=True) as connection:
        found = connection.execute(
            "select distinct city_key from intermediate.int_response_cities "
            "where city_key <> response_key and not is_pseudonym"
        ).fetchall()
    return {row[0] for row in found}


def _place(alias: CityAlias) -> CountryName:
    return alias.country_code, normalised(alias.name)


def _write(path: Path, rows: list[CityAlias]) -> None:
    """The seed anew, sorted by country and name, whole or not at all."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(CityAlias.model_fields)
    for row in sorted(rows, key=lambda row: (row.country_code, row.name)):
        writer.writerow(row.model_dump(mode="json").values())
    aside = path.with_name(f".{path.name}.partial")
    aside.write_text(text.getvalue(), encoding="utf-8", newline="")
    aside.replace(path)


def _shown(row: dict[str, Any]) -> list[str]:
    """The suggestions of a row, each in a line."""
    shown = []
    for place in ("suggestion_1", "suggestion_2", "suggestion_3"):
        key, name, population = (row[f"{place}_{fact}"] for fact in ("key", "name", "population"))
        inhabitants = "" if population is None else f" {population:,}"
        shown.append(f"{key} {name}{inhabitants} ({row[f'{place}_score']})" if key else "")
    return shown


def _leave(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(1)
