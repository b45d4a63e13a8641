# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""Messages on standard streams: separators, Base64, one message, and what the Close says.

Lines of text are tested in test_stdio.py.
"""

import base64

import pytest

from other_programs import websockets_server
from raw_peer import BINARY, CLOSE, CONTINUATION, HALF_CLOSE, TEXT, connect_raw
from streams import connect
from terminal import Terminal
from waiting import MIB, Background, payload, same_bytes


def dial(strait, raw_server, *options, **handshake):
    dialer = strait(*options, "-", raw_server.url())
    return dialer, raw_server.accept(**handshake)


class TestTerminal:
    def test_a_line_is_a_text_message_and_the_terminal_edits_it(self, binary, clean_env, raw_server):
        terminal = Terminal(binary, clean_env, raw_server.url())
        peer = raw_server.accept()
        terminal.type(b"hellp\x7fo\n")
        frame = peer.read_frame()
        assert (frame.opcode, frame.payload) == (TEXT, b"hello")
        peer.send(TEXT, "grüße".encode())
        terminal.shows("\r\ngrüße\r\n".encode())
        terminal.type(b"\x04")
        assert peer.read_frame().opcode == CLOSE
        peer.send(TEXT, b"bye")
        peer.leave()
        assert terminal.end() == 0
        assert terminal.shown.endswith(b"bye\r\n"), terminal.shown

    def test_control_c_is_a_signal(self, binary, clean_env, raw_server):
        terminal = Terminal(binary, clean_env, raw_server.url())
        peer = raw_server.accept()
        peer.send(TEXT, b"ready")
        terminal.shows(b"ready")
        terminal.type(b"\x03")
        assert peer.read_frame().code == 1001
        peer.leave(1001)
        assert terminal.end() == 130


class TestNull:
    def test_messages_may_have_newlines(self, strait, raw_server):
        dialer, peer = dial(strait, raw_server, "-0")
        assert HALF_CLOSE not in peer.head.headers.get("sec-websocket-extensions", "")
        dialer.stream.send(b"one\ntwo\n\0\0thr")
        assert peer.read_message() == (TEXT, b"one\ntwo\n")
        assert peer.read_message() == (TEXT, b"")
        peer.send(TEXT, b"answer\n")
        peer.send(BINARY, b"")
        dialer.stream.send(b"ee")
        dialer.stream.end()
        assert peer.read_message() == (TEXT, b"three")
        assert peer.read_data_frame().opcode == CLOSE
        peer.leave()
        assert dialer.finish().succeeded() == b"answer\n\0\0"

    def test_binary(self, strait, raw_server):
        dialer, peer = dial(strait, raw_server, "--null", "--binary")
        dialer.stream.send(b"\xff\xfe\0")
        assert peer.read_message() == (BINARY, b"\xff\xfe")


class TestBase64:
    @pytest.mark.parametrize("options, opcode", [((), BINARY), (("--text",), TEXT)])
    def test_a_line_is_a_message(self, strait, raw_server, options, opcode):
        dialer, peer = dial(strait, raw_server, "--base64", *options)
        dialer.stream.send(b"AAEC\n\nYQ==\r\n")
        assert peer.read_message() == (opcode, b"\0\1\2")
        assert peer.read_message() == (opcode, b"")
        assert peer.read_message() == (opcode, b"a")
        peer.send(BINARY, b"\xff")
        peer.send(TEXT, b"text")
        assert dialer.stream.read_exactly(14) == b"/w==\ndGV4dA==\n"

    def test_any_length_in_any_pieces(self, strait, raw_server):
        dialer, peer = dial(strait, raw_server, "--base64")
        data = payload(MIB + 1)
        line = base64.b64encode(data) + b"\n"
        with Background(dialer.stream.send, line):
            same_bytes(peer.read_message()[1], data)
        with Background(peer.send_fragmented, data, 4099):
            same_bytes(dialer.stream.read_exactly(len(line)), line)

    @pytest.mark.parametrize("line", [b"abc\n", b"a===\n", b"YQ==YQ==\n", b"a b\xff\n"])
    def test_what_is_none(self, strait, raw_server, line):
        dialer, peer = dial(strait, raw_server, "--base64")
        dialer.stream.send(line)
        assert peer.read_to_close()[1].code == 1011
        peer.leave(1011)
        dialer.finish().failed_with(74, "Base64")


class TestOneMessage:
    @pytest.mark.parametrize("options, opcode", [((), BINARY), (("--text",), TEXT)])
    def test_all_of_the_input_is_one_message_and_one_is_the_answer(self, strait, raw_server, options, opcode):
        dialer, peer = dial(strait, raw_server, "--one-message", *options)
        dialer.stream.send(b"first line\n")
        dialer.stream.send(b"second line\n")
        dialer.stream.end()
        frame = peer.read_data_frame()
        assert (frame.opcode, frame.fin, frame.payload) == (opcode, True, b"first line\nsecond line\n")
        peer.send_fragmented(b"answer", 2, opcode=opcode)
        peer.send(opcode, b"more than was asked for")
        assert peer.read_to_close()[1].code == 1000
        peer.leave()
        assert dialer.finish().succeeded() == (b"answer\n" if options else b"answer")

    def test_a_real_server(self, strait):
        async def upper(connection):
            async for message in connection:
                await connection.send(message.upper())

        with websockets_server(upper) as port:
            result = strait.run("-1", "-t", "--compressed", f"ws://127.0.0.1:{port}/", input=b"question")
            assert result.succeeded() == b"QUESTION\n"

    def test_a_long_message_goes_out_in_frames(self, strait, raw_server):
        dialer, peer = dial(strait, raw_server, "-1")
        data = payload(MIB)
        with dialer.stream.post(data, then=dialer.stream.end):
            opcode, message = peer.read_message()
        same_bytes(message, data)
        with Background(peer.send, BINARY, data):
            same_bytes(dialer.stream.read_exactly(MIB), data)
        assert peer.read_to_close()[1].code == 1000
        peer.leave()
        dialer.finish().succeeded()

    def test_without_input_one_is_only_taken(self, strait, raw_server):
        dialer, peer = dial(strait, raw_server, "-1")
        dialer.stream.end()
        peer.send(BINARY, b"news")
        rest, close = peer.read_to_close()
        assert (rest, close.code) == (b"", 1000)
        peer.leave()
        assert dialer.finish().succeeded() == b"news"

    def test_the_answer_ends_it_while_the_input_is_open(self, strait, raw_server):
        dialer, peer = dial(strait, raw_server, "-1")
        with dialer.stream.post(payload(100_000)):
            begun = peer.read_data_frame()
        assert (begun.opcode, begun.fin) == (BINARY, False)
        peer.send(BINARY, b"enough")
        while not (frame := peer.read_data_frame()).fin:
            assert frame.opcode == CONTINUATION
        assert frame.opcode == CONTINUATION, "what was begun is ended"
        assert peer.read_to_close()[1].code == 1000
        peer.leave()
        assert dialer.finish().succeeded() == b"enough"

    def test_a_peer_that_answers_nothing_is_waited_for_as_long_as_the_linger(self, strait, raw_server):
        dialer, peer = dial(strait, raw_server, "-1", "--linger", "300ms")
        dialer.stream.send(b"only told")
        dialer.stream.end()
        assert peer.read_message() == (BINARY, b"only told")
        assert peer.read_to_close()[1].code == 1000
        peer.leave()
        assert dialer.finish().succeeded() == b""


class TestClose:
    def test_ours(self, strait, raw_server):
        options = ("--text", "--close-code", "4001", "--close-reason", "bye, ä")
        dialer, peer = dial(strait, raw_server, *options)
        dialer.stream.end()
        close = peer.read_data_frame()
        assert (close.code, close.reason) == (4001, "bye, ä")
        peer.leave(4001)
        dialer.wait().succeeded()

    def test_an_answer_with_another_code_than_ours_is_a_failure(self, strait, raw_server):
        dialer, peer = dial(strait, raw_server, "--text", "--close-code", "4001")
        dialer.stream.end()
        assert peer.read_data_frame().code == 4001
        peer.leave(4002)
        dialer.finish().failed_with(74, "4002")

    def test_ours_after_both_directions_of_a_half_close(self, strait, raw_server):
        dialer, peer = dial(strait, raw_server, "--close-code", "1001", half_close=True)
        dialer.stream.end()
        assert peer.read_data_frame().payload == b""
        peer.send(BINARY)
        assert peer.read_data_frame().code == 1001
        peer.leave(1001)
        dialer.wait().succeeded()

    @pytest.mark.parametrize(
        "code, reason, printed, status",
        [
            (1000, b"", "closed with 1000 (normal)", 0),
            (1001, "später".encode(), 'closed with 1001 (going away): "später"', 0),
            (None, b"", "closed with 1005 (no status)", 0),
            (4321, b"mine", 'closed with 4321: "mine"', 74),
        ],
    )
    def test_theirs_is_printed(self, strait, raw_server, code, reason, printed, status):
        dialer, peer = dial(strait, raw_server, "--print-close", "--text")
        peer.send_close(code, reason)
        peer.end()
        result = dialer.finish()
        assert result.code == status
        assert result.stdout == b""
        assert result.lines[-1] == f"strait: {raw_server.url()}: {printed}"

    def test_a_connection_that_ends_without_one_is_1006(self, strait, raw_server):
        dialer, peer = dial(strait, raw_server, "--print-close", "--text")
        peer.end()
        result = dialer.finish()
        assert result.code == 74
        assert result.lines[-1].endswith("closed with 1006 (abnormal)")

    def test_each_link_of_a_listener(self, strait):
        listener = strait("--print-close", "ws-listen:0", "echo:")
        peer = connect_raw(connect(("127.0.0.1", listener.port)))
        peer.send_close(1001, b"gone")
        peer.end()
        listener.line(r'from 127\.0\.0\.1:\d+: closed with 1001 \(going away\): "gone"')


class TestMaxFrame:
    @pytest.mark.parametrize("compressed", [False, True])
    def test_bytes_become_messages_that_fit(self, strait, raw_server, compressed):
        options = ["--compressed"] if compressed else []
        dialer = strait(*options, "--max-frame", "1k", "-", raw_server.url())
        peer = raw_server.accept(*(["Sec-WebSocket-Extensions: permessage-deflate"] if compressed else []))
        peer.allowed_rsv = 4 if compressed else 0
        data = payload(100_000)
        sizes = []
        with dialer.stream.post(data, then=dialer.stream.end):
            received = 0
            while received < (100_000 if not compressed else 100_100):
                frame = peer.read_data_frame()
                if frame.opcode == CLOSE:
                    break
                assert (frame.opcode, frame.fin) == (BINARY, True)
                sizes.append(len(frame.payload))
                received += len(frame.payload)
        assert max(sizes) <= 1024
        assert len(sizes) < 120
        assert max(sizes) == 1024 or compressed

    def test_messages_are_fragmented(self, strait, raw_server):
        dialer, peer = dial(strait, raw_server, "--text", "--max-frame", "1k")
        dialer.stream.send(b"x" * 5000 + b"\n")
        frames = [peer.read_data_frame()]
        while not frames[-1].fin:
            frames.append(peer.read_data_frame())
        assert [frame.opcode for frame in frames] == [TEXT] + [CONTINUATION] * (len(frames) - 1)
        assert max(len(frame.payload) for frame in frames) == 1024
        assert b"".join(frame.payload for frame in frames) == b"x" * 5000

    @pytest.mark.parametrize("header", ["CF-RAY: 8a1b2c3d4e5f-FRA", "Server: cloudflare"])
    @pytest.mark.parametrize("options, longest", [((), 16384), (("--max-frame", "32k"), 32768), (("--max-frame", "0"), None)])
    def test_behind_cloudflare(self, strait, raw_server, header, options, longest):
        dialer = strait(*options, "-", raw_server.url())
        peer = raw_server.accept(header)
        sizes = []
        with dialer.stream.post(payload(4 * MIB)):
            while sum(sizes) < 4 * MIB:
                sizes.append(len(peer.read_data_frame().payload))
        assert max(sizes) == longest if longest else max(sizes) > 32_768

    def test_a_listener_behind_cloudflare(self, strait, service):
        listener = strait("ws-listen:0", service.address)
        with Background(service.accept) as behind:
            peer = connect_raw(connect(("127.0.0.1", listener.port)), "/", "CF-Ray: 8a1b2c3d4e5f-FRA")
        sizes = []
        with behind.result().post(payload(MIB)):
            while sum(sizes) < MIB:
                sizes.append(len(peer.read_data_frame().payload))
        assert max(sizes) == 16384


class TestSubprotocol:
    def test_the_choice_is_checked(self, strait, raw_server):
        dialer = strait("--protocol", "mqtt,chat", "-", raw_server.url())
        peer = raw_server.accept("Sec-WebSocket-Protocol: chat")
        assert peer.head.headers["sec-websocket-protocol"] == "mqtt, chat"
        peer.send(BINARY, b"x")
        assert dialer.stream.read_exactly(1) == b"x"
        dialer = strait("--protocol", "mqtt,chat", "-", raw_server.url())
        raw_server.accept("Sec-WebSocket-Protocol: other")
        dialer.finish().failed_with(76, '"other"', "not offered")
