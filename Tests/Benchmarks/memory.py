# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""Memory of a relay: for each of many idle links, and while one frame of gigabytes passes.

socat is left out: each link is a process of its own there.
"""

import os
import socket
from contextlib import ExitStack

from processes import NotMeasured
from raw_peer import BINARY, connect_raw, encode
from relays import PEERS
from services import CHUNK, answer, echo, listening_socket, running
from streams import connect
from table import Row
from waiting import SOON

LINKS = 1000
AT_ONCE = 50

#: From one round to the next these values hardly change.
ROUNDS = 2


def measure(bench):
    for scheme, peers in PEERS.items():
        yield from idle_rows(bench, scheme, [peer for peer in peers if peer != "socat"])
    for scheme in PEERS:
        yield from frame_rows(bench, scheme, ["strait", "websocat"])


def idle_rows(bench, scheme, peers):
    sides = ("listener", "dialer")
    rows = [Row(f"{scheme} {side}, {LINKS} idle links", "memory for each", "KiB") for side in sides]
    for _ in range(min(bench.rounds, ROUNDS)):
        for peer in peers:
            with echo() as service, bench.relays.chain(peer, scheme, service) as chain, ExitStack() as links:
                programs = [getattr(chain, side) for side in sides]
                add_links(1, chain, links)  # the first one brings in code that all share
                before = [program.resident() for program in programs]
                for _ in range(LINKS // AT_ONCE):
                    add_links(AT_ONCE, chain, links)
                for row, program, start in zip(rows, programs, before):
                    row.add(peer, (program.resident() - start) / LINKS / 1024)
    return rows


def add_links(count, chain, stack):
    """Each has carried a byte there and back."""
    clients = [connect(("127.0.0.1", chain.port)) for _ in range(count)]
    for client in clients:
        stack.callback(client.close)
        client.send(b"x")
    for client in clients:
        client.read_exactly(1)


def frame_rows(bench, scheme, peers):
    size = f"MiB while {bench.frame_bytes / 2**30:g} GiB pass"
    peak = Row(f"{scheme} listener, one huge frame", "peak over idle", size, digits=2)
    for peer in peers:
        for _ in range(min(bench.rounds, ROUNDS)):
            try:
                peak.add(peer, peak_over_idle(bench, scheme, peer) / 2**20)
            except NotMeasured as failure:
                if peer == "strait":
                    raise
                # websocat takes no frame of this size.
                peak.values[peer] = str(failure)
                break
    return [peak]


def peak_over_idle(bench, scheme, peer):
    """The frame goes to a TCP service behind the relay, which counts it."""
    with listening_socket() as server, running(_count, server, 1 + bench.frame_bytes) as counter:
        relay, port = bench.relays.listener(peer, scheme, server.getsockname()[1])
        try:
            client = socket.create_connection(("127.0.0.1", port), SOON)
            if scheme == "wss":
                client = bench.relays.certs.client_context().wrap_socket(client, server_hostname="localhost")
            with client:
                websocket = connect_raw(client)
                websocket.send(BINARY, b"x")
                answer(counter, SOON)
                idle = relay.resident()
                relay.forget_peak()
                websocket.send_bytes(encode(BINARY, mask=b"mask", length=bench.frame_bytes))
                piece = os.urandom(CHUNK)
                for _ in range(bench.frame_bytes // CHUNK):
                    client.sendall(piece)
                answer(counter, SOON)
                return relay.peak() - idle
        except OSError as error:
            raise NotMeasured("breaks the link") from error
        finally:
            relay.stop()


def _count(pipe, server, expected):
    """Says when the first byte has arrived, and when all have."""
    connection = server.accept()[0]
    buffer = bytearray(CHUNK)
    received = 0
    while received < expected:
        count = connection.recv_into(buffer)
        if not count:
            pipe.send(NotMeasured("does not deliver it"))
            return
        if not received:
            pipe.send("first")
        received += count
    pipe.send("all")
