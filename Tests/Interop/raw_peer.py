# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""A WebSocket peer that does exactly what a test tells it, right or wrong, frame by frame.

    server = RawServer()                        strait is the client
    peer = server.accept()
    peer.send(BINARY, b"some bytes")
    assert peer.read_frame().opcode == CLOSE

    peer = connect_raw(port, "/path")           strait is the listener
    peer.send(BINARY, b"unmasked", mask=None)   which is a violation

What comes from Strait is checked as it is read: masked exactly if it is the client, shortest length form, no reserved
bits. Anything may be sent: the defaults make a correct frame, each argument can make it a wrong one.
"""

import base64
import hashlib
import os
import socket
import struct
from dataclasses import dataclass

from streams import END, RESET, Listener, SocketStream
from waiting import SOON, Background

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
CONTROL = (CLOSE, PING, PONG)

HALF_CLOSE = "strait-half-close"

#: No frame that Strait sends is longer than its largest chunk.
LARGEST_CHUNK = 256 * 1024

_FRESH = object()


@dataclass
class Frame:
    opcode: int
    payload: bytes = b""
    fin: bool = True
    rsv: int = 0

    @property
    def code(self):
        """The status code of a Close; 1005 stands for none, as in RFC 6455 §7.1.5."""
        return struct.unpack("!H", self.payload[:2])[0] if self.payload else 1005

    @property
    def reason(self):
        return self.payload[2:].decode()


def masked(data, key):
    """`data` XOR the repeated `key`."""
    length = len(data)
    pattern = (key * (length // 4 + 1))[:length]
    return (int.from_bytes(data, "little") ^ int.from_bytes(pattern, "little")).to_bytes(length, "little")


def encode(opcode, data=b"", fin=True, rsv=0, mask=None, length=None, form=None):
    """A frame's bytes. `mask` is a key of 4 bytes or None, `rsv` 0 to 7; `length` may lie about the size of `data`;
    `form` is the header's length field in bits, 7, 16 or 64, when it shall not be the shortest."""
    length = len(data) if length is None else length
    form = form or (7 if length < 126 else 16 if length < 65536 else 64)
    first = (0x80 if fin else 0) | rsv << 4 | opcode
    bit = 0x80 if mask is not None else 0
    header = {
        7: lambda: struct.pack("!BB", first, bit | length),
        16: lambda: struct.pack("!BBH", first, bit | 126, length),
        64: lambda: struct.pack("!BBQ", first, bit | 127, length),
    }[form]()
    return header + (b"" if mask is None else mask + masked(data, mask)) + (data if mask is None else b"")


def close_payload(code=None, reason=b""):
    return b"" if code is None else struct.pack("!H", code) + reason


