# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""Programs that others wrote talk to strait: websocat, Python's websockets, curl, OpenSSL, stunnel, nc, socat.

None of them knows `strait-half-close`, so a test keeps its side open until the answer has come.
"""

import asyncio
import re
import socket
import ssl
import subprocess
import time

import pytest
import websockets.asyncio.client

from other_programs import stunnel, websocat, websockets_server
from raw_peer import BINARY, RawServer, encode, read_head, upgrade_request
from streams import PipeStream, SocketStream, connect, free_port
from waiting import MIB, Background, payload, same_bytes, until

#: RFC 6455 §1.3 has this key and its answer.
SAMPLE_KEY, SAMPLE_ACCEPT = "dGhlIHNhbXBsZSBub25jZQ==", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


def round_trips(near, far=None):
    """Some megabytes, a piece at a time, and back: at `far` if it is not an echo that returns them.

    Not all at once, since websocat 1.13 keeps the tail of a burst that had no room at first until the next ping."""
    for number in range(300):
        data = payload(1 + number * 53, number)
        near.send(data)
        if far:
            same_bytes(far.read_exactly(len(data)), data)
            far.send(data)
        same_bytes(near.read_exactly(len(data)), data)


class TestWebsocat:
    @pytest.mark.parametrize("tls", [False, True], ids=["ws", "wss"])
    def test_as_client(self, strait, programs, certs, tls):
        options = ["--cert", certs.server.cert, "--key", certs.server.key] if tls else []
        listener = strait(*options, f"{'wss' if tls else 'ws'}-listen:0", "echo:")
        programs.env = dict(programs.env, SSL_CERT_FILE=str(certs.ca.cert))
        url = listener.url.replace("127.0.0.1", "localhost")
        process = programs.start(websocat(), "-b", url, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        stream = PipeStream(process)
        round_trips(stream)
        stream.end()
        process.wait(20)
        assert listener.is_running() and not listener.lines, listener.lines

    def test_as_server(self, strait, programs, service):
        port = programs.listen(
            lambda port: (websocat(), "-b", f"ws-l:127.0.0.1:{port}", f"tcp:127.0.0.1:{service.port}")
        )
        dialer = strait("--linger", "500ms", "-", f"ws://127.0.0.1:{port}/")
        behind = service.accept()
        round_trips(dialer.stream, behind)
        dialer.stream.end()
        assert behind.read_to_end() == b""
        behind.close()
        assert dialer.finish().succeeded() == b""

    def test_text(self, strait, programs):
        listener = strait("--text", "ws-listen:0", "echo:")
        process = programs.start(
            websocat(), "-t", listener.url, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
        )
        stream = PipeStream(process)
        stream.send("grüße\n".encode())
        assert stream.read_exactly(8) == "grüße\n".encode()


class TestPythonWebsockets:
    @pytest.mark.parametrize("tls", [False, True], ids=["ws", "wss"])
    def test_as_client(self, strait, certs, tls):
        options = ["--cert", certs.server.cert, "--key", certs.server.key] if tls else []
        listener = strait(*options, f"{'wss' if tls else 'ws'}-listen:0/path", "echo:")

        async def talk():
            context = certs.client_context() if tls else None
            url = listener.url.replace("127.0.0.1", "localhost")
            async with websockets.asyncio.client.connect(url, ssl=context, max_size=None, proxy=None) as connection:
                for size in (1, 125, 126, 65536, MIB):
                    await connection.send(payload(size))
                    received = b""
                    while len(received) < size:
                        received += await connection.recv()
                    same_bytes(received, payload(size))
                await (await connection.ping())
            return connection.close_code

        assert asyncio.run(asyncio.wait_for(talk(), 30)) == 1000
        assert listener.is_running() and not listener.lines, listener.lines

    @pytest.mark.parametrize("tls", [False, True], ids=["ws", "wss"])
    def test_as_server(self, strait, certs, tls):
        with websockets_server(tls=certs.server.server_context() if tls else None) as port:
            url = f"{'wss' if tls else 'ws'}://localhost:{port}/"
            dialer = strait("--linger", "500ms", "--cacert", certs.ca.cert, "-", url)
            data = payload(5 * MIB)
            with dialer.stream.post(data, then=dialer.stream.end):
                same_bytes(dialer.stream.read_exactly(len(data)), data)
            dialer.finish().succeeded()

    def test_server_that_pings(self, strait):
        async def ping(connection):
            await (await connection.ping())
            await connection.send(b"thank you")

        with websockets_server(ping) as port:
            dialer = strait("-", f"ws://127.0.0.1:{port}/")
            assert dialer.stream.read_exactly(9) == b"thank you"
            dialer.stream.end()
            dialer.finish().succeeded()


class TestCurl:
    UPGRADE = ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"]
    UPGRADE += [f"Sec-WebSocket-Key: {SAMPLE_KEY}"]

    @pytest.fixture
    def ask(self, programs):
        """`ask(url, headers)`: the head of the answer, as soon as it is complete.

        A link that is up has no end, hence stdbuf: curl would print the head when it gives up."""

        def ask(url, headers=(), *options):
            command = ["stdbuf", "-o0", "curl", "-q", "-s", "-i", "-N", "--http1.1", "--max-time", "30", *options]
            for header in headers:
                command += ["-H", header]
            process = programs.start(*command, url.replace("ws", "http", 1), stdout=subprocess.PIPE, bufsize=0)
            head = b""
            while b"\r\n\r\n" not in head and (part := process.stdout.read(1)):
                head += part
            process.kill()
            return head.decode()

        return ask

    def test_upgrade(self, strait, ask):
        head = ask(strait("ws-listen:0/ssh", "echo:").url, self.UPGRADE)
        assert head.startswith("HTTP/1.1 101 ")
        headers = {name.lower(): value for name, value in re.findall(r"([\w-]+): (.*)\r", head)}
        assert headers["sec-websocket-accept"] == SAMPLE_ACCEPT
        assert headers["upgrade"].lower() == "websocket"
        assert headers["connection"].lower() == "upgrade"
        assert not {"sec-websocket-extensions", "sec-websocket-protocol"} & set(headers), head

    def test_header_names_and_values_in_any_case(self, strait, ask):
        headers = ["connection: keep-alive, UPGRADE", "UPGRADE: WebSocket", *self.UPGRADE[2:]]
        assert ask(strait("ws-listen:0", "echo:").url, headers).startswith("HTTP/1.1 101 ")

    def test_query_is_no_part_of_the_path(self, strait, ask):
        assert ask(strait("ws-listen:0/ssh", "echo:").url + "?token=1", self.UPGRADE).startswith("HTTP/1.1 101 ")

    @pytest.mark.parametrize("path", ["/other", "/ssh/more", "/", "/SSH"])
    def test_another_path_is_404(self, strait, ask, path):
        url = strait("ws-listen:0/ssh", "echo:").url
        assert ask(url.removesuffix("/ssh") + path, self.UPGRADE).startswith("HTTP/1.1 404 ")

    def test_plain_request_is_426(self, strait, ask):
        head = ask(strait("ws-listen:0", "echo:").url)
        assert head.startswith("HTTP/1.1 426 ")
        assert re.search(r"(?i)^upgrade: websocket\r$", head, re.MULTILINE), head

    def test_another_version_is_426(self, strait, ask):
        headers = [header.replace("13", "8") for header in self.UPGRADE]
        head = ask(strait("ws-listen:0", "echo:").url, headers)
        assert head.startswith("HTTP/1.1 426 ")
        assert re.search(r"(?i)^sec-websocket-version: 13\r$", head, re.MULTILINE), head

    @pytest.mark.parametrize("key", [None, "", "c2hvcnQ=", "not base64 at all!!!!!!!"])
    def test_bad_key_is_400(self, strait, ask, key):
        headers = self.UPGRADE[:3]
        if key is not None:
            headers += [f"Sec-WebSocket-Key: {key}" if key else "Sec-WebSocket-Key;"]  # curl's way to send it empty
        assert ask(strait("ws-listen:0", "echo:").url, headers).startswith("HTTP/1.1 400 ")

    def test_dead_service_is_502(self, strait, ask):
        listener = strait("ws-listen:0", f"tcp:127.0.0.1:{free_port()}")
        assert ask(listener.url, self.UPGRADE).startswith("HTTP/1.1 502 ")
        until(lambda: listener.lines, "a line on stderr")
        assert len(listener.lines) == 1 and listener.is_running()

    def test_service_that_does_not_answer_is_504(self, strait, ask, unanswering):
        listener = strait("--connect-timeout", "500ms", "ws-listen:0", f"tcp:127.0.0.1:{unanswering}")
        assert ask(listener.url, self.UPGRADE).startswith("HTTP/1.1 504 ")

    def test_header_of_17_kib_is_431(self, strait, ask):
        head = ask(strait("ws-listen:0", "echo:").url, [*self.UPGRADE, "X-Large: " + "x" * 17 * 1024])
        assert head.startswith("HTTP/1.1 431 ")

    def test_many_headers_of_17_kib_are_431(self, strait, ask):
        many = [f"X-{number}: {'x' * 90}" for number in range(170)]
        assert ask(strait("ws-listen:0", "echo:").url, [*self.UPGRADE, *many]).startswith("HTTP/1.1 431 ")

    def test_headers_of_15_kib_are_accepted(self, strait, ask):
        head = ask(strait("ws-listen:0", "echo:").url, [*self.UPGRADE, "X-Large: " + "x" * 15 * 1024])
        assert head.startswith("HTTP/1.1 101 ")

    def test_over_tls(self, strait, certs, ask):
        listener = strait("--cert", certs.server.cert, "--key", certs.server.key, "wss-listen:0", "echo:")
        url = f"wss://localhost:{listener.port}/"
        assert ask(url, self.UPGRADE, "--cacert", str(certs.ca.cert)).startswith("HTTP/1.1 101 ")


class TestHandshakesAtTheListener:
    def test_garbage_is_400(self, strait):
        listener = strait("ws-listen:0", "echo:")
        stream = connect(("127.0.0.1", listener.port))
        stream.send(b"SSH-2.0-OpenSSH_9.2p1\r\n\r\n")
        data, _ = stream.until_broken()
        assert data == b"" or data.startswith(b"HTTP/1.1 400 "), data
        assert listener.is_running()

    def test_request_a_byte_at_a_time_with_a_frame_right_behind(self, strait):
        """The first frame may come in the same segment as the request's end."""
        listener = strait("ws-listen:0", "echo:")
        stream = connect(("127.0.0.1", listener.port))
        request = upgrade_request().encode()
        for byte in request[:-1]:
            stream.send(bytes([byte]))
        stream.send(request[-1:] + encode(BINARY, b"early", mask=b"abcd"))
        head, rest = read_head(stream.socket)
        assert head.status == 101
        assert rest + stream.read_exactly(7 - len(rest)) == encode(BINARY, b"early")

    @pytest.mark.parametrize("tls", [False, True], ids=["ws", "wss"])
    def test_slow_ones_are_closed_after_10_seconds(self, strait, certs, tls):
        """Silent, stopped half way, or dripping: each has 10 s in all."""
        options = ["--cert", certs.server.cert, "--key", certs.server.key] if tls else []
        listener = strait(*options, "wss-listen:0" if tls else "ws-listen:0", "echo:")
        request = upgrade_request(headers=["X-Slow: " + "x" * 1000]).encode()
        begin = time.monotonic()
        silent, stopped, dripping = (connect(("127.0.0.1", listener.port)) for _ in range(3))
        if tls:
            stopped, dripping = (
                SocketStream(certs.client_context().wrap_socket(stream.socket, server_hostname="localhost"))
                for stream in (stopped, dripping)
            )
        stopped.send(request[:50])

        def drip():
            try:
                for byte in request:
                    dripping.send(bytes([byte]))
                    time.sleep(0.5)
            except OSError:
                return time.monotonic() - begin

        dripper = Background(drip)
        for stream in (silent, stopped):
            try:
                data, _ = stream.until_broken()
            except ssl.SSLError:
                data = b""
            assert data == b"" or data.startswith(b"HTTP/1.1 408 "), data
            assert 8 < time.monotonic() - begin < 18
        assert dripper.result() < 18
        assert listener.is_running()


