# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""Strait in its two roles in front of `echo:`, alike to a test: `side.open()` gives a link whose other end is raw.

A link is ended by what the test says of its end, `ended`, `refused` or `failed`, each of which checks all that strait
shows of it: the end of TCP, the line on stderr, the exit status of a dialer, and that a listener goes on.
"""

import base64
import os
from collections import Counter

from raw_peer import RawPeer, RawServer, accept_key, read_head, switching_protocols, upgrade_request
from strait_process import FAILURE, Strait
from streams import END, connect
from waiting import until

#: Ends that are in order, and then a dialer's exit status is 0: normal, going away, no code.
ORDERLY = (1000, 1001, 1005)


class Link:
    """A WebSocket between strait and `peer`."""

    def __init__(self, side, peer):
        self.side = side
        self.peer = peer

    def ended(self, code=1000, failure=None):
        """A Close went each way, with this code from the peer."""
        self._expect_end_of_tcp()
        if failure:
            self._check(74, failure)
        elif code in ORDERLY:
            self._check(0, None)
        else:
            self._check(74, f"peer closed with {code}")

    def refused(self, code, *needles):
        """Strait has closed with this code, since the peer broke a rule."""
        self._expect_end_of_tcp()
        self._check(76, *needles, f"; closed with {code}")

    def failed(self, status, *needles):
        """The link broke, and its peer is closed or reset."""
        self._check(status, *needles)

    def _expect_end_of_tcp(self):
        # The server ends TCP first (RFC 6455 §7.1.1).
        if not self.peer.is_client:
            self.peer.end()
        rest, how = self.peer.stream.until_broken()
        assert (self.peer.take_unread() + rest, how) == (b"", END), "more than the end behind the Close"
        self.peer.close()

    def _check(self, status, *needles):
        raise NotImplementedError


class Listening:
    """One strait that listens, for all links."""

    name = "listener"

    def __init__(self, straits, remote="echo:", address="ws-listen:0", options=()):
        self.process = straits(*options, address, remote)
        self.address = ("127.0.0.1", self.process.port)
        self.idle_descriptors = self.process.descriptors()
        #: How many failures it has to show.
        self.failures = 0
        self.lines_about = Counter()

    def open(self, early=b"", headers=(), path="/"):
        """`early` is sent in the same segment as the request."""
        stream = connect(self.address)
        key = base64.b64encode(os.urandom(16)).decode()
        stream.send(upgrade_request(path, key=key, headers=headers).encode() + early)
        response, rest = read_head(stream.socket)
        assert response.status == 101, response.text
        assert response.headers["sec-websocket-accept"] == accept_key(key)
        return ListenerLink(self, RawPeer(stream.socket, is_client=True, head=response, leftover=rest))

    def line_about(self, client):
        """Waits for the one line about a client's address, which may have been another client's before."""
        name = "from %s:%d: " % client
        known = self.lines_about[name]
        new = until(
            lambda: [line for line in self.process.lines if name in line][known:], f"a line about {client[1]}"
        )
        self.lines_about[name] += 1
        assert len(new) == 1, new
        return new[0]

    def stop(self):
        """After all links: it runs, has said nothing but what was its due, and keeps nothing of them open."""
        assert self.process.is_running()
        lines = self.process.lines
        assert len(lines) == self.failures, "\n".join(lines)
        until(lambda: self.process.descriptors() <= self.idle_descriptors, "the sockets of all links are closed")


class ListenerLink(Link):
    def __init__(self, side, peer):
        super().__init__(side, peer)
        self.client = peer.stream.socket.getsockname()

    @property
    def process(self):
        return self.side.process

    def _check(self, status, *needles):
        assert self.process.is_running()
        if status == 0:
            return
        self.side.failures += 1
        line = self.side.line_about(self.client)
        assert FAILURE.fullmatch(line), line
        for needle in needles:
            assert needle in line, f"{needle!r} is missing in: {line}"


class Dialing:
    """A strait that dials, for each link."""

    name = "dialer"

    def __init__(self, binary, env, local="echo:", options=()):
        self.binary, self.env, self.local, self.options = binary, env, local, options
        self.server = RawServer()
        self.processes = []

    def dial(self, path="/"):
        """Starts a strait whose request is not answered yet."""
        command = [str(self.binary), *self.options, self.server.url(path), self.local]
        self.processes.append(Strait(command, self.env))
        return self.processes[-1]

    def open(self, early=b"", headers=(), path="/"):
        """`early` is sent in the same segment as the answer."""
        process = self.dial(path)
        sock, request = self.server.accept_request()
        sock.sendall(switching_protocols(request, *headers).encode() + early)
        return DialerLink(self, RawPeer(sock, is_client=False, head=request), process)

    def exit(self, process, status, *needles):
        """Waits for its exit status, and for the one line that explains another one than 0."""
        try:
            result = process.wait()
            if status == 0:
                result.succeeded()
            else:
                return result.failed_with(status, *needles)
        finally:
            problems = process.stop()
            assert not problems, problems
            self.processes.remove(process)

    def stop(self):
        problems = [problem for process in self.processes for problem in process.stop()]
        self.server.close()
        assert not problems, problems


class DialerLink(Link):
    def __init__(self, side, peer, process):
        super().__init__(side, peer)
        self.process = process

    def _check(self, status, *needles):
        self.side.exit(self.process, status, *filter(None, needles))
