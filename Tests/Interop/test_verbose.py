# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""What -v, SIGUSR1 and --progress show: each step with its time, what links have carried, how they ended."""

import os
import re
import select
import signal
import subprocess

import pytest

from chains import listening_side
from streams import connect, free_port
from waiting import until

TIME = r"in \d+(\.\d)?(ms|s)$"


def steps(result):
    """What came on stderr, without the name of the address."""
    lines = [line for line in result.lines if not line.startswith("strait: listening")]
    return [re.sub(r"^strait: \S+: ", "", line) for line in lines]


@pytest.mark.parametrize("via", ["direct", "tls"])
def test_each_step_has_a_line_with_its_time(strait, programs, certs, via):
    side, url, options = listening_side(strait, programs, certs, "echo:", via)
    result = strait.run("-v", *options, "-", url.replace("127.0.0.1", "localhost"), input=b"hello")
    lines = steps(result)
    wanted = [
        rf"localhost is .*127\.0\.0\.1.* {TIME}",
        rf"connected to 127\.0\.0\.1:{side.port} {TIME}",
        rf"TLSv1\.3 TLS_\S+, certificate: subject CN=server, issuer CN=Test authority, valid \S+ \S+ to \S+ \S+, names "
        rf"localhost 127\.0\.0\.1 .*{TIME}",
        rf"HTTP 101, extensions strait-half-close {TIME}",
    ]
    if via == "direct":
        del wanted[2]
    for pattern, line in zip(wanted, lines):
        assert re.fullmatch(pattern, line), (pattern, lines)
    assert result.code == 0


@pytest.mark.parametrize("command", ["relay", "serve"])
def test_a_listener_shows_the_same_steps(strait, certs, command):
    own = ("--cert", certs.server.cert, "--key", certs.server.key, "--protocol", "b")
    if command == "relay":
        side = strait("-v", *own, "wss-listen:0/path", "sh:cat")
    else:
        side = strait("serve", "-v", *own, "--listen", "wss://127.0.0.1:0", "--route", "/path=sh:cat")
    url = f"wss://127.0.0.1:{side.port}/path?token=s3cret"
    strait.run("--cacert", certs.ca.cert, "--protocol", "a,b", "-", url, input=b"hello").succeeded()
    start = rf"strait: wss://127\.0\.0\.1:{side.port}/\S* from 127\.0\.0\.1:\d+: "
    assert side.line(rf"{start}TLSv1\.3 TLS_\S+ {TIME}")
    assert side.line(rf"{start}HTTP 101, extensions strait-half-close, protocol b in \S+, of which the other end took \d\S+$")
    assert "s3cret" not in "\n".join(side.said)


def test_an_address_is_not_looked_up(strait):
    side = strait("ws-listen:0", "echo:")
    lines = steps(strait.run("-v", "-", side.url))
    assert lines[0].startswith("connected to"), lines


def test_the_chosen_subprotocol_is_shown(strait):
    side = strait("--protocol", "b", "ws-listen:0", "echo:")
    lines = steps(strait.run("-v", "--protocol", "a,b", "-", side.url))
    assert any(re.match("HTTP 101, extensions strait-half-close, protocol b in", line) for line in lines), lines


def test_each_address_that_fails_has_a_line(strait):
    port = free_port()
    result = strait.run("-v", "-4", "-", f"ws://localhost:{port}/")
    assert result.code == 69
    assert any(re.search(rf"127\.0\.0\.1:{port}: Connection refused", line) for line in result.lines[:-1]), result.lines


class TestEnd:
    def test_says_bytes_frames_and_who_ended_first(self, strait):
        side = strait("-v", "ws-listen:0", "echo:")
        result = strait.run("-v", "-", side.url, input=b"hello")
        assert re.fullmatch(
            rf"strait: stdio <-> {side.url}: ended after \S+: 5 bytes to REMOTE, 5 bytes to LOCAL; REMOTE: "
            r"3 frames sent, 3 received, Close 1000 \(normal\); LOCAL ended first",
            result.lines[-1],
        ), result.lines
        side.line(r"ended after \S+: 5 bytes to REMOTE, 5 bytes to LOCAL; LOCAL: 3 frames sent, 3 received, Close 1000")

    def test_says_how_the_peer_closed(self, strait, raw_server):
        dialer = strait("-v", "-", raw_server.url())
        peer = raw_server.accept()
        peer.leave(4001)
        peer.until_broken()
        result = dialer.finish()
        assert result.code == 74
        assert re.search(r"broken after .*; REMOTE: \d frames sent, 1 received, Close 4001", result.lines[-1]), result.lines
        peer.close()


