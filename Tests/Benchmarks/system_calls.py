# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""System calls and instructions that a small chunk costs in one relay and one direction.

Two runs that differ only in the number of round trips, subtracted: what starting and ending costs cancels out.
"""

import re

from latency import round_trips
from relays import PEERS
from services import echo
from streams import connect
from table import Row
from waiting import until

#: Round trips of the two runs.
TRACED = (100, 600)
EMULATED = (50, 350)


#: The last line of strace's table: % of time, seconds, microseconds a call, calls, errors if any.
TOTAL = r"^100\.00\s+\S+\s+\S+\s+(\d+)\s.*total$"


def measure(bench):
    for scheme, peers in PEERS.items():
        yield from rows(bench, scheme, peers, "system calls a chunk", 2, strace, TRACED)
    yield from rows(bench, "ws", ["strait", "websocat"], "instructions a chunk", 0, callgrind, EMULATED)


def rows(bench, scheme, peers, what, digits, tool, runs):
    sides = [Row(f"{scheme} 64 bytes, {side}", what, "each direction", digits) for side in ("dialer", "listener")]
    for peer in peers:
        few, many = (total(bench, scheme, peer, tool, count) for count in runs)
        for row, before, after in zip(sides, few, many):
            row.add(peer, (after - before) / (runs[1] - runs[0]) / 2)
    return sides


def total(bench, scheme, peer, tool, count):
    """What the tool counts in the dialer and in the listener, from start to end."""
    reports = [bench.scratch(f"{tool.__name__}-{peer}-{scheme}-{count}-{side}") for side in ("dialer", "listener")]
    commands, read = zip(*map(tool, reports))
    with echo() as port, bench.relays.chain(peer, scheme, port, commands) as chain:
        client = connect(("127.0.0.1", chain.port))
        round_trips(client, count)
        client.close()
    return [until(function, "the tool has written its report") for function in read]


def strace(report):
    """The command before the program, and what reads its result."""

    def calls():
        found = report.exists() and re.search(TOTAL, report.read_text(), re.MULTILINE)
        return found and int(found[1])

    # -D: strace stands aside, so that the process that is started and ended is the relay.
    return ["strace", "-D", "-f", "-c", "-o", report], calls


def callgrind(report):
    def instructions():
        found = report.exists() and re.findall(r"^(?:summary|totals): (\d+)", report.read_text(), re.MULTILINE)
        return found and int(found[-1])

    return ["valgrind", "--tool=callgrind", f"--callgrind-out-file={report}"], instructions
