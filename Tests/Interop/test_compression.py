# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""permessage-deflate (RFC 7692): with Python's websockets in both roles, between two straits, and with peers that send
bombs or no deflate at all."""

import asyncio
import zlib

import pytest
import websockets.asyncio.client
from websockets.extensions.permessage_deflate import (
    ClientPerMessageDeflateFactory,
    PerMessageDeflate,
    ServerPerMessageDeflateFactory,
)

from other_programs import websockets_server
from raw_peer import BINARY, CLOSE, TEXT, connect_raw
from streams import connect
from waiting import MIB, SOON, Background, payload, same_bytes

EXTENSIONS = "sec-websocket-extensions"

#: Compresses well, and not at all.
MIXED = b"".join(b"%07d, a line of text\n" % number for number in range(20_000)) + payload(MIB)

#: 1 MiB of zeros; as it ends with a full flush, it may be repeated.
_zeros = zlib.compressobj(9, zlib.DEFLATED, -15)
ZEROS = _zeros.compress(bytes(MIB)) + _zeros.flush(zlib.Z_FULL_FLUSH)


def deflated(data, bits=15):
    """A message's compressed payload."""
    compressor = zlib.compressobj(6, zlib.DEFLATED, -bits)
    return (compressor.compress(data) + compressor.flush(zlib.Z_SYNC_FLUSH))[:-4]


def accept(raw_server, answer="permessage-deflate"):
    """strait's client, which has offered to compress."""
    peer = raw_server.accept(f"Sec-WebSocket-Extensions: {answer}")
    assert "permessage-deflate" in peer.head.headers[EXTENSIONS]
    peer.allowed_rsv = 4
    return peer


class TestWithPythonsWebsockets:
    @pytest.mark.parametrize(
        "settings",
        [
            {},
            {"server_no_context_takeover": True, "client_no_context_takeover": True},
            {"server_max_window_bits": 9, "client_max_window_bits": 9},
            {"client_max_window_bits": 8},
            {"server_max_window_bits": 15, "client_max_window_bits": 15},
        ],
    )
    @pytest.mark.parametrize("window", ["12", "15"])
    def test_server(self, strait, settings, window):
        seen = []

        async def echo(connection):
            seen.extend(type(extension) for extension in connection.protocol.extensions)
            async for message in connection:
                await connection.send(message)

        extensions = [ServerPerMessageDeflateFactory(**settings)]
        with websockets_server(echo, compression=None, extensions=extensions) as port:
            client = strait("--compressed", "--compress-window", window, "-", f"ws://127.0.0.1:{port}/")
            with client.stream.post(MIXED):
                same_bytes(client.stream.read_exactly(len(MIXED)), MIXED)
            # An answer that is small has to come at once.
            for _ in range(3):
                client.stream.send(b"?")
                assert client.stream.read_exactly(1) == b"?"
            assert seen == [PerMessageDeflate]

    @pytest.mark.parametrize(
        "settings",
        [
            {},
            {"server_no_context_takeover": True, "client_no_context_takeover": True},
            {"server_max_window_bits": 8},
            {"server_max_window_bits": 9, "client_max_window_bits": 9},
            {"server_max_window_bits": 15, "client_max_window_bits": 15},
        ],
    )
    @pytest.mark.parametrize("window", ["12", "15"])
    def test_client(self, strait, settings, window):
        listener = strait("--compressed", "--compress-window", window, "ws-listen:0", "echo:")

        async def talk():
            extensions = [ClientPerMessageDeflateFactory(**settings)]
            async with websockets.asyncio.client.connect(
                listener.url, compression=None, extensions=extensions, max_size=None, proxy=None
            ) as connection:
                assert [type(extension) for extension in connection.protocol.extensions] == [PerMessageDeflate]
                for message in ("", "text, ä€😀", b"", b"bytes", MIXED, MIXED):
                    await connection.send(message)
                    answer = await connection.recv()
                    assert type(answer) is type(message)
                    same_bytes(answer, message)
                # In fragments, and one that is fed as it comes.
                await connection.send(["a", "", "b"])
                assert await connection.recv() == "ab"

        asyncio.run(asyncio.wait_for(talk(), SOON))

    def test_whoever_does_not_compress_is_served_all_the_same(self, strait):
        with websockets_server(compression=None) as port:
            client = strait("--compressed", "-", f"ws://127.0.0.1:{port}/")
            client.stream.send(b"plain")
            assert client.stream.read_exactly(5) == b"plain"
        listener = strait("--compressed", "ws-listen:0", "echo:")
        peer = connect_raw(connect(("127.0.0.1", listener.port)))
        assert EXTENSIONS not in peer.head.headers
        peer.send(BINARY, b"plain")
        assert peer.read_data(5) == b"plain"


class TestBetweenTwoStraits:
    @pytest.mark.parametrize("sides", [("--compressed", "--compressed"), ("--compressed", None), (None, "--compressed")])
    def test_half_close_and_every_byte(self, strait, service, sides):
        """The answer begins after the end of the question."""
        listening, dialing = ([side] if side else [] for side in sides)
        listener = strait(*listening, "ws-listen:0", service.address)
        with Background(service.accept) as behind:
            client = strait(*dialing, "-", listener.url)
        behind = behind.result()
        with client.stream.post(MIXED, then=client.stream.end):
            same_bytes(behind.read_to_end(), MIXED)
        with behind.post(MIXED, then=behind.end):
            same_bytes(client.finish().succeeded(), MIXED)

    def test_what_is_agreed_is_said(self, strait):
        listener = strait("--compressed", "ws-listen:0", "echo:")
        client = strait("-v", "--compressed", "-", listener.url)
        client.stream.send(b"x")
        assert client.stream.read_exactly(1) == b"x"
        client.line(r"permessage-deflate; server_max_window_bits=12; client_max_window_bits=12")


