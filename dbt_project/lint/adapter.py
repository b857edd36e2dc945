"""Stand-in for dbt's `adapter` where sqlfluff renders a model without dbt: what a dispatched macro gives is a value."""

from collections.abc import Callable
from typing import Any


def dispatch(name: str, package: str | None = None) -> Callable[..., str]:
    """A macro that renders to its arguments."""

    def rendered(*arguments: Any) -> str:
        return f"max({arguments[0]})" if name.startswith("joined") else str(arguments[0])

    return rendered
