# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""Every LOCAL joins every REMOTE, in every spelling; Unix sockets are treated with care; options reach the server."""

import base64
import os
import socket
import stat
import time

import pytest

from other_programs import stunnel_client
from raw_peer import BINARY, HALF_CLOSE, HalfCloseStream, RawServer, connect_raw
from streams import Listener, connect
from waiting import Background, payload, same_bytes, until

SIZE = 300_000


def echo_once(listener):
    """Returns what it gets once that has ended."""
    stream = listener.accept()
    stream.send(stream.read_to_end())
    stream.end()
    return stream


@pytest.fixture
def remotes(strait, certs, short_path):
    """`remotes(kind)`: an address (and options for it) of something that returns what it gets."""
    opened = []

    def listening(address):
        listener = Listener(address)
        opened.append(listener)
        opened.append(Background(echo_once, listener))
        return listener.address

    def make(kind):
        if kind == "tcp":
            return [listening(("127.0.0.1", 0))]
        if kind == "tcp6":
            return [listening(("::1", 0))]
        if kind == "unix":
            return [listening(f"{short_path}/echo")]
        if kind == "abstract":
            return [listening(f"@strait-test-{os.getpid()}-{time.monotonic_ns()}")]
        if kind == "ws":
            return [strait("ws-listen:0/path", "echo:").url]
        if kind == "wss":
            side = strait("--cert", certs.server.cert, "--key", certs.server.key, "wss-listen:0", "echo:")
            return ["--cacert", certs.ca.cert, f"wss://localhost:{side.port}/"]
        if kind == "ws+unix":
            assert strait(f"ws-unix-listen:{short_path}/ws", "echo:").url
            return [f"ws+unix:{short_path}/ws:/"]
        return [{"exec": "exec:cat -u", "sh": "sh:cat | cat", "echo": "echo:"}[kind]]

    yield make
    for one in opened:
        if isinstance(one, Listener):
            one.close()


@pytest.fixture
def locals_(strait, programs, certs, short_path):
    """`locals_(kind, remote)`: (strait, a stream into it)."""

    def make(kind, remote):
        *options, target = remote
        if kind == "stdio":
            process = strait(*options, "-", target)
            return process, process.stream
        if kind == "tcp-listen":
            process = strait(*options, "tcp-listen:0", target)
            return process, connect(("127.0.0.1", process.port))
        if kind == "tcp6-listen":
            process = strait(*options, "tcp-listen:[::1]:0", target)
            return process, connect(("::1", process.port))
        if kind == "unix-listen":
            process = strait(*options, f"unix-listen:{short_path}/local", target)
            assert process.url
            return process, connect(f"{short_path}/local")
        if kind == "abstract-listen":
            name = f"@strait-test-local-{os.getpid()}-{time.monotonic_ns()}"
            process = strait(*options, f"unix-listen:{name}", target)
            assert process.url
            return process, connect(name)
        if kind == "ws-listen":
            process = strait(*options, "ws-listen:0", target)
            return process, HalfCloseStream(connect_raw(connect(("127.0.0.1", process.port)), half_close=True))
        if kind == "wss-listen":
            options += ["--cert", certs.server.cert, "--key", certs.server.key]
            process = strait(*options, "wss-listen:0", target)
            port = stunnel_client(programs, certs.ca, process.port)
            return process, HalfCloseStream(connect_raw(connect(("127.0.0.1", port)), half_close=True))
        if kind == "ws-unix-listen":
            process = strait(*options, f"ws-unix-listen:{short_path}/local", target)
            assert process.url
            return process, HalfCloseStream(connect_raw(connect(f"{short_path}/local"), half_close=True))
        raise AssertionError(kind)

    return make


LOCALS = ["stdio", "tcp-listen", "tcp6-listen", "unix-listen", "abstract-listen", "ws-listen", "wss-listen"]
LOCALS += ["ws-unix-listen"]
REMOTES = ["tcp", "tcp6", "unix", "abstract", "ws", "wss", "ws+unix", "exec", "sh", "echo"]


@pytest.mark.parametrize("remote", REMOTES)
@pytest.mark.parametrize("local", LOCALS)
def test_every_local_joins_every_remote(remotes, locals_, local, remote):
    process, stream = locals_(local, remotes(remote))
    data = payload(SIZE)
    writer = Background(lambda: (stream.send(data), stream.end()))
    same_bytes(stream.read_to_end(), data)
    writer.result()
    if local == "stdio":
        process.wait().succeeded()
    else:
        stream.close()
        assert process.is_running() and not process.lines, process.lines


