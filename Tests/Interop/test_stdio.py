# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""stdin and stdout of every kind work, are left as they were found, and carry the relayed bytes and nothing else."""

import fcntl
import os
import pty
import select
import signal
import socket
import subprocess
import termios
import time

import pytest

from raw_peer import BINARY, CLOSE, TEXT, connect_raw
from streams import CHUNK, SocketStream, connect
from waiting import MIB, Background, payload, same_bytes, until


@pytest.fixture
def echo_url(strait):
    return strait("ws-listen:0", "echo:").url


class TestStdin:
    def test_pipe(self, strait, echo_url):
        same_bytes(strait.run("-", echo_url, input=payload(5 * MIB)).succeeded(), payload(5 * MIB))

    def test_one_address_means_stdin_and_stdout(self, strait, echo_url):
        assert strait.run(echo_url, input=b"as with one address").succeeded() == b"as with one address"

    def test_stdio_is_another_name(self, strait, echo_url):
        assert strait.run("stdio:", echo_url, input=b"data").succeeded() == b"data"

    def test_file(self, strait, echo_url, tmp_path):
        (tmp_path / "file").write_bytes(payload(20 * MIB))
        with (tmp_path / "file").open("rb") as stdin:
            result = strait("-", echo_url, stdin=stdin).finish(within=60)
        same_bytes(result.succeeded(), payload(20 * MIB))

    def test_file_is_read_from_its_offset(self, strait, echo_url, tmp_path):
        (tmp_path / "file").write_bytes(b"skipped, relayed")
        with (tmp_path / "file").open("rb", buffering=0) as stdin:
            stdin.seek(9)
            assert strait("-", echo_url, stdin=stdin).finish().succeeded() == b"relayed"

    def test_dev_null(self, strait, echo_url):
        assert strait("-", echo_url, stdin=subprocess.DEVNULL).finish().succeeded() == b""

    def test_dev_null_and_an_answer(self, strait, service):
        listener = strait("ws-listen:0", service.address)
        dialer = strait("-", listener.url, stdin=subprocess.DEVNULL)
        behind = service.accept()
        assert behind.read_to_end() == b""
        behind.post(payload(MIB), then=behind.close)
        same_bytes(dialer.finish().succeeded(), payload(MIB))

    def test_closed(self, strait, service):
        """`<&-` is an empty stdin; no socket may take its place as descriptor 0."""
        listener = strait("ws-listen:0", service.address)
        dialer = strait("-", listener.url, wrapper=["sh", "-c", 'exec "$@" <&-', "sh"])
        behind = service.accept()
        assert behind.read_to_end() == b""
        behind.send(b"answer")
        behind.close()
        assert dialer.finish().succeeded() == b"answer"

    def test_closed_stderr(self, strait, service):
        """No socket may take its place as descriptor 2: what would be logged must not get into a stream."""
        listener = strait("ws-listen:0", service.address)
        dialer = strait("-vv", "-", listener.url, wrapper=["sh", "-c", 'exec "$@" 2>&-', "sh"])
        behind = service.accept()
        dialer.stream.send(b"question")
        dialer.stream.end()
        assert behind.read_to_end() == b"question"
        behind.send(b"answer")
        behind.close()
        assert dialer.finish().succeeded() == b"answer"

    def test_socket(self, strait, service):
        """One socket is both, as under inetd: each direction ends on its own."""
        listener = strait("ws-listen:0", service.address)
        ours, theirs = socket.socketpair()
        dialer = strait("-", listener.url, stdin=theirs, stdout=theirs)
        theirs.close()
        behind, stream = service.accept(), SocketStream(ours)
        stream.post(payload(MIB), then=stream.end)
        same_bytes(behind.read_to_end(), payload(MIB))
        behind.post(payload(MIB, 1), then=behind.close)
        same_bytes(stream.read_to_end(), payload(MIB, 1))
        dialer.wait().succeeded()


