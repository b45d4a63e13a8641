# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""`strait serve` as those who run it see it: metrics, health, logs, drain, systemd, and several of it behind HAProxy."""

import json
import os
import re
import select
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from examples import haproxy_example
from operations import Manager, Node, echo, refuses
from other_programs import program
from raw_peer import BINARY, connect_raw, read_head, upgrade_request
from streams import connect, free_port
from waiting import MIB, SOON, Background, until


class TestMetrics:
    def test_everything_that_happened_is_counted(self, strait):
        node = Node(strait, routes=("/echo=echo:", f"/dead=tcp:127.0.0.1:{free_port()}"))
        peer = node.link()
        for _ in range(3):
            echo(peer, b"x" * 1000)
        assert node.metric("strait_links_open", route="/echo") == 1
        assert node.metric("strait_bytes_total", direction="in") == 3000
        assert node.metric("strait_bytes_total", direction="out") == 3000
        assert node.metric("strait_frames_total", direction="in") == 3
        # A message that came in two reads goes out in two frames.
        assert node.metric("strait_frames_total", direction="out") >= 3
        peer.leave()
        peer.read_to_close()
        broken = node.link()
        broken.reset()
        leaving = connect_raw(connect(("127.0.0.1", node.port)), "/echo", half_close=True)
        leaving.send_close(1001)
        leaving.stream.end()
        for path in ("/gone", "/gone", "/dead"):
            client = connect(("127.0.0.1", node.port))
            client.send(upgrade_request(path).encode())
            assert read_head(client.socket)[0].status == (502 if path == "/dead" else 404)
            client.close()
        until(lambda: node.metric("strait_links_open", route="/echo") == 0, "all links are over")
        assert node.metric("strait_links_opened_total", route="/echo") == 3
        assert node.metric("strait_links_ended_total", route="/echo", reason="ended") == 1
        assert node.metric("strait_links_ended_total", route="/echo", reason="client_failed") == 1
        assert node.metric("strait_links_ended_total", route="/echo", reason="client_left") == 1
        assert node.metric("strait_handshake_failures_total", status="404") == 2
        assert node.metric("strait_handshake_failures_total", status="502") == 1
        assert node.metric("strait_dial_failures_total", route="/dead", reason="connection") == 1
        assert node.metric("strait_dial_seconds_count", route="/echo") == 3
        assert node.metric("strait_link_seconds_bucket", route="/echo", le="+Inf") == 3
        assert node.metric("strait_connections_total") == 6
        assert node.metric("strait_ready") == 1
        assert node.metric("process_resident_memory_bytes") > 1 << 20
        assert abs(node.metric("process_start_time_seconds") - time.time()) < 60

    def test_promtool_has_nothing_to_say_about_them(self, strait):
        node = Node(strait)
        echo(node.link())
        text = node.get("/metrics")[1]
        result = subprocess.run([program("promtool"), "check", "metrics"], input=text, capture_output=True, text=True)
        assert result.returncode == 0, result.stdout + result.stderr

    def test_what_the_examples_ask_for_is_there(self, strait, project):
        node = Node(strait, routes=("/echo=echo:", f"/dead=tcp:127.0.0.1:{free_port()}"))
        node.link().reset()
        client = connect(("127.0.0.1", node.port))
        client.send(upgrade_request("/dead").encode())
        read_head(client.socket)
        until(lambda: node.metric("strait_links_ended_total") == 1, "the link is over")
        there = {
            sample.name
            for family in text_string_to_metric_families(node.get("/metrics")[1])
            for sample in family.samples
        }
        examples = project / "man/examples"
        asked = set()
        for path in (examples / "alerts.yml", examples / "dashboard.json"):
            asked |= set(re.findall(r"\b(?:strait_[a-z_]+|process_[a-z_]+)\b", path.read_text()))
        assert asked - there == set()

    def test_a_reload_that_failed_is_counted(self, strait, certs, tmp_path):
        certificate = tmp_path / "site.pem"
        certificate.write_bytes(certs.server.cert.read_bytes() + certs.server.key.read_bytes())
        node = Node(strait, "--cert", certificate, listen="wss://127.0.0.1:0")
        node.strait.signal(signal.SIGHUP)
        until(lambda: node.metric("strait_reloads_total", result="taken") == 1, "the reload is counted")
        certificate.write_text("none")
        node.strait.signal(signal.SIGHUP)
        until(lambda: node.metric("strait_reloads_total", result="failed") == 1, "the reload is counted")
        assert node.metric("strait_reloads_total", result="taken") == 1


