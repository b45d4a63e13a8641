# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""What happens to links in a soak test: a function for each kind, and the table of how often it happens on which path.

A kind is given its path, opens one link (or tries to), ends it, and asserts what both ends see of that. It closes
its sockets. To add one, write the function and give it lines in `KINDS`.
"""

import os
import signal
from contextlib import contextmanager

from raw_peer import BINARY, CLOSE, read_head, switching_protocols, upgrade_request
from soak_paths import CHILD, DEAD, ECHO, FULL, SERVER, SILENT, TCP, TLS, UNIX
from streams import RESET
from waiting import SOON, same_bytes

QUESTION, ANSWER = os.urandom(500), os.urandom(2000)
BULK = os.urandom(200_000)

#: A socket that has taken nothing for so many seconds is full.
STUCK = 0.05


# Links that end in order


def ends_in_order(path):
    with both(path.link()) as (client, service):
        exchange(client, service)
        client.end()
        assert service.read_to_end() == b""
        service.end()
        assert client.read_to_end() == b""


def service_ends_first(path):
    with both(path.link()) as (client, service):
        exchange(client, service)
        service.end()
        assert client.read_to_end() == b""
        client.end()
        assert service.read_to_end() == b""


def answer_after_the_end(path):
    with both(path.link()) as (client, service):
        client.send(BULK)
        client.end()
        same_bytes(service.read_to_end(), BULK)
        service.send(BULK)
        service.end()
        same_bytes(client.read_to_end(), BULK)


def peer_closes(path):
    """A WebSocket client without half-close."""
    with both(path.peer_link()) as (peer, service):
        exchange_with_peer(peer, service)
        peer.send_close()
        assert service.read_to_end() == b""
        service.end()
        assert peer.read_to_close()[1].code == 1000


def echoes(path):
    client = path.dial_near()
    client.send(QUESTION)
    client.end()
    same_bytes(client.read_to_end(), QUESTION)
    client.close()


def child_ends(path):
    client = path.dial_near()
    client.send(QUESTION)
    client.end()
    same_bytes(client.read_to_end().partition(b"\n")[2], QUESTION)
    client.close()


def server_closes(path):
    """A WebSocket server without half-close."""
    with both(path.client_and_server()) as (client, server):
        exchange_with_peer(server, client)
        server.send_close()
        assert client.read_to_end() == b""
        client.end()
        assert server.read_to_close()[1].code == 1000


def server_says_nothing_more(path):
    """Without half-close, it is waited for until the linger is over."""
    with both(path.client_and_server()) as (client, server):
        exchange_with_peer(server, client)
        client.end()
        assert server.read_to_close()[1].code == 1000
        server.send_close()
        assert client.read_to_end() == b""


# Links that break


def client_resets(path):
    with both(path.link()) as (client, service):
        exchange(client, service)
        client.reset()
        assert service.until_broken() == (b"", RESET)


def service_resets(path):
    with both(path.link()) as (client, service):
        exchange(client, service)
        service.reset()
        assert client.until_broken() == (b"", RESET)


def client_hangs_up(path):
    """A Unix socket has no RST: its peer closes with bytes unread, and the strait's next write fails."""
    with both(path.link()) as (client, service):
        exchange(client, service)
        service.send(ANSWER)
        client.close()
        post_until_stuck(service)
        service.until_broken()


def client_that_reads_nothing_vanishes(path):
    with both(path.link()) as (client, service):
        post_until_stuck(service)
        client.reset()
        service.until_broken()


def client_resets_while_dialing(path):
    client = path.dial_near()
    client.send(QUESTION)
    client.reset()


def peer_sends_close_1011(path):
    with both(path.peer_link(half_close=True)) as (peer, service):
        exchange_with_peer(peer, service)
        peer.send_close(1011)
        assert service.until_broken() == (b"", RESET)


