# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""Thousands of links that are all busy at once: the time and CPU of 1 GB in all, and each link's share of it."""

import selectors
import socket
import time
from contextlib import ExitStack
from statistics import median

from processes import NotMeasured
from services import CHUNK, answer, listening_socket, running
from table import Row
from waiting import SOON

LINKS = 2000
#: Bytes of each link, in each round.
SHARE = 10**9 // LINKS
PEERS = ["strait", "websocat"]
WITHIN = 120


def measure(bench):
    case = f"ws, {LINKS} busy links, 1 GB in all"
    speed = Row(case, "time", "s", digits=2)
    cost = Row(case, "CPU", "s", digits=2)
    share = Row(case, "slowest link's time", "of the median", digits=2)
    with ExitStack() as stack:
        loads = {peer: stack.enter_context(Load(bench, peer)) for peer in PEERS}
        for _ in range(bench.rounds):
            for peer, load in loads.items():
                times, cpu = load.carry()
                speed.add(peer, max(times))
                cost.add(peer, cpu)
                share.add(peer, max(times) / median(times))
    return speed, cost, share


class Load(ExitStack):
    """A pair of relays with its links, which stay open."""

    def __init__(self, bench, peer):
        super().__init__()
        server = self.enter_context(listening_socket())
        self.sink = self.enter_context(running(_receive, server))
        self.chain = self.enter_context(bench.relays.chain(peer, "ws", server.getsockname()[1]))
        self.source = self.enter_context(running(_send, self.chain.port))
        for pipe in (self.source, self.sink):
            answer(pipe, WITHIN)

    def carry(self):
        """Seconds until each link had delivered its share, and CPU seconds of the relays."""
        before = self.chain.cpu_seconds()
        start = time.monotonic()
        self.source.send("go")
        times = [end - start for end in answer(self.sink, WITHIN)]
        return times, self.chain.cpu_seconds() - before


def _send(pipe, port):
    """One byte on each link, and its share of the bytes each time when told so."""
    links = [socket.create_connection(("127.0.0.1", port), SOON) for _ in range(LINKS)]
    for link in links:
        link.sendall(b"x")
        link.setblocking(False)
    pipe.send("connected")
    piece = memoryview(bytes(64 * 1024))
    with selectors.DefaultSelector() as selector:
        while pipe.recv():
            missing = dict.fromkeys(links, SHARE)
            for link in links:
                selector.register(link, selectors.EVENT_WRITE)
            while missing:
                for key, _ in selector.select():
                    link = key.fileobj
                    missing[link] -= link.send(piece[: missing[link]])
                    if not missing[link]:
                        selector.unregister(link)
                        del missing[link]


def _receive(pipe, server):
    """Says when every link is up, and then, again and again, when each had its share."""
    received, ends = {}, []
    buffer = bytearray(CHUNK)
    with selectors.DefaultSelector() as selector:
        for _ in range(LINKS):
            link = server.accept()[0]
            link.recv(1)
            received[link] = 0
            selector.register(link, selectors.EVENT_READ)
        pipe.send("connected")
        while True:
            for key, _ in selector.select():
                link = key.fileobj
                count = link.recv_into(buffer)
                if not count:
                    pipe.send(NotMeasured("a link has ended"))
                    return
                received[link] += count
                if received[link] == SHARE:
                    received[link] = 0
                    ends.append(time.monotonic())
            if len(ends) == LINKS:
                pipe.send(ends)
                ends = []