class TestHealth:
    def test_ready_and_healthy(self, strait):
        node = Node(strait)
        assert node.get("/healthz") == (200, "healthy\n")
        assert node.get("/readyz") == (200, "ready\n")
        assert node.get("/")[0] == 404

    def test_the_port_may_be_taken(self, strait):
        node = Node(strait)
        result = strait.run(
            "serve", "--listen", "ws://127.0.0.1:0", "--route", "/=echo:", "--metrics", f"127.0.0.1:{node.monitor_port}"
        )
        assert result.code == 69 and "in use" in result.lines[-1]

    def test_64_idle_connections_are_held_and_end(self, strait):
        node = Node(strait)
        held = [socket.create_connection(("127.0.0.1", node.monitor_port)) for _ in range(80)]
        until(lambda: sum(bool(select.select([one], [], [], 0)[0]) for one in held) >= 16, "those too many are closed")
        for one in held:
            one.close()
        until(lambda: self.answers(node), "it answers again")

    @staticmethod
    def answers(node):
        try:
            return node.get("/healthz")[0] == 200
        except OSError:
            return False


class TestLogs:
    def test_json_has_a_line_for_each_link(self, strait):
        server = strait(
            "serve", "--listen", "ws://127.0.0.1:0", "--route", "/echo=echo:", "--log-format", "json"
        )
        port = int(re.search(r"ws://127\.0\.0\.1:(\d+)", server.line(r"listening on ws://.*").group(0)).group(1))
        client = connect(("127.0.0.1", port))
        source = client.socket.getsockname()
        peer = connect_raw(client, "/echo?token=s3cret", "Authorization: Basic czNjcmV0", "Cookie: s3cret")
        echo(peer, b"s3cret payload")
        peer.leave()
        peer.read_to_close()
        server.line('"link ended"')
        hostile = connect(("127.0.0.1", port))
        hostile.send(b"GET /no%0d%0a\xc2\x9b31m HTTP/1.1\r\nHost: a\r\nX: \x1b[2J\"}\r\n\r\n")
        hostile.read_to_end()
        hostile.close()
        server.line('"refused"')
        lines = [json.loads(line) for line in server.said]
        ended = next(line for line in lines if line["message"] == "link ended")
        assert ended["source"] == f"127.0.0.1:{source[1]}" and ended["route"] == "/echo" and ended["target"] == "echo:"
        assert ended["bytes_in"] == ended["bytes_out"] == len(b"s3cret payload")
        assert ended["ended_by"] == "client" and ended["reason"] == "ended" and ended["id"] == 1
        assert 0 <= ended["seconds"] < SOON and ended["level"] == "notice"
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", ended["time"])
        text = "\n".join(server.said)
        assert "s3cret" not in text and "czNjcmV0" not in text
        assert all(line.isprintable() for line in server.said)

    def test_text_has_the_same_fields(self, strait, service):
        server = strait("serve", "--listen", "ws://127.0.0.1:0", "--route", f"/tcp={service.address}")
        peer = connect_raw(connect(("127.0.0.1", server.port)), "/tcp")
        behind = service.accept()
        behind.reset()
        assert peer.until_broken()[1] != b""
        line = server.line(r"strait: link broken id=1 source=127\.0\.0\.1:\d+ route=/tcp .*").group(0)
        assert "ended_by=service" in line and re.search(r'reason="service: .*reset', line)


