# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""The main use: a client's bytes through one strait, a WebSocket, and another strait to a service."""

from dataclasses import dataclass

from other_programs import haproxy, nginx
from strait_process import Strait
from streams import connect

#: What may stand between the two straits.
VIA = ["direct", "tls", "nginx", "nginx-tls", "haproxy"]

#: How the client reaches the first of them.
CLIENTS = ["tcp-listen", "stdio"]


@dataclass
class Chain:
    #: The client's end of the link, and the service's.
    client: object
    service: object
    #: The strait at each end.
    dialer: Strait
    listener: Strait
    kind: str

    def finish(self):
        """Both directions have ended: neither strait may have anything to complain about."""
        if self.kind == "stdio":
            self.dialer.wait().succeeded()
        else:
            assert self.client.read_to_end() == b""
            assert self.dialer.is_running() and not self.dialer.lines, self.dialer.lines
        self.client.close()
        self.service.close()
        assert self.listener.is_running() and not self.listener.lines, self.listener.lines


def listening_side(strait, programs, certs, target, via="direct"):
    """A strait in front of `target` with `via` in front of it.

    Returns the strait, the URL for clients, and the options that a client needs."""
    if via == "tls":
        side = strait("--cert", certs.server.cert, "--key", certs.server.key, "wss-listen:0/link", target)
        return side, f"wss://localhost:{side.port}/link", ["--cacert", certs.ca.cert]
    side = strait("ws-listen:0/link", target)
    if via == "direct":
        return side, side.url, []
    front = {"nginx": nginx, "haproxy": haproxy}[via.partition("-")[0]]
    if via.endswith("-tls"):
        port = front(programs, side.port, certs.server)
        return side, f"wss://localhost:{port}/link", ["--cacert", certs.ca.cert]
    return side, f"ws://127.0.0.1:{front(programs, side.port)}/link", []


def make_chain(strait, programs, certs, service, via="direct", kind="tcp-listen", options=()):
    """A chain with its link up. `options` are for the dialing strait."""
    listener, url, needed = listening_side(strait, programs, certs, service.address, via)
    if kind == "stdio":
        dialer = strait(*options, *needed, "-", url)
        client = dialer.stream
    else:
        dialer = strait(*options, *needed, "tcp-listen:0", url)
        client = connect(("127.0.0.1", dialer.port))
    return Chain(client, service.accept(), dialer, listener, kind)
