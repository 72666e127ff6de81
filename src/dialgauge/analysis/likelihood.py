"""Which parameters make the rows likeliest, and is there such a set at all?

A search that stops has not always arrived: it may have run after parameters that only ever get
better towards nought or endless, which is what rows do that say nothing of them. So each search
ends with Newton's steps, which shrink at a summit and do not on a ridge.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from dialgauge.analysis.distribution import Array

Loss: TypeAlias = Callable[[Array], tuple[float, Array]]
"""What is to become small, and its slope, at the logarithms of some parameters."""

Why: TypeAlias = Literal["nonsense", "too few", "no summit", "no convergence", "no mean"]

FEWEST = 50
"""Repeat buyers below which nothing is fitted: too few to tell customers from chance."""

_REACH = 7.0  # parameters are looked for within a factor of 1,100 of where the search starts
_ARRIVED = 1e-6
_NUDGE = 1e-4


@dataclass(frozen=True, slots=True)
class Misfit:
    """Why a model could not be fitted to the rows.

    Attributes:
        why: "nonsense" the rows contradict themselves, "too few" buyers came back, "no summit" the
            rows fit ever better towards an endless parameter, "no convergence" the search did not
            arrive, "no mean" the model fits but expects endless values.
        reason: A sentence for people: what is wrong, and what to do next.
    """

    why: Why
    reason: str


@dataclass(frozen=True, slots=True)
class Runaway:
    """A search without a summit; `which` is the place of the parameter that ran furthest."""

    which: int


def likeliest(loss: Loss, parameters: int) -> Array | Runaway | None:
    """Search for positive parameters, starting where all are 1.

    Args:
        loss: The negative log-likelihood a row and its slope, of the parameters' logarithms.
            Rows should be scaled so that parameters are within some hundred times of 1.
        parameters: How many there are.

    Returns:
        The parameters; or which of them ran away; or None when the search did not arrive.

    Example:
        >>> def bowl(logs):
        ...     return float(((logs - 1) ** 2).sum()), 2 * (logs - 1)
        >>> likeliest(bowl, 2).round(4).tolist()
        [2.7183, 2.7183]
        >>> def slide(logs):
        ...     return float(np.exp(-logs).sum()), -np.exp(-logs)
        >>> likeliest(slide, 1)
        Runaway(which=0)
    """
    from scipy.optimize import minimize  # noqa: PLC0415 - loads slowly, needed only here

    start = np.zeros(parameters)
    found = minimize(
        loss,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=[(-_REACH, _REACH)] * parameters,
        options={"maxiter": 1000, "ftol": 1e-12, "gtol": 1e-7},
    )
    point = np.asarray(found.x, dtype=np.float64)
    for _ in range(20):
        furthest = int(np.argmax(np.abs(point)))
        if not np.isfinite(point).all():
            return None
        if abs(point[furthest]) > _REACH - 0.1:
            return Runaway(furthest)
        step = _newton(loss, point)
        if step is None:
            return Runaway(furthest)
        if np.abs(step).max() < _ARRIVED:
            return np.exp(point)
        point = point - np.clip(step, -1.0, 1.0)
    return None


def _newton(loss: Loss, point: Array) -> Array | None:
    """Give the step to the summit of the parabola around a point; None where it is no summit."""
    nudges = np.eye(len(point)) * _NUDGE
    slopes = [loss(point + nudge)[1] - loss(point - nudge)[1] for nudge in nudges]
    curvature = np.array(slopes) / (2 * _NUDGE)
    curvature = (curvature + curvature.T) / 2
    bends = np.linalg.eigvalsh(curvature)
    if not bends[0] > 1e-9 * bends[-1]:
        return None
    return np.asarray(np.linalg.solve(curvature, loss(point)[1]))


def distinct(*columns: Array) -> tuple[tuple[Array, ...], Array]:
    """Find the distinct rows of a table, so that equal ones are worked out once.

    Args:
        columns: Arrays of one length.

    Returns:
        The columns of the distinct rows, and how often each occurs.

    Example:
        >>> (left, right), counts = distinct(np.array([1.0, 2.0, 1.0]), np.array([5.0, 5.0, 5.0]))
        >>> left.tolist(), right.tolist(), counts.tolist()
        ([1.0, 2.0], [5.0, 5.0], [2.0, 1.0])
    """
    place = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        values, codes = np.unique(column, return_inverse=True)
        place = np.unique(place * len(values) + codes, return_inverse=True)[1]
    _, first, counts = np.unique(place, return_index=True, return_counts=True)
    return tuple(column[first] for column in columns), counts.astype(np.float64)


def columns_of(*columns: npt.ArrayLike) -> tuple[Array, ...]:
    """Read columns as flat arrays of numbers.

    Raises:
        ValueError: They differ in length.
    """
    read = tuple(np.asarray(column, dtype=np.float64).ravel() for column in columns)
    if len({len(column) for column in read}) > 1:
        lengths = ", ".join(str(len(column)) for column in read)
        raise ValueError(f"columns of one table have one length, not {lengths}")
    return read