def peer_breaks_the_protocol(path):
    """Its frame is not masked."""
    with both(path.peer_link(half_close=True)) as (peer, service):
        exchange_with_peer(peer, service)
        peer.send(BINARY, QUESTION, mask=None)
        assert peer.read_to_close()[1].code == 1002
        assert service.until_broken() == (b"", RESET)


def peer_ends_without_close(path):
    with both(path.peer_link(half_close=True)) as (peer, service):
        exchange_with_peer(peer, service)
        peer.end()
        assert service.until_broken() == (b"", RESET)


def peer_resets_in_a_frame(path):
    with both(path.peer_link(half_close=True)) as (peer, service):
        exchange_with_peer(peer, service)
        peer.send(BINARY, QUESTION, length=len(BULK))
        assert service.read_exactly(len(QUESTION)) == QUESTION
        peer.reset()
        assert service.until_broken() == (b"", RESET)


def peer_answers_no_ping(path):
    peer = path.peer(half_close=True)
    peer.stream.until_broken()
    peer.close()


def child_is_killed(path):
    peer = path.peer(half_close=True)
    os.kill(child_of(peer), signal.SIGKILL)
    # Its death may end its direction only, in which case the link still has another.
    if peer.read_frame().opcode == BINARY:
        peer.send(BINARY)
        peer.send_close()
        assert peer.until_broken()[1].opcode == CLOSE
    peer.close()


def client_of_a_child_resets(path):
    peer = path.peer(half_close=True)
    child_of(peer)
    peer.reset()


def server_sends_close_1011(path):
    with both(path.client_and_server(half_close=True)) as (client, server):
        exchange_with_peer(server, client)
        server.send_close(1011)
        assert client.until_broken() == (b"", RESET)


def server_breaks_the_protocol(path):
    """Its frame is masked."""
    with both(path.client_and_server(half_close=True)) as (client, server):
        exchange_with_peer(server, client)
        server.send(BINARY, QUESTION, mask=bytes(4))
        assert server.read_to_close()[1].code == 1002
        assert client.until_broken() == (b"", RESET)


def server_ends_without_close(path):
    with both(path.client_and_server(half_close=True)) as (client, server):
        exchange_with_peer(server, client)
        server.end()
        assert client.until_broken() == (b"", RESET)


# Links that do not come up


def client_leaves_in_its_request(path):
    client = path.dial_far()
    client.send(upgrade_request("/link").encode()[:60])
    client.close()


def client_resets_in_its_request(path):
    client = path.dial_far()
    client.send(upgrade_request("/link").encode()[:60])
    client.reset()


def request_is_garbage(path):
    is_refused(path, bytes(range(256)), 400)


def request_is_for_another_path(path):
    is_refused(path, upgrade_request("/nowhere").encode(), 404)


def request_is_no_upgrade(path):
    is_refused(path, b"GET /link HTTP/1.1\r\nHost: localhost\r\n\r\n", 426)


def client_hello_is_garbage(path):
    client = path.dial_far_without_tls()
    client.send(b"GET /link HTTP/1.1\r\nHost: localhost\r\n\r\n")
    client.until_broken()
    client.close()


def client_leaves_in_its_hello(path):
    """The header of a TLS record that never comes."""
    client = path.dial_far_without_tls()
    client.send(b"\x16\x03\x01\x02\x00\x01")
    client.end()
    client.until_broken()
    client.close()


def nobody_answers(path):
    """At the peer it is 408, behind the near strait a reset."""
    peer = path.dial_far()
    client_is_reset(path)
    assert read_head(peer.socket)[0].status == 408
    peer.close()


def service_is_dead(path):
    """At the peer it is 502, behind the near strait a reset."""
    is_refused(path, upgrade_request("/link").encode(), 502)
    client_is_reset(path)


def links_are_at_their_limit(path):
    is_refused(path, upgrade_request("/link").encode(), 503)
    client_is_reset(path)


def server_refuses(path):
    client, sock, _ = path.client_and_request()
    sock.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
    assert client.until_broken() == (b"", RESET)
    client.close()
    sock.close()


