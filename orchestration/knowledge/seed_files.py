"""The seeds: which file has rows of which kind.

Not here: reading them (load.py), what a well-formed row is (rows/).
"""

from __future__ import annotations

from collections.abc import Mapping

from orchestration.knowledge.rows import cities, cohorts, items, needs, report, rounds, scoring
from orchestration.knowledge.rows.base import Row

SEED_FILES: Mapping[str, type[Row]] = {
    "waves": cohorts.Wave,
    "wave_rounds": cohorts.WaveRound,
    "cohorts": cohorts.Cohort,
    "cohort_filters": cohorts.CohortFilter,
    "cohort_pairs": cohorts.CohortPair,
    "frames": cohorts.FrameClass,
    "themes": items.Theme,
    "scales": items.ScaleChoice,
    "items": items.Item,
    "item_sources": items.ItemSource,
    "choice_maps": items.ChoiceMapping,
    "number_classes": items.NumberClass,
    "class_merges": items.ClassMerge,
    "tables": report.ReportTable,
    "table_members": report.TableMember,
    "table_labels": report.TableLabel,
    "measures": report.Measure,
    "measure_terms": report.MeasureTerm,
    "statements": report.Statement,
    "claims": report.Claim,
    "report_facts": report.ReportFact,
    "report_lists": report.ReportList,
    "report_list_members": report.ReportListMember,
    "thresholds": report.Threshold,
    "errata_rules": report.ErrataRule,
    "glossary": report.Term,
    "needs": needs.Need,
    "need_evidence": needs.NeedEvidence,
    "need_statements": needs.NeedStatement,
    "theme_crosswalk": needs.ThemeCrosswalk,
    "services": needs.Service,
    "service_status": needs.ServiceStatus,
    "service_needs": needs.ServiceNeed,
    "service_interest": needs.ServiceInterest,
    "service_modules": needs.ServiceModule,
    "module_places": needs.ModulePlaces,
    "service_steps": needs.ServiceStep,
    "initiative_items": needs.InitiativeItem,
    "initiative_needs": needs.InitiativeNeed,
    "self_reports": needs.SelfReport,
    "coverage_verdicts": needs.CoverageVerdict,
    "pathways": needs.Pathway,
    "pathway_needs": needs.PathwayNeed,
    "transition_steps": needs.TransitionStep,
    "pathway_steps": needs.PathwayStep,
    "indices": scoring.Index,
    "scorings": scoring.Scoring,
    "scoring_components": scoring.ScoringComponent,
    "scoring_points": scoring.ScoringPoint,
    "scoring_conditions": scoring.ScoringCondition,
    "scoring_groups": scoring.ScoringGroup,
    "readiness_levels": scoring.ReadinessLevel,
    "pathway_rules": scoring.PathwayRule,
    "city_aliases": cities.CityAlias,
    "city_wrappers": cities.CityWrapper,
    "city_key_changes": cities.CityKeyChange,
}
# Seeds whose labels may stand in further languages, in columns `label::xx`, by what they are labels of.
TRANSLATED_SEEDS = {"cohort": "cohorts", "theme": "themes", "need": "needs", "item": "items", "choice": "scales"}
# Tables made of published/<wave>/<file>.csv, all waves in one; a wave may have none.
PUBLISHED_TABLES: Mapping[str, tuple[str, type[Row]]] = {
    "published_cells": ("cells", report.PublishedCell),
    "published_texts": ("text", report.PublishedText),
}
# Tables made of codebooks, source cards and codings, and of labels in further languages.
CODEBOOK_TABLES: Mapping[str, type[Row]] = {
    "rounds": rounds.Round,
    "questions": rounds.QuestionRow,
    "choices": rounds.ChoiceRow,
    "labels": rounds.LabelRow,
    "codings": rounds.CodingRow,
    "translations": items.Translation,
}
