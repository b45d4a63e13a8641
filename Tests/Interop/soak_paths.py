# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""The straits of a soak test, which stay up while links come and go, and both ends of each of those links.

    client -> near strait -> WebSocket -> far strait -> service | echo: | child | nothing
                             peer -----------^              a WebSocket client that is played frame by frame
    client -> near strait -> server                         likewise for a WebSocket server
"""

import itertools
import socket
import threading
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path as File

from raw_peer import BINARY, RawServer, connect_raw
from streams import Listener, SocketStream, connect
from waiting import SOON

#: What a path is called in kinds of links and in the table of figures.
TCP, TLS, UNIX, ECHO, CHILD = "tcp", "tls", "unix", "echo", "child"
DEAD, FULL, SILENT, SERVER = "dead", "full", "silent", "server"

BACKLOG = 128

#: The child says who it is, so that it can be killed.
CHILD_THAT_ECHOES = "sh:echo $$; exec cat"


@dataclass(frozen=True)
class Footprint:
    """What a strait holds."""

    descriptors: int
    threads: int
    children: int
    #: KiB. The kernel's exact count: the one in /proc/PID/status may be off by some hundred KiB.
    rss: int

    @classmethod
    def of(cls, strait):
        process = File(f"/proc/{strait.pid}")
        threads = list(process.glob("task/*"))
        children = [child for thread in threads for child in (thread / "children").read_text().split()]
        rss = next(line for line in (process / "smaps_rollup").read_text().splitlines() if line.startswith("Rss:"))
        return cls(strait.descriptors(), len(threads), len(children), int(rss.split()[1]))


class Path:
    """Two straits and what is behind them; of SERVER, the near one and the server."""

    def __init__(self, near, near_address, far=None, far_address=None, service=None, server=None, tls=None):
        self.straits = {name: strait for name, strait in (("near", near), ("far", far)) if strait}
        self.service = service
        self._near_address = near_address
        self._far_address = far_address
        self._server = server
        self._tls = tls
        self._one_at_a_time = threading.Lock()
        self._tokens = itertools.count()
        self._awaited = {}

    def dial_near(self):
        return connect(self._near_address)

    def dial_far(self):
        """A connection to the far strait; with TLS if that is what it speaks."""
        plain = connect(self._far_address)
        if not self._tls:
            return plain
        return SocketStream(self._tls.wrap_socket(plain.socket, server_hostname="localhost"))

    def dial_far_without_tls(self):
        return connect(self._far_address)

    def link(self):
        """(client, service) of a link through both straits."""

        def open_link(token):
            client = self.dial_near()
            client.send(token)
            return client

        return self._pair(open_link)

    def peer_link(self, half_close=False):
        """(WebSocket client, service) of a link through the far strait."""

        def open_link(token):
            peer = self.peer(half_close)
            peer.send(BINARY, token)
            return peer

        return self._pair(open_link)

    def peer(self, half_close=False):
        return connect_raw(self.dial_far(), "/link", half_close=half_close)

    def _pair(self, open_link):
        """Links come up in any order. So each begins with a token, and each thread takes one connection from the
        service's listener, and gives it to the thread whose token it finds there."""
        token = next(self._tokens).to_bytes(8, "big")
        mine = self._awaited[token] = Future()
        client = open_link(token)
        arrived = self.service.accept()
        self._awaited.pop(arrived.read_exactly(len(token))).set_result(arrived)
        return client, mine.result(SOON)

    def client_and_request(self):
        """(client, server's socket, request) while the near strait waits for the server's answer."""
        with self._one_at_a_time:
            client = self.dial_near()
            return (client, *self._server.accept_request())

    def client_and_server(self, half_close=False):
        """(client, WebSocket server) of a link through the near strait."""
        with self._one_at_a_time:
            client = self.dial_near()
            return client, self._server.accept(half_close=half_close)


class Paths:
    """All of them by name. `close()` ends what the straits talk to; the straits end with their factory."""

    def __init__(self, strait, certs, directory):
        self._strait = strait
        self._stack = ExitStack()
        self._by_name = {
            TCP: self._tcp(),
            TLS: self._tls(certs),
            UNIX: self._unix(directory),
            ECHO: self._chain("echo:"),
            CHILD: self._chain(CHILD_THAT_ECHOES),
            DEAD: self._chain(f"tcp:127.0.0.1:{self._port_that_refuses()}"),
            FULL: self._full(),
            SILENT: self._silent(),
            SERVER: self._server_alone(),
        }

    def __getitem__(self, name):
        return self._by_name[name]

    def close(self):
        self._stack.close()

    def straits(self):
        """{("tcp", "near"): Strait, …}"""
        return {(name, role): strait for name, path in self._by_name.items() for role, strait in path.straits.items()}

    def _chain(self, target, service=None, options=()):
        far = self._strait(*options, "ws-listen:0/link", target)
        near = self._strait("tcp-listen:0", far.url)
        return Path(near, ("127.0.0.1", near.port), far, ("127.0.0.1", far.port), service)

    def _service(self, *address):
        service = Listener(*address, backlog=BACKLOG)
        self._stack.callback(service.close)
        return service

    def _tcp(self):
        service = self._service()
        return self._chain(service.address, service)

    def _tls(self, certs):
        service = self._service()
        options = ["--cert", certs.server.cert, "--key", certs.server.key]
        far = self._strait(*options, "wss-listen:0/link", service.address)
        near = self._strait("--cacert", certs.ca.cert, "tcp-listen:0", f"wss://localhost:{far.port}/link")
        addresses = [("127.0.0.1", strait.port) for strait in (near, far)]
        return Path(near, addresses[0], far, addresses[1], service, tls=certs.client_context())

    def _unix(self, directory):
        near_path, far_path = str(directory / "near"), str(directory / "far")
        service = self._service(str(directory / "service"))
        far = self._strait(f"ws-unix-listen:{far_path}", service.address)
        far.line("listening")
        near = self._strait(f"unix-listen:{near_path}", f"ws+unix:{far_path}:/link")
        near.line("listening")
        return Path(near, near_path, far, far_path, service)

    def _full(self):
        """Its one link is taken, by a peer that answers no Ping."""
        path = self._chain("echo:", options=["--max-links", "1", "--ping-interval", "0"])
        self._stack.callback(path.peer().close)
        return path

    def _silent(self):
        """The far strait waits for its peers, the near one for a server, and neither does so for long."""
        limits = ["--handshake-timeout", "1s", "--ping-interval", "200ms", "--ping-timeout", "200ms"]
        far = self._strait(*limits, "ws-listen:0/link", "echo:")
        near = self._strait("--connect-timeout", "500ms", "tcp-listen:0", f"ws://127.0.0.1:{self._service().port}/link")
        return Path(near, ("127.0.0.1", near.port), far, ("127.0.0.1", far.port))

    def _server_alone(self):
        server = RawServer()
        self._stack.callback(server.close)
        near = self._strait("--linger", "200ms", "tcp-listen:0", server.url("/link"))
        return Path(near, ("127.0.0.1", near.port), server=server)

    def _port_that_refuses(self):
        """Nobody else gets it while it is bound."""
        bound = self._stack.enter_context(socket.socket())
        bound.bind(("127.0.0.1", 0))
        return bound.getsockname()[1]