class TestTerminal:
    @pytest.fixture
    def terminal(self, strait, raw_server):
        """`start(options)`: (strait, what the user types to, peer). stdout is a pipe."""
        descriptors = []

        def start(*options):
            user, slave = pty.openpty()
            descriptors.extend([user, slave])
            attributes = termios.tcgetattr(slave)
            dialer = strait(*options, "-", raw_server.url(), stdin=slave)
            peer = raw_server.accept()

            def unchanged():
                return termios.tcgetattr(slave) == attributes and os.get_blocking(slave)

            dialer.terminal_is_as_before = unchanged
            return dialer, user, peer

        yield start
        for descriptor in descriptors:
            os.close(descriptor)

    def test_lines_are_text_messages(self, terminal):
        dialer, user, peer = terminal()
        os.write(user, "grüße\nzwei\n".encode())
        assert peer.read_message() == (TEXT, "grüße".encode())
        assert peer.read_message() == (TEXT, b"zwei")
        peer.send(TEXT, "schön".encode())
        assert dialer.stream.read_exactly(7) == "schön\n".encode()
        os.write(user, b"\x04")
        assert peer.read_to_close()[1].code == 1000
        peer.send(TEXT, b"last words")
        peer.leave()
        assert dialer.finish().succeeded() == b"last words\n"
        assert dialer.terminal_is_as_before()

    def test_binary(self, terminal):
        dialer, user, peer = terminal("--binary", "--linger", "0")
        os.write(user, b"line\n")
        assert peer.read_data(5) == b"line\n"
        os.write(user, b"\x04")
        assert peer.read_to_close()[1].code == 1000
        peer.leave()
        dialer.finish().succeeded()
        assert dialer.terminal_is_as_before()

    def test_terminal_is_restored_after_a_signal(self, terminal):
        dialer, _, _ = terminal()
        dialer.signal(signal.SIGTERM)
        assert dialer.wait().code == 143
        assert dialer.terminal_is_as_before()


class TestText:
    """`--text`: a line is a message, a message is a line; the end of input is a Close at once."""

    def test_lines_and_messages(self, strait, raw_server):
        dialer = strait("--text", "-", raw_server.url())
        peer = raw_server.accept()
        dialer.stream.send(b"one\ntwo\n\nunfinished")
        assert [peer.read_message()[1] for _ in range(3)] == [b"one", b"two", b""]
        dialer.stream.end()
        assert peer.read_message() == (TEXT, b"unfinished")
        assert peer.read_data_frame().opcode == CLOSE
        peer.send_fragmented(b"late answer", 3, opcode=TEXT)
        peer.send(TEXT, b"")
        peer.leave()
        assert dialer.finish().succeeded() == b"late answer\n\n"

    def test_text_across_reads_and_fragments(self, strait, raw_server):
        """A character is not torn apart by a chunk's end."""
        dialer = strait("--text", "-", raw_server.url())
        peer = raw_server.accept()
        line = "öäü€𝄞".encode() * 40_000
        with Background(dialer.stream.send, line + b"\n"):
            opcode, message = peer.read_message()
        same_bytes(message, line)
        assert opcode == TEXT
        with Background(peer.send_fragmented, line, 4093, TEXT):
            same_bytes(dialer.stream.read_exactly(len(line) + 1), line + b"\n")


