# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""Every row of the exit code table: the code, one line on stderr (what, to what, why, what to do), an empty stdout.

`Result.failed_with` looks at all four. Broken links (74) of other kinds are in test_foreign_peers.py, refused frames
(76) in test_frames.py, refused certificates (77) in test_interop.py.
"""

import signal
import socket

import pytest

from raw_peer import BINARY, accept_key, switching_protocols
from streams import connect, free_port
from waiting import Background


class TestUsage64:
    """The line names the argument."""

    CASES = {
        "no arguments": ([], "REMOTE"),
        "unknown option": (["--no-such-option", "ws://127.0.0.1:1/"], "--no-such-option"),
        "unknown short option": (["-Z", "ws://127.0.0.1:1/"], "-Z"),
        "option without its value": (["ws://127.0.0.1:1/", "--linger"], "--linger"),
        "three addresses": (["-", "ws://127.0.0.1:1/", "tcp:127.0.0.1:1"], "tcp:127.0.0.1:1"),
        "not an address": (["-", "no-such-kind:1"], "no-such-kind"),
        "empty address": (["-", ""], ""),
        "no host": (["-", "ws:///path"], "ws:///path"),
        "port too large": (["-", "ws://127.0.0.1:65536/"], "65536"),
        "port is no number": (["-", "tcp:127.0.0.1:http!"], "http!"),
        "no port": (["-", "tcp:127.0.0.1"], "tcp:127.0.0.1"),
        "IPv6 not in brackets": (["-", "tcp:::1:22"], "tcp:::1:22"),
        "IPv6 bracket left open": (["-", "ws://[::1/"], "[::1"),
        "no socket path": (["-", "unix:"], "unix:"),
        "no program": (["-", "exec:"], "exec:"),
        "listener on a bad port": (["tcp-listen:99999", "echo:"], "99999"),
        "linger is no time": (["--linger", "soon", "ws://127.0.0.1:1/"], "soon"),
        "linger in unknown units": (["--linger", "3 parsecs", "ws://127.0.0.1:1/"], "3 parsecs"),
        "connect timeout is negative": (["--connect-timeout", "-1s", "ws://127.0.0.1:1/"], "--connect-timeout"),
        "header without colon": (["-H", "no colon here", "ws://127.0.0.1:1/"], "no colon here"),
        "header with a line break": (["-H", "X: a\r\nY: b", "ws://127.0.0.1:1/"], "-H"),
        "cert without key": (["--cert", "/dev/null", "wss-listen:0", "echo:"], "--key"),
        "stdin twice": (["-", "-"], "-"),
    }

    @pytest.mark.parametrize("name", CASES)
    def test_names_the_argument(self, strait, name):
        arguments, named = self.CASES[name]
        if name == "header with a line break":
            strait.run(*arguments).failed_with(64)
        else:
            strait.run(*arguments).failed_with(64, named)


def test_68_name_not_found(strait):
    strait.run("-", "ws://no-such-host.invalid/").failed_with(68, "no-such-host.invalid")


class TestNoConnection69:
    def test_refused(self, strait):
        port = free_port()
        strait.run("-", f"ws://127.0.0.1:{port}/path").failed_with(69, f"ws://127.0.0.1:{port}/path", "refused")

    def test_refused_tcp(self, strait):
        port = free_port()
        strait.run("-", f"tcp:127.0.0.1:{port}").failed_with(69, f"127.0.0.1:{port}", "refused")

    def test_no_such_unix_socket(self, strait, short_path):
        strait.run("-", f"unix:{short_path}/none").failed_with(69, f"{short_path}/none", "no such file")

    def test_no_such_unix_socket_for_a_websocket(self, strait, short_path):
        strait.run("-", f"ws+unix:{short_path}/none:/uri").failed_with(69, f"{short_path}/none", "no such file")

    @pytest.mark.parametrize("option", ["--connect-timeout", "--tcp-timeout"])
    def test_timed_out(self, strait, option):
        with socket.socket() as full:
            full.bind(("127.0.0.1", 0))
            full.listen(0)
            waiting = [socket.socket() for _ in range(4)]
            for one in waiting:
                one.setblocking(False)
                one.connect_ex(full.getsockname())
            result = strait.run(option, "500ms", "-", f"ws://127.0.0.1:{full.getsockname()[1]}/")
            for one in waiting:
                one.close()
        result.failed_with(69, "timed out", "no connection within 500ms", option)

    @pytest.mark.parametrize("option", ["--connect-timeout", "--handshake-timeout"])
    def test_connected_but_never_answered(self, strait, raw_server, option):
        """The whole time is for the handshake too, as curl's."""
        with Background(raw_server.accept_request) as asked:
            result = strait.run(option, "500ms", "--tls-timeout", "1ms", "-", raw_server.url())
            result.failed_with(69, "connected, but no answer within 500ms", option)
            asked.result()[0].close()

    @pytest.mark.parametrize("option", ["--connect-timeout", "--handshake-timeout", "--tls-timeout"])
    def test_no_tls(self, strait, service, option):
        with Background(service.accept) as accepted:
            result = strait.run(option, "300ms", "-", f"wss://127.0.0.1:{service.port}/")
            result.failed_with(69, "connected, but no TLS within 300ms", option)
            accepted.result().close()

    def test_the_tightest_limit_counts(self, strait, raw_server):
        limits = ("--connect-timeout", "300ms", "--handshake-timeout", "9s", "--tcp-timeout", "200ms")
        with Background(raw_server.accept_request) as asked:
            strait.run(*limits, "-", raw_server.url()).failed_with(69, "300ms", "--connect-timeout")
            asked.result()[0].close()

    @pytest.mark.parametrize("kind", ["tcp-listen", "ws-listen"])
    def test_port_in_use(self, strait, service, kind):
        strait.run(f"{kind}:{service.port}", "echo:").failed_with(69, str(service.port), "in use")

    def test_address_of_another_machine(self, strait):
        strait.run("tcp-listen:192.0.2.1:0", "echo:").failed_with(69, "192.0.2.1")

    def test_socket_path_in_a_missing_directory(self, strait, short_path):
        strait.run(f"unix-listen:{short_path}/none/socket", "echo:").failed_with(69, f"{short_path}/none/socket")