class TestLocalsThatDial:
    """A LOCAL that does not listen makes one link, and strait ends with it."""

    def test_tcp_to_tcp(self, strait):
        left, right = Listener(), Listener()
        process = strait(left.address, right.address)
        with Background(left.accept) as local:
            remote = right.accept()
        self.check(process, local.result(), remote)
        left.close()
        right.close()

    def test_unix_to_websocket(self, strait, raw_server, short_path):
        left = Listener(f"{short_path}/left")
        process = strait(left.address, raw_server.url())
        with Background(left.accept) as local:
            remote = HalfCloseStream(raw_server.accept(half_close=True))
        self.check(process, local.result(), remote, answer_close=True)
        left.close()

    def test_websocket_to_websocket(self, strait):
        left, right = RawServer(), RawServer()
        process = strait(left.url(), right.url())
        with Background(left.accept, half_close=True) as first:
            second = right.accept(half_close=True)
        streams = HalfCloseStream(first.result()), HalfCloseStream(second)
        for there, here in (streams, streams[::-1]):
            writer = Background(lambda there=there: (there.send(payload(SIZE)), there.end()))
            same_bytes(here.read_to_end(), payload(SIZE))
            writer.result()
        for stream in streams:
            assert stream.peer.read_to_close()[1].code == 1000
            stream.close()
        process.wait().succeeded()
        left.close()
        right.close()

    @staticmethod
    def check(process, left, right, answer_close=False):
        for there, here in ((left, right), (right, left)):
            writer = Background(lambda there=there: (there.send(payload(SIZE)), there.end()))
            same_bytes(here.read_to_end(), payload(SIZE))
            writer.result()
        if answer_close:
            assert right.peer.read_to_close()[1].code == 1000
        left.close()
        right.close()
        process.wait().succeeded()

    @pytest.mark.parametrize("local", ["exec:cat", "sh:cat", "echo:"])
    def test_child_or_echo(self, strait, service, local):
        process = strait(local, service.address)
        behind = service.accept()
        behind.post(payload(SIZE), then=behind.end)
        same_bytes(behind.read_to_end(), payload(SIZE))
        process.wait().succeeded()

    def test_child_speaks_first(self, strait, service):
        process = strait("sh:echo from the child; cat >/dev/null", service.address)
        behind = service.accept()
        assert behind.read_exactly(15) == b"from the child\n"
        behind.end()
        assert behind.read_to_end() == b""
        process.wait().succeeded()

    def test_discard(self, strait, service):
        listener = strait("tcp-listen:0", "discard:")
        stream = connect(("127.0.0.1", listener.port))
        stream.post(payload(SIZE), then=stream.end)
        assert stream.read_to_end() == b""


class TestSpellings:
    #: Those of websocat and socat, and capitals. {port}: an echo service; {ws}: a listening strait; {path}: a socket.
    REMOTE = ["tcp-connect:127.0.0.1:{port}", "TCP:127.0.0.1:{port}", "TCP-CONNECT:127.0.0.1:{port}", "mirror:"]
    REMOTE += ["MIRROR:", "ECHO:", "EXEC:cat", "cmd:cat", "sh-c:cat", "SH:cat", "UNIX:{path}", "unix-connect:{path}"]
    REMOTE += ["WS://127.0.0.1:{ws}/"]

    @pytest.mark.parametrize("remote", REMOTE)
    def test_remote(self, strait, short_path, remote):
        tcp, unix = Listener(), Listener(f"{short_path}/socket")
        for listener in (tcp, unix):
            Background(echo_once, listener)
        ws = strait("ws-listen:0", "echo:").port if "{ws}" in remote else None
        address = remote.format(port=tcp.port, path=unix.path, ws=ws)
        assert strait.run("-", address, input=b"data").succeeded() == b"data"
        tcp.close()
        unix.close()

    LOCAL = ["tcp-l:0", "tcp-l:127.0.0.1:0", "TCP-LISTEN:0", "TCP-L:0", "tcp-listen:localhost:0"]

    @pytest.mark.parametrize("local", LOCAL)
    def test_tcp_listener(self, strait, local):
        stream = connect(("127.0.0.1", strait(local, "echo:").port))
        stream.post(b"data", then=stream.end)
        assert stream.read_to_end() == b"data"

    @pytest.mark.parametrize("local", ["unix-l:", "UNIX-LISTEN:", "UNIX-L:"])
    def test_unix_listener(self, strait, short_path, local):
        assert strait(f"{local}{short_path}/socket", "echo:").url
        stream = connect(f"{short_path}/socket")
        stream.post(b"data", then=stream.end)
        assert stream.read_to_end() == b"data"

    @pytest.mark.parametrize("local", ["ws-l:0", "ws-l:127.0.0.1:0", "WS-LISTEN:0", "WS-L:0/", "wss-l:0", "WSS-L:0"])
    def test_websocket_listener(self, strait, certs, local):
        tls = local.lower().startswith("wss")
        options = ["--cert", certs.server.cert, "--key", certs.server.key] if tls else []
        listener = strait(*options, local, "echo:")
        url = f"wss://localhost:{listener.port}/" if tls else listener.url
        assert strait.run("--cacert", certs.ca.cert, "-", url, input=b"data").succeeded() == b"data"


