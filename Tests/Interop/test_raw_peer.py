# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""The tests' own tools, without strait: the scripted peer and the proxies agree with Python's websockets and websocat.

When these fail, look here first: what the other tests say about strait may not be true.
"""

import subprocess

import pytest
from websockets.sync.client import connect as websockets_connect

from other_programs import haproxy, nginx, stunnel, stunnel_client, websocat, websockets_server
from raw_peer import BINARY, CLOSE, PING, PONG, RawServer, connect_raw, encode, masked
from streams import END, RESET, Listener, PipeStream, connect
from waiting import Background, payload, same_bytes

SIZES = [0, 1, 125, 126, 65535, 65536, 1_000_000]


@pytest.fixture
def echo_port():
    with websockets_server(compression=None) as port:
        yield port


@pytest.mark.parametrize("size", [0, 1, 3, 4, 5, 1001])
def test_masking(size):
    data, key = payload(size), b"\x01\x80\xff\x00"
    assert masked(data, key) == bytes(byte ^ key[index % 4] for index, byte in enumerate(data))


def test_encoding():
    """The examples of RFC 6455 §5.7."""
    assert encode(1, b"Hello") == bytes.fromhex("810548656c6c6f")
    assert encode(1, b"Hello", mask=bytes.fromhex("37fa213d")) == bytes.fromhex("818537fa213d7f9f4d5158")
    assert encode(1, b"Hel", fin=False) == bytes.fromhex("010348656c")
    assert encode(2, bytes(256))[:4] == bytes.fromhex("827e0100")
    assert encode(2, bytes(65536))[:10] == bytes.fromhex("827f0000000000010000")


@pytest.mark.parametrize("size", SIZES)
def test_client_against_websockets(echo_port, size):
    peer = connect_raw(connect(("127.0.0.1", echo_port)))
    peer.longest_frame = None
    peer.send(PING, b"ping")
    assert peer.read_frame().opcode == PONG
    with Background(peer.send_fragmented, payload(size), 4096):
        opcode, message = peer.read_message()
    assert opcode == BINARY
    same_bytes(message, payload(size))
    peer.send_close(1000)
    assert peer.read_to_close()[1].code == 1000
    peer.expect_end()


@pytest.mark.parametrize("size", SIZES)
def test_server_against_websockets(size):
    server = RawServer()

    def talk():
        with websockets_connect(server.url("/path?query"), max_size=None, compression=None) as socket:
            socket.send(payload(size))
            return socket.recv()

    with Background(talk) as client:
        peer = server.accept()
        peer.longest_frame = None
        assert peer.head.target == "/path?query"
        opcode, message = peer.read_message()
        peer.send(opcode, message)
        peer.read_to_close()
        peer.send_close()
        peer.close()
        same_bytes(client.result(), payload(size))
    server.close()


def check_echo(port, context=None):
    sock = connect(("127.0.0.1", port)).socket
    peer = connect_raw(context.wrap_socket(sock, server_hostname="localhost") if context else sock)
    peer.send(BINARY, b"through the proxy")
    assert peer.read_message() == (BINARY, b"through the proxy")


@pytest.mark.parametrize("proxy", [nginx, haproxy])
def test_proxies_pass_websockets(programs, certs, echo_port, proxy):
    check_echo(proxy(programs, echo_port))
    check_echo(proxy(programs, echo_port, certs.server), certs.client_context())


def test_stunnel_and_certificates(programs, certs, echo_port):
    port = stunnel(programs, certs.server, echo_port)
    check_echo(port, certs.client_context())
    check_echo(stunnel_client(programs, certs.ca, port))


def test_websocat_is_1_13():
    version = subprocess.run([websocat(), "--version"], capture_output=True, text=True).stdout
    assert version.startswith("websocat 1.13.")


def test_websocat_as_client(programs):
    server = RawServer()
    process = programs.start(websocat(), "-b", server.url(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
    peer, stream = server.accept(), PipeStream(process)
    stream.send(b"up")
    assert peer.read_data(2) == b"up"
    peer.send(BINARY, b"down")
    assert stream.read_exactly(4) == b"down"
    server.close()


class TestStreams:
    @pytest.fixture
    def pair(self):
        listener = Listener()
        yield connect(("127.0.0.1", listener.port)), listener.accept()
        listener.close()

    def test_reset_is_not_an_end(self, pair):
        left, right = pair
        left.send(b"data")
        assert right.read_exactly(4) == b"data"
        left.reset()
        assert right.until_broken() == (b"", RESET)

    def test_end_is_not_a_reset(self, pair):
        left, right = pair
        left.send(b"data")
        left.end()
        assert right.until_broken() == (b"data", END)
        right.send(b"still open")
        assert left.read_exactly(10) == b"still open"

    def test_peer_tells_close_end_and_reset_apart(self):
        server = RawServer()
        for how in ("close", "end", "reset"):
            with Background(server.accept) as accepted:
                client = connect_raw(connect(("127.0.0.1", server.listener.port)))
            peer = accepted.result()
            peer.send(BINARY, b"data")
            assert client.read_data(4) == b"data"
            {"close": peer.send_close, "end": peer.end, "reset": peer.reset}[how]()
            data, seen = client.until_broken()
            assert data == b""
            assert seen == {"end": END, "reset": RESET}.get(how, seen)
            assert how != "close" or (seen.opcode, seen.code) == (CLOSE, 1000)
        server.close()
