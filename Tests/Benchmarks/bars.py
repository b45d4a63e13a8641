# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""The bars that the design sets, and whether what was measured meets them.

A ratio is taken within each round, where both ran under the same conditions; what counts is the median of the ratios.
"""

from dataclasses import dataclass
from statistics import median
from typing import Callable

from table import spread


@dataclass
class Bar:
    what: str
    #: The bar in words.
    wanted: str
    #: Row name -> samples to compare.
    row: str
    samples: Callable
    met: Callable
    digits: int = 2


def ratio(a, b):
    """How many times `b`'s value `a`'s is, in each round."""
    return lambda row: [x / y for x, y in zip(row.values[a], row.values[b])]


def own(factor=1):
    return lambda row: [value / factor for value in row.values["strait"]]


def at_least(limit):
    return lambda value: value >= limit


def at_most(limit):
    return lambda value: value <= limit


BARS = [
    *(
        Bar(f"ws {way}: throughput / socat's", "≥ 1", f"ws {way}: throughput", ratio("strait", "socat"), at_least(1))
        for way in ("up", "down")
    ),
    *(
        Bar(
            *(f"ws {way}: websocat's CPU for each GB / ours", f"≥ {limit}", f"ws {way}: CPU for each GB"),
            *(ratio("websocat", "strait"), at_least(limit)),
        )
        for way, limit in (("up", 3.5), ("down", 2.5))
    ),
    *(
        bar
        for way in ("up", "down")
        for bar in (
            Bar(
                *(f"wss {way}: throughput / stunnel's", "≥ 1.15", f"wss {way}: throughput"),
                *(ratio("strait", "stunnel"), at_least(1.15)),
            ),
            Bar(
                *(f"wss {way}: stunnel's CPU for each GB / ours", "≥ 1.15", f"wss {way}: CPU for each GB"),
                *(ratio("stunnel", "strait"), at_least(1.15)),
            ),
            Bar(
                *(f"wss {way}: websocat's CPU for each GB / ours", "≥ 2", f"wss {way}: CPU for each GB"),
                *(ratio("websocat", "strait"), at_least(2)),
            ),
        )
    ),
]


def bars(rows):
    """Markdown: every bar whose row was measured."""
    by_name = {row.name: row for row in rows}
    lines = ["| bar | wanted | measured | |", "|---|---:|---:|---|"]
    for bar in BARS:
        row = by_name.get(bar.row)
        try:
            samples = bar.samples(row)
        except (AttributeError, KeyError, TypeError):
            lines.append(f"| {bar.what} | {bar.wanted} | – | not measured |")
            continue
        verdict = "met" if bar.met(median(samples)) else "**NOT MET**"
        lines.append(f"| {bar.what} | {bar.wanted} | {spread(samples, bar.digits)} | {verdict} |")
    return "\n".join(lines)