def server_answers_garbage(path):
    client, sock, _ = path.client_and_request()
    sock.sendall(bytes(range(256)))
    assert client.until_broken() == (b"", RESET)
    client.close()
    sock.close()


def server_leaves_in_its_answer(path):
    client, sock, request = path.client_and_request()
    sock.sendall(switching_protocols(request).encode()[:60])
    sock.close()
    assert client.until_broken() == (b"", RESET)
    client.close()


#: Links of 2,000, kind, path.
KINDS = [
    (527, ends_in_order, TCP),
    (120, service_ends_first, TCP),
    (20, answer_after_the_end, TCP),
    (160, client_resets, TCP),
    (160, service_resets, TCP),
    (4, client_that_reads_nothing_vanishes, TCP),
    (40, client_resets_while_dialing, ECHO),
    (60, peer_closes, TCP),
    (60, peer_sends_close_1011, TCP),
    (60, peer_breaks_the_protocol, TCP),
    (60, peer_ends_without_close, TCP),
    (30, peer_resets_in_a_frame, TCP),
    (40, client_leaves_in_its_request, TCP),
    (40, client_resets_in_its_request, TCP),
    (40, request_is_garbage, TCP),
    (40, request_is_for_another_path, TCP),
    (20, request_is_no_upgrade, TCP),
    (60, ends_in_order, TLS),
    (10, answer_after_the_end, TLS),
    (20, client_resets, TLS),
    (4, client_that_reads_nothing_vanishes, TLS),
    (20, peer_breaks_the_protocol, TLS),
    (20, peer_ends_without_close, TLS),
    (20, request_is_for_another_path, TLS),
    (20, client_hello_is_garbage, TLS),
    (20, client_leaves_in_its_hello, TLS),
    (40, ends_in_order, UNIX),
    (20, client_hangs_up, UNIX),
    (60, echoes, ECHO),
    (20, child_ends, CHILD),
    (10, child_is_killed, CHILD),
    (10, client_of_a_child_resets, CHILD),
    (20, service_is_dead, DEAD),
    (20, links_are_at_their_limit, FULL),
    (5, nobody_answers, SILENT),
    (5, peer_answers_no_ping, SILENT),
    (20, server_closes, SERVER),
    (5, server_says_nothing_more, SERVER),
    (20, server_sends_close_1011, SERVER),
    (20, server_breaks_the_protocol, SERVER),
    (20, server_ends_without_close, SERVER),
    (10, server_refuses, SERVER),
    (10, server_answers_garbage, SERVER),
    (10, server_leaves_in_its_answer, SERVER),
]


# Steps


@contextmanager
def both(ends):
    yield ends
    for end in ends:
        end.close()


def exchange(client, service):
    client.send(QUESTION)
    assert service.read_exactly(len(QUESTION)) == QUESTION
    service.send(ANSWER)
    assert client.read_exactly(len(ANSWER)) == ANSWER


def exchange_with_peer(peer, stream):
    peer.send(BINARY, QUESTION)
    assert stream.read_exactly(len(QUESTION)) == QUESTION
    stream.send(ANSWER)
    assert peer.read_data(len(ANSWER)) == ANSWER


def post_until_stuck(stream):
    """Sends until nobody takes any more."""
    stream.socket.settimeout(STUCK)
    try:
        while True:
            stream.send(BULK)
    except (TimeoutError, ConnectionError):
        pass
    stream.socket.settimeout(SOON)


def is_refused(path, request, status):
    client = path.dial_far()
    client.send(request)
    head, _ = read_head(client.socket)
    assert head.status == status, head.text
    client.until_broken()
    client.close()


def client_is_reset(path):
    try:
        client = path.dial_near()
    except ConnectionResetError:
        return  # so soon that it had not yet noticed that it was connected
    assert client.until_broken() == (b"", RESET)
    client.close()


def child_of(peer):
    """Its process's number, which is its first line."""
    line = b""
    while not line.endswith(b"\n"):
        line += peer.read_data(1)
    return int(line)
