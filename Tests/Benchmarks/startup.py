# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""How long a program takes to start, until its first relayed byte, and how large it is on disk."""

import subprocess
import time
from contextlib import ExitStack
from statistics import median

from processes import NotMeasured
from services import echo
from table import Row

#: Of each program, in all rounds.
EXECS = 50


def measure(bench):
    relays = bench.relays
    commands = {"strait": [relays.strait, "--version"], "websocat": [relays.websocat, "--version"]}
    yield timed("--version", commands, to_its_end, bench)
    with ExitStack() as stack:
        port = stack.enter_context(echo())
        for scheme in ("ws", "wss"):
            server, remote = relays.listener("strait", scheme, port)
            stack.callback(server.stop)
            trust = ["--cacert", relays.certs.ca.cert] if scheme == "wss" else []
            url = f"{scheme}://127.0.0.1:{remote}/"
            commands = {"strait": [relays.strait, *trust, "-", url], "websocat": [relays.websocat, "-b", "-", url]}
            yield timed(f"stdio to {scheme} echo, first byte back", commands, to_first_byte, bench)
    size = Row("binary", "size, stripped", "MiB")
    for peer in commands:
        size.add(peer, stripped_size(getattr(relays, peer), bench.scratch(f"stripped-{peer}")) / 2**20)
    yield size


def to_its_end(command, _):
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def to_first_byte(command, env):
    start = time.perf_counter()
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0, env=env
    )
    with process:
        process.stdin.write(b"x")
        byte = process.stdout.read(1)
        seconds = time.perf_counter() - start
        process.kill()
        if byte != b"x":
            raise NotMeasured(process.stderr.read().decode())
        return seconds


def timed(case, commands, run, bench):
    """In each round, the median of some runs, one program after the other."""
    row = Row(case, "time from exec", "ms")
    execs = -(-EXECS // bench.rounds)
    for _ in range(bench.rounds):
        times = [[run(command, bench.relays.env) for command in commands.values()] for _ in range(execs)]
        for peer, seconds in zip(commands, zip(*times)):
            row.add(peer, median(seconds) * 1000)
    return row


def stripped_size(program, copy):
    subprocess.run(["strip", "-o", copy, program], check=True)
    return copy.stat().st_size
