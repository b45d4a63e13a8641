# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""Frames of every size and form arrive in both roles; RFC 6455's violations are refused by name; memory is constant.

The scripted peer checks each frame that it gets: masked or not as the role wants, shortest length form, no reserved
bits, none longer than a chunk.
"""

import struct

import pytest

from raw_peer import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    HalfCloseStream,
    close_payload,
    connect_raw,
    encode,
)
from strait_process import FAILURE
from streams import connect
from waiting import MIB, Background, payload, same_bytes, until

#: What strait is.
ROLES = ["client", "server"]

SIZES = [0, 1, 125, 126, 127, 65535, 65536, 65537, 16 * MIB]


@pytest.fixture(params=ROLES)
def role(request):
    return request.param


@pytest.fixture
def start(strait, raw_server):
    """`start(role, other_side)`: a strait in this role, and the peer at its WebSocket."""

    def start(role, other_side, *options):
        if role == "client":
            process = strait(*options, other_side, raw_server.url())
            return process, raw_server.accept()
        process = strait(*options, "ws-listen:0", other_side)
        return process, connect_raw(connect(("127.0.0.1", process.port)))

    return start


class TestSizes:
    @pytest.mark.parametrize("size", SIZES)
    def test_one_frame(self, start, role, size):
        _, peer = start(role, "echo:")
        data = payload(size)
        with Background(lambda: (peer.send(BINARY, data), peer.send(BINARY, b"after"))):
            same_bytes(peer.read_data(size + 5), data + b"after")

    @pytest.mark.parametrize("size,fragment", [(125, 1), (65536, 4096), (16 * MIB, 4096), (MIB, 65535), (MIB, 65537)])
    def test_fragments(self, start, role, size, fragment):
        _, peer = start(role, "echo:")
        data = payload(size)
        with peer.post(data, size=fragment):
            same_bytes(peer.read_data(size), data)

    def test_empty_fragments(self, start, role):
        _, peer = start(role, "echo:")
        for opcode, data, fin in [(BINARY, b"", False), (CONTINUATION, b"a", False), (CONTINUATION, b"", False)]:
            peer.send(opcode, data, fin=fin)
        peer.send(CONTINUATION, b"b")
        peer.send(BINARY, b"c")
        assert peer.read_data(3) == b"abc"

    def test_one_byte_at_a_time(self, start, role):
        _, peer = start(role, "echo:")
        mask = b"\x01\x02\x03\x04" if peer.is_client else None
        for byte in encode(BINARY, payload(300), mask=mask) + encode(PING, b"p", mask=mask):
            peer.send_bytes(bytes([byte]))
        received = peer.read_to_pong(b"p")
        received += peer.read_data(300 - len(received))
        same_bytes(received, payload(300))

    def test_bytes_go_on_before_their_frame_is_complete(self, start, role, service):
        """A frame is not collected: what has arrived of it is delivered."""
        with Background(service.accept) as accepted:
            _, peer = start(role, service.address)
        behind = accepted.result()
        whole = encode(BINARY, payload(MIB), mask=b"\x11\x22\x33\x44" if peer.is_client else None)
        peer.send_bytes(whole[: len(whole) - MIB + 10])
        same_bytes(behind.read_exactly(10), payload(MIB)[:10])

    def test_text_messages_are_bytes_too(self, start, role):
        """In binary mode the peer's choice of opcode does not matter."""
        _, peer = start(role, "echo:")
        peer.send(TEXT, "schön".encode())
        assert peer.read_data(6) == "schön".encode()

    def test_an_empty_message_means_the_end_only_when_agreed(self, strait, service):
        listener = strait("ws-listen:0", service.address)
        with Background(service.accept) as accepted:
            peer = connect_raw(connect(("127.0.0.1", listener.port)), half_close=True)
        behind, stream = accepted.result(), HalfCloseStream(peer)
        stream.send(b"up")
        stream.end()
        assert behind.read_to_end() == b"up"
        behind.send(b"down")
        behind.end()
        assert stream.read_to_end() == b"down"
        peer.send_close()
        assert peer.read_to_close()[1].code == 1000
        peer.expect_end()
        assert not listener.lines


