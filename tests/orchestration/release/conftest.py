"""The small release that the metadata tests describe."""

from pathlib import Path

import pytest
from metadata_cases import Drafted, drafted


@pytest.fixture
def draft(tmp_path: Path) -> Drafted:
    """A release on disk with its manifest."""
    return drafted(tmp_path)
