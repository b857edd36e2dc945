"""What is raised where an extract cannot be read."""

from __future__ import annotations

from orchestration.common.problems import FileProblemsError


class ExtractError(FileProblemsError):
    """An extract that cannot be read; each problem names file, sheet, row, column, reason and remedy."""
