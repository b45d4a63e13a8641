# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""Each limit has an option: what is within it passes, one more is refused by name."""

import time

import pytest

from raw_peer import (
    CLOSE,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    close_payload,
    connect_raw,
    encode,
    read_head,
    switching_protocols,
    upgrade_request,
)
from streams import RESET, connect
from waiting import MIB, until


class TestHandshakeTime:
    @pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: "], ids=["nothing", "half-a-request"])
    def test_slow_client_is_answered_408(self, strait, sent):
        listener = strait("--handshake-timeout", "300ms", "ws-listen:0", "echo:")
        client = dial(listener)
        client.send(sent)
        assert read_head(client.socket)[0].status == 408
        listener.line("HTTP 408: the handshake took too long")

    def test_slow_tls_client_is_dropped(self, strait, certs):
        listener = strait(
            "--handshake-timeout", "300ms", "--cert", certs.server.cert, "--key", certs.server.key, "wss-listen:0", "echo:"
        )
        client = dial(listener)
        client.send(b"\x16\x03\x01")
        client.until_broken()

    def test_the_limit_ends_with_the_handshake(self, strait):
        listener = strait("--handshake-timeout", "300ms", "ws-listen:0", "echo:")
        peer = connect_raw(dial(listener))
        time.sleep(0.5)
        peer.send(TEXT, b"still there")
        assert peer.read_message() == (TEXT, b"still there")


def dial(listener):
    return connect(("127.0.0.1", listener.port))


def padded(head, size):
    """The head of a request or an answer with a field that makes it `size` bytes long."""
    missing = size - len(head) - len("X-Filler: \r\n")
    return f"{head[:-2]}X-Filler: {'a' * missing}\r\n\r\n".encode()


class TestHeaderBlock:
    @pytest.mark.parametrize("option, limit", [([], 16384), (["--max-header", "4k"], 4096)])
    def test_request(self, strait, option, limit):
        listener = strait(*option, "ws-listen:0", "echo:")
        for size, status in [(limit, 101), (limit + 1, 431)]:
            request = padded(upgrade_request(), size)
            assert len(request) == size
            client = dial(listener)
            client.send(request)
            assert read_head(client.socket)[0].status == status
        listener.line("HTTP 431: the request's header block is over the limit of (16k|4k)")

    @pytest.mark.parametrize("option, limit", [([], 16384), (["--max-header", "4k"], 4096)])
    @pytest.mark.parametrize("extra, code", [(0, 0), (1, 76)])
    def test_answer(self, strait, raw_server, option, limit, extra, code):
        dialer = strait(*option, raw_server.url())
        sock, request = raw_server.accept_request()
        answer = padded(switching_protocols(request), limit + extra)
        sock.sendall(answer + encode(CLOSE, close_payload(1000)))
        dialer.stream.end()
        if code == 0:
            sock.recv(4096)
        sock.close()
        result = dialer.finish()
        if code == 0:
            result.succeeded()
        else:
            result.failed_with(76, "header block is over the limit", "--max-header")


class TestMessageLength:
    def test_text_mode(self, strait, raw_server):
        dialer = strait("--text", "--max-message", "1k", raw_server.url())
        peer = raw_server.accept()
        peer.send(TEXT, b"a" * 1024)
        assert dialer.stream.read_exactly(1025) == b"a" * 1024 + b"\n"
        peer.send(TEXT, b"b" * 1000, fin=False)
        peer.send(CONTINUATION, b"b" * 25, fin=True)
        _, close = peer.read_to_close()
        assert close.code == 1009
        peer.send_close(1009)
        peer.close()
        result = dialer.finish()
        assert result.code == 76
        assert "message over the limit of 1k (see --max-message); closed with 1009" in result.lines[0]

    def test_a_stream_has_none(self, strait, raw_server):
        dialer = strait("--max-message", "1k", raw_server.url())
        peer = raw_server.accept()
        sending = peer.post(bytes(MIB), then=lambda: peer.leave())
        assert dialer.stream.read_exactly(MIB) == bytes(MIB)
        sending.result()
        dialer.stream.end()
        dialer.finish().succeeded()


