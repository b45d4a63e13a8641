# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""In steady state a small chunk costs three system calls in each relay and direction (wait, read, write), no futex.

Two runs that differ only in the number of round trips, subtracted: what starting and ending costs cancels out.
"""

import re
import signal
from collections import Counter

import pytest

from other_programs import program
from streams import connect
from waiting import until

FEW, MANY = 200, 1200


def calls(summary):
    """strace's table: system call -> number of calls."""
    rows = re.findall(r"^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?(\w+)$", summary, re.MULTILINE)
    return Counter({name: int(count) for count, name in rows if name != "total"})


def traced_round_trips(strait, service, tmp_path, count):
    """System calls of the dialing and of the listening strait, for this many round trips of a small chunk."""
    tables = [tmp_path / f"{count}-dialer", tmp_path / f"{count}-listener"]
    # -D: strace stands aside, so that the process that we started and signal is strait.
    tracer = [[program("strace"), "-D", "-f", "-c", "-o", table] for table in tables]
    listener = strait("ws-listen:0", service.address, wrapper=tracer[1])
    dialer = strait("tcp-listen:0", listener.url, wrapper=tracer[0])
    client, behind = connect(("127.0.0.1", dialer.port)), service.accept()
    for _ in range(count):
        client.send(b"question")
        assert behind.read_exactly(8) == b"question"
        behind.send(b"answer")
        assert client.read_exactly(6) == b"answer"
    for process in (dialer, listener):
        process.signal(signal.SIGTERM)
        process.wait()
    for table in tables:
        until(lambda: table.exists() and "total" in table.read_text(), "strace has written its table")
    return [calls(table.read_text()) for table in tables]


@pytest.fixture
def steady(strait, service, tmp_path):
    """For each relay: system call -> calls for each round trip."""
    few, many = (traced_round_trips(strait, service, tmp_path, count) for count in (FEW, MANY))
    return [
        {name: (after[name] - before[name]) / (MANY - FEW) for name in after if after[name] != before[name]}
        for before, after in zip(few, many)
    ]


def test_three_system_calls_for_each_chunk(steady):
    for side, counts in zip(("dialer", "listener"), steady):
        # A round trip is a chunk in each direction. 2 % for timers and the like.
        assert sum(counts.values()) <= 6 * 1.02, f"{side}: {counts}"
        assert counts.get("futex", 0) < 0.02, f"{side}: {counts}"
        waits = sum(count for name, count in counts.items() if name.startswith("epoll_"))
        assert waits <= 2.04, f"{side}: {counts}"