class TestControlFrames:
    def test_pings_between_fragments_are_answered(self, start, role):
        _, peer = start(role, "echo:")
        data = payload(10 * 4096)
        for index in range(10):
            peer.send(CONTINUATION if index else BINARY, data[index * 4096 : (index + 1) * 4096], fin=index == 9)
            peer.send(PING, b"ping %d" % index)
        received = b"".join(peer.read_to_pong(b"ping %d" % index) for index in range(10))
        received += peer.read_data(len(data) - len(received))
        same_bytes(received, data)

    @pytest.mark.parametrize("size", [0, 125])
    def test_pong_repeats_the_pings_payload(self, start, role, size):
        _, peer = start(role, "discard:")
        peer.send(PING, payload(size))
        frame = peer.read_frame()
        assert (frame.opcode, frame.payload) == (PONG, payload(size))

    def test_unasked_pongs_are_ignored(self, start, role):
        _, peer = start(role, "echo:")
        peer.send(PONG, b"nobody asked")
        peer.send(BINARY, b"data")
        assert peer.read_data(4) == b"data"

    def test_ping_is_answered_while_the_other_direction_waits_for_room(self, strait, service):
        """The Pong goes between two frames; it does not wait for the end of what the service says."""
        listener = strait("ws-listen:0", service.address)
        with Background(service.accept) as accepted:
            peer = connect_raw(connect(("127.0.0.1", listener.port)))
        behind = accepted.result()
        download = behind.post(payload(32 * MIB))
        until(lambda: not peer.stream.is_idle(), "the service's bytes arrive")
        peer.send(PING, b"are you there?")
        received = peer.read_to_pong(b"are you there?")
        assert len(received) < 32 * MIB, "the pong came behind everything"
        received += peer.read_data(32 * MIB - len(received))
        same_bytes(received, payload(32 * MIB))
        download.result()


MASK = b"\x01\x02\x03\x04"

#: name -> (frames, Close code). A frame is (opcode, payload, arguments of `encode`).
VIOLATIONS = {
    "reserved opcode 0x3": ([(0x3, b"x", {})], 1002),
    "reserved opcode 0x7": ([(0x7, b"x", {})], 1002),
    "reserved control opcode 0xB": ([(0xB, b"", {})], 1002),
    "reserved control opcode 0xF": ([(0xF, b"", {})], 1002),
    "reserved bit 1": ([(BINARY, b"x", {"rsv": 4})], 1002),
    "reserved bit 2": ([(BINARY, b"x", {"rsv": 2})], 1002),
    "reserved bit 3": ([(BINARY, b"x", {"rsv": 1})], 1002),
    "reserved bit on a ping": ([(PING, b"", {"rsv": 4})], 1002),
    "ping of 126 bytes": ([(PING, bytes(126), {})], 1002),
    "close of 126 bytes": ([(CLOSE, struct.pack("!H", 1000) + b"r" * 124, {})], 1002),
    "fragmented ping": ([(PING, b"", {"fin": False})], 1002),
    "continuation of nothing": ([(CONTINUATION, b"x", {})], 1002),
    "continuation after the last fragment": ([(BINARY, b"", {}), (CONTINUATION, b"x", {})], 1002),
    "new message inside a message": ([(BINARY, b"", {"fin": False}), (BINARY, b"x", {})], 1002),
    "length 125 in 16 bits": ([(BINARY, bytes(125), {"form": 16})], 1002),
    "length 65535 in 64 bits": ([(BINARY, bytes(65535), {"form": 64})], 1002),
    "length 0 in 64 bits": ([(BINARY, b"", {"form": 64})], 1002),
    "length with the highest bit": ([(BINARY, b"", {"form": 64, "length": 1 << 63})], 1002),
    "close of one byte": ([(CLOSE, b"\x03", {})], 1002),
    "close code 0": ([(CLOSE, struct.pack("!H", 0), {})], 1002),
    "close code 999": ([(CLOSE, struct.pack("!H", 999), {})], 1002),
    "close code 1004": ([(CLOSE, struct.pack("!H", 1004), {})], 1002),
    "close code 1005": ([(CLOSE, struct.pack("!H", 1005), {})], 1002),
    "close code 1006": ([(CLOSE, struct.pack("!H", 1006), {})], 1002),
    "close code 1015": ([(CLOSE, struct.pack("!H", 1015), {})], 1002),
    "close code 2999": ([(CLOSE, struct.pack("!H", 2999), {})], 1002),
    "close code 5000": ([(CLOSE, struct.pack("!H", 5000), {})], 1002),
    "close reason is not UTF-8": ([(CLOSE, struct.pack("!H", 1000) + b"\xc3\x28", {})], 1007),
}

