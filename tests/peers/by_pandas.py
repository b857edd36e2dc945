"""The cube by pandas, as somebody would write it who needs nothing else; the rules are those of `cube.sql`."""

import os
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

PLACE, SEEDS = Path(os.environ["PLACE"]), Path(os.environ["SEEDS"])
CELL = ["cohort_code", "item_code", "choice_code", "dimension_code", "member_code"]
TOLD = ["response_id", "item_code", "choice_code"]


def main() -> None:
    """Read, tell what each response said of each item, count, write."""
    long = read_answers(Path(os.environ["EXTRACT"]))
    told = tell(long)
    cube = pd.concat(count(told, long["response_id"].drop_duplicates()), ignore_index=True)
    cube[CELL] = cube[CELL].astype(str)
    cube.to_parquet(PLACE / "cube.parquet", index=False)


def read_seed(name: str) -> pd.DataFrame:
    """Reviewed rows; all columns are text."""
    return pd.read_csv(SEEDS / f"{name}.csv", dtype=str)


def read_answers(extract: Path) -> pd.DataFrame:
    """One row a response, question and choice."""
    wide = pd.read_parquet(extract) if extract.suffix == ".parquet" else pd.read_csv(extract, dtype=str)
    long = wide.melt(id_vars="contribution_id", var_name="question_code", value_name="answer").dropna(subset="answer")
    long = long[long["answer"] != ""].rename(columns={"contribution_id": "response_id"})
    long["question_code"] = long["question_code"].astype("category")
    several = long["answer"].str.contains(";", regex=False)
    split = long[several].assign(answer=long.loc[several, "answer"].str.split(";")).explode("answer")
    return pd.concat([long[~several], split], ignore_index=True)


def tell(long: pd.DataFrame) -> pd.DataFrame:
    """One row a response, item and choice: the answer itself, its mapped or numeric class, or ticks combined."""
    sources = read_seed("item_sources")
    of_round = (sources["instrument"] == os.environ["INSTRUMENT"]) & (sources["round"] == os.environ["ROUND"])
    sources = sources.loc[of_round, ["item_code", "question_code", "method", "choice_map"]]
    maps = read_seed("choice_maps").rename(columns={"source_choice": "answer"})
    parts = [
        long.merge(sources[sources["method"] == "same"], on="question_code").rename(columns={"answer": "choice_code"}),
        long.merge(sources[sources["method"] == "map"], on="question_code").merge(maps, on=["choice_map", "answer"]),
        classify(long.merge(sources[sources["method"] == "class"], on="question_code")),
    ]
    combined = long.merge(sources[sources["method"] == "combine"], on="question_code")
    combined = combined.merge(maps, on=["choice_map", "answer"]).drop_duplicates(
        ["response_id", "item_code", "choice_code"]
    )
    combined = combined.sort_values("choice_code").groupby(["response_id", "item_code"], sort=False)["choice_code"]
    parts.append(combined.agg("+".join).reset_index())
    told = pd.concat([part[TOLD] for part in parts], ignore_index=True)
    return told.astype("category").drop_duplicates()


def classify(numbers: pd.DataFrame) -> pd.DataFrame:
    """The class that holds each number."""
    classed = numbers.merge(read_seed("number_classes"), on="choice_map")
    value = pd.to_numeric(classed["answer"], errors="coerce")
    lower = pd.to_numeric(classed["lower_inclusive"])
    upper = pd.to_numeric(classed["upper_exclusive"]).fillna(float("inf"))
    return classed[(value >= lower) & (value < upper)]


def count(told: pd.DataFrame, responses: pd.Series) -> Iterator[pd.DataFrame]:
    """Responses of each cohort, item, choice, dimension and member: one frame a cohort and dimension."""
    items, cohorts, filters = read_seed("items"), read_seed("cohorts"), read_seed("cohort_filters")
    dimensions = items.loc[items["is_dimension"] == "yes", "item_code"]
    dimensions = dimensions[dimensions.isin(told["item_code"].cat.categories)]
    for cohort in cohorts.loc[cohorts["instrument"] == os.environ["INSTRUMENT"], "cohort_code"]:
        members = responses
        for condition in filters[filters["cohort_code"] == cohort].itertuples():
            meets = (told["item_code"] == condition.item_code) & (told["choice_code"] == condition.choice_code)
            members = members[members.isin(told.loc[meets, "response_id"])]
        said = told[told["response_id"].isin(members)]
        groups = {"all": None, **{name: said[said["item_code"] == name] for name in dimensions}}
        for dimension, grouped in groups.items():
            if grouped is None:
                grouped = said.assign(member_code="all")
            else:
                member = grouped[["response_id", "choice_code"]].rename(columns={"choice_code": "member_code"})
                grouped = said.merge(member, on="response_id", how="left")
                grouped["member_code"] = grouped["member_code"].cat.add_categories("missing").fillna("missing")
            keys = ["item_code", "choice_code", "member_code"]
            counted = grouped.groupby(keys, observed=True).size().reset_index(name="n")
            yield counted.astype(dict.fromkeys(keys, str)).assign(cohort_code=cohort, dimension_code=dimension)


main()
