"""Figures for monitoring, in the text format of Prometheus (exposition format 0.0.4).

A part gives its own by Part.extra["metrics"]: a function of an instant that yields `Family`s. No personal data, no
names, no addresses: a label holds a code, a state or a number of a row (safety A71).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
PREFIX = "provodnik_"
Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Family:
    """`name` without the product's prefix; `kind`: "gauge", "counter" or "histogram" (whose samples name their own
    suffix); `help`: what it counts and in what unit, one English line; `samples`: (suffix, labels, value)."""

    name: str
    kind: str
    help: str
    samples: Sequence[tuple[str, Labels, float]]


Gather = Callable[[datetime], Iterable[Family]]


def gauge(name: str, told: str, value: float | None, **labels: str) -> Family:
    """One figure; None gives none, for what has never happened has no time."""
    return Family(name, "gauge", told, [] if value is None else [("", labels, value)])


def gauges(name: str, told: str, label: str, values: Mapping[str, float]) -> Family:
    """A figure for each value of one label."""
    return Family(name, "gauge", told, [("", {label: key}, value) for key, value in values.items()])


def render(families: Iterable[Family]) -> str:
    """The whole answer."""
    lines = []
    for family in families:
        name = PREFIX + family.name
        lines += [f"# HELP {name} {_escaped(family.help, quotes=False)}", f"# TYPE {name} {family.kind}"]
        for suffix, labels, value in family.samples:
            told = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
            lines.append(f"{name}{suffix}{f'{{{told}}}' if told else ''} {_number(value)}")
    return "\n".join(lines) + "\n"


def _escaped(text: str, *, quotes: bool = True) -> str:
    text = text.replace("\\", "\\\\").replace("\n", "\\n")
    return text.replace('"', '\\"') if quotes else text


def _number(value: float) -> str:
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return str(int(value)) if float(value).is_integer() else repr(float(value))
