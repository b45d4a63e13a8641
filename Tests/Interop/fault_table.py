# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""The results of the fault matrix as a page for people."""

import os

from fault_cells import FAULTS, PATHS, POSITIONS, STDIO, TRAFFIC, Cell, expected

HEAD = """\
<!--
SPDX-FileCopyrightText: The Strait authors
SPDX-License-Identifier: Apache-2.0
-->

# Faults, and what comes of them

    client -> near strait -> [nginx | HAProxy | nothing] -> far strait -> service

What has to come of each fault is said, with its reason, in `Tests/Interop/fault_cells.py`, and printed here above each
table. A row is what moves when the fault happens: ↑ up is from the client to the service, ↓ down the other way. A
column is what is between the straits. A cell is one run:

- the seconds from the fault until the client and the service had seen the link's end; where the link has to survive
  the fault, from the end of the fault;
- exit statuses of straits that ended, and Close codes that straits got;
- how much arrived in each direction, and of how much that was sent if that is not all;
- † the near strait had the client on its standard streams (`strait - ws://…`); else it listened (`tcp-listen:`).

In every cell the straits that still ran have served the next link, and every byte that arrived was the right one. A
cell that went wrong is **bold** and says how. `make test-long` writes this page.
"""


def markdown(results, seconds):
    failures = sum(bool(observed.problems) for observed in results.values())
    summary = f"**{len(results)} cells, {failures} failures**; {seconds:.0f} s on {os.cpu_count()} processors."
    lines = [HEAD, summary, ""]
    for position in POSITIONS:
        for fault in FAULTS:
            lines += _section(position, fault, results)
    return "\n".join(lines)


def _section(position, fault, results):
    lines = [f"## {position.capitalize()}: {fault}", "", *_wanted(position, fault), ""]
    lines += ["| moving | " + " | ".join(PATHS) + " |", "|---" * (len(PATHS) + 1) + "|"]
    for traffic in TRAFFIC:
        row = [_shown(cell, results[cell]) for cell in (Cell(position, fault, traffic, path) for path in PATHS)]
        lines.append(f"| {traffic} | " + " | ".join(row) + " |")
    return [*lines, ""]


def _wanted(position, fault):
    """A line for each outcome, with the cells that have to have it."""
    groups = {}
    for traffic in TRAFFIC:
        for path in PATHS:
            cell = Cell(position, fault, traffic, path)
            groups.setdefault(str(expected(cell)), {}).setdefault(traffic, []).append(path + _mark(cell))
    if len(groups) == 1:
        return [f"- {outcome}" for outcome in groups]
    return [f"- {_named(cells)}: {outcome}" for outcome, cells in groups.items()]


def _named(cells):
    return "; ".join(f"{traffic} ({', '.join(paths)})" for traffic, paths in cells.items())


def _mark(cell):
    return "†" if cell.form == STDIO else ""


def _shown(cell, observed):
    if not observed.problems:
        return f"{observed}{_mark(cell)}"
    reasons = "; ".join(problem.partition("\n")[0] for problem in observed.problems)
    return f"**{reasons.replace('|', '/')}**{_mark(cell)}"