#: These count in text mode only.
TEXT_VIOLATIONS = {
    "not UTF-8": [(TEXT, b"\xff\xfe", {})],
    "overlong": [(TEXT, b"\xc0\xaf", {})],
    "surrogate": [(TEXT, b"\xed\xa0\x80", {})],
    "beyond U+10FFFF": [(TEXT, b"\xf4\x90\x80\x80", {})],
    "cut at the end": [(TEXT, b"\xe2\x82", {})],
    "wrong across fragments": [(TEXT, b"\xe2\x82", {"fin": False}), (CONTINUATION, b"\x28", {})],
}


class TestViolations:
    @staticmethod
    def play(frames, masked):
        mask = MASK if masked else None
        return b"".join(encode(opcode, data, **{"mask": mask, **wrong}) for opcode, data, wrong in frames)

    @pytest.fixture
    def client(self, strait, raw_server):
        """strait as a client: (strait, peer)."""

        def start(*options):
            process = strait(*options, "-", raw_server.url())
            return process, raw_server.accept()

        return start

    @pytest.fixture
    def server(self, strait, service):
        """strait as a listener: (strait, peer, service)."""
        process = strait("ws-listen:0", service.address)
        with Background(service.accept) as accepted:
            peer = connect_raw(connect(("127.0.0.1", process.port)))
        return process, peer, accepted.result()

    def assert_refused_by_client(self, process, peer, code):
        assert peer.read_to_close()[1].code == code
        peer.close()
        process.finish().failed_with(76)

    def assert_refused_by_server(self, process, peer, behind, code):
        assert peer.read_to_close()[1].code == code
        peer.end()
        peer.expect_end()
        line = until(lambda: process.lines, "a line on stderr")[0]
        assert FAILURE.fullmatch(line), line
        assert len(process.lines) == 1
        assert process.is_running()

    @pytest.mark.parametrize("name", VIOLATIONS)
    def test_client_refuses(self, client, name):
        frames, code = VIOLATIONS[name]
        process, peer = client()
        peer.send_bytes(self.play(frames, masked=False))
        self.assert_refused_by_client(process, peer, code)

    @pytest.mark.parametrize("name", VIOLATIONS)
    def test_listener_refuses(self, server, name):
        frames, code = VIOLATIONS[name]
        process, peer, behind = server
        peer.send_bytes(self.play(frames, masked=True))
        self.assert_refused_by_server(process, peer, behind, code)

    def test_client_refuses_masked_frames(self, client):
        process, peer = client()
        peer.send(BINARY, b"masked", mask=MASK)
        self.assert_refused_by_client(process, peer, 1002)

    def test_listener_refuses_unmasked_frames(self, server):
        process, peer, behind = server
        peer.send(BINARY, b"unmasked", mask=None)
        self.assert_refused_by_server(process, peer, behind, 1002)

    @pytest.mark.parametrize("name", TEXT_VIOLATIONS)
    def test_text_mode_refuses(self, client, name):
        process, peer = client("--text")
        peer.send_bytes(self.play(TEXT_VIOLATIONS[name], masked=False))
        assert peer.read_to_close()[1].code == 1007
        peer.close()
        assert process.finish().code == 76

    def test_bytes_before_a_violation_are_delivered(self, client):
        process, peer = client()
        peer.send(BINARY, b"good")
        peer.send(0x3, b"bad")
        assert process.stream.read_exactly(4) == b"good"
        assert peer.read_to_close()[1].code == 1002
        peer.close()
        process.finish().failed_with(76)

    def test_violation_is_no_clean_end_for_the_service(self, server):
        process, peer, behind = server
        peer.send(BINARY, b"good")
        assert behind.read_exactly(4) == b"good"
        peer.send(0x3, b"bad")
        assert behind.until_broken() == (b"", "reset")

    def test_peer_that_violates_and_stays_is_cut_off(self, server):
        process, peer, behind = server
        peer.send(0x3, b"bad")
        assert peer.read_to_close()[1].code == 1002
        peer.expect_end()

    def test_frame_announced_but_never_sent(self, strait, service):
        """The largest length there is reserves nothing."""
        process = strait("ws-listen:0", service.address)
        with Background(service.accept):
            peer = connect_raw(connect(("127.0.0.1", process.port)))
        before = process.memory("VmRSS")
        peer.send_bytes(encode(BINARY, b"", length=(1 << 63) - 1, mask=MASK))
        peer.send_bytes(bytes(1000))
        peer.reset()
        until(lambda: process.lines, "a line on stderr")
        assert process.is_running()
        assert process.memory("VmHWM") - before < 8 * 1024


