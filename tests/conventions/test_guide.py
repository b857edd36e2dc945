"""The guide for analysts shows what the bundled warehouse answers: every block is run and compared.

To renew the shown output after a change that is meant: run this file twice with NEEDS_RENEW_GUIDE=1 in the environment
and review the difference.
"""

import os
import re
import shlex

import duckdb
import pytest
from deployments import Deployment

from orchestration.cli.query import run_query
from orchestration.settings import PROJECT_ROOT

GUIDE = PROJECT_ROOT / "docs" / "guide-for-analysts.md"
QUERY = re.compile(r"```sql\n(?P<asked>.*?)```\n\n```text\n(?P<shown>.*?)```", flags=re.DOTALL)
COMMAND = re.compile(r"```console\n\$ needs (?P<asked>[^\n]*)\n(?P<shown>.*?)```", flags=re.DOTALL)
BLOCK = re.compile(r"^```(\w+)", flags=re.MULTILINE)


def lines(text: str) -> str:
    """Without the padding of a table's last column and the empty lines around it."""
    return "\n".join(line.rstrip() for line in text.splitlines()).strip("\n") + "\n"


def answer(deployment: Deployment, sql: str, capsys: pytest.CaptureFixture[str]) -> str:
    try:
        run_query(deployment.settings.served_database, sql, as_csv=False, limit=50)
    except duckdb.Error as error:
        return lines(str(error))
    return lines(capsys.readouterr().out)


def test_the_guide_shows_what_the_warehouse_answers(bundled: Deployment, capsys: pytest.CaptureFixture[str]) -> None:
    written = GUIDE.read_text(encoding="utf-8")

    def queried(block: re.Match[str]) -> str:
        return f"```sql\n{block['asked']}```\n\n```text\n{answer(bundled, block['asked'], capsys)}```"

    def commanded(block: re.Match[str]) -> str:
        done = bundled.needs(*shlex.split(block["asked"]))
        return f"```console\n$ needs {block['asked']}\n{lines(done.stdout + done.stderr)}```"

    now = COMMAND.sub(commanded, QUERY.sub(queried, written))
    if os.environ.get("NEEDS_RENEW_GUIDE"):
        GUIDE.write_text(now, encoding="utf-8")
    assert now == written


def test_every_block_of_the_guide_is_run() -> None:
    written = GUIDE.read_text(encoding="utf-8")
    kinds = BLOCK.findall(written)
    assert kinds.count("sql") == kinds.count("text") == len(QUERY.findall(written)) > 5
    assert kinds.count("console") == len(COMMAND.findall(written)) > 0
    assert set(kinds) == {"sql", "text", "console"}
