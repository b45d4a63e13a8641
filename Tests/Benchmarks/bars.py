# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""The bars that the design sets, and whether what was measured meets them.

A ratio is taken within each round, where both ran under the same conditions; what counts is the median of the ratios.
"""

from dataclasses import dataclass
from statistics import median
from typing import Callable

from table import spread

AT_LEAST, AT_MOST = "≥", "≤"


@dataclass
class Bar:
    #: The name of the row that is looked at.
    row: str
    #: What is compared with the limit: the value, or a ratio of two.
    unit: str
    sign: str
    limit: float
    #: What is compared, from the row.
    samples: Callable = lambda row: row.values["strait"]
    slack: float = 1

    def is_met(self, value):
        return value >= self.limit if self.sign == AT_LEAST else value <= self.limit * self.slack

    def markdown(self, row):
        wanted = f"| {self.row} | {self.unit} | {self.sign} {self.limit:g} |"
        if row is None or not row.has("strait"):
            return f"{wanted} – | not measured |"
        samples = self.samples(row)
        return f"{wanted} {spread(samples, 2)} | {'met' if self.is_met(median(samples)) else '**NOT MET**'} |"


def ours_to(peer):
    return f"ours / {peer}'s", lambda row: row.ratios("strait", peer)


def to_ours(peer):
    return f"{peer}'s / ours", lambda row: row.ratios(peer, "strait")


def ratio(row, both, sign, limit):
    unit, samples = both
    return Bar(row, unit, sign, limit, samples)


def every_bar():
    for way, cheaper in (("up", 3.5), ("down", 2.5)):
        yield ratio(f"ws {way}: throughput", ours_to("socat"), AT_LEAST, 1)
        yield ratio(f"ws {way}: CPU for each GB", to_ours("websocat"), AT_LEAST, cheaper)
    for way in ("up", "down"):
        yield ratio(f"wss {way}: throughput", ours_to("stunnel"), AT_LEAST, 1.15)
        yield ratio(f"wss {way}: CPU for each GB", to_ours("stunnel"), AT_LEAST, 1.15)
        yield ratio(f"wss {way}: CPU for each GB", to_ours("websocat"), AT_LEAST, 2)
    for scheme, idle in (("ws", 16), ("wss", 48)):
        for side in ("dialer", "listener"):
            # Timers and the like come on top.
            yield Bar(f"{scheme} 64 bytes, {side}: system calls a chunk", "each direction", AT_MOST, 3, slack=1.02)
            yield Bar(f"{scheme} {side}, 1000 idle links: memory for each", "KiB", AT_MOST, idle)
        yield Bar(f"{scheme} listener, one huge frame: peak over idle", "MiB", AT_MOST, 4)
    yield Bar("masking: speed", "GB/s", AT_LEAST, 10)
    yield Bar("--version: time from exec", "ms", AT_MOST, 8)
    yield ratio("--version: time from exec", ours_to("websocat"), AT_MOST, 2.5)
    yield Bar("binary: size, stripped", "MiB", AT_MOST, 16)


def bars(rows):
    """Markdown: every bar of the design."""
    by_name = {row.name: row for row in rows}
    lines = ["| bar | compared | wanted | measured | |", "|---|---|---:|---:|---|"]
    return "\n".join(lines + [bar.markdown(by_name.get(bar.row)) for bar in every_bar()])
