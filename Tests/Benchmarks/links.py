# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""New links in a second: connect, carry a byte to an echo service and back, end.

Through a pair of relays, with TLS as they do it between themselves; and a client of ours with a full or a resumed TLS
handshake each time, in front of the listening relay alone.
"""

import socket
from contextlib import ExitStack

from raw_peer import BINARY, connect_raw
from relays import PEERS
from services import crowd, echo
from table import Row
from waiting import SOON

MANY = 16


def measure(bench):
    seconds = bench.seconds / 3
    with ExitStack() as stack:
        service = stack.enter_context(echo())
        for scheme, peers in PEERS.items():
            chains = {peer: stack.enter_context(bench.relays.chain(peer, scheme, service)) for peer in peers}
            visits = {peer: (chain, through_chain, chain.port) for peer, chain in chains.items()}
            for count, how in ((1, "one after the other"), (MANY, f"{MANY} at once")):
                yield from rows(f"{scheme} pair, new links, {how}", visits, count, seconds, bench.rounds)
        listeners = {}
        for peer in ("strait", "websocat"):
            program, port = bench.relays.listener(peer, "wss", service)
            stack.callback(program.stop)
            listeners[peer] = program, port
        context = bench.relays.certs.client_context()
        handshakes = {"full": (full, listeners), "resumed": (Resumed(), ["strait"])}
        for name, (visit, peers) in handshakes.items():
            visits = {peer: (listeners[peer][0], visit, listeners[peer][1], context) for peer in peers}
            case = f"wss listener, {name} handshakes, {MANY} at once"
            for row in rows(case, visits, MANY, seconds, bench.rounds):
                for peer in listeners.keys() - peers:
                    row.values[peer] = "does not resume"
                yield row


def rows(case, visits, count, seconds, rounds):
    rate = Row(case, "links", "in a second", digits=0)
    cost = Row(case, "CPU of the relays for each link", "ms", digits=2)
    for _ in range(rounds):
        for peer, (relays, visit, *arguments) in visits.items():
            before = relays.cpu_seconds()
            in_a_second, links = crowd(count, visit, seconds, *arguments)
            rate.add(peer, in_a_second)
            cost.add(peer, (relays.cpu_seconds() - before) * 1000 / links)
    return rate, cost


def through_chain(port):
    with socket.create_connection(("127.0.0.1", port), SOON) as client:
        client.sendall(b"x")
        assert client.recv(1) == b"x"


def tls_visit(port, context, session=None):
    """A WebSocket client with TLS of its own; the session that it has at its end."""
    with socket.create_connection(("127.0.0.1", port), SOON) as plain:
        with context.wrap_socket(plain, server_hostname="localhost", session=session) as client:
            assert client.session_reused == (session is not None)
            peer = connect_raw(client)
            peer.send(BINARY, b"x")
            peer.read_data(1)
            peer.send_close()
            peer.until_broken()  # websocat does not answer the Close
            return client.session


def full(port, context):
    tls_visit(port, context)


class Resumed:
    """Each visit resumes the session of the one before."""

    session = None

    def __call__(self, port, context):
        self.session = tls_visit(port, context, self.session)
