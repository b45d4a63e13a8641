# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""Where connections go and come from: --resolve, --connect-to, --interface, --unix-socket."""

import socket

import pytest

from other_programs import haproxy_tcp
from proxies import connect_proxy
from streams import connect


@pytest.fixture
def echo(strait):
    return strait("ws-listen:0", "echo:")


class TestResolve:
    def test_name_gets_the_address_and_keeps_its_host_header(self, strait, raw_server):
        port = raw_server.listener.port
        client = strait("--resolve", f"gw.example:{port}:127.0.0.1", f"ws://gw.example:{port}/")
        sock, request = raw_server.accept_request()
        assert request.headers["host"] == f"gw.example:{port}"
        sock.close()
        client.wait()

    def test_star_and_several_addresses(self, strait, echo):
        """Nobody listens at the first one."""
        rule = f"*:{echo.port}:127.0.0.9,127.0.0.1"
        assert strait.run("--resolve", rule, f"ws://any.example:{echo.port}/", input=b"data").succeeded() == b"data"

    def test_an_address_that_hangs_holds_nobody_up(self, strait, echo):
        """Happy eyeballs: the next one is tried a quarter of a second later."""
        with socket.socket() as full:
            full.bind(("127.0.0.8", echo.port))
            full.listen(0)
            waiting = [socket.socket() for _ in range(4)]
            for one in waiting:
                one.setblocking(False)
                one.connect_ex(full.getsockname())
            rule = f"gw.example:{echo.port}:127.0.0.8,127.0.0.1"
            options = ("--connect-timeout", "20s", "--resolve", rule)
            result = strait.run(*options, f"ws://gw.example:{echo.port}/", input=b"data", within=10)
            for one in waiting:
                one.close()
        assert result.succeeded() == b"data"

    def test_another_port_is_another_name(self, strait, echo):
        url = f"ws://no-such-host.invalid:{echo.port}/"
        strait.run("--resolve", f"no-such-host.invalid:1:127.0.0.1", url).failed_with(68, "no-such-host.invalid")

    def test_an_earlier_one_is_taken_back(self, strait, echo):
        name = f"no-such-host.invalid:{echo.port}"
        strait.run("--resolve", f"{name}:127.0.0.1", "--resolve", f"-{name}", f"ws://{name}/").failed_with(68)

    def test_family_holds(self, strait, echo):
        rule = f"gw.example:{echo.port}:127.0.0.1"
        strait.run("-6", "--resolve", rule, f"ws://gw.example:{echo.port}/").failed_with(68, "family")

    def test_proxys_name_too(self, strait, echo):
        with connect_proxy([]) as proxy:
            rule = f"proxy.example:{proxy.port}:127.0.0.1"
            result = strait.run("--resolve", rule, "-x", f"proxy.example:{proxy.port}", echo.url, input=b"data")
            assert result.succeeded() == b"data"

    def test_certificate_is_that_of_the_name(self, strait, programs, certs, echo):
        port = haproxy_tcp(programs, echo.port, certs.server)
        rule = f"gw.example:{port}:127.0.0.1"
        result = strait.run("--cacert", certs.ca.cert, "--resolve", rule, f"wss://gw.example:{port}/")
        result.failed_with(77, "gw.example")


class TestConnectTo:
    def test_keeps_the_host_header(self, strait, raw_server):
        client = strait("--connect-to", f"gw.example:80:127.0.0.1:{raw_server.listener.port}", "ws://gw.example/")
        sock, request = raw_server.accept_request()
        assert request.headers["host"] == "gw.example"
        sock.close()
        client.wait()

    def test_the_name_is_verified(self, strait, programs, certs, echo):
        port = haproxy_tcp(programs, echo.port, certs.server)
        trust = ("--cacert", certs.ca.cert, "--connect-to", f"::127.0.0.1:{port}")
        assert strait.run(*trust, "wss://localhost/", input=b"data").succeeded() == b"data"
        strait.run(*trust, "wss://gw.example/").failed_with(77, "gw.example")

    def test_byte_streams_and_proxies(self, strait, service):
        requests = []
        with connect_proxy(requests) as proxy:
            port = service.address.rpartition(":")[2]
            rule = f"target.example:22:127.0.0.1:{port}"
            client = strait("--connect-to", rule, "-x", f"127.0.0.1:{proxy.port}", "tcp:target.example:22")
            behind = service.accept()
            behind.end()
            client.stream.end()
            client.wait().succeeded()
            behind.close()
        assert [request.target for request in requests] == [f"127.0.0.1:{port}"]


