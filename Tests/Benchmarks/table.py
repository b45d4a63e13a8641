# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""What was measured, as rows of one Markdown table: the median of the rounds, and in brackets the spread."""

from dataclasses import dataclass, field
from statistics import median

COLUMNS = ["strait", "websocat", "socat", "stunnel"]


@dataclass
class Row:
    #: What was done, and what was measured: `ws up`, `throughput`.
    case: str
    what: str
    unit: str
    digits: int = 1
    #: Peer -> values, one for each round; or a word on why there is none.
    values: dict = field(default_factory=dict)

    @property
    def name(self):
        return f"{self.case}: {self.what}"

    def add(self, peer, value):
        self.values.setdefault(peer, []).append(value)

    def ratios(self, a, b):
        """How many times `b`'s value `a`'s is, in each round."""
        return [x / y for x, y in zip(self.values[a], self.values[b])]

    def has(self, peer):
        return isinstance(self.values.get(peer), list)

    def cell(self, peer):
        values = self.values.get(peer, "")
        return values if isinstance(values, str) else spread(values, self.digits)

    def markdown(self):
        return f"| {self.case} | {self.what}, {self.unit} | " + " | ".join(map(self.cell, COLUMNS)) + " |"


def spread(values, digits):
    middle = f"{median(values):.{digits}f}"
    if len(values) == 1:
        return middle
    return f"{middle} ({min(values):.{digits}f}..{max(values):.{digits}f})"


def header():
    names = ["case", "measured", *COLUMNS]
    return f"| {' | '.join(names)} |\n|---|---|{'---:|' * len(COLUMNS)}"
