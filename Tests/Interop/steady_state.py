# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""What a tool counts in two relays for each round trip of a small chunk.

Two runs that differ only in the number of round trips, subtracted: what starting and ending costs cancels out.
"""

import signal
from collections import Counter

from streams import connect


def counts_of_a_round_trip(strait, service, tool, read, few, many):
    """For the dialer and the listener: name -> count for each round trip.

    `tool(name)` is the command before the program, and `read(name)` the Counter of what it reported under that name.
    """
    before, after = (run(strait, service, tool, read, count) for count in (few, many))
    return [
        {name: (late[name] - early[name]) / (many - few) for name in late if late[name] != early[name]}
        for early, late in zip(before, after)
    ]


def run(strait, service, tool, read, count):
    names = [f"{count}-dialer", f"{count}-listener"]
    listener = strait("ws-listen:0", service.address, wrapper=tool(names[1]))
    dialer = strait("tcp-listen:0", listener.url, wrapper=tool(names[0]))
    client, behind = connect(("127.0.0.1", dialer.port)), service.accept()
    for _ in range(count):
        client.send(b"question")
        assert behind.read_exactly(8) == b"question"
        behind.send(b"answer")
        assert client.read_exactly(6) == b"answer"
    for process in (dialer, listener):
        process.signal(signal.SIGTERM)
        process.wait()
    return [Counter(read(name)) for name in names]