class TestInterface:
    def test_address(self, strait, service):
        client = strait("--interface", "127.0.0.5", service.address)
        sock, peer = service.socket.accept()
        assert peer[0] == "127.0.0.5"
        sock.close()
        client.stream.end()
        client.wait()

    def test_name(self, strait, echo):
        assert strait.run("--interface", "lo", echo.url, input=b"data").succeeded() == b"data"

    def test_no_such_name(self, strait, echo):
        strait.run("--interface", "no-such-if", echo.url).failed_with(69, "no-such-if", "No such device")

    def test_address_of_another_machine(self, strait, echo):
        strait.run("--interface", "192.0.2.1", echo.url).failed_with(69, echo.url, "Cannot assign requested address")

    def test_family_of_the_address_is_that_of_the_connection(self, strait, echo):
        url = f"ws://localhost:{echo.port}/"
        assert strait.run("--interface", "127.0.0.1", url, input=b"data").succeeded() == b"data"
        strait.run("--interface", "::1", f"ws://127.0.0.1:{echo.port}/").failed_with(68, "family")


class TestUnixSocket:
    @pytest.mark.parametrize("name", ["socket", "@abstract"])
    def test_ws(self, strait, short_path, name):
        path = f"@{short_path.name}" if name.startswith("@") else f"{short_path}/{name}"
        strait(f"ws-unix-listen:{path}", "echo:").line("listening on")
        assert strait.run("--unix-socket", path, "ws://gw.example/", input=b"data").succeeded() == b"data"

    def test_wss_and_no_proxy_of_the_environment(self, strait, short_path, programs, certs, echo):
        port = haproxy_tcp(programs, echo.port, certs.server)
        path = f"{short_path}/socket"
        strait(f"unix-listen:{path}", f"tcp:127.0.0.1:{port}").line("listening on")
        arguments = ("--unix-socket", path, "--cacert", certs.ca.cert, "wss://localhost/")
        result = strait.run(*arguments, input=b"data", env={"https_proxy": "127.0.0.1:1"})
        assert result.succeeded() == b"data"

    def test_nobody_there(self, strait, short_path):
        strait.run("--unix-socket", f"{short_path}/none", "ws://gw.example/").failed_with(69, "ws://gw.example/")

    def test_excludes_a_proxy(self, strait):
        strait.run("--unix-socket", "/x", "-x", "proxy", "ws://h/").failed_with(64, "--unix-socket", "--proxy")


@pytest.mark.parametrize("arguments,needle", [
    (["--resolve", "h:80"], "--resolve"), (["--connect-to", "h:80"], "--connect-to"),
    (["--interface", ""], "--interface"), (["--unix-socket", ""], "--unix-socket"),
])
def test_usage(strait, arguments, needle):
    strait.run(*arguments, "ws://h/").failed_with(64, needle)


class TestKeepalive:
    """What the kernel's timers say: 02 is a keepalive timer (proc_pid_net(5)), its time is in hundredths of seconds."""

    @staticmethod
    def timer(port):
        with open("/proc/net/tcp") as table:
            for line in table.readlines()[1:]:
                fields = line.split()
                if fields[2].endswith(f":{port:04X}") and fields[3] == "01":
                    kind, _, when = fields[5].partition(":")
                    return kind, int(when, 16) / 100
        raise AssertionError("no such connection")

    @pytest.mark.parametrize("arguments,least,most", [([], 30, 60), (["--keepalive-time", "500s"], 400, 500)])
    def test_dialed(self, strait, service, arguments, least, most):
        strait(*arguments, service.address)
        behind = service.accept()
        kind, time = self.timer(service.port)
        assert kind == "02" and least < time <= most
        behind.close()

    def test_accepted(self, strait, service):
        listener = strait("--keepalive-time", "500s", "tcp-listen:0", service.address)
        client = connect(("127.0.0.1", listener.port))
        behind = service.accept()
        kind, time = self.timer(client.socket.getsockname()[1])
        assert kind == "02" and 400 < time <= 500
        behind.close()

    def test_off(self, strait, service):
        strait("--no-keepalive", service.address)
        behind = service.accept()
        assert self.timer(service.port)[0] == "00"
        behind.close()

    @pytest.mark.parametrize("arguments", [
        ["--keepalive-time", "0"], ["--keepalive-time", "32768"], ["--keepalive-cnt", "0"], ["--keepalive-cnt", "128"],
    ])
    def test_usage(self, strait, arguments):
        strait.run(*arguments, "ws://h/").failed_with(64, arguments[0])
