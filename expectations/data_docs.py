"""Great Expectations' Data Docs of recorded outcomes: its own page of results, in a frame that is given.

Here: outcomes back into its results, and its renderers. Not here: evaluating rules (runner.py), and where pages are put
(orchestration/site/documents.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from expectations.outcomes import Outcome
from expectations.runner import great_expectations


class DataDocs:
    """Pages by the templates of a folder: `checks.j2` for results, others without."""

    def __init__(self, templates: Path) -> None:
        self._templates = templates

    def page(self, heading: str, outcomes: Sequence[Outcome], **context: Any) -> str:
        """The results of a suite as a page; `context` is what the frame of the template asks for."""
        from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer

        document = ValidationResultsPageRenderer().render(_results(heading, outcomes))
        return str(self._view.render(document, template="checks.j2", heading=heading, rules=outcomes, **context))

    def plain(self, template: str, **context: Any) -> str:
        """A page without results."""
        return str(self._view.env.get_template(template).render(**context))

    @cached_property
    def _view(self) -> Any:
        great_expectations()
        from great_expectations.render.view.view import DefaultJinjaPageView

        return DefaultJinjaPageView(custom_views_directory=str(self._templates))


def _results(heading: str, outcomes: Sequence[Outcome]) -> Any:
    """Great Expectations' result of a suite."""
    gx = great_expectations()
    from great_expectations.core.expectation_validation_result import ExpectationSuiteValidationResult
    from great_expectations.validator.validation_statistics import calc_validation_statistics

    results = [_result(found) for outcome in outcomes for found in outcome.expectations]
    statistics = calc_validation_statistics(results)._asdict()
    return ExpectationSuiteValidationResult(
        success=statistics.pop("success"),
        results=results,
        suite_name=heading,
        statistics=statistics,
        meta={
            "great_expectations_version": gx.__version__,
            "active_batch_definition": {"data_asset_name": heading},
        },
    )


def _result(found: Mapping[str, Any]) -> Any:
    from great_expectations.core.expectation_validation_result import ExpectationValidationResult
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    return ExpectationValidationResult(
        success=found["success"],
        expectation_config=ExpectationConfiguration(type=found["type"], kwargs=dict(found["kwargs"])),
        result=dict(found["result"]),
        exception_info={"raised_exception": False, "exception_message": None, "exception_traceback": None},
    )
