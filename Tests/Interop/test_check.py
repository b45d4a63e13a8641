# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""`strait check`: what it finds on paths that work and on those that don't, and how it exits."""

import json

import pytest

from chains import listening_side
from other_programs import nginx, websockets_server
from raw_peer import PING, PONG
from streams import free_port
from waiting import Background


class Found:
    """What a check said: its exit status, and its steps by name."""

    def __init__(self, result):
        assert not result.lines, result.lines
        self.report = json.loads(result.stdout)
        self.steps = {step["step"]: step for step in self.report["steps"]}
        assert self.report["exit"] == result.code
        assert self.report["works"] == (result.code == 0)
        self.code = result.code

    def failed(self, code, step, *needles):
        """It is this step that failed, the last one tried; what was seen and what to do have these words."""
        assert self.code == code, self.report
        assert [name for name, found in self.steps.items() if found["result"] == "failed"] == [step], self.report
        text = f"{self.steps[step]['detail']} {self.steps[step]['advice']}".lower()
        for needle in needles:
            assert needle.lower() in text, text
        return self.steps[step]


@pytest.fixture
def check(strait):
    return lambda *arguments: Found(strait.run("check", "--json", *arguments))


class TestOpening:
    def test_unknown_name(self, check):
        check("ws://no-such-host.invalid/").failed(68, "name", "no-such-host.invalid", "check the name")

    def test_refused(self, check):
        port = free_port()
        found = check(f"ws://localhost:{port}/")
        found.failed(69, "connect", "refused", "is the service running")
        assert "127.0.0.1" in found.steps["name"]["addresses"]

    def test_untrusted_certificate(self, strait, programs, certs, check):
        _, url, _ = listening_side(strait, programs, certs, "echo:", "tls")
        found = check(url)
        found.failed(77, "tls", "certificate", "--cacert")
        assert found.steps["connect"]["result"] == "ok"

    def test_tls_where_there_is_none(self, strait, check):
        check(strait("ws-listen:0", "echo:").url.replace("ws:", "wss:")).failed(76, "tls", "TLS")

    def test_wrong_path(self, strait, check):
        check(strait("ws-listen:0/ssh", "echo:").url + "x").failed(76, "handshake", "HTTP 404", "check the path")

    @pytest.mark.parametrize("status, code", [("200 OK", 76), ("401 Unauthorized", 77), ("403 Forbidden", 77)])
    def test_answers_of_plain_http(self, raw_server, check, status, code):
        def play():
            sock, _ = raw_server.accept_request()
            sock.sendall(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode())
            sock.close()

        with Background(play):
            check(raw_server.url()).failed(code, "handshake", f"HTTP {status}")

    def test_a_server_that_says_nothing(self, raw_server, check):
        with Background(raw_server.accept_request) as asked:
            check("--connect-timeout", "300ms", raw_server.url()).failed(69, "handshake", "300ms")
            asked.result()[0].close()

    def test_dead_service_behind_a_strait(self, strait, check):
        check(strait("ws-listen:0", f"tcp:127.0.0.1:{free_port()}").url).failed(76, "handshake", "HTTP 502")


class TestOpenLink:
    def test_a_strait(self, strait, check):
        found = check(strait("ws-listen:0", "echo:").url)
        assert {name: step["result"] for name, step in found.steps.items()} == dict.fromkeys(
            ["connect", "handshake", "ping", "half-close", "sizes", "close"], "ok"
        )
        assert (found.steps["sizes"]["passed"], found.steps["sizes"]["echoed"]) == (1 << 20, True)
        assert found.steps["handshake"]["extensions"] == ["strait-half-close"]

    def test_a_strait_with_tls(self, strait, programs, certs, check):
        _, url, options = listening_side(strait, programs, certs, "echo:", "tls")
        tls = check(*options, url).steps["tls"]
        assert (tls["version"], tls["subject"], tls["verified"]) == ("TLSv1.3", "CN=server", True)

    def test_without_verification(self, strait, programs, certs, check):
        _, url, _ = listening_side(strait, programs, certs, "echo:", "tls")
        assert check("-k", url).steps["tls"]["result"] == "warning"

    def test_a_service_that_takes_all_and_says_nothing(self, strait, check):
        sizes = check("--max-size", "5k", strait("ws-listen:0", "discard:").url).steps["sizes"]
        assert (sizes["result"], sizes["passed"], sizes["echoed"]) == ("ok", 5 << 10, False)

    def test_no_message_is_sent_unless_wanted(self, strait, check):
        assert "sizes" not in check("--max-size", "0", strait("ws-listen:0", "echo:").url).steps

    def test_a_service_that_ends_on_our_bytes_says_nothing_of_sizes(self, strait, check):
        found = check(strait("ws-listen:0", "sh:head -c 1").url)
        assert (found.code, found.steps["sizes"]["result"]) == (0, "unknown"), found.report

    def test_a_peer_with_a_limit_of_messages(self, check):
        with websockets_server(max_size=64 << 10) as port:
            found = check(f"ws://127.0.0.1:{port}/")
        sizes = found.failed(74, "sizes", "1009", "--max-frame 64k")
        assert (sizes["passed"], sizes["refused"]) == (64 << 10, 256 << 10)
        assert found.steps["half-close"]["agreed"] is False
        assert found.steps["half-close"]["result"] == "warning"

    def test_a_peer_with_a_limit_that_no_relay_reaches(self, check):
        with websockets_server(max_size=256 << 10) as port:
            assert check(f"ws://127.0.0.1:{port}/").steps["sizes"]["result"] == "warning"

    def test_a_peer_that_answers_no_ping(self, raw_server, check):
        def play():
            peer = raw_server.accept()
            while peer.read_frame().opcode != PING:
                pass
            peer.read_to_close()
            peer.close()

        with Background(play):
            check("--ping-timeout", "200ms", raw_server.url()).failed(74, "ping", "no pong", "--ping-interval 0")

    def test_options_of_a_relay_are_known(self, strait, raw_server, check):
        def play():
            sock, request = raw_server.accept_request()
            sock.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            sock.close()
            return request

        with Background(play) as played:
            check("-u", "me:pw", "-H", "X-Y: z", raw_server.url())
            request = played.result()
        assert request.headers["authorization"] == "Basic bWU6cHc="
        assert request.headers["x-y"] == "z"