class TestOpenLinks:
    """SIGUSR1 asks for them."""

    def test_each_has_a_line(self, strait):
        server = strait("serve", "--listen", "ws://127.0.0.1:0", "--route", "/echo=echo:", "--route", "/other=echo:")
        assert server.url
        server.signal(signal.SIGUSR1)
        server.line("strait: no link is open$")
        peers = [connect_raw(connect(("127.0.0.1", server.port)), path) for path in ("/echo", "/other")]
        echo(peers[0], b"12345")
        server.signal(signal.SIGUSR1)
        fields = r"bytes_in={0} bytes_out={0} frames_in=1 frames_out=1 seconds=\d+\.\d{{3}}$"
        server.line(r"strait: link open id=1 source=127\.0\.0\.1:\d+ route=/echo target=echo: " + fields.format(5))
        server.line(r"strait: link open id=2 .* route=/other .* bytes_in=0 bytes_out=0 frames_in=0 frames_out=0 ")
        for peer in peers:
            peer.close()

    @pytest.mark.parametrize("count, lines", [(100, 100), (101, 1)])
    def test_many_have_one_for_each_route(self, strait, count, lines):
        server = strait("serve", "--listen", "ws://127.0.0.1:0", "--route", "/echo=echo:", "--log-format", "json")
        port = int(re.search(r"ws://127\.0\.0\.1:(\d+)", server.line(r"listening on ws://.*").group(0)).group(1))
        peers = [connect_raw(connect(("127.0.0.1", port)), "/echo") for _ in range(count)]
        for peer in peers:
            echo(peer, b"abc")
        server.signal(signal.SIGUSR1)
        shown = until(lambda: len(found := [s for s in server.said if '"link' in s]) == lines and found, "all lines")
        if lines == 1:
            shown = json.loads(shown[0])
            assert (shown["message"], shown["route"], shown["links"], shown["bytes_in"]) == ("links open", "/echo", 101, 303)
        for peer in peers:
            peer.close()


class TestForwarded:
    HEADER = "X-Forwarded-For: 6.6.6.6, 192.0.2.7"

    def source(self, strait, *arguments, header=HEADER):
        server = strait("serve", "--listen", "ws://127.0.0.1:0", "--route", "/echo=echo:", *arguments)
        peer = connect_raw(connect(("127.0.0.1", server.port)), "/echo", header)
        peer.leave()
        peer.read_to_close()
        return server.line(r"link ended .*source=(\S+) ").group(1)

    def test_a_trusted_proxy_says_who_stands_behind_it(self, strait):
        assert self.source(strait, "--trust-forwarded", "127.0.0.0/8") == "192.0.2.7:0"

    def test_nobody_else_does(self, strait):
        assert self.source(strait).startswith("127.0.0.1:")
        assert self.source(strait, "--trust-forwarded", "10.0.0.0/8").startswith("127.0.0.1:")

    def test_only_the_header_that_is_named_counts(self, strait):
        named = ["--trust-forwarded", "127.0.0.1", "--forwarded-header", "forwarded"]
        assert self.source(strait, *named).startswith("127.0.0.1:")
        assert self.source(strait, *named, header='Forwarded: for="[2001:db8::1]:9"') == "[2001:db8::1]:9"

    def test_a_proxy_header_counts_from_listed_networks_only(self, strait):
        header = b"PROXY TCP4 192.0.2.7 192.0.2.8 1 2\r\n"
        node = Node(strait, "--accept-proxy", "10.0.0.0/8", "--from", "192.0.2.0/24")
        client = connect(("127.0.0.1", node.port))
        client.send(header + upgrade_request("/echo").encode())
        assert not client.until_broken()[0].startswith(b"HTTP/1.1 101")
        node.strait.line("refused")
        listed = Node(strait, "--accept-proxy", "127.0.0.1", "--from", "192.0.2.0/24")
        client = connect(("127.0.0.1", listed.port))
        client.send(header + upgrade_request("/echo").encode())
        assert read_head(client.socket)[0].status == 101
        client.close()

    def test_networks_and_limits_are_those_of_the_client(self, strait):
        server = strait(
            "serve", "--listen", "ws://127.0.0.1:0", "--route", "/echo=echo:", "--trust-forwarded", "127.0.0.1",
            "--from", "192.0.2.0/24", "--max-links-per-source", "1",
        )

        def ask(header):
            client = connect(("127.0.0.1", server.port))
            client.send(upgrade_request("/echo", headers=(header,)).encode())
            return client, read_head(client.socket)[0].status

        first = ask("X-Forwarded-For: 192.0.2.7")
        assert first[1] == 101
        assert ask("X-Forwarded-For: 192.0.2.7")[1] == 429
        assert ask("X-Forwarded-For: 192.0.2.8")[1] == 101
        assert ask("X-Forwarded-For: 198.51.100.1")[1] == 403
        first[0].close()