class TestBrokenLink74:
    @pytest.fixture
    def link(self, strait, raw_server):
        dialer = strait("-", raw_server.url())
        return dialer, raw_server.accept()

    def test_reset(self, link):
        dialer, peer = link
        peer.reset()
        dialer.finish().failed_with(74, "reset")

    def test_gone_without_close(self, link, raw_server):
        dialer, peer = link
        peer.end()
        dialer.finish().failed_with(74, raw_server.url())

    def test_tcp_reset(self, strait, service):
        dialer = strait("-", service.address)
        behind = service.accept()
        behind.send(b"x")
        assert dialer.stream.read_exactly(1) == b"x"
        behind.reset()
        dialer.finish().failed_with(74, "reset")


def answer(status, *headers, body=b""):
    head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers])
    return lambda request: f"{head}\r\n\r\n".encode() + body


def without(text):
    """A correct answer, but for the line that starts with `text`."""

    def make(request):
        lines = switching_protocols(request).split("\r\n")
        return "\r\n".join(line for line in lines if not line.startswith(text)).encode()

    return make


class TestNotTheProtocol76:
    CASES = {
        "200": (answer("200 OK", body=b"<html>"), ["HTTP 200"]),
        "301": (answer("301 Moved Permanently", "Location: wss://new.example/ssh"), ["301", "wss://new.example/ssh"]),
        "302": (answer("302 Found", "Location: /login"), ["HTTP 302", "/login"]),
        "400": (answer("400 Bad Request"), ["HTTP 400"]),
        "404": (answer("404 Not Found"), ["HTTP 404 Not Found"]),
        "426": (answer("426 Upgrade Required"), ["HTTP 426"]),
        "431": (answer("431 Request Header Fields Too Large"), ["HTTP 431"]),
        "500": (answer("500 Internal Server Error", body=b"out of cheese"), ["HTTP 500", "out of cheese"]),
        "502": (answer("502 Bad Gateway"), ["HTTP 502"]),
        "504": (answer("504 Gateway Timeout"), ["HTTP 504"]),
        "wrong accept key": (
            lambda request: switching_protocols(request)
            .replace(accept_key(request.headers["sec-websocket-key"]), accept_key("another"))
            .encode(),
            ["Sec-WebSocket-Accept"],
        ),
        "no accept key": (without("Sec-WebSocket-Accept"), ["Sec-WebSocket-Accept"]),
        "no Upgrade": (without("Upgrade"), ["Upgrade"]),
        "no Connection": (without("Connection"), ["Connection"]),
        "protocol that nobody asked for": (
            lambda request: switching_protocols(request, "Sec-WebSocket-Protocol: chat").encode(),
            ["chat"],
        ),
        "extension that nobody asked for": (
            lambda request: switching_protocols(request, "Sec-WebSocket-Extensions: x-unknown").encode(),
            ["x-unknown"],
        ),
        "not HTTP": (lambda request: b"SSH-2.0-OpenSSH_9.2p1 Debian\r\n\r\n", []),
        "nothing": (lambda request: b"", []),
        "half an answer": (lambda request: b"HTTP/1.1 101 Swit", []),
        "endless head": (lambda request: b"HTTP/1.1 101 Switching Protocols\r\n" + b"X: " + b"x" * 1_000_000, []),
    }

    @pytest.mark.parametrize("name", CASES)
    def test_answer(self, strait, raw_server, name):
        make, needles = self.CASES[name]

        def play():
            sock, request = raw_server.accept_request()
            try:
                sock.sendall(make(request))
                sock.shutdown(socket.SHUT_WR)
                while sock.recv(65536):
                    pass
            except OSError:
                pass
            sock.close()

        with Background(play):
            strait.run("-", raw_server.url("/path")).failed_with(76, raw_server.url("/path"), *needles)

    def test_control_characters_of_the_answer_are_not_printed(self, strait, raw_server):
        def play():
            sock, request = raw_server.accept_request()
            sock.sendall(answer("500 \x1b[31mred", body=b"\x1b]0;title\x07 %s%n\xff\nsecond line")(request))
            sock.close()

        with Background(play):
            line = strait.run("-", raw_server.url()).failed_with(76, "HTTP 500")
        assert line.isprintable(), repr(line)