class TestControlFrames:
    @pytest.mark.parametrize("role", ["listener", "dialer"])
    def test_a_flood_of_pings_is_answered_in_bounded_memory(self, strait, raw_server, role):
        """Its sender does not read, so the Pongs have nowhere to go; the link lives on."""
        if role == "listener":
            process = strait("ws-listen:0", "echo:")
            peer = connect_raw(dial(process))
        else:
            process = strait(raw_server.url(), "echo:")
            peer = raw_server.accept()
        peer.send(PING, b"first")
        assert peer.read_frame().payload == b"first"
        before = process.memory("VmRSS")
        mask = bytes(4) if peer.is_client else None
        flood = b"".join(encode(PING, f"{number:0125d}".encode(), mask=mask) for number in range(200_000))
        peer.send_bytes(flood)
        peer.send(TEXT, b"after the flood")
        last = None
        while (frame := peer.read_frame()).opcode == PONG:
            last = frame.payload
        assert frame.payload == b"after the flood"
        until_pong = last == f"{199_999:0125d}".encode() or peer.read_frame().payload == f"{199_999:0125d}".encode()
        assert until_pong, "the last Ping has no answer"
        assert process.memory("VmHWM") - before < 8 * 1024

    def test_more_than_the_rate_is_read_more_slowly_but_read(self, strait):
        listener = strait("--max-control-rate", "100", "ws-listen:0", "echo:")
        peer = connect_raw(dial(listener))
        start = time.monotonic()
        # The first read may take many at once; what is left is held back by the time that they are worth.
        peer.send_bytes(encode(PING, b"p", mask=bytes(4)) * 300)
        assert peer.read_frame().opcode == PONG
        peer.send(TEXT, b"behind them")
        while (frame := peer.read_frame()).opcode == PONG:
            pass
        assert frame.payload == b"behind them"
        assert time.monotonic() - start > 1


class TestLinks:
    def test_one_more_websocket_is_answered_503(self, strait):
        listener = strait("--max-links", "2", "ws-listen:0", "echo:")
        peers = [connect_raw(dial(listener)) for _ in range(2)]
        for _ in range(2):
            head = self.answer(listener)
            assert head.status == 503 and head.headers["retry-after"]
        assert [line for line in listener.lines if "--max-links" in line] == listener.lines[:1]
        for peer in peers:
            peer.send(TEXT, b"not touched")
            assert peer.read_message() == (TEXT, b"not touched")
        peers[0].send_close()
        assert peers[0].read_frame().opcode == CLOSE
        peers[0].expect_end()
        until(lambda: self.answer(listener).status == 101, "a link that has ended makes room")

    def answer(self, listener):
        client = dial(listener)
        client.send(upgrade_request().encode())
        return read_head(client.socket)[0]

    def test_one_more_stream_is_reset(self, strait):
        listener = strait("--max-links", "1", "tcp-listen:0", "echo:")
        first = dial(listener)
        first.send(b"x")
        assert first.read_exactly(1) == b"x"
        try:
            assert dial(listener).until_broken() == (b"", RESET)
        except ConnectionResetError:
            pass  # before connect(2) was over
        listener.line(f"tcp:127.0.0.1:{listener.port}: .*--max-links 1")
        first.send(b"y")
        assert first.read_exactly(1) == b"y"


@pytest.mark.parametrize(
    "arguments, needle",
    [
        (["--max-header", "512"], "--max-header needs at least 1k"),
        (["--max-header", "many"], "--max-header"),
        (["--max-links", "-1"], "--max-links"),
        (["--handshake-timeout", "0"], "--handshake-timeout needs a time over 0"),
    ],
)
def test_a_limit_that_makes_no_sense_is_wrong_usage(strait, arguments, needle):
    strait.run(*arguments, "ws-listen:0", "echo:").failed_with(64, needle)