class TestOnTheWire:
    def test_it_is_off_by_default(self, strait, raw_server):
        client = strait("-", raw_server.url())
        peer = raw_server.accept()
        assert "permessage-deflate" not in peer.head.headers[EXTENSIONS]
        client.stream.send(bytes(1000))
        assert peer.read_data(1000) == bytes(1000)
        listener = strait("ws-listen:0", "echo:")
        peer = connect_raw(connect(("127.0.0.1", listener.port)), "/", f"{EXTENSIONS}: permessage-deflate")
        assert EXTENSIONS not in peer.head.headers

    def test_each_chunk_is_a_message_that_is_whole_at_once(self, strait, raw_server):
        client = strait("--compressed", "-", raw_server.url())
        peer = accept(raw_server)
        assert peer.head.headers[EXTENSIONS] == (
            "strait-half-close, permessage-deflate; server_max_window_bits=12; client_max_window_bits, "
            "permessage-deflate; client_max_window_bits"
        )
        inflate = zlib.decompressobj(-15)
        sizes = []
        for _ in range(3):
            client.stream.send(b"the same line again\n")
            frame = peer.read_frame()
            assert (frame.opcode, frame.fin, frame.rsv) == (BINARY, True, 4)
            assert inflate.decompress(frame.payload + b"\0\0\xff\xff") == b"the same line again\n"
            sizes.append(len(frame.payload))
        assert sizes[0] > 15 and sizes[1] < 8 and sizes[2] < 8, "the second refers to the first"

    def test_the_users_own_offer_counts(self, strait, raw_server):
        offer = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
        client = strait("-H", f"Sec-WebSocket-Extensions: {offer}", "-", raw_server.url())
        peer = accept(raw_server, "permessage-deflate; server_no_context_takeover")
        assert peer.head.headers[EXTENSIONS] == offer
        for _ in range(2):
            client.stream.send(b"the same line again\n")
            frame = peer.read_frame()
            # Promised in the offer, so kept although it was not answered.
            assert zlib.decompressobj(-15).decompress(frame.payload) == b"the same line again\n"
            peer.send(BINARY, deflated(b"answer"), rsv=4)
            assert client.stream.read_exactly(6) == b"answer"

    @pytest.mark.parametrize(
        "answer, problem",
        [
            ("permessage-deflate; server_max_window_bits=16", "server_max_window_bits"),
            ("permessage-deflate; server_max_window_bits", "has no value"),
            ("permessage-deflate; client_no_context_takeover; client_no_context_takeover", "stands twice"),
            ("permessage-deflate; window=9", "is not a parameter"),
        ],
    )
    def test_a_wrong_answer_is_no_handshake(self, strait, raw_server, answer, problem):
        client = strait("--compressed", "-", raw_server.url())
        raw_server.accept(f"Sec-WebSocket-Extensions: {answer}")
        client.finish().failed_with(76, problem, "RFC 7692")


class TestWhatIsRefused:
    @pytest.mark.parametrize("bad", [b"\x07", b"\xf2\x48", payload(1000)], ids=["type", "cut", "noise"])
    def test_no_deflate(self, strait, raw_server, bad):
        client = strait("--compressed", "-", raw_server.url())
        peer = accept(raw_server)
        peer.send(BINARY, deflated(b"before"), rsv=4)
        assert client.stream.read_exactly(6) == b"before"
        peer.send(BINARY, bad, rsv=4)
        _, close = peer.read_to_close()
        assert close.code == 1007
        peer.leave(1007)
        client.finish().failed_with(76, "RFC 7692", "1007")

    def test_text_that_is_none_once_inflated(self, strait, raw_server):
        client = strait("--compressed", "--text", "-", raw_server.url())
        peer = accept(raw_server)
        peer.send(TEXT, deflated(b"\xff"), rsv=4)
        assert peer.read_to_close()[1].code == 1007
        peer.leave(1007)
        client.finish().failed_with(76, "UTF-8", "1007")

    def test_a_bomb_in_text_mode(self, strait, raw_server):
        client = strait("--compressed", "--text", "--max-message", "1m", "-", raw_server.url())
        peer = accept(raw_server)
        bomb = ZEROS * 10
        assert len(bomb) < 11 * 1100
        printed = Background(client.stream.read_to_end)
        with Background(peer.send, TEXT, bomb + b"\0", rsv=4):
            assert peer.read_to_close()[1].code == 1009
            peer.leave(1009)
        result = client.wait()
        assert result.code == 76 and "1009" in result.lines[0], result
        assert len(printed.result()) <= MIB

    def test_a_bomb_of_a_gibibyte_streams_in_constant_memory(self, strait, raw_server):
        client = strait("--compressed", "-", raw_server.url())
        peer = accept(raw_server)
        peer.send(BINARY, deflated(b"begin"), rsv=4)
        assert client.stream.read_exactly(5) == b"begin"
        before = client.memory()

        def detonate():
            peer.send(BINARY, ZEROS * 1024 + b"\0", rsv=4)
            peer.send_close()
            peer.end()

        with Background(detonate):
            zeros = bytes(MIB)
            for _ in range(1024):
                assert client.stream.read_exactly(MIB) == zeros
        assert client.memory() - before < 4096, f"{client.memory() - before} KiB over idle"
        assert client.finish().succeeded() == b""
