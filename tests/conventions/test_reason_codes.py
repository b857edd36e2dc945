"""The table of reason codes names every code that a reader gives, and no other."""

import ast
import re

from orchestration.settings import PROJECT_ROOT

TABLE = PROJECT_ROOT / "docs" / "reason-codes.md"
LAYERS = PROJECT_ROOT / "orchestration"
READERS = [*(LAYERS / "readers").glob("*.py"), LAYERS / "common" / "values.py", LAYERS / "rounds" / "choices.py"]
ROW = re.compile(r"^\| `(?P<code>\w+)` \| (?:row|answer) \| [^|]+ \| [^|]+ \|$", flags=re.MULTILINE)


def codes_in_source() -> list[ast.expr]:
    calls = [node for path in READERS for node in ast.walk(ast.parse(path.read_text("utf-8"))) if _is_fault(node)]
    return [call.args[0] if call.args else call.keywords[0].value for call in calls]


def _is_fault(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Fault"


def test_every_code_is_written_where_its_fault_is_made() -> None:
    assert [ast.unparse(code) for code in codes_in_source() if not isinstance(code, ast.Constant)] == []


def test_the_table_has_every_code_and_no_other() -> None:
    given = {code.value for code in codes_in_source() if isinstance(code, ast.Constant)}
    told = ROW.findall(TABLE.read_text(encoding="utf-8"))
    assert told == sorted(told)
    assert told == sorted(given)