class TestListeners:
    @pytest.mark.parametrize(
        "address,line",
        [
            ("ws-listen:0/ssh", r"ws://127\.0\.0\.1:\d+/ssh"),
            ("ws-listen:[::1]:0/ssh", r"ws://\[::1\]:\d+/ssh"),
            ("tcp-listen:0", r"tcp:(//)?127\.0\.0\.1:\d+"),
        ],
    )
    def test_line_names_where_it_listens(self, strait, address, line):
        assert strait(address, "echo:").line(f"^strait: listening on {line}$")

    def test_binds_loopback_only(self, strait):
        port = strait("tcp-listen:0", "echo:").port
        with socket.socket() as other:
            other.bind(("127.0.0.2", port))

    def test_failed_link_does_not_end_it(self, strait, service):
        listener = strait("tcp-listen:0", service.address)
        service.socket.close()
        for count in (1, 2):
            try:
                connect(("127.0.0.1", listener.port)).until_broken()
            except ConnectionResetError:
                pass  # it was quicker than our look at the connection
            until(lambda: len(listener.lines) == count, f"line {count} on stderr")
        again = Listener(("127.0.0.1", service.port))
        stream = connect(("127.0.0.1", listener.port))
        with Background(echo_once, again):
            stream.post(b"data", then=stream.end)
            assert stream.read_to_end() == b"data"
        again.close()
        assert len(listener.lines) == 2

    def test_links_do_not_wait_for_each_other(self, strait):
        listener = strait("tcp-listen:0", "echo:")
        streams = [connect(("127.0.0.1", listener.port)) for _ in range(50)]
        for number, stream in reversed(list(enumerate(streams))):
            stream.send(b"%02d" % number)
            assert stream.read_exactly(2) == b"%02d" % number


class TestUnixSocketFiles:
    def test_removed_at_exit(self, strait, short_path):
        path = short_path / "socket"
        listener = strait(f"unix-listen:{path}", "echo:")
        assert listener.url and path.is_socket()
        listener.signal(15)
        assert listener.wait().code == 143
        assert not path.exists()

    def test_stale_one_is_replaced(self, strait, short_path):
        path = short_path / "socket"
        with socket.socket(socket.AF_UNIX) as dead:
            dead.bind(str(path))
        assert strait(f"unix-listen:{path}", "echo:").url
        stream = connect(str(path))
        stream.post(b"data", then=stream.end)
        assert stream.read_to_end() == b"data"

    def test_one_that_listens_is_left_alone(self, strait, short_path):
        living = Listener(f"{short_path}/socket")
        strait.run(f"unix-listen:{living.path}", "echo:").failed_with(69, living.path, "in use")
        connect(living.path).send(b"still reachable")
        while living.accept().read_some() != b"still reachable":
            pass  # strait may have connected to see whether anybody listens
        living.close()

    def test_a_file_is_left_alone(self, strait, short_path):
        path = short_path / "precious"
        path.write_text("data")
        strait.run(f"unix-listen:{path}", "echo:").failed_with(69, str(path))
        assert path.read_text() == "data"

    def test_ws_unix_listen_is_removed_at_exit_too(self, strait, short_path):
        path = short_path / "socket"
        listener = strait(f"ws-unix-listen:{path}", "echo:")
        assert listener.url and stat.S_ISSOCK(path.stat().st_mode)
        listener.signal(2)
        assert listener.wait().code == 130
        assert not path.exists()


