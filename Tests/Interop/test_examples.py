# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""man/examples as they are, with the programs that they are for, and bytes carried through them."""

import json
import signal
import socket
import subprocess

import pytest

from examples import haproxy_example, nginx_example, service_example
from operations import Manager, Node, echo, refuses
from other_programs import postgresql, program, ssh_server
from raw_peer import connect_raw
from streams import connect
from waiting import MIB, SOON, payload, same_bytes, until


class TestNginx:
    def test_clients_come_through_with_their_address_and_bytes_both_ways(self, strait, programs, project):
        node = Node(strait, "--trust-forwarded", "127.0.0.1")
        port = nginx_example(programs, project, [node.port])
        data = payload(5 * MIB)
        result = strait.run("-H", "X-Forwarded-For: 6.6.6.6", "-", f"ws://127.0.0.1:{port}/echo", input=data)
        same_bytes(result.succeeded(), data)
        # What the client has written there itself is not believed.
        node.strait.line(r"link ended .*source=127\.0\.0\.1:0 ")

    def test_a_machine_that_drains_or_dies_costs_no_client_its_link(self, strait, programs, project):
        nodes = [Node(strait, "--drain-timeout", "60s") for _ in range(3)]
        port = nginx_example(programs, project, [node.port for node in nodes])

        def link():
            return connect_raw(connect(("127.0.0.1", port)), "/echo")

        peers = [link() for _ in range(9)]
        assert [node.metric("strait_links_open") for node in nodes] == [3, 3, 3]
        nodes[0].strait.signal(signal.SIGTERM)
        until(lambda: refuses(("127.0.0.1", nodes[0].port)), "it has stopped listening")
        nodes[1].strait.process.kill()
        nodes[1].strait.process.wait()
        peers += [link() for _ in range(6)]
        alive = [peer for peer in peers if self.answers(peer)]
        assert len(alive) == 12
        assert nodes[2].metric("strait_links_open") == 9 and nodes[0].metric("strait_links_open") == 3
        for peer in alive:
            peer.leave()
        assert nodes[0].strait.wait().code == 143

    @staticmethod
    def answers(peer):
        try:
            echo(peer)
            return True
        except (AssertionError, ConnectionError):
            return False


class TestService:
    """strait.yaml under a socket unit, haproxy.cfg in front of it, sshd and PostgreSQL behind it."""

    @pytest.fixture
    def front(self, strait, programs, project, tmp_path, short_path):
        self.sshd = ssh_server(programs)
        directory = postgresql(programs, short_path)
        path = service_example(
            project, tmp_path, ssh=("127.0.0.1:22", f"127.0.0.1:{self.sshd.port}"), metrics=("127.0.0.1:9090", "127.0.0.1:0"),
            database=("/run/postgresql", directory), proxy=("10.0.0.1", "127.0.0.1"),
        )
        listening = socket.create_server(("127.0.0.1", 0))
        self.server = strait(
            "serve", "--config", path, wrapper=Manager.hands_over(listening), pass_fds=(listening.fileno(),)
        )
        monitor = int(self.server.line(r"metrics at http://127\.0\.0\.1:(\d+)/").group(1))
        port = haproxy_example(programs, project, [(listening.getsockname()[1], monitor)])
        yield f"ws://127.0.0.1:{port}"
        listening.close()

    def test_a_real_database_and_a_real_shell(self, strait, front):
        database = strait("tcp-listen:0", f"{front}/db")

        def ask(question):
            command = [program("psql"), "-h", "127.0.0.1", "-p", str(database.port), "-U", "strait", "-d", "postgres"]
            done = subprocess.run(
                [*command, "-X", "-A", "-t", "-c", question], capture_output=True, text=True, timeout=SOON, env=strait.env
            )
            assert done.returncode == 0, done.stderr
            return done.stdout

        assert ask("select 1") == "1\n"
        assert ask("select repeat('x', 3000000)") == "x" * 3_000_000 + "\n"
        done = subprocess.run(
            ["ssh", *map(str, self.sshd.options), "-o", f"ProxyCommand={strait.binary} {front}/ssh", "-o",
             f"User={self.sshd.user}", "host", "cat; exit 7"],
            input=payload(MIB), capture_output=True, env=strait.env, timeout=60,
        )
        assert done.returncode == 7, done.stderr
        same_bytes(done.stdout, payload(MIB))
        until(lambda: sum('"link ended"' in line for line in self.server.said) == 3, "all have ended")
        ended = [json.loads(line) for line in self.server.said if '"link ended"' in line]
        assert [line["route"] for line in ended] == ["/db", "/db", "/ssh"]
        assert all(line["source"].startswith("127.0.0.1:") for line in ended), ended