class TestMemory:
    """Peak memory, over that of the idle link, in KiB."""

    LIMIT = 8 * 1024
    SIZE = 1024 * MIB

    def drain(self, stream, size):
        view = memoryview(bytearray(MIB))
        while size:
            count = stream.socket.recv_into(view[: min(size, len(view))])
            assert count, f"{size} bytes are missing"
            size -= count

    def pour(self, send, size):
        block = bytes(MIB)
        for _ in range(size // MIB):
            send(block)

    @pytest.fixture
    def link(self, strait, service, raw_server, role):
        """(strait, peer, the other side's stream), with some bytes moved, so that what is made once is made."""
        if role == "client":
            process = strait("tcp-listen:0", raw_server.url())
            stream = connect(("127.0.0.1", process.port))
            peer = raw_server.accept()
        else:
            process = strait("ws-listen:0", service.address)
            with Background(service.accept) as accepted:
                peer = connect_raw(connect(("127.0.0.1", process.port)))
            stream = accepted.result()
        peer.send(BINARY, b"hello")
        stream.read_exactly(5)
        stream.send(b"hello")
        peer.read_data(5)
        return process, peer, stream

    def test_1_gib_in_one_frame(self, link):
        process, peer, stream = link
        before = process.memory("VmRSS")
        mask = bytes(4) if peer.is_client else None  # masking with zeros is legal, and costs the test nothing
        receiver = Background(self.drain, stream, self.SIZE)
        peer.send_bytes(encode(BINARY, length=self.SIZE, mask=mask))
        self.pour(peer.send_bytes, self.SIZE)
        receiver.result()
        assert process.memory("VmHWM") - before < self.LIMIT

    @pytest.mark.parametrize("reader", ["peer", "local side"])
    def test_one_side_does_not_read(self, link, reader):
        """What nobody takes is not taken either: the sender is held up after what the sockets hold."""
        process, peer, stream = link
        before = process.memory("VmRSS")
        if reader == "peer":
            sender = stream.socket
        else:
            sender = peer.stream.socket
            peer.send_bytes(encode(BINARY, length=self.SIZE, mask=bytes(4) if peer.is_client else None))
        sender.settimeout(1)  # no room for a second
        sent = 0
        with pytest.raises(TimeoutError):
            while sent < self.SIZE:
                sent += sender.send(bytes(MIB))
        assert sent < 64 * MIB
        assert process.memory("VmHWM") - before < self.LIMIT

    def test_bulk_leaves_nothing_behind(self, link):
        """The buffers that a fast stream was read into go back to the kernel with it."""
        process, peer, stream = link
        before = process.memory("VmRSS")
        self.move_in_bulk(peer, stream)
        peer.send(CLOSE, close_payload(1000))
        stream.end()
        assert peer.read_to_close()[1].code == 1000
        peer.stream.close()
        until(lambda: process.memory("VmRSS") - before < 2 * 1024, "memory as before")

    def move_in_bulk(self, peer, stream):
        size = 64 * MIB
        receiver = Background(self.drain, stream, size)
        mask = bytes(4) if peer.is_client else None
        peer.send_bytes(encode(BINARY, length=size, mask=mask))
        self.pour(peer.send_bytes, size)
        receiver.result()
        receiver = Background(peer.read_data, size)
        self.pour(stream.send, size)
        receiver.result()
