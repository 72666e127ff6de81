"""How do arrays of numbers become rows of the canonical tables?

The generator works on numbers; texts are spelt out only here, a batch at a time.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dialgauge.model.table import Table, Type

Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]
Bools: TypeAlias = npt.NDArray[np.bool_]

NONE = np.int64(-1)
"""Stands for NULL among codes and times."""

ARROW_TYPES: Mapping[Type, pa.DataType] = MappingProxyType(
    {
        Type.TEXT: pa.string(),
        Type.BOOL: pa.bool_(),
        Type.INTEGER: pa.int64(),
        Type.NUMBER: pa.float64(),
        Type.MONEY: pa.decimal128(18, 4),
        Type.TIME: pa.timestamp("us", tz="UTC"),
        Type.DATE: pa.date32(),
        Type.JSON: pa.string(),
    }
)


def schema(table: Table) -> pa.Schema:
    """Give the Arrow schema of the columns that a file may bring."""
    return pa.schema(
        [(column.name, ARROW_TYPES[column.type]) for column in table.columns if not column.derived]
    )


def batch(table: Table, rows: int, columns: Mapping[str, pa.Array]) -> pa.RecordBatch:
    """Join columns into a batch; those not given are NULL."""
    fields = schema(table)
    arrays = [
        columns[field.name].cast(field.type)
        if field.name in columns
        else pa.nulls(rows, field.type)
        for field in fields
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=fields)


def words(codes: Ints, vocabulary: Sequence[str | None]) -> pa.Array:
    """Spell codes out; NONE gives NULL."""
    indices = pa.array(codes, mask=codes < 0)
    return pa.DictionaryArray.from_arrays(indices, pa.array(vocabulary, pa.string())).cast(
        pa.string()
    )


def names(prefix: str, numbers: Ints) -> pa.Array:
    """Name things by prefix and number; NONE gives NULL."""
    return pc.binary_join_element_wise(
        prefix, pa.array(numbers, mask=numbers < 0).cast(pa.string()), ""
    )


def times(milliseconds: Ints) -> pa.Array:
    """Turn milliseconds of UTC into instants; negative ones give NULL."""
    return pa.array(
        milliseconds * 1000, pa.timestamp("us", tz="UTC"), mask=milliseconds < 0, from_pandas=False
    )


def seconds(milliseconds: Ints) -> pa.Array:
    """Turn milliseconds into seconds; negative ones give NULL."""
    return pa.array(milliseconds / 1000, mask=milliseconds < 0)


def flags(values: Bools, known: Bools | None = None) -> pa.Array:
    """Turn truth values into a column, NULL where not known."""
    return pa.array(values, mask=None if known is None else ~known)


def money(values: Floats) -> pa.Array:
    """Turn amounts into decimals with four places; not-a-number gives NULL."""
    rounded = pa.array(np.round(values, 4), from_pandas=True)
    return rounded.cast(pa.decimal128(18, 4), safe=False)


def dates(values: Sequence[dt.date | None]) -> pa.Array:
    """Turn days into a column."""
    return pa.array(values, pa.date32())


def constant(value: Any, rows: int) -> pa.Array:
    """Repeat one value."""
    return pa.repeat(pa.scalar(value), rows)