class TestDrain:
    def test_links_go_on_and_then_get_close_1001(self, strait):
        node = Node(strait, "--drain-timeout", "700ms")
        peer = node.link()
        echo(peer)
        node.strait.signal(signal.SIGTERM)
        until(lambda: node.get("/readyz") == (503, "draining\n"), "it says that it drains")
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", node.port))
        echo(peer)
        assert peer.read_to_close()[1].code == 1001
        peer.send_close(1001)
        assert node.strait.wait().code == 143

    def test_it_ends_with_the_last_link(self, strait):
        node = Node(strait, "--drain-timeout", "5m")
        peer = node.link()
        echo(peer)
        node.strait.signal(signal.SIGTERM)
        until(lambda: node.get("/readyz")[0] == 503, "it drains")
        node.strait.signal(signal.SIGHUP)
        echo(peer)
        peer.leave()
        peer.read_to_close()
        assert node.strait.wait().code == 143

    def test_a_second_signal_ends_it_at_once(self, strait):
        node = Node(strait, "--drain-timeout", "5m")
        peer = node.link()
        node.strait.signal(signal.SIGTERM)
        until(lambda: node.get("/readyz")[0] == 503, "it drains")
        node.strait.signal(signal.SIGINT)
        assert peer.read_to_close()[1].code == 1001
        peer.send_close(1001)
        assert node.strait.wait().code == 130

    def test_a_request_that_has_been_accepted_is_still_answered(self, strait):
        node = Node(strait, "--drain-timeout", "20s")
        client = connect(("127.0.0.1", node.port))
        request = upgrade_request("/echo").encode()
        client.send(request[:20])
        until(lambda: node.metric("strait_connections_total") == 1, "it is accepted")
        node.strait.signal(signal.SIGTERM)
        until(lambda: node.get("/readyz")[0] == 503, "it drains")
        client.send(request[20:])
        assert read_head(client.socket)[0].status == 101
        client.close()
        assert node.strait.wait().code == 143

    @pytest.mark.parametrize("kind", ["tcp", "unix"])
    def test_whoever_is_connected_when_it_begins_gets_a_link(self, strait, short_path, kind):
        """Also those whom the kernel has connected and nobody has accepted."""
        listen = {"tcp": "ws://127.0.0.1:0", "unix": f"unix:{short_path}/s"}[kind]
        node = Node(strait, "--drain-timeout", "20s", "--handshake-timeout", "60s", listen=listen)
        address = {"tcp": lambda: ("127.0.0.1", node.port), "unix": lambda: f"{short_path}/s"}[kind]()
        node.strait.signal(signal.SIGSTOP)
        clients = [connect(address) for _ in range(200)]
        for client in clients[:100]:
            client.send(upgrade_request("/echo").encode())
        node.strait.signal(signal.SIGTERM)
        node.strait.signal(signal.SIGCONT)
        for client in clients[100:]:
            client.send(upgrade_request("/echo").encode())
        for client in clients:
            assert read_head(client.socket)[0].status == 101
        until(lambda: refuses(address), "it has stopped listening")
        for client in clients:
            client.close()
        assert node.strait.wait().code == 143

    def test_whose_proxy_has_said_nothing_yet_is_waited_for(self, strait):
        node = Node(strait, "--accept-proxy", "127.0.0.1", "--drain-timeout", "20s")
        before = node.strait.descriptors()
        client = connect(("127.0.0.1", node.port))
        until(lambda: node.strait.descriptors() > before, "it is accepted")
        node.strait.signal(signal.SIGTERM)
        until(lambda: node.get("/readyz")[0] == 503, "it drains")
        until(lambda: refuses(("127.0.0.1", node.port)), "it has stopped listening")
        client.send(b"PROXY TCP4 192.0.2.7 192.0.2.8 1 2\r\n" + upgrade_request("/echo").encode())
        assert read_head(client.socket)[0].status == 101
        client.close()
        assert node.strait.wait().code == 143


