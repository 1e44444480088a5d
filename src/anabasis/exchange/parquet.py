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
    import pyarrow.parquet as pq

    pq.write_table(_table_of(columns, metadata), pathlib.Path(path), compression="zstd")


def encode_table(columns: Sequence[Column], metadata: Mapping[str, str]) -> bytes:
    """The bytes of a Parquet file; what is no number is written as missing."""
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    _write(_table_of(columns, metadata, missing=True), sink)
    return sink.getvalue().to_pybytes()


def _write(table: Any, sink: Any) -> None:
    """Texts repeat, so they go through a dictionary; for numbers that costs time and gains none.

    Drawn numbers hardly compress: snappy takes half the time of zstd and all but the same room.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    texts = [field.name for field in table.schema if pa.types.is_string(field.type)]
    pq.write_table(table, sink, compression="snappy", use_dictionary=texts)  # pyright: ignore[reportArgumentType]


def _table_of(columns: Sequence[Column], metadata: Mapping[str, str], missing: bool = False) -> Any:
    import pyarrow as pa

    fields = []
    arrays = []
    for column in columns:
        sort = pa.string() if _are_texts(column.values) else None
        array = pa.array(column.values, sort, from_pandas=missing)
        about = {"unit": column.unit, "frame": column.frame, "centre": column.centre}
        arrays.append(array)
        fields.append(
            pa.field(column.name, array.type, metadata={k: v for k, v in about.items() if v})
        )
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields, metadata=dict(metadata)))


def _are_texts(values: Any) -> bool:
    """True for a list of texts or of nothing: a column of nothing is still one of texts."""
    return isinstance(values, list) and all(v is None or isinstance(v, str) for v in values)


def read_table(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read a Parquet file back: column name -> values."""
    import pyarrow.parquet as pq

    table = pq.read_table(pathlib.Path(path))
    return {name: table.column(name).to_numpy() for name in table.column_names}


def read_column(path: str | os.PathLike[str], name: str) -> Any:
    """One column of a Parquet file; what is missing is NaN."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(pathlib.Path(path)) as file:
        return file.read(columns=[name]).column(0).to_numpy()


def read_columns(path: str | os.PathLike[str], names: Sequence[str]) -> list[Any]:
    """Some columns of a Parquet file, opened once; what is missing is NaN."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(pathlib.Path(path)) as file:
        table = file.read(columns=list(names))
    return [table.column(name).to_numpy() for name in names]


def read_names(path: str | os.PathLike[str]) -> dict[str, str]:
    """The columns of a Parquet file and their units, in its order."""
    import pyarrow.parquet as pq

    schema = pq.read_schema(pathlib.Path(path))
    return {field.name: (field.metadata or {}).get(b"unit", b"").decode() for field in schema}


def read_metadata(path: str | os.PathLike[str]) -> dict[str, str]:
    """What a Parquet file says of itself."""
    import pyarrow.parquet as pq

    found = pq.read_schema(pathlib.Path(path)).metadata or {}
    return {key.decode(): value.decode() for key, value in found.items() if key != b"ARROW:schema"}


def join_rows(files: Sequence[bytes], count: str) -> tuple[bytes, int]:
    """One Parquet file of several, in their order; also how many rows say something in a column.

    Args:
        files: Parquet files of equal schema; the first one's metadata stand in the answer.
        count: the column of texts whose non-empty values are counted.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    tables = [pq.read_table(pa.BufferReader(file)) for file in files]
    whole = pa.concat_tables(tables).combine_chunks()
    sink = pa.BufferOutputStream()
    _write(whole, sink)
    return sink.getvalue().to_pybytes(), sum(1 for v in whole.column(count).to_pylist() if v)


def read_rows(file: str | os.PathLike[str] | bytes) -> list[dict[str, Any]]:
    """The rows of a Parquet file, each a mapping; what is missing is None."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    source = pa.BufferReader(file) if isinstance(file, bytes) else pathlib.Path(file)
    return pq.read_table(source).to_pylist()
