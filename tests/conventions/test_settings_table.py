"""Each setting of the code stands in the table of the runbook, and each that docs and deployment name is one."""

import re
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel

from orchestration.settings import PROJECT_ROOT, Settings

TABLE = PROJECT_ROOT / "docs/runbooks/operate.md"
NAME = re.compile(r"NEEDS_[A-Z0-9]+(?:_[A-Z0-9]+|__[A-Z0-9]+)*(?:__…)?")
# What deploy/, tests and `prepare_environment` use that is no setting.
OTHERS = {"NEEDS_CODE_HOST", "NEEDS_SEEDS_FOLDER", "NEEDS_RENEW_GUIDE"}


def names_of(model: type[BaseModel], prefix: str = "NEEDS_") -> Iterator[str]:
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from names_of(field.annotation, f"{prefix}{name.upper()}__")
        else:
            yield f"{prefix}{name.upper()}"


SETTINGS = set(names_of(Settings))


def told_in(text: str) -> set[str]:
    """Settings that a text names, groups (`NEEDS_KEEP__…`) as all of theirs."""
    found = set(NAME.findall(text))
    groups = {name for name in found if name.endswith("__…")}
    return (found - groups) | {name for name in SETTINGS for group in groups if name.startswith(group.rstrip("…"))}


def rows_of(path: Path) -> str:
    return "\n".join(line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("| `NEEDS_"))


def test_the_table_has_each_setting_and_no_other() -> None:
    assert len(SETTINGS) > 50
    assert told_in(rows_of(TABLE)) == SETTINGS


def test_what_docs_and_deployment_name_is_a_setting() -> None:
    files = [*PROJECT_ROOT.glob("docs/**/*.md"), *PROJECT_ROOT.glob("deploy/**/*"), PROJECT_ROOT / "README.md"]
    unknown = {
        f"{path.relative_to(PROJECT_ROOT)}: {name}"
        for path in files
        if path.is_file()
        for name in told_in(path.read_text(encoding="utf-8")) - SETTINGS - OTHERS
    }
    assert unknown == set()
