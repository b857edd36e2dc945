"""Writing the draft report of a wave from its newest release."""

from __future__ import annotations

from pathlib import Path

from orchestration.common.whole_file import write_whole
from orchestration.knowledge.load import load_knowledge
from orchestration.release.draft import Audience
from orchestration.release.store import ReleaseStore
from orchestration.report.content import ReportError, make_report, read_chapters
from orchestration.report.document import write_document
from orchestration.settings import Settings


def write_report(settings: Settings, wave: str, audience: Audience, file: Path | None = None) -> Path:
    """Write the report of the newest release of a wave; its path, by default in this folder, named as the release is.

    Raises ReportError where the wave has no release.
    """
    store = ReleaseStore(settings.releases)
    name = store.latest(wave)
    if name is None:
        found = ", ".join(store.names()) or "none"
        raise ReportError(f"wave {wave} has no release at {store.address} (there is: {found}). Run `needs refresh`.")
    store.require_whole(name)
    chapters = read_chapters()
    with store.folder(name) as folder:
        report = make_report(folder, store.manifest(name), load_knowledge(settings.seeds), chapters, audience)
    path = file or Path(f"report-{name}-{audience}.docx")
    write_whole(path, write_document(report, chapters))
    return path