class TestStdout:
    def test_reader_that_leaves_an_idle_link_ends_it_within_a_second(self, strait, service):
        listener = strait("ws-listen:0", service.address)
        dialer = strait("-", listener.url)
        behind = service.accept()
        behind.send(b"up")
        assert dialer.stream.read_exactly(2) == b"up"
        begin = time.monotonic()
        dialer.process.stdout.close()
        result = dialer.wait()
        assert time.monotonic() - begin < 3
        result.failed_with(74, "stdout")
        assert behind.until_broken() == (b"", "reset")

    def test_a_peer_that_answers_nothing_does_not_hold_up_the_end(self, strait, raw_server):
        dialer = strait("-", raw_server.url())
        peer = raw_server.accept()
        peer.send(BINARY, b"up")
        assert dialer.stream.read_exactly(2) == b"up"
        begin = time.monotonic()
        dialer.process.stdout.close()
        dialer.wait().failed_with(74, "stdout")
        assert time.monotonic() - begin < 3

    def test_reader_that_leaves_while_bytes_flow(self, strait, service):
        listener = strait("ws-listen:0", service.address)
        dialer = strait("-", listener.url)
        behind = service.accept()
        flood = behind.post(bytes(256 * MIB))
        dialer.stream.read_exactly(CHUNK)
        dialer.process.stdout.close()
        dialer.wait().failed_with(74, "stdout")
        with pytest.raises(OSError):
            flood.result()

    def test_file(self, strait, echo_url, tmp_path):
        with (tmp_path / "out").open("wb") as stdout:
            dialer = strait("-", echo_url, stdout=stdout)
            dialer.stream.post(payload(5 * MIB), then=dialer.stream.end)
            dialer.wait().succeeded()
        same_bytes((tmp_path / "out").read_bytes(), payload(5 * MIB))

    def test_file_is_appended_to(self, strait, echo_url, tmp_path):
        (tmp_path / "out").write_bytes(b"before, ")
        with (tmp_path / "out").open("ab") as stdout:
            dialer = strait("-", echo_url, stdout=stdout)
            dialer.stream.post(b"after", then=dialer.stream.end)
            dialer.wait().succeeded()
        assert (tmp_path / "out").read_bytes() == b"before, after"

    def test_dev_null(self, strait, echo_url):
        dialer = strait("-", echo_url, stdout=subprocess.DEVNULL)
        dialer.stream.post(payload(MIB), then=dialer.stream.end)
        dialer.wait().succeeded()

    def test_full_disk(self, strait, echo_url):
        with open("/dev/full", "wb") as stdout:
            dialer = strait("-", echo_url, stdout=stdout)
            dialer.stream.post(b"data", then=dialer.stream.end)
            dialer.wait().failed_with(74, "stdout", "space")

    @pytest.mark.parametrize("verbosity", ["-v", "-vv"])
    def test_nothing_but_relayed_bytes(self, strait, echo_url, verbosity):
        result = strait.run(verbosity, "-", echo_url, input=b"data")
        assert (result.code, result.stdout) == (0, b"data")
        assert result.lines, f"{verbosity} says nothing"


