"""The layers along the way of the data: a module imports only from its own layer and from those below it."""

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from orchestration.settings import PROJECT_ROOT

# From the bottom up; those of one line know nothing of each other.
LAYERS = (
    ("orchestration.settings",),
    ("orchestration.common",),
    ("orchestration.disclosure", "orchestration.statistics"),
    ("orchestration.rounds",),
    ("orchestration.knowledge",),
    ("orchestration.extracts",),
    ("orchestration.readers",),
    ("orchestration.landing",),
    ("expectations",),
    ("orchestration.warehouse",),
    ("orchestration.cities",),
    ("orchestration.release",),
    ("orchestration.onboarding",),
    ("orchestration.deployment",),
    ("orchestration.site", "orchestration.report"),
    ("orchestration.pipeline",),
    ("orchestration.cli",),
    ("orchestration.definitions",),
)
HEIGHT = {layer: height for height, layers in enumerate(LAYERS) for layer in layers}
FILES = [*PROJECT_ROOT.glob("orchestration/**/*.py"), *PROJECT_ROOT.glob("expectations/**/*.py")]


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(PROJECT_ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {module_of(path): path for path in FILES}


def imported(text: str, package: str, modules: frozenset[str]) -> Iterator[str]:
    """What a module's text imports of ours: anywhere in it, so in functions and for types as well."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules)
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")[: len(package.split(".")) + 1 - node.level] if node.level else []
            base = ".".join([*parts, *filter(None, [node.module])])
            names = (f"{base}.{alias.name}" for alias in node.names)
            yield from (found for name in names if (found := name if name in modules else base) in modules)


def graph() -> dict[str, set[str]]:
    names = frozenset(MODULES)
    return {
        name: set(imported(path.read_text(encoding="utf-8"), package_of(name, path), names)) - {name}
        for name, path in MODULES.items()
    }


def package_of(name: str, path: Path) -> str:
    return name if path.name == "__init__.py" else name.rpartition(".")[0]


def layer_of(module: str) -> str:
    return next((layer for layer in HEIGHT if module == layer or module.startswith(f"{layer}.")), "")


def upward(edges: dict[str, set[str]]) -> list[str]:
    """Imports of a layer above, or beside, the module's own."""
    return sorted(
        f"{module} imports {target}"
        for module, targets in edges.items()
        for target in targets
        if layer_of(module) != layer_of(target) and HEIGHT[layer_of(module)] <= HEIGHT[layer_of(target)]
    )


def test_every_module_has_a_layer() -> None:
    packages = {"orchestration"}
    assert [module for module in MODULES if module not in packages and not layer_of(module)] == []


def test_only_what_dagster_loads_and_the_settings_lie_at_the_top() -> None:
    top = {path.name for path in PROJECT_ROOT.glob("orchestration/*.py")}
    assert top == {"__init__.py", "definitions.py", "settings.py"}


def test_no_module_imports_from_a_layer_above_its_own() -> None:
    edges = graph()
    assert sum(map(len, edges.values())) > len(edges), "imports are found"
    assert upward(edges) == []


def test_an_import_upwards_is_found_wherever_it_stands() -> None:
    text = "def f():\n    from orchestration.cli import main\n"
    found = set(imported(text, "orchestration.common", frozenset({"orchestration.cli.main"})))
    assert upward({"orchestration.common.text": found}) == ["orchestration.common.text imports orchestration.cli.main"]
    relative = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from ..cli import main\n"
    assert set(imported(relative, "orchestration.common", frozenset({"orchestration.cli.main"}))) == found


def test_no_modules_import_each_other_in_a_circle() -> None:
    try:
        TopologicalSorter(graph()).prepare()
    except CycleError as error:
        raise AssertionError(" -> ".join(error.args[1])) from None
