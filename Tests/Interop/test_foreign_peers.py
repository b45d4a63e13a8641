# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""The end of stream with a peer that does not know `strait-half-close`: nothing is lost that can be kept.

One section for each row of the table: the local side ends; the service behind a listener ends; a Close frame arrives;
TCP ends without one. Then resets, and peers that fall silent.
"""

import socket
import subprocess
import time

import pytest

from raw_peer import BINARY, CLOSE, PING, RawServer, connect_raw, encode, switching_protocols, upgrade_request
from streams import END, RESET, connect
from waiting import MIB, Background, payload, same_bytes, until


def dial(strait, server, *options):
    """strait between stdin/stdout and a peer: (strait, peer)."""
    dialer = strait(*options, "-", server.url())
    return dialer, server.accept()


def dial_for_tcp(strait, server, *options):
    """strait between a TCP client and a peer: (strait, client, peer)."""
    dialer = strait(*options, "tcp-listen:0", server.url())
    client = connect(("127.0.0.1", dialer.port))
    return dialer, client, server.accept()


def listen(strait, service, *options, receive_buffer=None):
    """strait between a peer and a service: (strait, peer, service)."""
    listener = strait(*options, "ws-listen:0", service.address)
    with Background(service.accept) as behind:
        peer = connect_raw(connect(("127.0.0.1", listener.port), receive_buffer))
    return listener, peer, behind.result()


class TestSlowReaders:
    """A peer can't answer what it has not read: linger begins when its kernel has everything. What waits for it in the
    strait's own socket is more than either takes in the time that a silent peer is given."""

    SIZE = 3 * MIB

    @pytest.mark.parametrize("linger", ["0", "200ms"])
    def test_the_answer_of_a_server_is_awaited(self, strait, linger):
        server = RawServer(receive_buffer=65536)
        dialer, client, peer = dial_for_tcp(strait, server, "--linger", linger)
        with client.post(payload(self.SIZE), then=client.end):
            same_bytes(self.read_slowly(peer), payload(self.SIZE))
        peer.send(BINARY, b"answer")
        assert client.read_exactly(6) == b"answer"
        assert peer.read_to_close()[1].code == 1000
        peer.send_close()
        assert client.read_to_end() == b""
        server.close()

    def test_the_last_words_of_a_client_are_awaited(self, strait, service):
        listener, peer, behind = listen(strait, service, "--linger", "200ms", receive_buffer=65536)
        with behind.post(payload(self.SIZE), then=behind.end):
            same_bytes(self.read_slowly(peer), payload(self.SIZE))
        assert peer.read_to_close()[1].code == 1000
        peer.send(BINARY, b"last words")
        peer.send_close()
        assert behind.read_to_end() == b"last words"

    def read_slowly(self, peer):
        """Without a pause that anybody could take for silence."""
        parts = []
        for _ in range(48):
            parts.append(peer.read_data(self.SIZE // 48))
            time.sleep(0.15)
        return b"".join(parts)


class TestLocalSideEnds:
    def test_answers_that_come_later_are_delivered(self, strait, raw_server):
        """Each answer starts the linger anew: together they take longer than it."""
        dialer, peer = dial(strait, raw_server, "--linger", "1s")
        dialer.stream.send(b"question")
        assert peer.read_data(8) == b"question"
        dialer.stream.end()
        for number in range(5):
            time.sleep(0.4)
            peer.send(BINARY, payload(1000, number))
            same_bytes(dialer.stream.read_exactly(1000), payload(1000, number))
        last = time.monotonic()
        rest, close = peer.read_to_close()
        assert (rest, close.code) == (b"", 1000)
        assert time.monotonic() - last > 0.7, "closed before the linger's end"
        peer.leave()
        peer.expect_end()
        assert dialer.finish().succeeded() == b""

    def test_close_after_the_linger(self, strait, raw_server):
        dialer, peer = dial(strait, raw_server, "--linger", "500ms")
        dialer.stream.end()
        begin = time.monotonic()
        assert peer.read_to_close()[1].code == 1000
        assert time.monotonic() - begin > 0.3, "closed before the linger's end"
        peer.leave()
        dialer.finish().succeeded()

    def test_large_answer_after_the_end(self, strait, raw_server):
        dialer, peer = dial(strait, raw_server, "--linger", "500ms")
        dialer.stream.post(payload(MIB), then=dialer.stream.end)
        same_bytes(peer.read_data(MIB), payload(MIB))
        answer = payload(20 * MIB, 1)
        with peer.post(answer):
            same_bytes(dialer.stream.read_exactly(20 * MIB), answer)
        assert peer.read_to_close()[1].code == 1000
        peer.leave()
        dialer.finish().succeeded()

    def test_linger_0_closes_at_once_and_delivers_until_the_peers_close(self, strait, raw_server):
        dialer, peer = dial(strait, raw_server, "--linger", "0")
        dialer.stream.post(payload(MIB), then=dialer.stream.end)
        sent, close = peer.read_to_close()
        same_bytes(sent, payload(MIB))
        assert close.code == 1000
        peer.post(payload(MIB, 1), size=4096, then=peer.leave)
        same_bytes(dialer.finish().succeeded(), payload(MIB, 1))
        peer.expect_end()

    def test_linger_0_for_a_tcp_client(self, strait, raw_server):
        dialer, client, peer = dial_for_tcp(strait, raw_server, "--linger", "0")
        client.end()
        assert peer.read_to_close()[1].code == 1000
        peer.post(payload(MIB), then=peer.leave)
        same_bytes(client.read_to_end(), payload(MIB))
        assert not dialer.lines

    def test_peer_that_never_answers_the_close(self, strait, raw_server):
        """It does not hold the link for ever."""
        dialer, peer = dial(strait, raw_server, "--linger", "500ms")
        dialer.stream.end()
        assert peer.read_to_close()[1].code == 1000
        peer.expect_end()
        assert dialer.finish(within=15).code in (0, 74)


class TestServiceBehindTheListenerEnds:
    def test_close_after_all_bytes_and_the_peer_goes_on(self, strait, service):
        listener, peer, behind = listen(strait, service)
        behind.post(payload(MIB), then=behind.end)
        data, close = peer.read_to_close()
        same_bytes(data, payload(MIB))
        assert close.code == 1000
        peer.post(payload(MIB, 1), size=16384, then=peer.send_close)
        same_bytes(behind.read_to_end(), payload(MIB, 1))
        peer.expect_end()
        assert not listener.lines

    def test_nothing_is_lost_by_a_peer_that_reads_late(self, strait, service):
        listener, peer, behind = listen(strait, service)
        service_side = behind.post(payload(8 * MIB), then=behind.close)
        time.sleep(0.3)  # until the sockets in between are full
        data, close = peer.read_to_close()
        same_bytes(data, payload(8 * MIB))
        assert close.code == 1000
        service_side.result()
        peer.send_close()
        peer.expect_end()
        assert not listener.lines

    def test_linger_ends_the_wait_for_the_peers_close(self, strait, service):
        listener, peer, behind = listen(strait, service, "--linger", "500ms")
        behind.end()
        assert peer.read_to_close()[1].code == 1000
        peer.expect_end()
        behind.until_broken()
        assert listener.is_running()


class TestCloseArrives:
    def test_all_before_it_is_delivered_and_it_is_answered(self, strait, raw_server):
        dialer, peer = dial(strait, raw_server)
        data = payload(MIB)
        Background(peer.send_bytes, encode(BINARY, data) + encode(CLOSE, b"\x03\xe8"))
        same_bytes(dialer.stream.read_to_end(), data)
        dialer.stream.end()
        rest, close = peer.read_to_close()
        assert (rest, close.code) == (b"", 1000)
        peer.close()
        dialer.wait().succeeded()

    def test_silent_stdin_holds_it_5_seconds_at_most(self, strait, raw_server):
        dialer, peer = dial(strait, raw_server)
        peer.send_close()
        assert peer.read_to_close()[1].code == 1000
        peer.close()
        dialer.finish(within=12).succeeded()

    def test_what_the_local_side_still_says_is_sent(self, strait, raw_server):
        dialer, client, peer = dial_for_tcp(strait, raw_server)
        peer.send_close()
        assert client.read_to_end() == b""
        with client.post(payload(5 * MIB), then=client.end):
            data, close = peer.read_to_close()
        same_bytes(data, payload(5 * MIB))
        assert close.code == 1000
        assert not dialer.lines

    def test_what_the_service_still_says_is_sent(self, strait, service):
        listener, peer, behind = listen(strait, service)
        peer.send(BINARY, payload(1000))
        peer.send_close()
        same_bytes(behind.read_to_end(), payload(1000))
        with behind.post(payload(5 * MIB), then=behind.end):
            data, close = peer.read_to_close()
        same_bytes(data, payload(5 * MIB))
        assert close.code == 1000
        peer.expect_end()
        assert not listener.lines

    def test_peer_that_stops_reading_after_its_close(self, strait):
        """5 s without room in its socket, then the link is over."""
        server = RawServer(receive_buffer=4096)
        dialer, client, peer = dial_for_tcp(strait, server)
        peer.send_close()

        def flood():
            try:
                while True:
                    client.send(bytes(65536))
            except OSError as error:
                return error

        assert not isinstance(Background(flood).result(within=15), TimeoutError)
        assert dialer.is_running()
        server.close()

    def test_close_without_a_code(self, strait, raw_server):
        dialer, peer = dial(strait, raw_server)
        dialer.stream.end()
        peer.send_close(None)
        assert peer.read_to_close()[1].code in (1000, 1005)
        dialer.finish().succeeded()

    def test_peer_that_closes_tcp_without_waiting_for_the_answer(self, strait, raw_server):
        dialer, peer = dial(strait, raw_server)
        peer.post(payload(MIB), then=lambda: (peer.send_close(), peer.close()))
        same_bytes(dialer.stream.read_to_end(), payload(MIB))
        dialer.stream.end()
        dialer.wait().succeeded()

    def test_close_1011_is_a_failure(self, strait, raw_server):
        dialer, peer = dial(strait, raw_server)
        peer.send_close(1011, b"the service died")
        dialer.finish().failed_with(74, "1011", "the service died")

    def test_close_1011_is_a_reset_for_a_tcp_client(self, strait, raw_server):
        dialer, client, peer = dial_for_tcp(strait, raw_server)
        peer.post(payload(MIB), then=lambda: peer.send_close(1011))
        data, how = client.until_broken()
        same_bytes(data, payload(MIB))
        assert how == RESET
        assert dialer.is_running()


class TestTCPEndsWithoutClose:
    @pytest.mark.parametrize("how", ["between frames", "in a frame", "in a header", "in a message"])
    def test_bytes_are_delivered_then_exit_74(self, strait, raw_server, how):
        dialer, peer = dial(strait, raw_server)
        data = payload(MIB)
        frame = {
            "between frames": encode(BINARY, data),
            "in a frame": encode(BINARY, data, length=2 * MIB),
            "in a header": encode(BINARY, data) + encode(BINARY, data)[:5],
            "in a message": encode(BINARY, data, fin=False),
        }[how]
        Background(peer.send_bytes, frame)
        same_bytes(dialer.stream.read_exactly(MIB), data)
        peer.end()
        dialer.finish().failed_with(74)

    def test_bytes_are_delivered_when_the_end_comes_with_them(self, strait, raw_server):
        dialer, peer = dial(strait, raw_server)
        peer.post(payload(5 * MIB), then=peer.end)
        same_bytes(dialer.stream.read_to_end(), payload(5 * MIB))
        dialer.wait().failed_with(74)

    def test_tcp_client_sees_a_reset_after_the_bytes(self, strait, raw_server):
        dialer, client, peer = dial_for_tcp(strait, raw_server)
        peer.post(payload(MIB), then=peer.end)
        data, how = client.until_broken()
        same_bytes(data, payload(MIB))
        assert how == RESET
        until(lambda: len(dialer.lines) == 1, "the listener says that the link broke")
        assert dialer.is_running()

    def test_service_sees_a_reset_after_the_bytes(self, strait, service):
        listener, peer, behind = listen(strait, service)
        peer.post(payload(MIB), then=peer.end)
        data, how = behind.until_broken()
        same_bytes(data, payload(MIB))
        assert how == RESET
        until(lambda: len(listener.lines) == 1, "the listener says that the link broke")
        assert listener.is_running()


class TestBehindTheHandshake:
    """A peer may send its first frames, and even its end, in the same segment as the end of the handshake."""

    @staticmethod
    def play(server, frames, end):
        sock, request = server.accept_request()
        sock.sendall(switching_protocols(request).encode() + frames)
        if end:
            sock.shutdown(socket.SHUT_WR)
        return sock

    @pytest.mark.parametrize("end", [False, True], ids=["stays", "ends"])
    @pytest.mark.parametrize("data", [b"", b"first words"])
    def test_frames_and_close(self, strait, raw_server, data, end):
        dialer = strait("-", raw_server.url(), stdin=subprocess.DEVNULL)
        frames = (encode(BINARY, data) if data else b"") + encode(CLOSE, b"\x03\xe8")
        sock = self.play(raw_server, frames, end)
        assert dialer.finish().succeeded() == data
        sock.close()

    def test_frames_without_close(self, strait, raw_server):
        dialer = strait("-", raw_server.url(), stdin=subprocess.DEVNULL)
        sock = self.play(raw_server, encode(BINARY, b"first words"), end=True)
        result = dialer.finish()
        assert (result.code, result.stdout) == (74, b"first words")
        sock.close()

    @pytest.mark.parametrize("close", [False, True])
    def test_at_a_listener(self, strait, service, close):
        """A client shall wait for the answer, yet a proxy may have collected all that it said."""
        listener = strait("ws-listen:0", service.address)
        stream = connect(("127.0.0.1", listener.port))
        frames = encode(BINARY, b"first words", mask=b"abcd")
        if close:
            frames += encode(CLOSE, b"\x03\xe8", mask=b"abcd")
        stream.send(upgrade_request().encode() + frames)
        behind = service.accept()
        assert behind.read_exactly(11) == b"first words"
        if close:
            assert behind.until_broken() == (b"", END)


class TestReset:
    def test_of_the_peer_is_exit_74(self, strait, raw_server):
        dialer, peer = dial(strait, raw_server)
        peer.reset()
        dialer.finish().failed_with(74)

    def test_of_the_peer_is_a_reset_for_a_tcp_client(self, strait, raw_server):
        dialer, client, peer = dial_for_tcp(strait, raw_server)
        peer.reset()
        assert client.until_broken() == (b"", RESET)
        assert dialer.is_running()

    def test_of_the_peer_is_a_reset_for_the_service(self, strait, service):
        listener, peer, behind = listen(strait, service)
        peer.reset()
        assert behind.until_broken() == (b"", RESET)
        assert listener.is_running()

    def test_of_the_service_is_no_clean_end_for_the_peer(self, strait, service):
        listener, peer, behind = listen(strait, service)
        with behind.post(payload(MIB)):
            same_bytes(peer.read_data(MIB), payload(MIB))
        behind.reset()
        data, how = peer.until_broken()
        assert data == b""
        assert how == RESET or (how != END and how.code == 1011), how
        assert listener.is_running()

    def test_of_one_that_did_not_read_its_echo_is_noticed_at_once(self, strait):
        """What it has sent waits for the echo to take it, which waits for somebody to take what it says."""
        listener = strait("ws-listen:0", "echo:")
        peer = connect_raw(connect(("127.0.0.1", listener.port)))
        peer.stream.socket.settimeout(0.5)
        with pytest.raises(TimeoutError):
            while True:
                peer.send(BINARY, bytes(100_000), mask=bytes(4))
        peer.stream.reset()
        listener.line("connection reset by peer")

    def test_of_a_tcp_client_is_no_clean_end_for_the_peer(self, strait, raw_server):
        dialer, client, peer = dial_for_tcp(strait, raw_server)
        client.send(b"before the reset")
        assert peer.read_data(16) == b"before the reset"
        client.reset()
        data, how = peer.until_broken()
        assert data == b""
        assert how == RESET or (how != END and how.code == 1011), how
        assert dialer.is_running()


class TestSilence:
    QUICK = ("--ping-interval", "300ms", "--ping-timeout", "600ms")

    @pytest.fixture(autouse=True)
    def has_ping_options(self, binary):
        if b"--ping-interval" not in subprocess.run([binary, "--help"], capture_output=True).stdout:
            pytest.skip("this strait has no --ping-interval")

    def test_peer_that_does_not_answer_pings_is_given_up(self, strait, raw_server):
        dialer, peer = dial(strait, raw_server, *self.QUICK)
        assert peer.read_frame().opcode == PING
        dialer.finish().failed_with(74, "ping")

    def test_listener_gives_up_a_client_that_does_not_answer_pings(self, strait, service):
        listener, peer, behind = listen(strait, service, *self.QUICK)
        assert peer.read_frame().opcode == PING
        assert behind.until_broken() == (b"", RESET)
        assert listener.is_running()

    def test_pongs_keep_an_idle_link(self, strait, raw_server):
        dialer, peer = dial(strait, raw_server, *self.QUICK)
        for _ in range(5):
            frame = peer.read_frame()
            assert frame.opcode == PING
            peer.send(0xA, frame.payload)
        dialer.stream.send(b"still here")
        assert peer.read_data(10) == b"still here"

    def test_slow_reader_is_not_given_up(self, strait):
        """It answers no ping for longer than the timeout, since they wait behind what it has not read; but it reads."""
        server = RawServer(receive_buffer=65536)
        dialer, client, peer = dial_for_tcp(strait, server, *self.QUICK)
        data = payload(4 * MIB)
        with client.post(data, then=client.end):
            received = []
            for _ in range(16):
                received.append(peer.read_data(MIB // 4))
                time.sleep(0.15)
        same_bytes(b"".join(received), data)
        server.close()