class TestSystemd:
    def test_the_manager_hears_how_it_is(self, strait, short_path):
        manager = Manager(short_path)
        env = {"NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": "100000"}
        node = Node(strait, routes=("/env=sh:env; cat", "/echo=echo:"), env=env)
        manager.hears("READY=1")
        for _ in range(3):
            manager.hears("WATCHDOG=1")
        peer = node.link("/env")
        peer.send(BINARY, b"end")
        shown = b""
        while b"end" not in shown:
            shown += peer.read_data(1)
        assert b"NOTIFY_SOCKET" not in shown and b"WATCHDOG" not in shown
        peer.reset()
        node.strait.signal(signal.SIGHUP)
        assert any(word.startswith("MONOTONIC_USEC=") for word in manager.hears("RELOADING=1"))
        manager.hears("READY=1")
        node.strait.signal(signal.SIGTERM)
        manager.hears("STOPPING=1")
        node.strait.wait()

    def test_systemd_hands_over_a_socket(self, strait, binary):
        port = free_port()
        activate = ["systemd-socket-activate", "-l", f"127.0.0.1:{port}", "--fdname=web"]
        server = strait("serve", "--listen", "ws+systemd:web", "--route", "/echo=echo:", wrapper=activate)
        server.line(f"Listening on 127.0.0.1:{port}")
        peer = connect_raw(connect(("127.0.0.1", port)), "/echo")
        echo(peer)
        server.line(f"listening on ws://127.0.0.1:{port}/")

    def test_sockets_of_one_name_are_one_listener_tcp_and_unix(self, strait, short_path):
        tcp = socket.create_server(("127.0.0.1", 0))
        unix = socket.socket(socket.AF_UNIX)
        unix.bind(str(short_path / "s"))
        unix.listen()
        wrapper = Manager.hands_over(tcp, unix)
        server = strait(
            "serve", "--listen", "ws+systemd:web", "--route", "/echo=echo:", wrapper=wrapper,
            pass_fds=(tcp.fileno(), unix.fileno()),
        )
        server.line(r"listening on ws://127\.0\.0\.1:\d+/, ws\+unix:.*/s")
        echo(connect_raw(connect(tcp.getsockname()), "/echo"))
        echo(connect_raw(connect(str(short_path / "s")), "/echo"))
        server.signal(signal.SIGTERM)
        server.wait()
        assert (short_path / "s").exists()

    @pytest.mark.parametrize(
        "listen, needle", [("ws+systemd:other", "no socket of this name"), ("ws+systemd:", "no name")]
    )
    def test_a_socket_that_is_not_there_is_named(self, strait, listen, needle):
        result = strait.run("serve", "--listen", listen, "--route", "/=echo:")
        assert result.code in (64, 69) and needle in result.lines[0]

    def test_a_restart_refuses_nobody(self, strait):
        """100 clients connect all the while, each again and again; not one may fail."""
        listening = socket.create_server(("127.0.0.1", 0), backlog=4096)
        wrapper = Manager.hands_over(listening)

        def start():
            server = strait(
                "serve", "--listen", "ws+systemd:web", "--route", "/echo=echo:", "--drain-timeout", "10s",
                wrapper=wrapper, pass_fds=(listening.fileno(),),
            )
            server.line("listening on")
            return server

        server = start()
        address = listening.getsockname()
        stop = threading.Event()
        rounds = [0] * 100

        def client(number):
            while not stop.is_set():
                peer = connect_raw(connect(address), "/echo")
                echo(peer, b"client %d" % number)
                peer.leave()
                peer.read_to_close()
                peer.close()
                rounds[number] += 1

        clients = [Background(client, number) for number in range(100)]

        def each_got_through():
            before = list(rounds)
            until(
                lambda: all(now > then for now, then in zip(rounds, before)) or not all(c.is_running() for c in clients),
                "each client got through",
            )
            for one in clients:
                if not one.is_running():
                    one.result()

        for _ in range(3):
            each_got_through()
            server.signal(signal.SIGTERM)
            assert server.wait().code == 143
            server = start()
        each_got_through()
        stop.set()
        for one in clients:
            one.result()
        print(f"{sum(rounds)} links over 3 restarts")

    def test_a_change_of_processes_cuts_off_nobody_in_the_backlog(self, strait):
        listening = socket.create_server(("127.0.0.1", 0), backlog=1000)

        def start():
            return strait(
                "serve", "--listen", "ws+systemd:web", "--route", "/echo=echo:", "--drain-timeout", "10s",
                wrapper=Manager.hands_over(listening), pass_fds=(listening.fileno(),),
            )

        first = start()
        first.line("listening on")
        first.signal(signal.SIGSTOP)
        # More than NIO's own backlog of 128.
        clients = [connect(listening.getsockname()) for _ in range(300)]
        first.signal(signal.SIGTERM)
        first.signal(signal.SIGCONT)
        second = start()
        for client in clients:
            client.send(upgrade_request("/echo").encode())
            assert read_head(client.socket)[0].status == 101
            client.close()
        assert first.wait().code == 143
        second.signal(signal.SIGTERM)
        assert second.wait().code == 143
        assert sum("link broken" in line or "link ended" in line for line in first.said + second.said) == 300

    def test_units_are_in_order(self, project, binary, tmp_path):
        examples = project / "man/examples"
        for name in ("strait.service", "strait.socket"):
            text = (examples / name).read_text().replace("/usr/local/bin/strait", str(binary))
            (tmp_path / name).write_text(text)
        command = ["systemd-analyze", "verify", "--man=no", tmp_path / "strait.service", tmp_path / "strait.socket"]
        result = subprocess.run(command, capture_output=True, text=True)
        assert result.returncode == 0 and not result.stderr, result.stderr
        # In tenths; "OK" goes to 4.9, a unit without any protection has 9.6.
        command = ["systemd-analyze", "security", "--offline=true", "--threshold=20", tmp_path / "strait.service"]
        result = subprocess.run(command, capture_output=True, text=True)
        assert result.returncode == 0, result.stdout[-300:]

    def test_the_units_seccomp_filter_lets_through_what_is_called(self, strait, certs, project, tmp_path):
        unit = (project / "man/examples/strait.service").read_text()
        groups = re.findall(r"^SystemCallFilter=(~?)(@\S+)$", unit, re.MULTILINE)
        allowed = set()
        for negated, group in groups:
            calls = self.calls_of(group)
            allowed = allowed - calls if negated else allowed | calls
        trace = tmp_path / "calls"
        both = tmp_path / "site.pem"
        both.write_bytes(certs.server.cert.read_bytes() + certs.server.key.read_bytes())
        node = Node(
            strait, "--cert", both, "--listen", "wss://127.0.0.1:0", "--drain-timeout", "1s",
            routes=("/echo=echo:", "/say=sh:cat", "/tcp=tcp:localhost:1"),
            wrapper=["strace", "-f", "-o", trace],
        )
        echo(node.link("/echo"))
        echo(node.link("/say"))
        client = connect(("127.0.0.1", node.port))
        client.send(upgrade_request("/tcp").encode())
        assert read_head(client.socket)[0].status == 502
        node.get("/metrics")
        # strace keeps signals for itself.
        traced = int(re.match(r"\d+", trace.read_text()).group(0))
        os.kill(traced, signal.SIGHUP)
        node.strait.line("configuration loaded again")
        os.kill(traced, signal.SIGTERM)
        node.strait.wait()
        # What sh and cat call is theirs, but the filter holds for them, too.
        called = set(re.findall(r"^\d+ +([a-z0-9_]+)\(", trace.read_text(), re.MULTILINE))
        assert len(called) > 30 and called - allowed == set()

    @classmethod
    def calls_of(cls, group):
        text = subprocess.run(["systemd-analyze", "syscall-filter", group], capture_output=True, text=True).stdout
        names = re.findall(r"^ +(@?[a-z0-9_-]+)$", text, re.MULTILINE)
        return {call for name in names for call in (cls.calls_of(name) if name.startswith("@") else {name})}


