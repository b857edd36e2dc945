"""Charts of the draft report as pictures, in the colours of the site: Vega-Lite, drawn without a browser.

The same figure makes the same bytes with the same release of the library. Not here: what a figure shows (content.py).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from orchestration.release.workbook import HIDDEN
from orchestration.report.content import Figure, print_number


def draw(figure: Figure, style: Mapping[str, Any]) -> bytes:
    """A figure as PNG; `style` is `charts` of chapters.yml."""
    import vl_convert

    picture: bytes = vl_convert.vegalite_to_png(json.dumps(chart(figure, style)), scale=style["scale"])
    return picture


def chart(figure: Figure, style: Mapping[str, Any]) -> dict[str, Any]:
    """A figure as Vega-Lite: bars from left to right, in the order of the table."""
    is_grouped = len(figure.rows) > 1 and not figure.is_stacked
    records = [
        {
            "row": row,
            "column": column,
            "value": value,
            "text": HIDDEN if value is None else print_number(value),
            "order": order,
        }
        for row, values in zip(figure.rows, figure.values, strict=True)
        for order, (column, value) in enumerate(zip(figure.columns, values, strict=True))
    ]
    bars = "row" if figure.is_stacked else "column"
    colour = {"column": figure.columns, "row": figure.rows}["column" if figure.is_stacked else "row"]
    labels = figure.rows if figure.is_stacked else figure.columns
    palette = style["levels"] if figure.has_levels and figure.is_stacked else style["colours"]
    field = "column" if figure.is_stacked else "row"
    encoding: dict[str, Any] = {
        "y": {
            "field": bars,
            "type": "nominal",
            "sort": list(dict.fromkeys(labels)),
            "title": None,
            "axis": {"labelLimit": style["label_limit"], "ticks": False, "domain": False},
        },
        "x": {
            "field": "value",
            "type": "quantitative",
            "title": figure.unit or None,
            "stack": "zero" if figure.is_stacked else None,
            "axis": {"grid": True, "tickCount": 5},
        },
        "order": {"field": "order", "type": "quantitative"},
    }
    if is_grouped:
        encoding["yOffset"] = {"field": "row", "type": "nominal", "sort": list(figure.rows)}
    coloured = {
        "field": field,
        "type": "nominal",
        "sort": list(dict.fromkeys(colour)),
        "scale": {"domain": list(dict.fromkeys(colour)), "range": _colours(palette, len(set(colour)))},
        "legend": {"title": None, "orient": "bottom", "columns": _legend_columns(colour, style)}
        if len(set(colour)) > 1
        else None,
    }
    layers: list[dict[str, Any]] = [{"mark": {"type": "bar"}, "encoding": {"color": coloured}}]
    if not figure.is_stacked:
        numbers = {"text": {"field": "text", "type": "nominal"}, "x": {**encoding["x"], "field": "place"}}
        layers.append({"mark": {"type": "text", "align": "left", "dx": 4}, "encoding": numbers})
    # A hidden bar has no length: its mark stands where the bar would begin.
    data = [{**record, "place": record["value"] or 0} for record in records]
    if figure.is_stacked:
        layers.append(_hidden_marks())
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "data": {"values": data},
        "width": style["width"],
        "autosize": {"type": "fit-x", "contains": "padding"},
        "height": {"step": style["step"] if not is_grouped else max(12, style["step"] // 2)},
        "encoding": encoding,
        "layer": layers,
        "config": {
            "font": style["font"],
            "axis": {"labelFontSize": style["font_size"], "titleFontSize": style["font_size"], "gridColor": "#e3e7ec"},
            "legend": {"labelFontSize": style["font_size"]},
            "text": {"fontSize": style["font_size"] - 1},
            "view": {"stroke": None},
        },
    }


def _hidden_marks() -> dict[str, Any]:
    """Of a row with hidden parts the mark at its end, so that a short bar is not taken for a small number."""
    return {
        "transform": [
            {
                "joinaggregate": [
                    {"op": "sum", "field": "value", "as": "total"},
                    {"op": "missing", "field": "value", "as": "hidden"},
                ],
                "groupby": ["row"],
            },
            {"filter": "datum.hidden > 0 && datum.order == 0"},
        ],
        "mark": {"type": "text", "align": "left", "dx": 4},
        "encoding": {
            "text": {"value": HIDDEN},
            "x": {"field": "total", "type": "quantitative"},
            "color": {"value": "#555555"},
        },
    }


def _legend_columns(labels: Sequence[str], style: Mapping[str, Any]) -> int:
    """As many as fit beside each other; a letter is about as wide as two thirds of its height."""
    widest = max(map(len, labels)) * style["font_size"] * 0.6 + 40
    return max(1, int(style["width"] // widest))


def _colours(palette: list[str], wanted: int) -> list[str]:
    """As many colours as there are bars, again from the first where there are too few."""
    return [palette[place % len(palette)] for place in range(wanted)]
