"""dlt loads the extract into DuckDB, a column an answer as the file has it."""

import os
from collections.abc import Iterator
from pathlib import Path

import dlt
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet


@dlt.resource(name="extract", write_disposition="replace")
def read_extract() -> Iterator[pa.Table]:
    """The extract in blocks; of a CSV every column as text."""
    path = Path(os.environ["EXTRACT"])
    if path.suffix == ".parquet":
        batches = pa.parquet.ParquetFile(path).iter_batches()
    else:
        with path.open(encoding="utf-8") as file:
            names = file.readline().rstrip("\n").split(",")
        texts = pa.csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()))
        batches = pa.csv.open_csv(path, convert_options=texts)
    for batch in batches:
        yield pa.Table.from_batches([batch])


place = os.environ["PLACE"]
pipeline = dlt.pipeline(
    "peer",
    destination=dlt.destinations.duckdb(f"{place}/peer.duckdb"),
    dataset_name="raw",
    pipelines_dir=f"{place}/pipelines",
)
pipeline.run(read_extract())
