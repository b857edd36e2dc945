"""Parts of a release as small files beside the site, which a page asks for when a reader does.

Here: writing what the queries of reports/parts/ find. Not here: tables that a page is written with (reports/sources/).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from string import Template

_PARTS, _SOURCES = Path("parts"), Path("sources") / "release"


def write_parts(project: Path, target: Path, variables: Mapping[str, str]) -> None:
    """Write each query's rows as JSON, a file for each value of its first column: `<name of the query>/<value>.json`.

    The queries come in the order of that column, and may read the site's other tables by name. A file has the names of
    the other `columns`, and their `rows`.
    """
    import duckdb

    def read(query: Path) -> str:
        return Template(query.read_text(encoding="utf-8")).safe_substitute(variables)

    with duckdb.connect() as connection:
        for source in sorted((project / _SOURCES).glob("*.sql")):
            connection.execute(f"create view {source.stem} as {read(source)}")
        for query in sorted((project / _PARTS).glob("*.sql")):
            folder = target / query.stem
            folder.mkdir(parents=True)
            found = connection.sql(read(query))
            columns = found.columns[1:]
            for part, rows in groupby(found.fetchall(), key=itemgetter(0)):
                content = {"columns": columns, "rows": [row[1:] for row in rows]}
                text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
                (folder / f"{part}.json").write_text(text, encoding="utf-8")
