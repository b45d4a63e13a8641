# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""One iperf3 stream through each pair of relays: Gbit/s that arrive, and CPU seconds of the pair for each GB."""

import json
import subprocess
import time
from contextlib import ExitStack

from processes import NotMeasured, listening
from relays import PEERS
from table import Row

DIRECTIONS = {"up": [], "down": ["-R"], "both at once": ["--bidir"]}


def measure(bench):
    with ExitStack() as stack:
        server, port = listening(lambda port: iperf("-s", "-p", port, "-B", "127.0.0.1"), bench.scratch("iperf3"))
        stack.callback(server.stop)
        for scheme, peers in PEERS.items():
            chains = {peer: stack.enter_context(bench.relays.chain(peer, scheme, port)) for peer in peers}
            for direction, options in DIRECTIONS.items():
                speed = Row(f"{scheme} {direction}", "throughput", "Gbit/s", digits=2)
                cost = Row(f"{scheme} {direction}", "CPU for each GB", "s", digits=3)
                for _ in range(bench.rounds):
                    for peer, chain in chains.items():
                        gigabits, seconds = run(chain, options, bench.seconds)
                        speed.add(peer, gigabits)
                        cost.add(peer, seconds)
                yield speed
                yield cost


def iperf(*words):
    return ["iperf3", *map(str, words)]


def run(chain, options, seconds, attempts=20):
    """Gbit/s, and CPU seconds for each GB."""
    for _ in range(attempts):
        before = chain.cpu_seconds()
        client = subprocess.run(
            iperf("-c", "127.0.0.1", "-p", chain.port, "-t", seconds, "-J", *options),
            capture_output=True,
            timeout=seconds + 30,
        )
        after = chain.cpu_seconds()
        result = json.loads(client.stdout)
        received = [result.get("end", {}).get(name) for name in ("sum_received", "sum_received_bidir_reverse")]
        received = [part for part in received if part]
        # 0 bytes: with --bidir, the relay's second connection has overtaken the first, and both ends send on one.
        if "error" not in result and all(part["bytes"] for part in received):
            gigabytes = sum(part["bytes"] for part in received) / 1e9
            return sum(part["bits_per_second"] for part in received) / 1e9, (after - before) / gigabytes
        time.sleep(0.1)  # "busy": the server has not seen the end of the run before
    raise NotMeasured(f"iperf3: {result.get('error', 'no bytes')}")
