# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""`strait check`: what it finds on paths that work and on those that don't, and how it exits."""

import json

import pytest

from chains import listening_side
from other_programs import nginx, websockets_server
from proxies import squid
from raw_peer import BINARY, CLOSE, PING, PONG, close_payload
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

    def test_no_tls_in_time(self, service, check):
        with Background(service.accept) as accepted:
            found = check("--tls-timeout", "300ms", f"wss://127.0.0.1:{service.port}/")
            found.failed(69, "tls", "no TLS within 300ms", "--tls-timeout")
            accepted.result().close()

    def test_forbidden_by_a_network(self, raw_server, check):
        def play():
            sock, _ = raw_server.accept_request()
            body = b"error code: 1020"
            head = f"HTTP/1.1 403 Forbidden\r\nServer: cloudflare\r\nCF-RAY: 1-FRA\r\nContent-Length: {len(body)}\r\n\r\n"
            sock.sendall(head.encode() + body)
            sock.close()

        with Background(play):
            check(raw_server.url()).failed(77, "handshake", "error code: 1020", "Cloudflare", "--user")

    @pytest.mark.parametrize("peer", ["strait", "websockets"])
    def test_a_proxy_that_drops_upgrade(self, strait, programs, check, peer):
        """nginx as it comes: HTTP 426 of the server behind it."""
        with websockets_server() as port:
            behind = port if peer == "websockets" else strait("ws-listen:0", "echo:").port
            front = nginx(programs, behind, upgrades=False)
            check(f"ws://127.0.0.1:{front}/").failed(76, "handshake", "HTTP 426", "proxy_set_header")

    def test_unknown_proxy(self, check):
        check("-x", "http://no-such-proxy.invalid:3128", "ws://127.0.0.1:1/").failed(68, "proxy", "no-such-proxy.invalid")

    def test_a_proxy_that_wants_a_password(self, programs, check):
        port = squid(programs)
        found = check("-x", f"http://127.0.0.1:{port}", "ws://127.0.0.1:1/")
        found.failed(77, "proxy", "HTTP 407", "Basic", "--proxy-user")


class TestOpenLink:
    def test_a_strait(self, strait, check):
        found = check(strait("ws-listen:0", "echo:").url)
        assert {name: step["result"] for name, step in found.steps.items()} == dict.fromkeys(
            ["connect", "handshake", "ping", "half-close", "sizes", "close", "compression"], "ok"
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
        assert sizes["passed"] == 64 << 10
        # That it says its limit is the library's business.
        assert sizes["passed"] < sizes["refused"] <= 68 << 10
        assert found.steps["half-close"]["agreed"] is False
        assert found.steps["half-close"]["result"] == "warning"

    def test_a_peer_that_says_its_limit(self, raw_server, check):
        """Each message that is refused takes its connection with it."""
        limit = 100_000

        def serve():
            peer = raw_server.accept()
            peer.longest_frame = None
            while True:
                frame = peer.read_frame()
                if frame.opcode == PING:
                    peer.send(PONG, frame.payload)
                elif frame.opcode == BINARY and len(frame.payload) > limit:
                    peer.send(CLOSE, close_payload(1009, b"the limit is %d" % limit))
                    return peer
                elif frame.opcode == CLOSE:
                    peer.send(CLOSE, frame.payload)
                    return peer

        def play():
            # Too large by far, the limit and one byte more; then compression.
            for _ in range(3):
                peer = serve()
                peer.stream.end()
                peer.close()

        with Background(play):
            sizes = check(raw_server.url()).steps["sizes"]
        assert (sizes["result"], sizes["passed"], sizes["refused"]) == ("failed", limit, limit + 1)
        assert "--max-frame 100000" in sizes["advice"]

    def test_a_limit_is_none_for_a_relay_whose_frames_are_short(self, check):
        with websockets_server(max_size=64 << 10) as port:
            found = check("--max-frame", "16k", f"ws://127.0.0.1:{port}/")
        assert (found.code, found.steps["sizes"]["result"]) == (0, "warning"), found.report
        assert "16k" in found.steps["sizes"]["detail"]

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

    @pytest.mark.parametrize("offered, wanted, result", [
        (True, False, "ok"), (True, True, "ok"), (False, False, "ok"), (False, True, "warning"),
    ])
    def test_compression(self, check, offered, wanted, result):
        options = ["--compressed"] if wanted else []
        with websockets_server(compression="deflate" if offered else None) as port:
            found = check("--max-size", "0", *options, f"ws://127.0.0.1:{port}/")
        compression = found.steps["compression"]
        assert (found.code, compression["result"], compression["agreed"]) == (0, result, offered), found.report
        if offered:
            assert compression["parameters"].startswith("permessage-deflate")
            assert "so extensions pass" in compression["detail"]

    def test_a_proxy_that_drops_extensions(self, strait, programs, check):
        port = nginx(programs, strait("--compressed", "ws-listen:0", "echo:").port, drops_extensions=True)
        found = check("--compressed", "--max-size", "0", f"ws://127.0.0.1:{port}/")
        assert found.code == 0
        for step in ("half-close", "compression"):
            assert found.steps[step]["result"] == "warning"
            assert "Sec-WebSocket-Extensions" in found.steps[step]["advice"]

    def test_a_peer_of_one_connection(self, raw_server, check):
        def play():
            peer = raw_server.accept()
            peer.send(PONG, peer.read_frame().payload)
            raw_server.close()
            peer.leave()

        with Background(play):
            found = check("--max-size", "0", raw_server.url())
        assert (found.code, found.steps["compression"]["result"]) == (0, "unknown"), found.report

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
            raw_server.close()
            peer.leave()

        with Background(play):
            found = check("--max-size", "0", "--idle", "500ms", raw_server.url())
        assert (found.steps["idle"]["result"], found.steps["idle"]["peer_pings"]) == ("ok", 1)


class TestForPeople:
    def test_the_table_has_a_line_for_each_step(self, strait):
        result = strait.run("check", strait("ws-listen:0", "echo:").url)
        lines = result.stdout.decode().splitlines()
        assert [line.split()[0] for line in lines[:-2]] == [
            *("STEP", "connect", "handshake", "ping", "half-close", "sizes", "close", "compression")
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