class TestRefused77:
    """Certificates are in test_interop.py."""

    @pytest.mark.parametrize("status,body", [("401 Unauthorized", b""), ("403 Forbidden", b"token expired")])
    def test_http(self, strait, raw_server, status, body):
        def play():
            sock, request = raw_server.accept_request()
            sock.sendall(answer(status, body=body)(request))
            sock.recv(1)
            sock.close()

        with Background(play):
            result = strait.run("-", raw_server.url())
        result.failed_with(77, f"HTTP {status}", body.decode(), "--user")

    @pytest.mark.parametrize("framing", ["Content-Length: 50", "Transfer-Encoding: chunked"])
    def test_http_whose_body_is_cut(self, strait, raw_server, framing):
        """The head has said what is wrong."""

        def play():
            sock, _ = raw_server.accept_request()
            chunk = b"20\r\n" if "chunked" in framing else b""
            sock.sendall(f"HTTP/1.1 401 Unauthorized\r\n{framing}\r\n\r\n".encode() + chunk + b"please log in")
            sock.close()

        with Background(play):
            strait.run("-", raw_server.url()).failed_with(77, "HTTP 401", "--user")

    def test_secrets_are_not_printed(self, strait, raw_server):
        with Background(lambda: raw_server.accept_socket().close()):
            url = raw_server.url().replace("://", "://me:hunter2@")
            result = strait.run("-vv", "-H", "Authorization: Bearer sesame", "-", url)
        assert result.code != 0
        assert not [line for line in result.lines if "hunter2" in line or "sesame" in line], result.lines


class TestSignals:
    CASES = [(signal.SIGINT, 130), (signal.SIGTERM, 143)]

    @pytest.mark.parametrize("number,code", CASES)
    def test_link(self, strait, raw_server, number, code):
        dialer = strait("-", raw_server.url())
        peer = raw_server.accept()
        dialer.signal(number)
        result = dialer.finish()
        peer.close()
        assert (result.code, result.stdout) == (code, b"")
        assert len(result.lines) <= 1, result.lines
        peer.close()

    @pytest.mark.parametrize("number,code", CASES)
    def test_listener_with_links(self, strait, service, number, code):
        listener = strait("tcp-listen:0", service.address)
        client = connect(("127.0.0.1", listener.port))
        behind = service.accept()
        listener.signal(number)
        assert listener.wait().code == code
        client.until_broken()
        behind.until_broken()

    @pytest.mark.parametrize("number,code", CASES)
    def test_while_connecting(self, strait, raw_server, number, code):
        """The peer has accepted and says nothing."""
        dialer = strait("-", raw_server.url())
        sock, _ = raw_server.accept_request()
        dialer.signal(number)
        assert dialer.wait().code == code
        sock.close()

    def test_a_script_that_ignores_sigint_is_respected(self, strait, raw_server):
        """`nohup`, and jobs in the background of a shell, start programs with signals ignored."""
        dialer = strait("-", raw_server.url(), wrapper=["sh", "-c", 'trap "" INT; exec "$@"', "sh"])
        peer = raw_server.accept()
        dialer.signal(signal.SIGINT)
        peer.send(BINARY, b"still here")
        assert dialer.stream.read_exactly(10) == b"still here"


class TestSilent:
    def test_says_nothing_and_fails_the_same(self, strait):
        result = strait.run("-s", "-", f"ws://127.0.0.1:{free_port()}/")
        assert (result.code, result.stdout, result.lines) == (69, b"", [])


def test_0_both_directions_ended_in_order(strait):
    listener = strait("ws-listen:0", "echo:")
    assert strait.run("-", listener.url, input=b"data").succeeded() == b"data"
    assert not listener.lines