class RawPeer:
    """One end of a WebSocket, after the handshake."""

    def __init__(self, sock, is_client, head, leftover=b""):
        self.stream = SocketStream(sock)
        self.is_client = is_client
        #: The request or response of the other side.
        self.head = head
        self._unread = leftover
        # Of the last data frame, what `read_data` has not returned yet.
        self._surplus = b""
        #: The longest data frame that is accepted; None for peers that are not strait.
        self.longest_frame = LARGEST_CHUNK
        #: The reserved bits that an extension defines: 4 is RSV1.
        self.allowed_rsv = 0
        #: Payloads of the pongs that came in between.
        self.pongs = []

    # Sending

    def send(self, opcode, data=b"", mask=_FRESH, **wrong):
        if mask is _FRESH:
            mask = os.urandom(4) if self.is_client else None
        self.send_bytes(encode(opcode, data, mask=mask, **wrong))

    def send_bytes(self, data):
        self.stream.send(data)

    def send_fragmented(self, data, size, opcode=BINARY, between=None):
        """One message in frames of `size` bytes; `between(index)` is called after each but the last."""
        offsets = range(0, max(len(data), 1), size)
        for index, offset in enumerate(offsets):
            last = index == len(offsets) - 1
            self.send(opcode if index == 0 else CONTINUATION, data[offset : offset + size], fin=last)
            if between and not last:
                between(index)

    def post(self, data, then=None, size=None):
        """Sends a message in the background, so that the test can read at the other end; then calls `then()`."""

        def send():
            self.send_fragmented(data, size or max(len(data), 1))
            if then:
                then()

        return Background(send)

    def send_close(self, code=1000, reason=b""):
        self.send(CLOSE, close_payload(code, reason))

    def leave(self, code=1000):
        """Close and FIN, as a server does that considers the connection done; what still comes can be read."""
        self.send_close(code)
        self.end()

    def end(self):
        """FIN: the TCP connection's end in this direction, without a Close frame."""
        self.stream.end()

    def reset(self):
        self.stream.reset()

    def close(self):
        self.stream.close()

    # Receiving

    def _read(self, count):
        parts = [self._unread[:count]]
        self._unread = self._unread[count:]
        missing = count - len(parts[0])
        if missing:
            parts.append(self.stream.read_exactly(missing))
        return b"".join(parts)

    def take_unread(self):
        """What was received behind the last frame."""
        unread, self._unread = self._unread, b""
        return unread

    def read_frame(self):
        first, second = self._read(2)
        form = {126: "!H", 127: "!Q"}.get(second & 0x7F)
        length = struct.unpack(form, self._read(struct.calcsize(form)))[0] if form else second & 0x7F
        assert not form or length > {"!H": 125, "!Q": 65535}[form], f"length {length} is not in its shortest form"
        assert first >> 4 & 7 & ~self.allowed_rsv == 0, f"reserved bits {first >> 4 & 7:03b} without an extension that defines them"
        opcode = first & 0x0F
        assert opcode in (CONTINUATION, TEXT, BINARY) + CONTROL, f"opcode {opcode:#x} is reserved"
        assert opcode not in CONTROL or (length <= 125 and first & 0x80), "a control frame is too long or fragmented"
        assert bool(second & 0x80) == (not self.is_client), "clients mask every frame, servers none (RFC 6455 §5.1)"
        key = self._read(4) if second & 0x80 else None
        data = self._read(length)
        return Frame(opcode, masked(data, key) if key else data, bool(first & 0x80), first >> 4 & 7)

    def read_data_frame(self):
        """The next frame that is not a Pong or Ping; a Ping is answered. Strait's frames are never long."""
        while True:
            frame = self.read_frame()
            if frame.opcode == PONG:
                self.pongs.append(frame.payload)
            elif frame.opcode == PING:
                self.send(PONG, frame.payload)
            else:
                if self.longest_frame:
                    assert len(frame.payload) <= self.longest_frame, f"{len(frame.payload)} bytes are over a chunk"
                return frame

    def read_data(self, count):
        """`count` bytes of payload, over as many frames as they take."""
        parts, missing = [], count
        while missing:
            if not self._surplus:
                frame = self.read_data_frame()
                assert frame.opcode != CLOSE, f"Close {frame.code} {frame.reason!r} with {missing} bytes missing"
                self._surplus = frame.payload
            part = self._surplus[:missing]
            self._surplus = self._surplus[len(part) :]
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    def read_message(self):
        """(opcode, bytes) of one message."""
        frame = self.read_data_frame()
        opcode, parts = frame.opcode, [frame.payload]
        while not frame.fin:
            frame = self.read_data_frame()
            assert frame.opcode == CONTINUATION
            parts.append(frame.payload)
        return opcode, b"".join(parts)

    def read_to_close(self):
        """(bytes, the Close frame that followed them)."""
        parts = [self._surplus]
        while (frame := self.read_data_frame()).opcode != CLOSE:
            parts.append(frame.payload)
        return b"".join(parts), frame

    def read_to_pong(self, data):
        """Bytes of the messages up to a Pong that carries `data`."""
        parts = []
        while True:
            frame = self.read_frame()
            if frame.opcode == PONG and frame.payload == data:
                return b"".join(parts)
            assert frame.opcode in (CONTINUATION, TEXT, BINARY), f"opcode {frame.opcode:#x} instead of the Pong"
            parts.append(frame.payload)

    def until_broken(self):
        """(bytes, how it ended): the Close frame if there was one, else streams.END or RESET."""
        parts = [self._surplus]
        try:
            while (frame := self.read_data_frame()).opcode != CLOSE:
                parts.append(frame.payload)
            return b"".join(parts), frame
        except (ConnectionResetError, BrokenPipeError):
            return b"".join(parts), RESET
        except AssertionError as error:
            if "end of stream" not in str(error):
                raise
            return b"".join(parts), END

    def expect_end(self):
        """Nothing more but the end of the TCP connection, in whichever way."""
        rest, _ = self.stream.until_broken()
        assert self._unread + rest == b""