@pytest.fixture
def unanswering():
    """A port that neither accepts nor refuses: its queue is full."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        waiting = []
        for _ in range(4):
            waiting.append(socket.socket())
            waiting[-1].setblocking(False)
            waiting[-1].connect_ex(listening.getsockname())
        yield listening.getsockname()[1]
        for one in waiting:
            one.close()


class TestOpenSSL:
    @pytest.fixture
    def s_client(self, strait, certs, programs):
        """A strait that listens with TLS, and `openssl s_client` at it."""

        def start(*options):
            listener = strait("--cert", certs.server.cert, "--key", certs.server.key, "wss-listen:0", "echo:")
            command = ["openssl", "s_client", "-connect", f"127.0.0.1:{listener.port}", "-servername", "localhost"]
            command += ["-CAfile", certs.ca.cert, "-verify_return_error", "-verify_hostname", "localhost", *options]
            return programs.start(*command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)

        return start

    @pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
    def test_s_client_upgrades_by_hand(self, s_client, version):
        stream = PipeStream(s_client("-quiet", version))
        stream.send(upgrade_request(key=SAMPLE_KEY).encode())
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += stream.read_exactly(1)
        assert head.startswith(b"HTTP/1.1 101 ") and SAMPLE_ACCEPT.encode() in head
        stream.send(encode(BINARY, b"by hand", mask=b"abcd"))
        assert stream.read_exactly(9) == encode(BINARY, b"by hand")

    def test_alpn(self, s_client):
        process = s_client("-alpn", "h2,http/1.1")
        process.stdin.close()
        assert b"ALPN protocol: http/1.1" in process.stdout.read()

    def test_tls_1_1_is_refused(self, s_client):
        process = s_client("-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0")
        assert process.wait(20) != 0
        assert "protocol version" in process.log.read_text()

    def test_s_server_answers_200(self, strait, certs, programs):
        port = programs.listen(
            lambda port: (
                *("openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-www", "-naccept", "10"),
                *("-cert", certs.server.cert, "-key", certs.server.key),
            )
        )
        result = strait.run("--cacert", certs.ca.cert, "-", f"wss://localhost:{port}/")
        result.failed_with(76, "200")

    def test_stunnel_in_front_of_websocat(self, strait, certs, programs):
        plain = programs.listen(lambda port: (websocat(), "-b", f"ws-l:127.0.0.1:{port}", "mirror:"))
        port = stunnel(programs, certs.server, plain)
        dialer = strait("--cacert", certs.ca.cert, "--linger", "500ms", "-", f"wss://localhost:{port}/")
        for size in (1, 1000, 60_000):
            dialer.stream.send(payload(size))
            same_bytes(dialer.stream.read_exactly(size), payload(size))
        dialer.stream.end()
        assert dialer.finish().code == 0

    def test_stunnel_in_front_of_a_listener(self, strait, certs, programs):
        listener = strait("ws-listen:0", "echo:")
        port = stunnel(programs, certs.server, listener.port)
        data = payload(5 * MIB)
        result = strait.run("--cacert", certs.ca.cert, "-", f"wss://localhost:{port}/", input=data)
        same_bytes(result.succeeded(), data)


class TestVerification:
    """By default the certificate must be good and for this host; what is wrong is said."""

    @pytest.fixture
    def server_with(self):
        servers = []

        def start(certificate):
            servers.append(RawServer(tls=certificate.server_context()))
            return servers[-1]

        yield start
        for server in servers:
            server.close()

    def refuse(self, strait, server, *arguments, host="localhost"):
        """strait is expected to break off the handshake; the server doesn't mind."""

        def attempt():
            try:
                server.accept_socket()
            except OSError:
                pass

        with Background(attempt):
            return strait.run(*arguments, "-", f"wss://{host}:{server.listener.port}/")

    def accept(self, strait, server, *arguments, host="localhost"):
        dialer = strait(*arguments, "-", f"wss://{host}:{server.listener.port}/")
        peer = server.accept()
        dialer.stream.send(b"hello")
        assert peer.read_data(5) == b"hello"
        dialer.stream.end()
        peer.leave()
        result = dialer.finish()
        assert result.code == 0
        return result

    def test_unknown_authority(self, strait, certs, server_with):
        self.refuse(strait, server_with(certs.server)).failed_with(77, "localhost", "certificate")

    def test_wrong_name(self, strait, certs, server_with):
        server = server_with(certs.wrong_name)
        self.refuse(strait, server, "--cacert", certs.ca.cert).failed_with(77, "localhost", "other.example")

    def test_wrong_address(self, strait, certs, server_with):
        server = server_with(certs.wrong_name)
        self.refuse(strait, server, "--cacert", certs.ca.cert, host="127.0.0.1").failed_with(77, "127.0.0.1")

    def test_expired(self, strait, certs, server_with):
        server = server_with(certs.expired)
        self.refuse(strait, server, "--cacert", certs.ca.cert).failed_with(77, "expired", "2020")

    @pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
    def test_cacert(self, strait, certs, server_with, host):
        assert not self.accept(strait, server_with(certs.server), "--cacert", certs.ca.cert, host=host).lines

    @pytest.mark.parametrize("wrong", ["wrong_name", "expired"])
    def test_insecure_warns(self, strait, certs, server_with, wrong):
        lines = self.accept(strait, server_with(getattr(certs, wrong)), "-k").lines
        assert len(lines) == 1 and lines[0].startswith("strait: "), lines

    def test_cacert_that_is_missing_names_the_file(self, strait, certs, tmp_path):
        result = strait.run("--cacert", tmp_path / "no-such.pem", "-", "wss://localhost:1/")
        assert result.code not in (0, 69), result
        assert len(result.lines) == 1 and "no-such.pem" in result.lines[0], result

    def test_wss_listener_needs_cert_and_key(self, strait):
        strait.run("wss-listen:0", "echo:").failed_with(64, "--cert", "--key")