class TestNonBlockingFlag:
    """O_NONBLOCK belongs to what the descriptor is open on, and so also to the shell that started strait."""

    @pytest.fixture
    def shared(self):
        """Pipes for stdin, stdout, stderr, of which the ends that strait gets are open here too."""
        stdin, stdout, stderr = os.pipe(), os.pipe(), os.pipe()
        yield stdin, stdout, stderr
        for descriptor in {*stdin, *stdout, *stderr}:
            try:
                os.close(descriptor)
            except OSError:
                pass

    def start(self, strait, shared, url, nonblocking):
        stdin, stdout, stderr = shared
        given = (stdin[0], stdout[1], stderr[1])
        for descriptor in given:
            os.set_blocking(descriptor, not nonblocking)
        process = subprocess.Popen(
            [strait.binary, "-", url], stdin=stdin[0], stdout=stdout[1], stderr=stderr[1], env=strait.env
        )
        return process, [fcntl.fcntl(descriptor, fcntl.F_GETFL) for descriptor in given], given

    def check(self, given, flags):
        assert [fcntl.fcntl(descriptor, fcntl.F_GETFL) for descriptor in given] == flags

    @pytest.mark.parametrize("nonblocking", [False, True])
    @pytest.mark.parametrize("end", ["stdin ends", "SIGTERM", "SIGINT", "SIGKILL", "reset"])
    def test_is_left_alone(self, strait, shared, service, end, nonblocking):
        listener = strait("ws-listen:0", service.address)
        process, flags, given = self.start(strait, shared, listener.url, nonblocking)
        behind = service.accept()
        os.write(shared[0][1], b"hello")
        assert behind.read_exactly(5) == b"hello"
        behind.send(b"hello")
        assert os.read(shared[1][0], 5) == b"hello"
        self.check(given, flags)
        if end == "stdin ends":
            os.close(shared[0][1])
            behind.read_to_end()
            behind.end()
        elif end == "reset":
            behind.reset()
        else:
            process.send_signal(getattr(signal, end))
        assert process.wait(20) == {"stdin ends": 0, "reset": 74, "SIGTERM": 143, "SIGINT": 130, "SIGKILL": -9}[end]
        self.check(given, flags)

    @pytest.mark.parametrize("number", [signal.SIGSTOP, signal.SIGKILL])
    def test_of_a_terminal_is_left_alone(self, strait, service, number):
        listener = strait("ws-listen:0", service.address)
        terminal, ours = pty.openpty()
        flags = fcntl.fcntl(ours, fcntl.F_GETFL)
        process = subprocess.Popen(
            [strait.binary, "-", listener.url], stdin=ours, stdout=ours, stderr=subprocess.DEVNULL, env=strait.env
        )
        try:
            behind = service.accept()
            os.write(terminal, b"a line\n")
            assert behind.read_exactly(6) == b"a line"
            process.send_signal(number)
            _, status = os.waitpid(process.pid, os.WUNTRACED)
            assert os.WIFSTOPPED(status) or os.WIFSIGNALED(status)
            assert fcntl.fcntl(ours, fcntl.F_GETFL) == flags
        finally:
            process.kill()
            os.close(terminal)
            os.close(ours)

    def test_is_restored_when_the_connection_fails(self, strait, shared):
        process, flags, given = self.start(strait, shared, "ws://127.0.0.1:1/", nonblocking=False)
        assert process.wait(20) == 69
        self.check(given, flags)

    def test_is_restored_when_a_signal_comes_while_stdout_is_full(self, strait, shared, service):
        listener = strait("ws-listen:0", service.address)
        process, flags, given = self.start(strait, shared, listener.url, nonblocking=False)
        behind = service.accept()
        behind.post(bytes(16 * MIB))
        until(lambda: not select.select([], [given[1]], [], 0)[1], "stdout is full")
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 143
        self.check(given, flags)


def test_a_listener_before_standard_streams_makes_one_link(strait):
    """One pair of streams can have one client, on whichever side of the command line it stands, as with socat and nc."""
    listener = strait("ws-listen:0", "-")
    peer = connect_raw(connect(("127.0.0.1", listener.port)))
    peer.send(BINARY, b"to stdout")
    peer.send_close()
    result = listener.finish()
    peer.close()
    assert (result.code, result.stdout) == (0, b"to stdout")


def test_the_end_of_a_named_pipe_without_a_writer_is_seen(strait, service, tmp_path):
    """It was written to and closed before strait looked at it."""
    path = tmp_path / "fifo"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    writer = os.open(path, os.O_WRONLY)
    os.write(writer, b"hello")
    os.close(writer)
    os.set_blocking(reader, True)
    listener = strait("ws-listen:0", service.address)
    process = subprocess.Popen(
        [strait.binary, "-", listener.url], stdin=reader, stdout=subprocess.PIPE, env=strait.env
    )
    os.close(reader)
    behind = service.accept()
    assert behind.read_to_end() == b"hello"
    behind.send(b"answer")
    behind.end()
    assert (process.communicate(timeout=20)[0], process.returncode) == (b"answer", 0)


def test_the_master_of_a_terminal_is_what_it_is(strait, service):
    """Opened anew, it would be the master of another terminal."""
    master, slave = pty.openpty()
    listener = strait("ws-listen:0", service.address)
    process = subprocess.Popen([strait.binary, "--binary", "-", listener.url], stdin=master, stdout=master, env=strait.env)
    try:
        behind = service.accept()
        os.write(slave, b"from the slave")
        assert behind.read_exactly(14) == b"from the slave"
        behind.send(b"to the slave\n")
        assert os.read(slave, 100) == b"to the slave\n"
    finally:
        process.kill()
        process.wait()
        os.close(master)
        os.close(slave)
