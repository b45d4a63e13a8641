# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""In steady state a small chunk costs three system calls in each relay and direction (wait, read, write), no futex."""

import re

from other_programs import program
from steady_state import counts_of_a_round_trip
from waiting import until


def calls(summary):
    """strace's table: system call -> number of calls."""
    rows = re.findall(r"^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?(\w+)$", summary, re.MULTILINE)
    return {name: int(count) for count, name in rows if name != "total"}


def test_three_system_calls_for_each_chunk(strait, service, tmp_path):
    def tool(name):
        # -D: strace stands aside, so that the process that we started and signal is strait.
        return [program("strace"), "-D", "-f", "-c", "-o", tmp_path / name]

    def read(name):
        table = tmp_path / name
        until(lambda: table.exists() and "total" in table.read_text(), "strace has written its table")
        return calls(table.read_text())

    steady = counts_of_a_round_trip(strait, service, tool, read, few=200, many=1200)
    for side, counts in zip(("dialer", "listener"), steady):
        # A round trip is a chunk in each direction. 2 % for timers and the like.
        assert sum(counts.values()) <= 6 * 1.02, f"{side}: {counts}"
        assert counts.get("futex", 0) < 0.02, f"{side}: {counts}"
        waits = sum(count for name, count in counts.items() if name.startswith("epoll_"))
        assert waits <= 2.04, f"{side}: {counts}"
