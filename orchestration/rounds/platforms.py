"""Survey platforms whose exports can be read, and whether each brings response ids of its own.

The reader of a platform is the module of its name in readers/. Not here: how an export is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

# Where a platform never brings ids, the codebook gives the role `response_id` to a question; where it always does, to
# none.
OwnIds = Literal["always", "sometimes", "never"]

PLATFORMS: Mapping[str, OwnIds] = {
    "eusurvey_xlsx": "always",
    "forms_xlsx": "always",
    "sheet": "never",
    "eusurvey_xml": "always",
    "limesurvey_csv": "sometimes",
    "spss_sav": "never",
    "parquet": "never",
    "delimited": "never",
}
