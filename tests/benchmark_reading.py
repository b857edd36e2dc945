"""Seconds and peak memory of reading 1 GiB of CSV, beside DuckDB's own reader: `make bench-read`.

The file is made of the CDP disclosures of 2019 (nearly every line has quoted fields): their rows again and again, each
with an account number of its own. The codebook is the one that the tests have for 2018, with the choices of 2019 added.
Every measure runs in a process of its own, with two threads; the best of two counts.
"""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from orchestration.common.strict_csv import read_csv_strict
from orchestration.rounds.card import RoundCard, load_round
from orchestration.rounds.codebook import load_codebook
from tests.deployments import CDP_EXTRACT, CDP_SEEDS
from tests.memory import peak_mib
from tests.orchestration.readers.deliveries import csv_text

SOURCE = CDP_EXTRACT.with_name("2019_City-wide_Emissions.csv")
SIZE = 1 << 30
MEMORY_LIMIT_GIB = 1.0
SLOWEST_RATIO = 3.0
RUNS = 2
ID_COLUMN = 1


def main() -> None:
    """Measure and print; fail where a limit is exceeded. Arguments: MiB, and where the file of 2019 is."""
    size = int(sys.argv[1]) << 20 if len(sys.argv) > 1 else SIZE
    source = Path(sys.argv[2]) if len(sys.argv) > 2 else SOURCE
    with tempfile.TemporaryDirectory() as folder:
        card = delivered(Path(folder) / "seeds" / "rounds" / "cdp" / "2019", source_rows(source), size)
        print(f"{size / 2**20:,.0f} MiB of CSV")
        duckdb, memory = best("duckdb", card, folder)
        print(f"DuckDB's reader into a table: {duckdb:.1f} s, {memory:.2f} GiB")
        read, read_memory = best("read", card, folder)
        print(f"read: {read:.1f} s, {read / duckdb:.2f} times as long (limit {SLOWEST_RATIO}), {read_memory:.2f} GiB")
        land, land_memory = best("land", card, folder)
        print(f"read, written as Parquet and checked: {land:.1f} s, {land_memory:.2f} GiB (limit {MEMORY_LIMIT_GIB})")
    sys.exit(read > duckdb * SLOWEST_RATIO or max(read_memory, land_memory) > MEMORY_LIMIT_GIB)


def source_rows(source: Path) -> list[list[str]]:
    """Header and rows of a real file."""
    with source.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def delivered(folder: Path, rows: Sequence[Sequence[str]], size: int) -> RoundCard:
    """A round whose extract has at least `size` bytes, and a codebook that knows its choices."""
    model = CDP_SEEDS / "rounds" / "cdp" / "2018"
    folder.mkdir(parents=True)
    (folder / "questions.csv").write_bytes((model / "questions.csv").read_bytes())
    (folder / "choices.csv").write_text(_choices(model, rows), encoding="utf-8")
    card = (model / "round.yml").read_text(encoding="utf-8")
    (folder / "round.yml").write_text(card + 'encoding: utf-8\ndelimiter: ","\n', encoding="utf-8")
    with (folder / "extract.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerow(rows[0])
        number = 1_000_000
        while file.tell() < size:
            block = io.StringIO()
            writer = csv.writer(block, lineterminator="\n")
            for row in rows[1:]:
                number += 1
                writer.writerow([*row[:ID_COLUMN], str(number), *row[ID_COLUMN + 1 :]])
            file.write(block.getvalue())
    return load_round(folder / "round.yml")


def _choices(model: Path, rows: Sequence[Sequence[str]]) -> str:
    known = [row for _, row in read_csv_strict(model / "choices.csv")]
    questions = [row for _, row in read_csv_strict(model / "questions.csv")]
    labels = [" ".join(name.replace("\u200b", "").split()) for name in rows[0]]
    for question in questions:
        kind, _, list_name = question["type"].partition(" ")
        if kind == "select_one":
            column = labels.index(" ".join(question["label"].split()))
            own = {row["label"] for row in known if row["list_name"] == list_name}
            new = sorted({row[column].strip() for row in rows[1:]} - own - {""})
            known += [
                {"list_name": list_name, "name": f"x{n}", "label": label, "position": str(1000 + n)}
                for n, label in enumerate(new)
            ]
    return csv_text(list(known[0]), known)


def best(what: str, card: RoundCard, folder: str) -> tuple[float, float]:
    """Seconds and peak memory (GiB) of the faster of several runs."""
    runs = [measured(what, card, Path(folder) / f"{what}-{run}") for run in range(RUNS)]
    return min(runs)


def measured(what: str, card: RoundCard, aside: Path) -> tuple[float, float]:
    """Seconds of one run and peak memory (GiB) of its process."""
    command = [sys.executable, "-m", "tests.benchmark_reading", what, str(card.folder), str(aside)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds, memory = json.loads(done.stdout.splitlines()[-1])
    return float(seconds), float(memory)


def run(what: str, folder: Path, aside: Path) -> None:
    """Do one thing in this process and print its seconds and peak memory."""
    import duckdb
    import numpy  # noqa: F401
    import pyarrow.csv  # noqa: F401

    from orchestration.extracts.parts import open_parts
    from orchestration.landing.landing import land
    from orchestration.readers.read import read_chunks

    card = load_round(folder / "round.yml")
    codebook = load_codebook(folder)
    if what == "duckdb":
        start = time.perf_counter()
        with duckdb.connect(config={"threads": 2}) as connection:
            connection.execute(
                "create table rows as from read_csv(?, all_varchar = true, delim = ',', quote = '\"', escape = '\"', "
                "header = true, encoding = 'utf-8')",
                [str(folder / "extract.csv")],
            )
    elif what == "read":
        with open_parts(card) as parts:
            start = time.perf_counter()
            rows_n = sum(chunk.rows_in for chunk in read_chunks(parts, card, codebook))
        print(f"{rows_n} rows")
    else:
        start = time.perf_counter()
        print(land(card, aside))
    seconds = time.perf_counter() - start
    print(json.dumps([seconds, peak_mib() / 1024]))


if __name__ == "__main__":
    if len(sys.argv) == 4:
        run(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        main()
