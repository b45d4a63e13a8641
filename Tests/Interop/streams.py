# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""Byte streams as a test sees them: the two ends of a link, whatever they are made of.

Every stream has `send(data)`, `post(data)`, `end()`, `read_exactly(count)`, `read_to_end()`; sockets can `reset()` too.
"""

import os
import select
import socket
import struct

from waiting import SOON, Background

CHUNK = 256 * 1024

#: What `until_broken` returns besides the bytes.
END, RESET = "end of stream", "reset"


class SocketStream:
    """A connected TCP or Unix socket (or TLS over one)."""

    def __init__(self, sock):
        self.socket = sock
        self.socket.settimeout(SOON)
        if sock.family in (socket.AF_INET, socket.AF_INET6):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, data):
        self.socket.sendall(data)

    def end(self):
        """Shuts down the write side."""
        self.socket.shutdown(socket.SHUT_WR)

    def post(self, data, then=None):
        """Sends in the background, so that the test can read at the other end; then calls `then()`."""
        return Background(lambda: (self.send(data), then and then()))

    def read_some(self):
        return self.socket.recv(CHUNK)

    def read_exactly(self, count):
        parts = []
        while count:
            part = self.socket.recv(min(count, CHUNK))
            assert part, f"end of stream with {count} bytes missing"
            parts.append(part)
            count -= len(part)
        return b"".join(parts)

    def read_to_end(self):
        parts = []
        while part := self.read_some():
            parts.append(part)
        return b"".join(parts)

    def until_broken(self):
        """The bytes that still come, and whether END or RESET followed them."""
        parts = []
        try:
            while part := self.read_some():
                parts.append(part)
            return b"".join(parts), END
        except (ConnectionResetError, BrokenPipeError):
            return b"".join(parts), RESET

    def is_idle(self):
        """No byte, end or error has arrived."""
        return not select.select([self.socket], [], [], 0)[0]

    def reset(self):
        """Closes with RST instead of FIN."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def close(self):
        self.socket.close()


class PipeStream:
    """A process's stdin and stdout, unbuffered."""

    def __init__(self, process):
        self.process = process

    def send(self, data):
        view = memoryview(data)
        while view:
            view = view[os.write(self.process.stdin.fileno(), view) :]

    def end(self):
        self.process.stdin.close()

    def post(self, data, then=None):
        return Background(lambda: (self.send(data), then and then()))

    def read_some(self):
        ready = select.select([self.process.stdout], [], [], SOON)[0]
        assert ready, f"nothing on stdout within {SOON:g} s"
        return os.read(self.process.stdout.fileno(), CHUNK)

    def read_exactly(self, count):
        parts = []
        while count:
            ready = select.select([self.process.stdout], [], [], SOON)[0]
            assert ready, f"nothing on stdout within {SOON:g} s, {count} bytes missing"
            part = os.read(self.process.stdout.fileno(), min(count, CHUNK))
            assert part, f"end of stream with {count} bytes missing"
            parts.append(part)
            count -= len(part)
        return b"".join(parts)

    def read_to_end(self):
        parts = []
        while part := self.read_some():
            parts.append(part)
        return b"".join(parts)

    def is_idle(self):
        return not select.select([self.process.stdout], [], [], 0)[0]

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()


class Listener:
    """A listening socket on loopback (or a Unix socket) whose connections the test takes itself."""

    def __init__(self, address=("127.0.0.1", 0), backlog=16, receive_buffer=None):
        if isinstance(address, str):
            family = socket.AF_UNIX
        else:
            family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        self.socket.settimeout(SOON)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.bind("\0" + address[1:] if family == socket.AF_UNIX and address.startswith("@") else address)
        self.socket.listen(backlog)
        self.path = address if family == socket.AF_UNIX else None
        self.port = None if self.path else self.socket.getsockname()[1]

    @property
    def address(self):
        """As Strait spells it."""
        if self.path:
            return f"unix:{self.path}"
        return f"tcp:{'[::1]' if self.socket.family == socket.AF_INET6 else '127.0.0.1'}:{self.port}"

    def accept(self):
        return SocketStream(self.socket.accept()[0])

    def close(self):
        self.socket.close()
        if self.path and not self.path.startswith("@") and os.path.exists(self.path):
            os.unlink(self.path)


def connect(address, receive_buffer=None):
    """A stream to (host, port), or to the path of a Unix socket; `@name` is abstract."""
    if isinstance(address, str):
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        sock.settimeout(SOON)
        sock.connect("\0" + address[1:] if address.startswith("@") else address)
        return SocketStream(sock)
    if receive_buffer:
        sock = socket.socket()
        sock.settimeout(SOON)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        sock.connect(address)
        return SocketStream(sock)
    return SocketStream(socket.create_connection(address, SOON))


def free_port():
    """A port that nobody listens on. For programs that can't take port 0; all others are given 0."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_listening(port):
    """Asks the kernel: a connection, to see, would be the first that the program and those behind it get."""
    with open("/proc/net/tcp") as table:
        sockets = [line.split()[1:4] for line in table.readlines()[1:]]
    return any(state == "0A" and int(local.rpartition(":")[2], 16) == port for local, _, state in sockets)