class TestRequest:
    """What the server gets to see."""

    @pytest.fixture
    def ask(self, strait, raw_server):
        def ask(*options, url=None):
            dialer = strait("--linger", "0", *options, "-", url or raw_server.url("/path"))
            peer = raw_server.accept()
            dialer.stream.send(b"the link is up")
            assert peer.read_data(14) == b"the link is up"
            dialer.stream.end()
            peer.leave()
            dialer.finish().succeeded()
            return peer.head

        return ask

    def test_defaults(self, ask, raw_server):
        head = ask()
        assert head.words == ["GET", "/path", "HTTP/1.1"]
        assert head.headers["host"] == f"127.0.0.1:{raw_server.listener.port}"
        assert head.headers["upgrade"].lower() == "websocket"
        assert head.headers["connection"].lower() == "upgrade"
        assert head.headers["sec-websocket-version"] == "13"
        assert len(base64.b64decode(head.headers["sec-websocket-key"])) == 16
        assert head.offers("sec-websocket-extensions", HALF_CLOSE)
        assert "authorization" not in head.headers and "sec-websocket-protocol" not in head.headers

    def test_keys_differ(self, ask):
        assert ask().headers["sec-websocket-key"] != ask().headers["sec-websocket-key"]

    @pytest.mark.parametrize(
        "path,target", [("", "/"), ("/", "/"), ("/a/b?c=d&e=%20f", "/a/b?c=d&e=%20f"), ("?q", "/?q"), ("/p#frag", "/p")]
    )
    def test_path_and_query(self, ask, raw_server, path, target):
        assert ask(url=raw_server.url(path)).target == target

    @pytest.mark.parametrize("option", ["-u", "--user"])
    def test_user(self, ask, option):
        assert ask(option, "me:secret:with colons").headers["authorization"] == self.basic("me:secret:with colons")

    def test_user_in_the_url(self, ask, raw_server):
        head = ask(url=raw_server.url("/path").replace("://", "://me:secret@"))
        assert head.headers["authorization"] == self.basic("me:secret")
        assert head.headers["host"] == f"127.0.0.1:{raw_server.listener.port}"

    def test_percent_signs_in_the_url(self, ask, raw_server):
        head = ask(url=raw_server.url().replace("://", "://us%40er:p%3Ass%2F@"))
        assert head.headers["authorization"] == self.basic("us@er:p:ss/")

    @pytest.mark.parametrize("option", ["-H", "--header"])
    def test_headers(self, ask, option):
        head = ask(option, "X-One: 1", option, "X-Two:  two words ")
        assert (head.headers["x-one"], head.headers["x-two"]) == ("1", "two words")

    def test_host_header_can_be_replaced(self, ask):
        assert ask("-H", "Host: behind.example").headers["host"] == "behind.example"

    def test_protocol(self, strait, raw_server):
        dialer = strait("--protocol", "tunnel", "-", raw_server.url())
        peer = raw_server.accept("Sec-WebSocket-Protocol: tunnel")
        assert peer.head.headers["sec-websocket-protocol"] == "tunnel"
        dialer.stream.end()
        peer.leave()
        dialer.finish().succeeded()

    def test_listener_answers_its_protocol(self, strait):
        listener = strait("--protocol", "tunnel", "ws-listen:0", "echo:")
        stream = connect(("127.0.0.1", listener.port))
        peer = connect_raw(stream, "/", "Sec-WebSocket-Protocol: chat, tunnel")
        assert peer.head.headers["sec-websocket-protocol"] == "tunnel"

    def test_over_a_unix_socket(self, strait, short_path):
        server = RawServer(f"{short_path}/socket")
        dialer = strait("-", server.url("/uri?x=1"))
        peer = server.accept()
        assert peer.head.target == "/uri?x=1"
        peer.send(BINARY, b"data")
        assert dialer.stream.read_exactly(4) == b"data"
        dialer.stream.end()
        peer.leave()
        dialer.finish().succeeded()
        server.close()

    @staticmethod
    def basic(credentials):
        return "Basic " + base64.b64encode(credentials.encode()).decode()


class TestAddressFamilies:
    @pytest.mark.parametrize("option,host", [("-4", "127.0.0.1"), ("-6", "::1")])
    def test_only_one(self, strait, option, host):
        """localhost has both addresses on most machines; the option picks."""
        families = {info[0] for info in socket.getaddrinfo("localhost", 1, type=socket.SOCK_STREAM)}
        if (socket.AF_INET if option == "-4" else socket.AF_INET6) not in families:
            pytest.skip(f"localhost has no such address here: {families}")
        server = Listener((host, 0))
        dialer = strait(option, "-", f"tcp:localhost:{server.port}")
        server.accept().close()
        dialer.stream.end()
        assert dialer.wait().code == 0
        server.close()

    def test_other_family_is_not_tried(self, strait, service):
        result = strait.run("-6", "-", f"tcp:127.0.0.1:{service.port}")
        assert result.code in (64, 68, 69) and len(result.lines) == 1, result

    def test_ipv6_url(self, strait):
        server = RawServer(("::1", 0))
        dialer = strait("-", server.url())
        peer = server.accept()
        assert peer.head.headers["host"] == f"[::1]:{server.listener.port}"
        dialer.stream.end()
        peer.leave()
        dialer.finish().succeeded()
        server.close()
