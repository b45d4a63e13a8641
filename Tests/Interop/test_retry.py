# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""The opening of a link is tried again: how often, when, after what, and for whom."""

import re
import signal
import time
from email.utils import formatdate

import pytest

from raw_peer import BINARY, connect_raw, read_head, switching_protocols
from streams import RESET, Listener, connect, free_port
from test_exit_codes import answer
from waiting import Background

RETRY = r"retry {} of {} in [0-9.]+m?s"


class TestHowOften:
    def test_each_try_is_a_line_and_the_last_one_fails(self, strait):
        url = f"ws://127.0.0.1:{free_port()}/"
        result = strait.run("--retry", "2", "--retry-delay", "10ms", url)
        assert result.code == 69
        assert len(result.lines) == 3
        for number, line in enumerate(result.lines[:2], 1):
            assert url in line and "refused" in line and line.endswith(f"; retry {number} of 2 in 10ms"), line
        result.lines = result.lines[-1:]
        result.failed_with(69, url, "refused")

    def test_not_at_all_by_default(self, strait):
        strait.run(f"ws://127.0.0.1:{free_port()}/").failed_with(69, "refused")

    def test_not_later_than_retry_max_time(self, strait):
        url = f"ws://127.0.0.1:{free_port()}/"
        started = time.monotonic()
        result = strait.run("--retry", "100", "--retry-delay", "10s", "--retry-max-time", "5s", url)
        assert time.monotonic() - started < 5
        result.failed_with(69, url)

    def test_pauses_grow(self, strait):
        client = strait("--retry", "9", f"ws://127.0.0.1:{free_port()}/")
        first = client.line(r"retry 1 of 9 in ([0-9.]+)(m?)s")
        pause = float(first.group(1)) / (1000 if first.group(2) else 1)
        assert 0.5 <= pause <= 1
        second = client.line(r"retry 2 of 9 in ([0-9.]+)s")
        assert 1 <= float(second.group(1)) <= 2
        client.signal(signal.SIGTERM)
        assert client.wait().code == 143


def serve(listener, answers):
    """Answers one connection after the other; the last answer is a function of the socket."""

    def play():
        for each in answers:
            sock = listener.accept().socket
            request, _ = read_head(sock)
            each(sock, request)

    return Background(play)


def refuse(status, *headers):
    def play(sock, request):
        sock.sendall(answer(status, *headers)(request))
        sock.recv(1)
        sock.close()

    return play


class TestAfterWhat:
    @pytest.mark.parametrize("status", ["408 Request Timeout", "429 Too Many Requests", "503 Service Unavailable"])
    def test_statuses_that_pass(self, strait, status):
        listener = Listener()

        def succeed(sock, request):
            sock.sendall(switching_protocols(request).encode() + b"\x82\x02ok\x88\x02\x03\xe8")
            sock.recv(4096)
            sock.close()

        with serve(listener, [refuse(status), refuse(status), succeed]):
            client = strait("--retry", "2", "--retry-delay", "1ms", f"ws://127.0.0.1:{listener.port}/")
            assert client.stream.read_exactly(2) == b"ok"
            client.stream.end()
            assert client.wait().code == 0
        listener.close()

    @pytest.mark.parametrize("value", ["1", "date"])
    def test_the_server_says_when(self, strait, value):
        """Later than we would come, and as curl: seconds, or a date."""
        listener = Listener()
        times = []

        def busy(sock, request):
            times.append(time.time())
            when = value if value != "date" else formatdate(int(time.time()) + 2, usegmt=True)
            sock.sendall(answer("503 Service Unavailable", f"Retry-After: {when}")(request))
            sock.recv(1)
            sock.close()

        def last(sock, request):
            times.append(time.time())
            refuse("404 Not Found")(sock, request)

        with serve(listener, [busy, last]):
            result = strait.run("--retry", "1", "--retry-delay", "1ms", f"ws://127.0.0.1:{listener.port}/")
        assert result.code == 76
        assert re.search(r"HTTP 503 .*, Retry-After: [12]s .*; retry 1 of 1 in [12](\.0)?s$", result.lines[0]), result.lines
        assert 0.99 <= times[1] - times[0] < 5
        listener.close()

    def test_the_server_wants_more_than_retry_max_time(self, strait):
        listener = Listener()
        with serve(listener, [refuse("429 Too Many Requests", "Retry-After: 3600")]):
            result = strait.run("--retry", "9", "--retry-max-time", "5m", f"ws://127.0.0.1:{listener.port}/")
        result.failed_with(76, "429", "Retry-After: 60m")
        listener.close()

    def test_a_proxy_says_when(self, strait):
        listener = Listener()
        with serve(listener, [refuse("503 Service Unavailable", "Retry-After: 1"), refuse("403 Forbidden")]):
            proxy = f"http://127.0.0.1:{listener.port}"
            result = strait.run("--retry", "1", "--retry-delay", "1ms", "-x", proxy, "ws://127.0.0.1:1/")
        assert result.lines[0].endswith("; retry 1 of 1 in 1.0s"), result.lines
        assert result.code == 77
        listener.close()

    @pytest.mark.parametrize("status,code", [("401 Unauthorized", 77), ("404 Not Found", 76), ("301 Moved", 76)])
    def test_statuses_that_stay(self, strait, status, code):
        listener = Listener()
        with serve(listener, [refuse(status)]):
            strait.run("--retry", "5", f"ws://127.0.0.1:{listener.port}/").failed_with(code, status[:3])
        listener.close()

    def test_stdin_is_not_read_before_the_link_is_there(self, strait):
        port = free_port()
        client = strait("--retry", "1000", "--retry-delay", "20ms", f"ws://127.0.0.1:{port}/")
        client.stream.send(b"early")
        client.stream.end()
        client.line(RETRY.format(3, 1000))
        strait(f"ws-listen:{port}", "echo:")
        assert client.stream.read_to_end() == b"early"
        assert client.wait().code == 0


