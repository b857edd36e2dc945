"""A forgotten respondent: no byte of his is left, he does not come back, and the releases do not need him."""

import gzip
import io
import shutil
import sqlite3
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deployments import Deployment, unseen

from orchestration.cities.profile import released_key
from orchestration.common.personal import pseudonym
from orchestration.deployment.doctor import examine
from orchestration.deployment.forget import RespondentError, decide_to_forget, find_respondent
from orchestration.landing.forgotten import leave_out
from orchestration.landing.landing import admitted_landings, land
from orchestration.pipeline.forget import forget
from orchestration.readers.read import read_extract
from orchestration.rounds.card import load_round
from orchestration.rounds.codebook import load_codebook
from orchestration.rounds.forgotten import id_digest, load_forgotten
from orchestration.settings import Settings
from tests.orchestration.readers.deliveries import deliver, question

ROUND = "pulse.2030"
# An id, an answer, what it was corrected to, and one that is no choice: they stand nowhere else.
HIS = ("zq7quokka", "wombatpouch", "echidnaspine", "numbatstripe")
DAY = date(2030, 1, 2)
ZIPPED, GZIPPED = b"PK\x03\x04", b"\x1f\x8b"


def texts_of(path: Path) -> Iterator[bytes]:
    """What a file says, as bytes: as it is, and unpacked."""
    yield from unpacked(path.read_bytes())
    if path.suffix == ".parquet":
        yield str(pq.read_table(path, partitioning=None).to_pylist()).encode()
    elif path.suffix == ".duckdb":
        with duckdb.connect(str(path), read_only=True) as connection:
            tables = connection.execute("select schema_name, table_name from duckdb_tables()").fetchall()
            for schema, table in tables:
                yield str(connection.execute(f"from {schema}.{table}").fetchall()).encode()
    elif path.suffix in (".db", ".sqlite"):
        with closing(sqlite3.connect(path)) as connection:
            yield "\n".join(connection.iterdump()).encode()


def unpacked(content: bytes) -> Iterator[bytes]:
    """Bytes, and what is packed in them: workbooks, documents and archives by gzip, each within another."""
    yield content
    if content.startswith(GZIPPED):
        yield from unpacked(gzip.decompress(content))
    elif content.startswith(ZIPPED):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                yield from unpacked(archive.read(name))


def places_of(folder: Path, words: Iterable[str] = HIS) -> set[str]:
    """The parts of a folder that say something of his."""
    files = (path for path in folder.rglob("*") if path.is_file())
    sought = tuple(words)
    return {
        path.relative_to(folder).as_posix()
        for path in files
        if any(word.encode() in text for text in texts_of(path) for word in sought)
    }


@pytest.fixture
def known(mini: Deployment, monkeypatch: pytest.MonkeyPatch) -> Deployment:
    """A refreshed deployment that knows him in two landings, a reject, a correction and the history of runs."""
    monkeypatch.setenv("NEEDS_LOG__FORMAT", "json")
    folder = mini.seeds / "rounds" / "pulse" / "2030"
    questions, extract = folder / "questions.csv", folder / "extract.csv"
    questions.write_text(questions.read_text() + "text,remark,Remark,,,,,,6,,,\n")
    lines = extract.read_text().splitlines()
    rows = [f"{line},{'Remark' if n == 0 else f'well {n}'}" for n, line in enumerate(lines)]
    rows[1] = rows[1].replace("A,", f"{HIS[0]},").replace("well 1", HIS[1]).replace("Yes", HIS[3])
    extract.write_text("\n".join(rows) + "\n")
    (folder / "corrections.csv").write_text(
        "response_id,question_code,expected,corrected,reason,decided_on\n"
        f"{HIS[0]},remark,{HIS[1]},{HIS[2]},he said so,2030-01-01\nB,remark,well 2,good,a slip,2030-01-01\n"
    )
    mini.refresh()
    (landing,) = (path for path in (mini.settings.landing / "pulse" / "2030").glob("[!.]*") if path.is_dir())
    shutil.copytree(landing, landing.with_name("0123456789abcdef"))
    return mini