class TestStatistics:
    """SIGUSR1, as with dd."""

    def test_each_open_link_has_a_line(self, strait, service):
        side = strait("tcp-listen:0", service.address)
        streams = []
        for _ in range(2):
            # One after the other, since two links may reach the service in either order.
            streams += [connect(("127.0.0.1", side.port)), service.accept()]
            streams[-2].send(b"hello")
            assert streams[-1].read_exactly(5) == b"hello"
        side.signal(signal.SIGUSR1)
        until(lambda: len(side.lines) == 2, "a line for each link")
        for line in side.lines:
            assert re.search(r" from \S+ <-> tcp:\S+: open for \S+: 5 bytes to REMOTE, 0 bytes to LOCAL$", line), line
        for stream in streams:
            stream.close()

    def test_frames_are_counted(self, strait):
        side = strait("ws-listen:0", "echo:")
        dialer = strait("-", side.url)
        dialer.stream.send(b"x")
        assert dialer.stream.read_exactly(1) == b"x"
        dialer.signal(signal.SIGUSR1)
        dialer.line(r"open for \S+: 1 bytes to REMOTE, 1 bytes to LOCAL; REMOTE: 1 frames sent, 1 received$")
        dialer.stream.end()
        assert dialer.finish().code == 0

    def test_without_a_link_it_says_so(self, strait):
        side = strait("ws-listen:0", "echo:")
        assert side.url
        side.signal(signal.SIGUSR1)
        side.line("no link is open")
        assert side.is_running()

    @pytest.mark.parametrize("command", [["check"], []])
    def test_it_ends_nothing_before_a_link_is_open(self, strait, raw_server, command):
        dialer = strait(*command, raw_server.url())
        sock, _ = raw_server.accept_request()
        for _ in range(100):
            dialer.signal(signal.SIGUSR1)
        sock.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        assert dialer.finish().code == 76
        sock.close()

    def test_a_child_does_not_inherit_that(self, strait):
        result = strait.run("sh:kill -USR1 $$; echo still here", "-")
        assert result.code == 74 and result.stdout == b"", result


class TestProgress:
    def test_a_file_gets_a_line_at_the_end(self, strait):
        result = strait.run("--progress", "-", strait("ws-listen:0", "echo:").url, input=bytes(300_000))
        assert result.code == 0 and len(result.stdout) == 300_000
        assert re.fullmatch(
            r"strait: to REMOTE 29[23] KiB at \S+ [KMG]?i?B/s, to LOCAL 29[23] KiB at \S+ [KMG]?i?B/s, 0:0\d",
            result.lines[-1],
        ), result.lines

    def test_on_a_terminal_it_is_one_line(self, binary, clean_env, strait):
        master, terminal = os.openpty()
        process = subprocess.Popen(
            [binary, "--progress", "-", strait("ws-listen:0", "echo:").url],
            **{"env": clean_env, "stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": terminal},
        )
        os.close(terminal)
        process.stdin.write(b"x" * 10)
        process.stdin.flush()
        shown = b""
        while b"to LOCAL 10 B" not in shown:
            shown += os.read(master, 4096)
        out, _ = process.communicate(timeout=20)
        while select.select([master], [], [], 0)[0]:
            try:
                shown += os.read(master, 4096)
            except OSError:
                break
        os.close(master)
        assert (process.returncode, out) == (0, b"x" * 10)
        assert shown.startswith(b"\r\x1b[Kto REMOTE"), shown
        assert shown.count(b"\n") == 1 and shown.endswith(b"\r\n"), shown

    def test_silent_wins(self, strait):
        strait.run("--progress", "-s", "-", strait("ws-listen:0", "echo:").url, input=b"x").succeeded()
