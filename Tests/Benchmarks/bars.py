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


def own(row):
    return row.values["strait"]


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
    *(
        # 2 % for timers and the like.
        Bar(
            *(f"{scheme}, {side}: system calls a small chunk", "3", f"{scheme} 64 bytes, {side}: system calls a chunk"),
            *(own, at_most(3.06)),
        )
        for scheme in ("ws", "wss")
        for side in ("dialer", "listener")
    ),
    *(
        Bar(
            *(f"{scheme}, {side}: KiB for each idle link", f"≤ {limit}"),
            *(f"{scheme} {side}, 1000 idle links: memory for each", own, at_most(limit)),
            digits=1,
        )
        for scheme, limit in (("ws", 16), ("wss", 48))
        for side in ("listener", "dialer")
    ),
    *(
        Bar(
            *(f"{scheme}: MiB over idle while one huge frame passes", "≤ 4"),
            *(f"{scheme} listener, one huge frame: peak over idle", own, at_most(4)),
        )
        for scheme in ("ws", "wss")
    ),
    Bar("masking: GB/s in cache", "≥ 10", "masking: speed", own, at_least(10), digits=1),
    Bar("`--version`: ms", "≤ 8", "--version: time from exec", own, at_most(8), digits=1),
    Bar("`--version`: ours / websocat's", "≤ 2.5", "--version: time from exec", ratio("strait", "websocat"), at_most(2.5)),
    Bar("stripped binary: MiB", "≤ 16", "binary: size, stripped", own, at_most(16), digits=1),
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