def test_what_is_packed_is_searched_too(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.xml", f"<t>{HIS[1]}</t>")
    (tmp_path / "inner.xlsx").write_bytes(inner.getvalue())
    (tmp_path / "outer.gz").write_bytes(gzip.compress(inner.getvalue()))
    pq.write_table(pa.table({"a": [HIS[0]] * 50}), tmp_path / "a.parquet", compression="zstd")
    (tmp_path / "nothing.txt").write_text("nobody")
    assert places_of(tmp_path) == {"inner.xlsx", "outer.gz", "a.parquet"}


def test_no_byte_of_a_forgotten_respondent_is_left_and_the_next_refresh_is_as_if_he_never_answered(
    known: Deployment,
) -> None:
    before = places_of(known.data)
    assert {place.partition("/")[0] for place in before} >= {"landing", "warehouse", "dagster"}
    assert places_of(known.releases) == set(), "no release has an id or a text of a response"
    his_key = released_key(f"{ROUND}.{HIS[0]}")
    inside = places_of(known.releases, [his_key])
    assert inside, "his page has a checksum for a key"
    assert all(place.startswith("2030.0/internal/") for place in inside), "what is public holds nobody's answers"
    page = known.needs("city", f"{ROUND}.{HIS[0]}")
    assert his_key in page.stdout, "whoever knows the key of a response finds its page"
    released = known.release_files()
    shown = known.needs("forget", HIS[0])
    assert (shown.returncode, places_of(known.data)) == (0, before), "it is only shown"
    assert f"{ROUND}" in shown.stdout

    found = find_respondent(known.settings, HIS[0])
    assert [(one.key, one.ids, len(one.landings)) for one in found] == [(ROUND, (HIS[0],), 2)]
    notes = forget(known.settings, unseen, found, "a request of January 2nd", DAY)
    told = [note.partition(" ")[0] for note in notes]
    assert told == sorted(place for place in inside if place.endswith(".parquet")), "each is named"

    assert places_of(known.data, [*HIS, his_key]) == set()
    assert places_of(known.seeds) == {"rounds/pulse/2030/extract.csv"}, "the delivered file is its owner's"
    assert "B,remark" in (known.seeds / "rounds/pulse/2030/corrections.csv").read_text()
    assert known.release_files() == released
    assert [finding.found for finding in examine(known.settings)] == []
    with duckdb.connect(str(known.settings.served_database), read_only=True) as connection:
        assert connection.execute("select count(*) from facts.fct_submission").fetchall() == [(7,)]

    report = known.refresh()
    assert [(rows.rows_in, rows.responses_n) for rows in report.rounds] == [(7, 7)]
    assert any("1 row(s) are left out" in note for note in report.notes)
    assert [release.name for release in report.releases] == ["2030.1"]
    assert places_of(known.data, [*HIS, his_key]) == set()
    published = known.releases / "2030.1"
    assert places_of(published, [*HIS, his_key]) == set(), "what is published from now on does not need him"
    changes = (published / "internal" / "CHANGES.md").read_text()
    assert "### `gap_city_profile`\n\nIts rows tell of single cities" in changes
    assert len(list((known.data / "logs").glob("needs.log*"))) == 1
    with pytest.raises(RespondentError, match="no landing in any round has"):
        find_respondent(known.settings, HIS[0])


QUESTIONS = (
    question("text", "code", "Code", role="response_id"),
    question("text", "who", "Who", role="respondent"),
    question("integer", "n", "N", constraint=". >= 1"),
)
EXTRACT = "Code,Who,N\nr1,ada,1\nr2,ben,2\nr2,ben,3\nr3,ben,x\nr4,cy,4\n"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    deliver(tmp_path / "seeds/rounds/pulse/2030", QUESTIONS, (), EXTRACT)
    return Settings(seeds=tmp_path / "seeds", data=tmp_path / "data")


def landed_ids(settings: Settings) -> list[str]:
    card = load_round(settings.seeds / "rounds/pulse/2030/round.yml")
    landed = land(card, settings.landing)
    return sorted(landed.submissions["response_id"].to_pylist())


@pytest.mark.parametrize(
    ("identifier", "left"),
    [("r1", ["r2", "r2#2", "r3", "r4"]), ("r2", ["r1", "r3", "r4"]), ("ben", ["r1", "r4"])],
    ids=["a_response", "a_response_with_a_further_submission", "a_respondent_with_several"],
)
def test_what_is_his_is_left_out_by_the_id_of_response_or_respondent(
    settings: Settings, identifier: str, left: list[str]
) -> None:
    assert landed_ids(settings) == ["r1", "r2", "r2#2", "r3", "r4"]
    decide_to_forget(settings, find_respondent(settings, identifier), "a request", DAY)
    assert landed_ids(settings) == left
    written = (settings.seeds / "rounds/pulse/2030/forgotten.csv").read_text()
    assert f"{identifier}," not in written
    assert "a request" in written


def test_he_stays_forgotten_under_another_pseudonym(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = settings.seeds / "rounds/pulse/2030"
    extract = folder / "extract.csv"
    extract.write_text(extract.read_text().replace("r1,ada", "ada@x.eu,"))
    secrets = ["0123456789abcdef" * 2, "fedcba9876543210" * 2]
    monkeypatch.setenv("NEEDS_PSEUDONYM_SECRET", secrets[0])
    first = settings.model_copy(update={"pseudonym_secret": Settings().pseudonym_secret})
    assert pseudonym("ada@x.eu", secrets[0]) in landed_ids(settings)
    decide_to_forget(settings, find_respondent(first, "Ada@x.eu"), "a request", DAY)
    assert landed_ids(settings) == ["r2", "r2#2", "r3", "r4"]
    monkeypatch.setenv("NEEDS_PSEUDONYM_SECRET", secrets[1])
    monkeypatch.setenv("NEEDS_PSEUDONYM_SECRET_BEFORE", secrets[0])
    assert landed_ids(settings) == ["r2", "r2#2", "r3", "r4"]


def test_a_rejected_row_that_says_his_id_is_left_out_too(settings: Settings) -> None:
    folder = settings.seeds / "rounds/pulse/2030"
    extract = folder / "extract.csv"
    extract.write_text(f"{extract.read_text()}r4,cy,4,more\nr1,ada,1,more\n")
    card, codebook = load_round(folder / "round.yml"), load_codebook(folder)
    whole = read_extract(card, codebook)
    assert whole.rejected["scope"].to_pylist().count("row") == 2
    (folder / "forgotten.csv").write_text(
        f"id_sha256,reason,decided_on\n{id_digest(card.key, 'r1')},a request,2030-01-02\n"
    )
    kept = list(leave_out([whole], card))
    assert sum(chunk.rows_in for chunk in kept) == whole.rows_in - 2
    rows = [row["raw"] for row in kept[0].rejected.to_pylist() if row["scope"] == "row"]
    assert len(rows) == 1
    assert "r4" in rows[0]


def test_a_list_that_cannot_be_read_lands_nobody(settings: Settings) -> None:
    folder = settings.seeds / "rounds/pulse/2030"
    (folder / "forgotten.csv").write_text("id_sha256,reason,decided_on\nr1,a request,2030-01-02\n")
    with pytest.raises(ValueError, match="is no checksum"):
        load_forgotten(folder)
    with pytest.raises(ValueError, match="is no checksum"):
        landed_ids(settings)
    assert admitted_landings(settings.landing) == {}