class TestSilence:
    def test_a_proxy_that_cuts_before_a_relay_would_ping(self, strait, programs, check):
        port = nginx(programs, strait("ws-listen:0", "echo:").port, read_timeout="2s")
        idle = check("--max-size", "0", "--idle", "4s", f"ws://127.0.0.1:{port}/").failed(
            74, "idle", "silence", "--ping-interval 1s"
        )
        assert 1.5 < idle["cut_after_seconds"] < 3.9

    def test_pings_prevent_it(self, strait, programs, check):
        port = nginx(programs, strait("ws-listen:0", "echo:").port, read_timeout="2s")
        url = f"ws://127.0.0.1:{port}/"
        found = check("--max-size", "0", "--idle", "4s", "--ping-interval", "1s", url)
        assert (found.code, found.steps["idle"]["result"]) == (0, "warning")

    def test_a_path_without_a_limit(self, strait, check):
        found = check("--max-size", "0", "--idle", "300ms", strait("ws-listen:0", "echo:").url)
        assert found.steps["idle"]["result"] == "ok"

    def test_pings_of_the_peer_are_answered_and_told(self, raw_server, check):
        def play():
            peer = raw_server.accept()
            peer.send(PONG, peer.read_frame().payload)
            peer.send(PING, b"alive?")
            assert peer.read_to_pong(b"alive?") == b""
            peer.send(PONG, peer.read_frame().payload)
            peer.leave()

        with Background(play):
            found = check("--max-size", "0", "--idle", "500ms", raw_server.url())
        assert (found.steps["idle"]["result"], found.steps["idle"]["peer_pings"]) == ("ok", 1)


class TestForPeople:
    def test_the_table_has_a_line_for_each_step(self, strait):
        result = strait.run("check", strait("ws-listen:0", "echo:").url)
        lines = result.stdout.decode().splitlines()
        assert [line.split()[0] for line in lines[:-2]] == [
            *("STEP", "connect", "handshake", "ping", "half-close", "sizes", "close")
        ]
        assert lines[-1] == "A relay works here."
        assert (result.code, result.lines) == (0, [])

    def test_the_table_says_what_to_do(self, strait):
        result = strait.run("check", f"ws://127.0.0.1:{free_port()}/")
        assert b"\n" + b" " * 32 + b"-> is the service running" in result.stdout
        assert result.stdout.endswith(b"\nA relay fails here, with exit status 69.\n")
        assert result.code == 69

    def test_verbose_lines_go_to_stderr(self, strait):
        result = strait.run("check", "-v", "--json", strait("ws-listen:0", "echo:").url)
        assert json.loads(result.stdout)["works"]
        assert any("HTTP 101" in line for line in result.lines)


class TestUsage64:
    @pytest.mark.parametrize(
        "arguments, named",
        [
            ([], "URL"),
            (["tcp:127.0.0.1:1"], "tcp:127.0.0.1:1"),
            (["ws-listen:0"], "ws"),
            (["no-such:"], "no-such"),
            (["--max-size", "65m", "ws://127.0.0.1:1/"], "--max-size"),
            (["--ping-timeout", "0", "ws://127.0.0.1:1/"], "--ping-timeout"),
            (["ws://127.0.0.1:1/", "ws://127.0.0.1:2/"], "ws://127.0.0.1:2/"),
            (["--text", "ws://127.0.0.1:1/"], "--text"),
        ],
    )
    def test_names_the_argument(self, strait, arguments, named):
        line = strait.run("check", *arguments).failed_with(64, named)
        assert line.endswith("(see strait check --help)")

    def test_the_command_comes_first(self, strait):
        strait.run("-v", "check", "ws://127.0.0.1:1/").failed_with(64, "strait check")
