"""Every text that a reader opens in these tests is opened as `needs round new` opens it, too: one answer to both."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from orchestration.extracts.delimited import DelimitedText, IsKnown, TextForm, open_delimited
from orchestration.extracts.errors import ExtractError
from orchestration.extracts.parts import Part
from orchestration.readers import delimited


@pytest.fixture(autouse=True, scope="session")
def _same_answer_without_codebook() -> Iterator[None]:
    """What is detected by the codebook's headers is detected without them, or there is no answer without them."""

    def opened(part: Part, said: TextForm, is_known: IsKnown) -> DelimitedText:
        found = open_delimited(part, said, is_known)
        try:
            alone = open_delimited(part, said)
        except ExtractError:
            return found
        is_header = any(map(is_known, found.header.fields))
        assert (alone.encoding, alone.delimiter) == (found.encoding, found.delimiter) or not is_header
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "open_delimited", opened)
        yield
