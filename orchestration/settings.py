"""Paths and environment of a deployment: the only reader of environment variables.

Not here: knowledge about waves, rounds or items (seeds/).
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, get_origin

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

PROJECT_ROOT = Path(__file__).resolve().parent.parent
DBT_PROJECT_DIR = PROJECT_ROOT / "dbt_project"
# What dbt made of the project when this checkout was set up (`make`); each deployment takes it over.
PARSED_DBT_PROJECT = PROJECT_ROOT / ".tools" / "dbt"
SITE_PROJECT = PROJECT_ROOT / "reports"
GIBIBYTE = 2**30
_PREFIX, _PART = "NEEDS_", "__"
_NOT_FOR_OTHERS = 0o027
_DAGSTER_STORAGE = f"{_PREFIX}DAGSTER_STORAGE"

# Set before any of these libraries is imported: they phone home unless told not to.
TELEMETRY_OFF = {
    "DAGSTER_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "GX_ANALYTICS_ENABLED": "false",
}


class DisclosureLimits(BaseModel):
    """From how many responses on a number may be shown to everybody; `docs/methods/disclosure.md` says why.

    Each can be given as an environment variable, such as `NEEDS_DISCLOSURE__MINIMUM_BASE`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    # The least count that is shown, other than 0; also the least width of what others can find out of a hidden one.
    minimum_frequency: int = Field(default=3, ge=2)
    # The least number of responses that a share may be of.
    minimum_base: int = Field(default=10, ge=2)
    # The least group of which may be told that all, or none, gave an answer.
    minimum_group: int = Field(default=20, ge=2)
    # Shares of fewer responses are shown, with the status of low reliability.
    reliable_base: int = Field(default=30, ge=1)


class Publisher(BaseModel):
    """Who publishes, as the descriptions of a release name it. An address that is not given is left out, never made up.

    Each can be given as an environment variable, such as `NEEDS_PUBLISHER__NAME`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(default="The city needs warehouse authors", min_length=1)
    homepage: str | None = Field(default=None, pattern="^https?://")
    # Where the folder of releases can be read; without it, addresses are relative to the file that names them.
    base_address: str | None = Field(default=None, pattern="^https?://.*/$")
    contact_name: str | None = None
    contact_email: str | None = Field(default=None, pattern="^[^@ ]+@[^@ ]+$")
    series_title: str = Field(default="City needs", min_length=1)
    series_description: str = Field(default="Gap tables of surveys of what cities need, by yearly wave.", min_length=1)
    keywords: tuple[str, ...] = ("cities", "needs", "survey")
    # Codes of the EU authority tables `data-theme` and `continent`.
    themes: tuple[str, ...] = ("REGI",)
    continent: str | None = Field(default=None, pattern="^[A-Z]+$")


class Alerts(BaseModel):
    """Where failed runs and checks are told: by webhook, by e-mail, by both, or not at all if none is given.

    Each can be given as an environment variable, such as `NEEDS_ALERTS__WEBHOOK`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    # Gets a JSON object by POST; its `text` is what chat servers show. Secret: whoever knows it may post.
    webhook: SecretStr | None = None
    # A JSON list of addresses.
    email_to: tuple[str, ...] = ()
    email_from: str = Field(default="city-needs@localhost", pattern="^[^@ ]+@[^@ ]+$")
    smtp_host: str = "localhost"
    smtp_port: int = Field(default=25, gt=0)
    smtp_starttls: bool = False
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    # Where readers of an alert find Dagster's web UI.
    ui_address: str = Field(default="http://127.0.0.1:3000", pattern="^https?://")


class Log(BaseModel):
    """The log of stages in `data`/logs: its form, from which size on (bytes) a new file begins, how many are kept.

    Each can be given as an environment variable, such as `NEEDS_LOG__FORMAT`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["none", "text", "json"] = "none"
    size: int = Field(default=10 * 2**20, ge=4096)
    files: int = Field(default=5, ge=1)


class Retention(BaseModel):
    """How much of what was is kept: `needs cleanup` removes the rest, a refresh runs beyond those that are kept.

    Each can be given as an environment variable, such as `NEEDS_KEEP__RUNS`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    # Landings of a round beside the one that the warehouse is built of.
    landings: int = Field(default=3, ge=0)
    # Runs of Dagster with their events, some 0.3 MB each; and stages of the run table.
    runs: int = Field(default=300, ge=20)
    stages: int = Field(default=5000, ge=200)
    # What was set aside as damaged, and what runs printed.
    log_days: int = Field(default=30, ge=1)


