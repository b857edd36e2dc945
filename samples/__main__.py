"""Make the bundled extracts: `python -m samples`.

Belongs here: the order of the steps and what the run prints. Not here: any content.
"""

from __future__ import annotations

import time

from samples import deviations, eoi, frames, participation, second_survey, service_feedback, service_use, survey
from samples.codebook import stamp
from samples.fit import fits
from samples.published import SEEDS

EXTRACTS = {
    ("nmc_survey", "2024"): "extract.xlsx",
    ("nmc_survey", "2025"): "extract.xlsx",
    ("eoi", "2021"): "extract.xlsx",
    ("city_registry", "2022"): "extract.csv",
    ("initiative_mapping", "2025"): "extract.csv",
    ("participation", "2025"): "extract.csv",
    ("service_usage", "2026"): "extract.csv",
    ("service_feedback", "2026"): "extract.csv",
}


def main() -> None:
    """Write the extracts, the deviations and the checksums."""
    started = time.perf_counter()
    print("deviation from the printed cells, by item:")
    for fitted in fits():
        print(f"  {fitted.item.question:24}{fitted.objective:4}")
    print(f"  {'total':24}{sum(fitted.objective for fitted in fits()):4}")
    survey.build()
    eoi.build()
    second_survey.build()
    participation.build()
    service_use.build()
    service_feedback.build()
    frames.build()
    deviations.build()
    for (instrument, round_name), extract in EXTRACTS.items():
        folder = SEEDS / "rounds" / instrument / round_name
        digest = stamp(folder, extract)
        print(f"{instrument} {round_name}: {folder.relative_to(SEEDS.parent) / extract} {digest[:16]}")
    print(f"done in {time.perf_counter() - started:.1f} s")


if __name__ == "__main__":
    main()