class HalfCloseStream:
    """A RawPeer with the extension agreed, seen as a byte stream: an empty binary message is the end."""

    def __init__(self, peer):
        self.peer = peer
        self._buffered = b""
        self._ended = False

    def send(self, data):
        for offset in range(0, len(data), LARGEST_CHUNK):
            self.peer.send(BINARY, data[offset : offset + LARGEST_CHUNK])

    def end(self):
        self.peer.send(BINARY)

    def _next(self):
        frame = self.peer.read_data_frame()
        if frame.opcode == CLOSE:
            assert frame.code == 1000, f"Close {frame.code} {frame.reason!r} instead of the end of stream"
        self._ended = frame.opcode == CLOSE or (frame.opcode == BINARY and frame.fin and not frame.payload)
        return frame.payload if frame.opcode != CLOSE else b""

    def read_exactly(self, count):
        parts, missing = [], count
        while missing > 0:
            part = self._buffered or (self._next() if not self._ended else b"")
            assert part or not self._ended, f"end of stream with {missing} bytes missing"
            parts.append(part[:missing])
            self._buffered = part[missing:]
            missing -= len(parts[-1])
        return b"".join(parts)

    def read_to_end(self):
        parts = [self._buffered]
        while not self._ended:
            parts.append(self._next())
        return b"".join(parts)

    def close(self):
        """The closing handshake of a client that has sent and seen both ends; of any other, just the TCP end."""
        try:
            self.peer.send_close()
        except OSError:
            pass
        self.peer.close()


# Handshakes


class Head:
    """First line and headers of a request or response. Names in lower case; a name that comes twice is joined."""

    def __init__(self, text):
        self.text = text
        first, *lines = text.split("\r\n")
        self.words = first.split(" ", 2)
        self.headers = {}
        for line in lines:
            name, _, value = line.partition(":")
            name, value = name.strip().lower(), value.strip()
            self.headers[name] = f"{self.headers[name]}, {value}" if name in self.headers else value

    @property
    def target(self):
        return self.words[1]

    @property
    def status(self):
        return int(self.words[1])

    def offers(self, name, value):
        return value in [item.strip() for item in self.headers.get(name, "").split(",")]


def accept_key(key):
    return base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()


def read_head(sock):
    """A Head and the bytes behind it."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = sock.recv(65536)
        assert part, f"end of stream in a head: {data!r}"
        data += part
    head, _, rest = data.partition(b"\r\n\r\n")
    return Head(head.decode("latin-1")), rest


def switching_protocols(request, *headers):
    """The answer that accepts `request`."""
    lines = [
        "HTTP/1.1 101 Switching Protocols",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Accept: {accept_key(request.headers['sec-websocket-key'])}",
        *headers,
    ]
    return "\r\n".join(lines) + "\r\n\r\n"


class RawServer:
    """Waits for Strait as a client."""

    def __init__(self, address=("127.0.0.1", 0), tls=None, receive_buffer=None):
        self.listener = Listener(address, receive_buffer=receive_buffer)
        self.tls = tls

    def url(self, path="/"):
        if self.listener.path:
            return f"ws+unix:{self.listener.path}:{path}"
        host = "[::1]" if self.listener.socket.family == socket.AF_INET6 else "127.0.0.1"
        return f"{'wss' if self.tls else 'ws'}://{host}:{self.listener.port}{path}"

    def accept_socket(self):
        """The connection, with nothing read from it (TLS is up, though)."""
        sock = self.listener.accept().socket
        return self.tls.wrap_socket(sock, server_side=True) if self.tls else sock

    def accept_request(self):
        """(socket, request) for a test that answers itself."""
        sock = self.accept_socket()
        return (sock, *read_head(sock)[:1])

    def accept(self, *headers, half_close=False):
        """Takes a connection, and answers 101 with these headers besides the needed ones."""
        sock = self.accept_socket()
        request, rest = read_head(sock)
        if half_close:
            assert request.offers("sec-websocket-extensions", HALF_CLOSE), request.text
            headers = (*headers, f"Sec-WebSocket-Extensions: {HALF_CLOSE}")
        sock.sendall(switching_protocols(request, *headers).encode())
        return RawPeer(sock, is_client=False, head=request, leftover=rest)

    def close(self):
        self.listener.close()


def upgrade_request(path="/", host="127.0.0.1", key="dGhlIHNhbXBsZSBub25jZQ==", headers=()):
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: {host}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key}",
        "Sec-WebSocket-Version: 13",
        *headers,
    ]
    return "\r\n".join(lines) + "\r\n\r\n"


def connect_raw(sock, path="/", *headers, half_close=False):
    """A peer that is Strait's client, over a connected socket."""
    if isinstance(sock, SocketStream):
        sock = sock.socket
    sock.settimeout(SOON)
    key = base64.b64encode(os.urandom(16)).decode()
    if half_close:
        headers = (*headers, f"Sec-WebSocket-Extensions: {HALF_CLOSE}")
    sock.sendall(upgrade_request(path, key=key, headers=headers).encode())
    response, rest = read_head(sock)
    assert response.status == 101, response.text
    assert response.headers["sec-websocket-accept"] == accept_key(key)
    agreed = response.offers("sec-websocket-extensions", HALF_CLOSE)
    assert agreed == half_close, f"strait-half-close: offered {half_close}, answered {agreed}"
    return RawPeer(sock, is_client=True, head=response, leftover=rest)
