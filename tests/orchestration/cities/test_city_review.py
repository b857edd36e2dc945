"""From the review list to a confirmed name, as a user does it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import duckdb
import pytest
from deployments import Deployment

from orchestration.cities.review import CityReviewError, confirm_name, open_names
from orchestration.settings import Settings

HEADER = "country_code,name,city_key,reason,decided_on\n"


@pytest.fixture
def deployment(tmp_path: Path) -> Deployment:
    """A deployment with an empty seed and a served warehouse of a few cities."""
    made = Deployment(tmp_path / "seeds", tmp_path / "data", tmp_path / "releases")
    made.seeds.mkdir()
    (made.seeds / "city_aliases.csv").write_text(HEADER)
    database = made.settings.served_database
    database.parent.mkdir(parents=True)
    suggestions = ", ".join(
        f"{value} as suggestion_{n}_{fact}"
        for n, values in ((1, ("'gn-3169921'", "'Prato'", 195089, 100)), (2, ("null",) * 4), (3, ("null",) * 4))
        for fact, value in zip(("key", "name", "population", "score"), values, strict=True)
    )
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema facts; create schema intermediate")
        connection.execute(
            "create table facts.fct_city_review as select 'cdp' as instrument, '2019' as round, 'IT' as country_code, "
            f"'Prato' as city_name, 'ambiguous' as open_reason, 1 as responses_n, 'r' as response_keys, {suggestions} "
            "union all select 'cdp', '2019', 'DK', 'Egedal', 'not found', 1, 's', null, null, null, null, null, null, "
            "null, null, null, null, null, null"
        )
        connection.execute(
            "create table intermediate.int_response_cities as from (values "
            "('gn-3169070', 'a', false), ('nl-eindhoven-and-helmond', 'b', false), ('cdp.2019.1', 'cdp.2019.1', false)"
            ", ('it-egedal', 'c', true)) as cities (city_key, response_key, is_pseudonym)"
        )
    return made


def confirm(settings: Settings, country: str, name: str, key: str, reason: str = "its website") -> str:
    return confirm_name(settings, country, name, key, reason, "2026-01-02").city_key


def seed(deployment: Deployment) -> list[str]:
    return (deployment.seeds / "city_aliases.csv").read_text(encoding="utf-8").splitlines()[1:]


def test_the_list_shows_each_open_name_with_why_and_what_it_may_mean(deployment: Deployment) -> None:
    shown = deployment.needs("cities", "review").stdout
    for words in ("Prato", "ambiguous", "gn-3169921 Prato 195,089 (100)", "Egedal", "not found", "2 open"):
        assert words in shown
    assert "Egedal" not in deployment.needs("cities", "review", "--country", "IT").stdout
    assert len(deployment.needs("cities", "review", "--csv").stdout.splitlines()) == 3


def test_open_names_are_in_order_of_country_and_name(deployment: Deployment) -> None:
    names = open_names(deployment.settings.served_database)
    assert names.column("city_name").to_pylist() == ["Egedal", "Prato"]


def test_before_the_first_refresh_the_command_says_what_to_run(tmp_path: Path) -> None:
    done = Deployment(tmp_path, tmp_path, tmp_path).needs("cities", "review")
    assert (done.returncode, "needs refresh" in done.stderr) == (1, True)


def test_a_confirmed_name_is_a_row_of_the_seed_and_rows_are_sorted(deployment: Deployment) -> None:
    done = deployment.needs("cities", "confirm", "IT", "Prato", "gn-3169921", "--reason", "195,000 people, it says")
    assert done.returncode == 0, done.stderr
    confirm(deployment.settings, "DK", "Egedal", "new")
    confirm(deployment.settings, "IT", "Comune di Roma", "gn-3169070")
    assert seed(deployment) == [
        "DK,Egedal,dk-egedal,its website,2026-01-02",
        "IT,Comune di Roma,gn-3169070,its website,2026-01-02",
        f'IT,Prato,gn-3169921,"195,000 people, it says",{date.today()}',
    ]


def test_a_second_spelling_may_mean_a_city_that_the_gazetteer_lacks(deployment: Deployment) -> None:
    assert confirm(deployment.settings, "DK", "Egedal", "new") == "dk-egedal"
    assert confirm(deployment.settings, "DK", "Egedal Kommune", "dk-egedal") == "dk-egedal"
    assert confirm(deployment.settings, "NL", "Eindhoven/Helmond", "nl-eindhoven-and-helmond")


@pytest.mark.parametrize(
    ("country", "name", "key", "reason", "told"),
    [
        ("IT", "Prato", "gn-99999999999", "known", "Neither gazetteer nor registry has gn-99999999999"),
        ("IT", "Prato", "gn-2643123", "known", "gn-2643123 is Manchester in GB, not in IT"),
        ("IT", "Prato", "it-prato", "known", "There is no city it-prato"),
        ("IT", "Prato", "nl-eindhoven-and-helmond", "known", "nl-eindhoven-and-helmond is no city of IT"),
        ("IT", "Prato", "Prato", "known", "city_key"),
        ("it", "Prato", "new", "known", "country_code"),
        ("IT", "Prato", "new", "", "reason"),
        ("IT", "--", "gn-3169921", "known", "has no letter or digit"),
        ("NL", "Eindhoven and Helmond", "new", "known", "There is a city nl-eindhoven-and-helmond already"),
    ],
)
def test_what_cannot_be_confirmed_is_refused_and_nothing_is_written(
    deployment: Deployment, country: str, name: str, key: str, reason: str, told: str
) -> None:
    with pytest.raises(CityReviewError) as refused:
        confirm(deployment.settings, country, name, key, reason)
    assert told in str(refused.value)
    assert seed(deployment) == []


def test_a_name_is_decided_once_however_it_is_spelt(deployment: Deployment) -> None:
    confirm(deployment.settings, "IT", "Prato", "gn-3169921")
    done = deployment.needs("cities", "confirm", "IT", "PRATO ", "gn-3169914", "--reason", "no")
    assert done.returncode == 1
    assert "decided already: gn-3169921 since 2026-01-02 (its website)" in done.stderr
    assert seed(deployment) == ["IT,Prato,gn-3169921,its website,2026-01-02"]


def test_of_names_that_are_confirmed_at_once_none_is_lost(deployment: Deployment) -> None:
    names = ["Prato", "Firenze", "Empoli", "Lucca", "Pisa", "Siena"]
    with ThreadPoolExecutor(len(names)) as pool:
        keys = list(pool.map(lambda name: confirm(deployment.settings, "IT", name, "new"), names))
    assert keys == [f"it-{name.lower()}" for name in names]
    assert [line.split(",")[1] for line in seed(deployment)] == sorted(names)
