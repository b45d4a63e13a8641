# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""Thousands of links that are all busy at once: how long 1 GB in all takes, what it costs, and whether each gets its share."""

import selectors
import socket
import time
from contextlib import ExitStack
from statistics import median

from services import CHUNK, answer, listening_socket, running
from table import Row
from waiting import SOON

LINKS = 2000
BYTES = 10**9
PEERS = ["strait", "websocat"]
WITHIN = 120


def measure(bench):
    for scheme in ("ws", "wss"):
        case = f"{scheme}, {LINKS} busy links, 1 GB in all"
        speed = Row(case, "time", "s", digits=2)
        cost = Row(case, "CPU", "s", digits=2)
        share = Row(case, "slowest link's time", "of the median", digits=2)
        for _ in range(bench.rounds):
            for peer in PEERS:
                times, cpu = run(bench, scheme, peer)
                speed.add(peer, max(times))
                cost.add(peer, cpu)
                share.add(peer, max(times) / median(times))
        yield from (speed, cost, share)


def run(bench, scheme, peer):
    """Seconds until each link had delivered its share, and CPU seconds of the relays."""
    with ExitStack() as stack:
        server = stack.enter_context(listening_socket())
        sink = stack.enter_context(running(_receive, server))
        chain = stack.enter_context(bench.relays.chain(peer, scheme, server.getsockname()[1]))
        source = stack.enter_context(running(_send, chain.port))
        answer(source, WITHIN)
        answer(sink, WITHIN)
        before = chain.cpu_seconds()
        start = time.monotonic()
        source.send("go")
        times = [end - start for end in answer(sink, WITHIN)]
        return times, chain.cpu_seconds() - before


def _send(pipe, port):
    """One byte on each link, and its share of the bytes when told so."""
    links = [socket.create_connection(("127.0.0.1", port), SOON) for _ in range(LINKS)]
    for link in links:
        link.sendall(b"x")
    pipe.send("connected")
    pipe.recv()
    piece = memoryview(bytes(64 * 1024))
    missing = {}
    with selectors.DefaultSelector() as selector:
        for link in links:
            link.setblocking(False)
            missing[link] = BYTES // LINKS
            selector.register(link, selectors.EVENT_WRITE)
        while missing:
            for key, _ in selector.select():
                link = key.fileobj
                missing[link] -= link.send(piece[: missing[link]])
                if not missing[link]:
                    selector.unregister(link)
                    del missing[link]
    pipe.recv()  # the links stay open until this process is ended


def _receive(pipe, server):
    """Says when every link is up, and at last when each had its share."""
    received, ends = {}, []
    buffer = bytearray(CHUNK)
    with selectors.DefaultSelector() as selector:
        for _ in range(LINKS):
            link = server.accept()[0]
            assert link.recv(1)
            received[link] = 0
            selector.register(link, selectors.EVENT_READ)
        pipe.send("connected")
        while len(ends) < LINKS:
            for key, _ in selector.select():
                count = key.fileobj.recv_into(buffer)
                received[key.fileobj] += count
                if received[key.fileobj] == BYTES // LINKS:
                    ends.append(time.monotonic())
                if not count:
                    selector.unregister(key.fileobj)
    pipe.send(ends)
