"""Names in the place of ids that tell an e-mail address, by the secret of the deployment.

Not here: what an address looks like and how a name is made (common/personal.py), which column holds ids (rows.py).
"""

from __future__ import annotations

from orchestration.common.personal import former_pseudonym, holds_email, pseudonym
from orchestration.common.problems import Problem
from orchestration.extracts.errors import ExtractError
from orchestration.settings import Settings


class Pseudonyms:
    """Gives names, and remembers by which each went with the secret before, or before names hung on one."""

    def __init__(self, settings: Settings) -> None:
        self._secret = settings.pseudonym_secret
        self._before = settings.pseudonym_secret_before
        self.former: dict[str, str] = {}

    def name(self, identifier: str, file: str) -> str:
        """The identifier, or its pseudonym. Raises ExtractError where one is needed and there is no secret."""
        if not holds_email(identifier):
            return identifier
        if self._secret is None:
            reason = "ids of the file are e-mail addresses, and pseudonyms for them need a secret of the deployment"
            remedy = (
                "set NEEDS_PSEUDONYM_SECRET to 32 characters by chance or more, such as of `openssl rand -hex 32`, and "
                "keep it (docs/runbooks/pseudonyms.md)"
            )
            raise ExtractError([Problem(file, reason, remedy)])
        name = pseudonym(identifier, self._secret.get_secret_value())
        before = self._before and self._before.get_secret_value()
        self.former[pseudonym(identifier, before) if before else former_pseudonym(identifier)] = name
        return name
