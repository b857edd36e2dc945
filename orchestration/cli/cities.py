"""The commands of names of cities: `needs cities review|confirm`.

Not here: any work (cities/review.py).
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import typer

from orchestration.cli.console import console, served_database
from orchestration.settings import load_settings

app = typer.Typer(no_args_is_help=True, help="Names that lead to no city, and what they mean.")


@app.command()
def review(
    country: Annotated[str | None, typer.Option(help="Only names of this country (ISO code).")] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV, all rows and columns.")] = False,
    limit: Annotated[int, typer.Option(help="Names shown as a table.", min=1)] = 50,
) -> None:
    """List the names that lead to no city, with up to three cities that each may mean."""
    from orchestration.cities.review import open_names
    from orchestration.cli.query import show_csv, show_rows

    names = open_names(served_database(load_settings()), country)
    if as_csv:
        show_csv(names)
        return
    rows = [
        (
            row["country_code"],
            row["city_name"],
            f"{row['instrument']} {row['round']}",
            row["open_reason"],
            *_suggestions(row),
        )
        for row in names.to_pylist()
    ]
    show_rows(("country", "name", "round", "why", "likeliest", "second", "third"), rows, limit)
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
    from orchestration.cities.review import confirm_name

    alias = confirm_name(load_settings(), country, name, city_key, reason, decided_on or date.today().isoformat())
    typer.echo(f"{alias.country_code} {alias.name} is {alias.city_key}. Run `needs refresh` to link by it.")


def _suggestions(row: dict[str, Any]) -> list[str]:
    """The suggestions of a row, each in a line."""
    shown = []
    for place in ("suggestion_1", "suggestion_2", "suggestion_3"):
        key, name, population = (row[f"{place}_{fact}"] for fact in ("key", "name", "population"))
        inhabitants = "" if population is None else f" {population:,}"
        shown.append(f"{key} {name}{inhabitants} ({row[f'{place}_score']})" if key else "")
    return shown
