# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""64 bytes to an echo service and back through each pair of relays, one round trip after the other."""

import time
from contextlib import ExitStack
from statistics import quantiles

from relays import PEERS
from services import echo
from streams import connect
from table import Row

ROUND_TRIPS = 2000
WARM_UP = 300
QUESTION = bytes(64)


def measure(bench):
    for scheme, peers in PEERS.items():
        middle = Row(f"{scheme} ping-pong", "round trip, p50", "µs", digits=0)
        tail = Row(f"{scheme} ping-pong", "round trip, p99", "µs", digits=0)
        with ExitStack() as stack:
            port = stack.enter_context(echo())
            clients = {
                peer: connect(("127.0.0.1", stack.enter_context(bench.relays.chain(peer, scheme, port)).port))
                for peer in peers
            }
            for client in clients.values():
                stack.callback(client.close)
                round_trips(client, WARM_UP)
            for _ in range(bench.rounds):
                for peer, client in clients.items():
                    percentiles = quantiles(round_trips(client, ROUND_TRIPS), n=100)
                    middle.add(peer, percentiles[49])
                    tail.add(peer, percentiles[98])
        yield middle
        yield tail


def round_trips(client, count):
    """Microseconds of each."""
    times = []
    for _ in range(count):
        start = time.perf_counter()
        client.send(QUESTION)
        client.read_exactly(len(QUESTION))
        times.append((time.perf_counter() - start) * 1e6)
    return times