class TestExamples:
    def test_promtool_takes_alerts_and_their_tests(self, project):
        examples = project / "man/examples"
        for command in (
            ["check", "rules", "alerts.yml"], ["test", "rules", "alerts_test.yml"],
            ["check", "config", "--syntax-only", "prometheus.yml"],
        ):
            result = subprocess.run([program("promtool"), *command], cwd=examples, capture_output=True, text=True)
            assert result.returncode == 0, result.stdout + result.stderr

    def test_promtool_takes_the_dashboards_questions(self, project, tmp_path):
        dashboard = json.loads((project / "man/examples/dashboard.json").read_text())
        questions = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
        assert len(questions) > 10
        rules = [
            {"record": f"q:{number}", "expr": question.replace("$__rate_interval", "5m")}
            for number, question in enumerate(questions)
        ]
        (tmp_path / "rules.yml").write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))
        result = subprocess.run(
            [program("promtool"), "check", "rules", tmp_path / "rules.yml"], capture_output=True, text=True
        )
        assert result.returncode == 0, result.stdout + result.stderr


class TestEventLoops:
    @pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="there is one core")
    def test_busy_links_are_spread_evenly(self, strait):
        """64 links, each through TLS-less echo; what each event loop has done is its thread's processor time."""
        node = Node(strait)
        data = bytes(MIB)
        peers = [node.link() for _ in range(64)]
        sending = [peer.post(data) for peer in peers]
        reading = [Background(peer.read_data, len(data)) for peer in peers]
        assert all(one.result() == data for one in reading)
        for one in sending:
            one.result()
        times = self.times_of_loops(node.strait.pid)
        assert len(times) == len(os.sched_getaffinity(0)) and sum(times) > 10, times
        print(f"ms of each loop: {times}")
        assert max(times) < 1.5 * min(times), times
        for peer in peers:
            peer.close()

    @staticmethod
    def times_of_loops(pid):
        """Processor time of each loop that links run on, in milliseconds."""
        groups = {}
        for task in Path(f"/proc/{pid}/task").iterdir():
            if group := re.match(r"NIO-ELT-(\d+)-", (task / "comm").read_text()):
                time = int((task / "schedstat").read_text().split()[0]) // 1_000_000
                groups.setdefault(int(group.group(1)), []).append(time)
        # That of --metrics comes later.
        return groups[min(groups)]