class ReadingLimits(BaseModel):
    """What the reading of a delivered file may cost, so that a small file fills no memory and takes no day.

    Each can be given as an environment variable, such as `NEEDS_READING__COLUMNS`. Sizes are in bytes.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    # A text of a cell, a tag or a comment of markup, and a row of a text or a contribution.
    cell_size: int = Field(default=2**24, gt=0)
    tag_size: int = Field(default=2**18, gt=0)
    row_size: int = Field(default=2**26, gt=0)
    # As many as a sheet of Excel has.
    columns: int = Field(default=2**14, gt=0)
    cells: int = Field(default=2 * 10**9, gt=0)
    # Workbooks are held in memory as a whole: the cells of a sheet; what one unpacks to, and times its own size.
    sheet_cells: int = Field(default=50 * 10**6, gt=0)
    workbook_size: int = Field(default=2**30, gt=0)
    workbook_ratio: int = Field(default=200, gt=0)
    # Rows that are all alike take next to no place: above some millions, how many cells a byte may stand for.
    cells_a_byte: int = Field(default=20, gt=0)
    # Rows without content, one behind the other: as many as a sheet has that was saved to its end.
    blank_rows: int = Field(default=2**20, gt=0)
    # From the first look at a file to the end of its reading.
    seconds: float = Field(default=3600, gt=0)


def _of_postgres(address: SecretStr | None) -> SecretStr | None:
    # The address itself is not shown: it has a password.
    if address and not re.match(r"postgres(ql)?(\+\w+)?://[^/]*/.", address.get_secret_value()):
        raise ValueError("is no address such as postgresql://user:password@host:5432/database")
    return address


class Settings(BaseSettings):
    """Where a deployment keeps its knowledge, its data and its releases, and what it takes from outside.

    Each can be given as an environment variable: `NEEDS_SEEDS`, `NEEDS_DATA`, `NEEDS_RELEASES`,
    `NEEDS_EXTRACT_SIZE_LIMIT` and so on. Sizes are in bytes, times in seconds.
    """

    model_config = SettingsConfigDict(env_prefix=_PREFIX, env_nested_delimiter=_PART, frozen=True)

    seeds: Path = PROJECT_ROOT / "seeds"
    data: Path = PROJECT_ROOT / "data"
    # A folder, or another address that fsspec knows, such as `s3://bucket/releases`.
    releases: Annotated[str, BeforeValidator(str)] = str(PROJECT_ROOT / "releases")
    # Where the report site is built.
    site: Path = PROJECT_ROOT / "site"

    # What a delivered file may be, and what an archive may unpack to: in all, and times its own size.
    extract_size_limit: int = Field(default=2 * GIBIBYTE, gt=0)
    unpacked_size_limit: int = Field(default=4 * GIBIBYTE, gt=0)
    unpack_ratio_limit: int = Field(default=200, gt=0)
    reading: ReadingLimits = ReadingLimits()
    keep: Retention = Retention()
    log: Log = Log()
    # Which addresses extracts may come from; and parameters of addresses that look like a secret and are none.
    fetch_schemes: tuple[str, ...] = ("https", "s3")
    fetch_public_parameters: tuple[str, ...] = ("versionid", "sha256", "md5")
    # How long an address may stay silent, and how often it is asked again.
    fetch_timeout: float = Field(default=60, gt=0)
    fetch_retries: int = Field(default=3, ge=0)
    # How much memory DuckDB takes for a build before it spills to `data`; the process itself takes up to 1 GiB beside.
    memory_limit: str = Field(default="3GiB", pattern=r"^\d+(\.\d+)? ?[KMGT]i?B$")
    # What builds the models that grow with answers, and where Spark is: a master, or an address of Spark Connect.
    engine: Literal["duckdb", "spark"] = "duckdb"
    spark_remote: str = "local[2]"
    spark_python: Path = PROJECT_ROOT / ".tools" / "spark" / "bin" / "python"
    # Where Dagster keeps runs and events: an address of PostgreSQL, or SQLite in `data`. Secret, as it has a password.
    dagster_storage: Annotated[SecretStr | None, AfterValidator(_of_postgres)] = None
    # What pseudonyms of ids that are e-mail addresses hang on; the one before, as long as something is named by it.
    pseudonym_secret: SecretStr | None = Field(default=None, min_length=32)
    pseudonym_secret_before: SecretStr | None = Field(default=None, min_length=32)
    # What the public tables of a release may show.
    disclosure: DisclosureLimits = DisclosureLimits()
    publisher: Publisher = Publisher()
    alerts: Alerts = Alerts()
    # Why a new revision is published; without it, the reason is told from what changed.
    release_reason: str | None = None

    @cached_property
    def landing(self) -> Path:
        """Landed extracts: immutable Parquet, one folder an extract."""
        return self.data.resolve() / "landing"

    @cached_property
    def build_database(self) -> Path:
        """The DuckDB file that a refresh builds; readers never open it."""
        return self.data.resolve() / "warehouse" / "build.duckdb"

    @cached_property
    def checked_database(self) -> Path:
        """The last built DuckDB file that passed every dbt test: what releases are drafted from."""
        return self.data.resolve() / "warehouse" / "checked.duckdb"

    @cached_property
    def served_database(self) -> Path:
        """The DuckDB file that analysts read; replaced by one rename."""
        return self.data.resolve() / "warehouse" / "needs.duckdb"

    @cached_property
    def spark_results(self) -> Path:
        """What Spark has built: one folder a build, which the database of that build is a view of."""
        return self.data.resolve() / "warehouse" / "spark"

    @cached_property
    def run_table(self) -> Path:
        """What each stage of each run did, in SQLite."""
        return self.data.resolve() / "history.sqlite"

    @cached_property
    def drafts(self) -> Path:
        """Draft releases, one folder a wave, rewritten by each run."""
        return self.data.resolve() / "drafts"

    @cached_property
    def dbt_target(self) -> Path:
        """What dbt writes: manifest, parse cache, run results."""
        return self.data.resolve() / "dbt"

    @cached_property
    def dagster_home(self) -> Path:
        """Dagster's run history."""
        return self.data.resolve() / "dagster"

    def announce_spark_results(self, results: Path) -> None:
        """Tell dbt where the models are that Spark has built."""
        os.environ["NEEDS_SPARK_RESULTS"] = str(results)

    def prepare_environment(self) -> None:
        """Tell the libraries that read the environment themselves where things are, and switch telemetry off."""
        keep_from_others()
        for folder in (self.dagster_home, self.dbt_target, self.build_database.parent):
            folder.mkdir(parents=True, exist_ok=True)
        os.environ.update(TELEMETRY_OFF)
        os.environ["DAGSTER_HOME"] = str(self.dagster_home)
        os.environ["DBT_PROFILES_DIR"] = str(DBT_PROJECT_DIR)
        os.environ["NEEDS_BUILD_DATABASE"] = str(self.build_database)
        os.environ["NEEDS_MEMORY_LIMIT"] = self.memory_limit
        os.environ["NEEDS_SPARK_RESULTS"] = ""
        if self.dagster_storage:
            os.environ[_DAGSTER_STORAGE] = self.dagster_storage.get_secret_value()
        os.environ["NEEDS_SEEDS"] = str(self.seeds.resolve())
        os.environ["NEEDS_DATA"] = str(self.data.resolve())
        os.environ["NEEDS_RELEASES"] = self.releases


