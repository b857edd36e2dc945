"""The cube by Polars, as somebody would write it who needs nothing else; the rules are those of `cube.sql`."""

import os
from collections.abc import Iterator
from pathlib import Path

import polars as pl

PLACE, SEEDS = Path(os.environ["PLACE"]), Path(os.environ["SEEDS"])
CELL = ["cohort_code", "item_code", "choice_code", "dimension_code", "member_code"]
TOLD = ["response_id", "item_code", "choice_code"]


def main() -> None:
    """Read, tell what each response said of each item, count, write."""
    long = read_answers(os.environ["EXTRACT"])
    told = tell(long.lazy()).collect()
    pl.concat(count(told, long.select("response_id").unique())).write_parquet(PLACE / "cube.parquet")


def read_seed(name: str) -> pl.LazyFrame:
    """Reviewed rows; all columns are text."""
    return pl.scan_csv(SEEDS / f"{name}.csv", infer_schema=False)


def read_answers(extract: str) -> pl.DataFrame:
    """One row a response, question and choice."""
    wide = pl.scan_parquet(extract) if extract.endswith(".parquet") else pl.scan_csv(extract, infer_schema=False)
    long = wide.unpivot(index="contribution_id", variable_name="question_code", value_name="answer")
    long = long.rename({"contribution_id": "response_id"}).filter(pl.col("answer") != "")
    return long.with_columns(pl.col("answer").str.split(";")).explode("answer").collect()


def tell(long: pl.LazyFrame) -> pl.LazyFrame:
    """One row a response, item and choice: the answer itself, its mapped or numeric class, or ticks combined."""
    sources = read_seed("item_sources").filter(instrument=os.environ["INSTRUMENT"], round=os.environ["ROUND"])
    sources = sources.select("item_code", "question_code", "method", "choice_map")
    maps = read_seed("choice_maps").rename({"source_choice": "answer"})
    read = {
        method: long.join(sources.filter(method=method), on="question_code")
        for method in ("same", "map", "class", "combine")
    }
    number = pl.col("answer").cast(pl.Float64, strict=False)
    upper = pl.col("upper_exclusive").cast(pl.Float64).fill_null(float("inf"))
    classed = read["class"].join(read_seed("number_classes"), on="choice_map")
    classed = classed.filter(number >= pl.col("lower_inclusive").cast(pl.Float64), number < upper)
    combined = read["combine"].join(maps, on=["choice_map", "answer"]).group_by("response_id", "item_code")
    return pl.concat(
        [
            read["same"].rename({"answer": "choice_code"}).select(TOLD),
            read["map"].join(maps, on=["choice_map", "answer"]).select(TOLD),
            classed.select(TOLD),
            combined.agg(pl.col("choice_code").unique().sort().str.join("+")).select(TOLD),
        ]
    ).unique()


def count(told: pl.DataFrame, responses: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Responses of each cohort, item, choice, dimension and member: one frame a cohort and dimension."""
    filters = read_seed("cohort_filters").collect()
    dimensions = read_seed("items").filter(is_dimension="yes").select("item_code").collect()["item_code"]
    dimensions = [name for name in dimensions if name in set(told["item_code"].unique())]
    cohorts = read_seed("cohorts").filter(instrument=os.environ["INSTRUMENT"]).collect()["cohort_code"]
    for cohort in cohorts:
        members = responses
        for condition in filters.filter(cohort_code=cohort).iter_rows(named=True):
            meets = told.filter(item_code=condition["item_code"], choice_code=condition["choice_code"])
            members = members.join(meets, on="response_id", how="semi")
        said = told.join(members, on="response_id", how="semi")
        for dimension in ["all", *dimensions]:
            if dimension == "all":
                grouped = said.with_columns(member_code=pl.lit("all"))
            else:
                member = said.filter(item_code=dimension).select("response_id", member_code="choice_code")
                grouped = said.join(member, on="response_id", how="left")
            cells = grouped.with_columns(
                pl.col("member_code").fill_null("missing"), cohort_code=pl.lit(cohort), dimension_code=pl.lit(dimension)
            )
            yield cells.group_by(CELL).agg(n=pl.len().cast(pl.Int64))


main()
