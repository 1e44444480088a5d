"""Tables of columns as Parquet, with units and frames in the fields' metadata."""

from __future__ import annotations

import dataclasses
import os
import pathlib
from collections.abc import Mapping, Sequence
from typing import Any


@dataclasses.dataclass(frozen=True)
class Column:
    """One column: its name at the wall, its values, and what they refer to."""

    name: str
    values: Any
    unit: str = ""
    frame: str = ""
    centre: str = ""


def write_table(
    path: str | os.PathLike[str], columns: Sequence[Column], metadata: Mapping[str, str]
) -> None:
    """Write columns to a Parquet file; fields carry ``unit``, ``frame``, ``centre``.

    Args:
        path: of the file.
        columns: of equal length.
        metadata: of the file.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    fields = []
    arrays = []
    for column in columns:
        array = pa.array(column.values)
        about = {"unit": column.unit, "frame": column.frame, "centre": column.centre}
        arrays.append(array)
        fields.append(
            pa.field(column.name, array.type, metadata={k: v for k, v in about.items() if v})
        )
    table = pa.Table.from_arrays(arrays, schema=pa.schema(fields, metadata=dict(metadata)))
    pq.write_table(table, pathlib.Path(path), compression="zstd")


def read_table(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read a Parquet file back: column name -> values."""
    import pyarrow.parquet as pq

    table = pq.read_table(pathlib.Path(path))
    return {name: table.column(name).to_numpy() for name in table.column_names}
