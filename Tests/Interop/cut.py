# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""A TCP relay that does to a connection what networks, middleboxes and dying hosts do."""

import select
import socket
import struct
import threading

from fault_cells import DOWN, UP
from streams import CHUNK

#: Seconds after which an order is noticed at the latest.
TICK = 0.01

#: The first byte of a TLS connection (RFC 8446 §5.1).
TLS_HANDSHAKE = 22


class Cut:
    """Listens, and relays each connection to `target`, a port of loopback that may be changed at any time. Up is
    from who connects to who is dialed.

    Faults concern the newest connection only, so that the next one shows what has survived:
    `reset`, `end`, `hold`, `swallow`."""

    def __init__(self, target):
        self.target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._connections = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                dialer = self._listener.accept()[0]
            except OSError:
                return
            try:
                dialed = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                _reset(dialer)
                continue
            self._connections.append(_Connection(dialer, dialed))

    def reset(self, first):
        """RST to both ends, first to the one where that direction leads."""
        self._connections[-1].order("reset", first)

    def end(self, direction):
        """FIN in one direction; what still comes for it is dropped. The other direction goes on."""
        self._connections[-1].order("end", direction)

    def hold(self, direction):
        """Nothing more is read for that direction: its sender's socket fills up."""
        self._connections[-1].order("hold", direction)

    def swallow(self, direction):
        """Everything is read and nothing passed on in that direction: its sender sees no difference."""
        self._connections[-1].order("swallow", direction)

    def payload(self, direction):
        """How many bytes of messages have got through, where no TLS hides them."""
        return self._connections[-1].payload(direction)

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._connections:
            connection.order("reset", UP)


class _Payload:
    """Counts the bytes of messages in a direction of a WebSocket, as they pass."""

    def __init__(self):
        self.count = 0
        #: Bytes of a header that is not complete, the HTTP head being the first.
        self._header = b""
        self._is_in_head = True
        self._is_hidden = False
        #: What is left of the frame, and whether it counts.
        self._left = 0
        self._is_data = False

    def pass_on(self, data):
        while data and not self._is_hidden:
            if self._left:
                step = min(self._left, len(data))
                self._left -= step
                self.count += step if self._is_data else 0
                data = data[step:]
            else:
                self._header += bytes(data[:1])
                data = data[1:]
                self._begin_frame()

    def _begin_frame(self):
        if self._is_in_head:
            self._is_in_head = not self._header.endswith(b"\r\n\r\n")
            self._is_hidden = self._header[0] == TLS_HANDSHAKE
        else:
            if len(self._header) < 2:
                return
            size = self._header[1] & 0x7F
            extended = {126: 2, 127: 8}.get(size, 0)
            if len(self._header) < 2 + extended + (4 if self._header[1] & 0x80 else 0):
                return
            self._left = int.from_bytes(self._header[2 : 2 + extended], "big") if extended else size
            self._is_data = self._header[0] & 0x0F < 8
        if not self._is_in_head:
            self._header = b""


class _Flow:
    def __init__(self, source, sink):
        self.source = source
        self.sink = sink
        self.payload = _Payload()
        self.pending = memoryview(b"")
        self.is_held = self.is_dropped = self.source_ended = self.sink_ended = False


class _Connection:
    def __init__(self, dialer, dialed):
        self._flows = {UP: _Flow(dialer, dialed), DOWN: _Flow(dialed, dialer)}
        for sock in (dialer, dialed):
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._orders = []
        threading.Thread(target=self._run, daemon=True).start()

    def order(self, what, direction):
        self._orders.append((what, direction))

    def payload(self, direction):
        return self._flows[direction].payload.count

    def _run(self):
        sockets = [flow.sink for flow in self._flows.values()]
        try:
            while not all(flow.source_ended and flow.sink_ended for flow in self._flows.values()):
                while self._orders:
                    what, direction = self._orders.pop(0)
                    if what == "reset":
                        sockets = [self._flows[direction].sink, self._flows[direction].source]
                        raise ConnectionResetError
                    self._apply(what, self._flows[direction])
                self._turn()
            for sock in sockets:
                sock.close()
        except OSError:
            # One end is gone in disorder, and so the other one sees it.
            for sock in sockets:
                _reset(sock)

    def _apply(self, what, flow):
        flow.is_held = what == "hold"
        flow.is_dropped = what in ("swallow", "end")
        if what == "end":
            flow.sink.shutdown(socket.SHUT_WR)
            flow.sink_ended = True

    def _turn(self):
        """Waits for what can be done, and does it."""
        poll = select.poll()
        for sock, mask in self._wanted().items():
            poll.register(sock, mask)
        events = dict(poll.poll(TICK * 1000))
        for flow in self._flows.values():
            if events.get(flow.source.fileno(), 0) & select.POLLERR and (flow.is_held or flow.source_ended):
                raise ConnectionResetError
            if events.get(flow.source.fileno(), 0) & ~select.POLLOUT and self._reads(flow):
                self._read(flow)
            if flow.pending:
                self._write(flow)

    def _reads(self, flow):
        return not (flow.is_held or flow.source_ended or flow.pending)

    def _wanted(self):
        wanted = {}
        for flow in self._flows.values():
            if not flow.source_ended:
                wanted[flow.source] = wanted.get(flow.source, 0) | (select.POLLIN if self._reads(flow) else 0)
            if not flow.sink_ended:
                wanted[flow.sink] = wanted.get(flow.sink, 0) | (select.POLLOUT if flow.pending else 0)
        return wanted

    def _read(self, flow):
        try:
            data = flow.source.recv(CHUNK)
        except BlockingIOError:
            return
        if not data:
            flow.source_ended = True
            if not flow.sink_ended:
                flow.sink.shutdown(socket.SHUT_WR)
                flow.sink_ended = True
        elif not flow.is_dropped:
            flow.pending = memoryview(data)

    def _write(self, flow):
        if flow.is_dropped:
            flow.pending = memoryview(b"")
            return
        try:
            count = flow.sink.send(flow.pending)
            flow.payload.pass_on(flow.pending[:count])
            flow.pending = flow.pending[count:]
        except BlockingIOError:
            pass


def _reset(sock):
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        sock.close()
    except OSError:
        pass