class TestTLSEnd:
    @pytest.fixture
    def tls_link(self, strait, certs):
        server = RawServer(tls=certs.server.server_context())
        dialer = strait("--cacert", certs.ca.cert, "-", f"wss://localhost:{server.listener.port}/")
        yield dialer, server.accept()
        server.close()

    def test_tcp_end_without_close_notify_is_exit_74(self, tls_link):
        dialer, peer = tls_link
        peer.send(BINARY, b"all there is")
        peer.stream.socket.close()  # Python sends no close_notify unless asked
        result = dialer.finish()
        assert (result.code, result.stdout) == (74, b"all there is")

    def test_close_notify_without_a_close_frame_is_exit_74(self, tls_link):
        dialer, peer = tls_link
        peer.send(BINARY, b"all there is")

        def say_goodbye():
            try:
                peer.stream.socket.unwrap()
            except (ssl.SSLError, OSError):
                pass

        with Background(say_goodbye):
            result = dialer.finish()
        assert (result.code, result.stdout) == (74, b"all there is")

    def test_close_frame_without_close_notify_is_a_good_end(self, tls_link):
        """Many servers do so; after the Close frame nothing can be missing."""
        dialer, peer = tls_link
        peer.send(BINARY, b"all there is")
        peer.send_close()
        dialer.stream.end()
        peer.read_to_close()
        peer.stream.socket.close()
        assert dialer.finish().succeeded() == b"all there is"

    def test_strait_says_goodbye(self, tls_link):
        """Its own end has a close_notify: Python would raise otherwise."""
        dialer, peer = tls_link
        dialer.stream.end()
        peer.send_close()
        peer.read_to_close()
        assert peer.stream.socket.recv(1) == b""
        peer.close()
        dialer.finish().succeeded()

    def test_end_inside_the_handshake(self, strait, raw_server):
        with Background(lambda: raw_server.accept_socket().close()):
            result = strait.run("-", f"wss://localhost:{raw_server.listener.port}/")
        assert result.code in (69, 76), result
        assert len(result.lines) == 1 and result.stdout == b""


class TestNetcatAndSocat:
    """As the client of a forwarded port, which is how they would be used."""

    def test_nc_answers_after_its_end(self, strait, service):
        listener = strait("ws-listen:0", service.address)
        forward = strait("tcp-listen:0", listener.url)
        data = payload(5 * MIB)

        def serve():
            behind = service.accept()
            behind.send(behind.read_to_end())
            behind.end()

        with Background(serve):
            command = ["nc", "-N", "127.0.0.1", str(forward.port)]
            result = subprocess.run(command, input=data, stdout=subprocess.PIPE, timeout=60)
        same_bytes(result.stdout, data)
        assert not listener.lines + forward.lines

    def test_socat_to_a_unix_socket(self, strait, short_path):
        listener = strait("ws-listen:0", "echo:")
        forward = strait(f"unix-listen:{short_path}/socket", listener.url)
        assert forward.url
        data = payload(5 * MIB)
        command = ["socat", "-t", "30", "-", f"UNIX-CONNECT:{short_path}/socket"]
        result = subprocess.run(command, input=data, stdout=subprocess.PIPE, timeout=60)
        same_bytes(result.stdout, data)
        assert not listener.lines + forward.lines
