"""The small release that the metadata tests describe."""

from pathlib import Path

import pytest
from metadata_cases import Drafted, write_draft


@pytest.fixture
def draft(tmp_path: Path) -> Drafted:
    """A release on disk with its manifest."""
    return write_draft(tmp_path)
