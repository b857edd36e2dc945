"""What every row of a seed has in common."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

YesNo = Literal["yes", "no"]


class Row(BaseModel):
    """A row of a seed: no other columns, an empty field is a missing value."""

    model_config = ConfigDict(frozen=True, extra="forbid")