def dagster_storage_address() -> str | None:
    """Where the settings of Dagster's instance find PostgreSQL; secret."""
    return os.environ.get(_DAGSTER_STORAGE)


def keep_from_others() -> None:
    """Have what this process writes from now on be for its user and group: 0640, or less where the umask says so."""
    os.umask(os.umask(_NOT_FOR_OTHERS) | _NOT_FOR_OTHERS)


def environment_with(variables: Mapping[str, str]) -> dict[str, str]:
    """The environment of a program that this one starts, with some variables more."""
    return {**os.environ, **variables}


class UnusableSettingsError(ValueError):
    """Settings that cannot be used: a line each, with its variable, what is wrong and what it takes."""


def load_settings() -> Settings:
    """Read the settings from the environment. Raises UnusableSettingsError."""
    try:
        settings = Settings()
    except ValidationError as error:
        # Never the value: it may be a secret.
        raise UnusableSettingsError(
            "\n".join(f"{_variable(*found['loc'])}: {found['msg']}." for found in error.errors())
        ) from None
    except SettingsError as error:
        # Of a group of settings only the group is told; lists are what is written as JSON.
        field = str(error).partition('"')[2].partition('"')[0]
        group = Settings.model_fields[field].annotation if field in Settings.model_fields else None
        parts = getattr(group, "model_fields", {})
        lists = [_variable(field, name) for name, part in parts.items() if get_origin(part.annotation) is tuple]
        named = [name for name in lists if name in os.environ] or [_variable(field)]
        raise UnusableSettingsError(f'{" or ".join(named)}: has to be JSON, such as ["a", "b"] for a list.') from None
    folders = {name: getattr(settings, name) for name in ("seeds", "data", "site")}
    if "://" not in settings.releases:
        folders["releases"] = Path(settings.releases)
    if problems := [
        f"{_variable(name)}: {problem}" for name, path in folders.items() if (problem := _not_a_folder(path))
    ]:
        raise UnusableSettingsError("\n".join(problems))
    return settings


def _variable(*place: object) -> str:
    return f"{_PREFIX}{_PART.join(map(str, place))}".upper()


def _not_a_folder(path: Path) -> str | None:
    """What keeps a path from being a folder, if anything does."""
    found = next(place for place in (path.absolute(), *path.absolute().parents) if os.path.lexists(place))
    if found.is_dir():
        return None
    what = "a link to nothing" if found.is_symlink() and not found.exists() else "a file"
    return f"{found} is {what}, not a folder. Name a folder, or a place where one can be made."
