"""Judging a written draft: what the release gate needs to know, brought together.

Not here: the rules (expectations/release_gate.py), the audit (orchestration/disclosure/).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from expectations.outcomes import Outcome
from orchestration.disclosure.tables import Guard
from orchestration.release.draft import PublishedTable, expected_content


def judge_draft(
    draft: Path,
    database: Path,
    wave: str,
    tables: Sequence[PublishedTable],
    guard: Guard,
    earlier: Iterable[Path],
) -> list[Outcome]:
    """Outcomes of the gate, errors first; `earlier` are the public folders of earlier revisions."""
    from expectations.release_gate import Confidentiality, check_gate
    from orchestration.release.disclosure import audit_wave, shown_and_hidden, shown_elsewhere

    shown_before, _ = shown_and_hidden(earlier)
    _, hidden = shown_and_hidden([draft / "public"])
    found = Confidentiality(
        unsafe=audit_wave(draft, guard.cube, guard.limits),
        shown_elsewhere=shown_elsewhere(draft, [(table.model, table.disclosure) for table in tables]),
        shown_earlier=tuple(sorted(shown_before & hidden.keys())),
    )
    return check_gate(draft, *expected_content(database, wave), found)