class TestForListeners:
    def test_a_byte_stream_waits(self, strait):
        port = free_port()
        forward = strait("--retry", "1000", "--retry-delay", "20ms", "tcp-listen:0", f"tcp:127.0.0.1:{port}")
        client = connect(("127.0.0.1", forward.port))
        client.send(b"early")
        forward.line(RETRY.format(2, 1000))
        assert client.is_idle()
        service = Listener(("127.0.0.1", port))
        behind = service.accept()
        assert behind.read_exactly(5) == b"early"
        behind.send(b"answer")
        assert client.read_exactly(6) == b"answer"
        service.close()

    def test_a_websocket_gets_its_101_late(self, strait):
        port = free_port()
        gateway = strait("--retry", "1000", "--retry-delay", "20ms", "ws-listen:0", f"tcp:127.0.0.1:{port}")
        opening = Background(lambda: connect_raw(connect(("127.0.0.1", gateway.port))))
        gateway.line(RETRY.format(2, 1000))
        assert opening.is_running()
        service = Listener(("127.0.0.1", port))
        peer = opening.result()
        behind = service.accept()
        peer.send(BINARY, b"data")
        assert behind.read_exactly(4) == b"data"
        service.close()

    def test_in_the_end_it_is_502(self, strait):
        gateway = strait("--retry", "1", "--retry-delay", "1ms", "ws-listen:0", f"tcp:127.0.0.1:{free_port()}")
        client = strait.run(gateway.url)
        client.failed_with(76, "HTTP 502")

    @pytest.mark.parametrize("local,leave", [("tcp-listen:0", "reset"), ("ws-listen:0", "reset"), ("ws-listen:0", "end")])
    def test_a_client_that_has_gone_is_not_waited_for(self, strait, local, leave):
        """The pause would take an hour."""
        arguments = ("--retry", "1", "--retry-delay", "1h", "--max-links", "1")
        forward = strait(*arguments, local, f"tcp:127.0.0.1:{free_port()}")
        client = connect(("127.0.0.1", forward.port))
        if local.startswith("ws"):
            client.send(b"GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n")
        forward.line(RETRY.format(1, 1))
        client.reset() if leave == "reset" else client.end()
        forward.line("client gone")

    def test_ends_at_a_signal(self, strait):
        forward = strait("--retry", "1", "--retry-delay", "1h", "tcp-listen:0", f"tcp:127.0.0.1:{free_port()}")
        client = connect(("127.0.0.1", forward.port))
        forward.line(RETRY.format(1, 1))
        forward.signal(signal.SIGTERM)
        assert forward.wait().code == 143
        assert client.until_broken()[1] in (RESET, "end of stream")


@pytest.mark.parametrize("arguments", [["--retry", "-1"], ["--retry", "x"], ["--retry-delay", "x"]])
def test_usage(strait, arguments):
    strait.run(*arguments, "ws://h/").failed_with(64, arguments[0])