class TestBalancer:
    """Three of them behind HAProxy, with the configuration of the examples."""

    def test_one_is_drained_one_is_killed_and_links_elsewhere_never_notice(self, strait, programs, project):
        nodes = [
            Node(strait, "--accept-proxy", "127.0.0.0/8", "--drain-timeout", "60s") for _ in range(3)
        ]
        port = haproxy_example(programs, project, [(node.port, node.monitor_port) for node in nodes])

        def link():
            return connect_raw(connect(("127.0.0.1", port)), "/echo")

        def counts():
            return [int(node.metric("strait_links_open")) for node in nodes]

        links = [link() for _ in range(30)]
        for peer in links:
            echo(peer)
        assert counts() == [10, 10, 10]

        # Drained: its links go on, new ones go elsewhere.
        nodes[0].strait.signal(signal.SIGTERM)
        until(lambda: refuses(("127.0.0.1", nodes[0].port)), "it has stopped listening")
        more = [link() for _ in range(10)]
        for peer in links + more:
            echo(peer)
        assert counts() == [10, 15, 15]

        # Killed: its links are lost, all others go on, new ones come through.
        nodes[1].strait.process.kill()
        nodes[1].strait.process.wait()
        alive, lost = [], 0
        for peer in links + more:
            try:
                echo(peer)
                alive.append(peer)
            except (AssertionError, ConnectionError):
                lost += 1
        assert lost == 15
        again = [link() for _ in range(5)]
        for peer in alive + again:
            echo(peer)
        assert int(nodes[2].metric("strait_links_open")) == 20
        assert int(nodes[0].metric("strait_links_open")) == 10
        for peer in alive + again:
            peer.leave()
        assert nodes[0].strait.wait().code == 143
        # Nobody behind the balancer was taken for it.
        sources = [re.search(r"source=127\.0\.0\.1:(\d+)", line).group(1) for line in nodes[0].strait.said if "link ended" in line]
        assert len(set(sources)) == 10


class TestServices:
    def test_redis_behind_a_route(self, strait, programs, tmp_path):
        port = programs.listen(
            lambda port: (program("redis-server"), "--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", tmp_path)
        )
        server = strait("serve", "--listen", "ws://127.0.0.1:0", "--route", f"/redis=tcp:127.0.0.1:{port}")
        near = strait("tcp-listen:0", f"ws://127.0.0.1:{server.port}/redis")
        command = [program("redis-cli"), "-p", str(near.port)]
        value = "x" * 100_000
        stored = subprocess.run([*command, "-x", "set", "key"], input=value, capture_output=True, text=True, timeout=SOON)
        assert stored.stdout.strip() == "OK", stored
        read = subprocess.run([*command, "get", "key"], capture_output=True, text=True, timeout=SOON)
        assert read.stdout.strip() == value
