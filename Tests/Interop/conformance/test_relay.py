# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""A strait between two WebSockets: messages stay messages, control frames end at the hop, failures are no ends."""

import pytest

from raw_peer import BINARY, CLOSE, CONTINUATION, TEXT, RawServer, connect_raw
from script import Answers, binary, close, fragments, frame, last, more, ping, pong, text
from sides import Listening
from streams import connect
from utf8_sequences import INVALID
from waiting import MIB, Background, payload, same_bytes, until

INTERNAL_ERROR = 1011


@pytest.fixture(scope="module")
def hop(straits):
    """One strait from WebSocket to WebSocket, for all tests."""
    server = RawServer()
    side = Listening(straits, remote=server.url())
    side.server = server
    yield side
    side.stop()
    server.close()


class Chain:
    """A client and a server with the hop between them, called near and far by who sends."""

    def __init__(self, hop, client_half_close=False, server_half_close=False):
        self.hop = hop
        with Background(hop.server.accept, half_close=server_half_close) as accepted:
            self.client = connect_raw(connect(hop.address), half_close=client_half_close)
        self.server = accepted.result()

    def ends(self, direction):
        return (self.client, self.server) if direction == "up" else (self.server, self.client)

    def close(self):
        """The closing handshake, from the client."""
        self.client.send_close()
        assert self.server.read_frame().code == 1000
        self.server.send_close()
        assert self.client.read_frame().code == 1000
        self.client.expect_end()
        self.server.end()
        self.server.expect_end()
        for peer in (self.client, self.server):
            peer.close()

    def failed(self, needle):
        """The hop has one line about it."""
        self.hop.failures += 1
        lines = until(lambda: self.hop.process.lines[self.hop.failures - 1 :], "a line about the failure")
        assert len(lines) == 1 and needle in lines[0], lines
        for peer in (self.client, self.server):
            peer.close()


@pytest.fixture
def chain(hop):
    return Chain(hop)


@pytest.fixture(params=["up", "down"])
def direction(request):
    return request.param


def send(peer, frames):
    peer.send_bytes(b"".join(frame.encoded(peer.is_client) for frame in frames))


def messages(frames):
    return [(frame.opcode, frame.data) for frame in frames]


def receive(peer, count):
    answers = Answers(peer)
    answers.read_until(lambda now: len(now.messages) == count)
    assert answers.close is None and not answers.pongs
    return answers.messages


SEQUENCES = {
    "text": ([text("Hello")], [text("Hello")]),
    "binary": ([binary(b"\xff\x00")], [binary(b"\xff\x00")]),
    "text and binary in turn": ([text("a"), binary("b"), text("c")], [text("a"), binary("b"), text("c")]),
    "empty text": ([text(), text("x")], [text(), text("x")]),
    "empty binary": ([binary(), binary("x")], [binary(), binary("x")]),
    "empty ones": ([binary(), text(), binary(), text("x")], [binary(), text(), binary(), text("x")]),
    "empty fragments": ([text(fin=False), more(), last(), binary("x")], [text(), binary("x")]),
    "fragments": (fragments("κόσμε", 1), [text("κόσμε")]),
    "fragments of a binary": (fragments(bytes(1000), 7, binary), [binary(bytes(1000))]),
    "200 in one segment": ([text(str(n)) for n in range(200)], [text(str(n)) for n in range(200)]),
    "pings between": ([pong("x"), text("a", fin=False), pong("y"), last("b")], [text("ab")]),
    **{f"{size} bytes": ([binary(bytes(size)), text("x" * size)], [binary(bytes(size)), text("x" * size)])
       for size in (125, 126, 65535, 65536, 300_000)},
}  # fmt: skip


@pytest.mark.parametrize("name", SEQUENCES)
def test_messages_stay_messages(chain, direction, name):
    sends, expected = SEQUENCES[name]
    sender, receiver = chain.ends(direction)
    with Background(send, sender, sends):
        assert receive(receiver, len(expected)) == messages(expected)
    chain.close()


@pytest.mark.parametrize("opcode", [TEXT, BINARY])
@pytest.mark.parametrize("size", [16 * MIB])
def test_a_long_message_in_bounded_memory(chain, direction, opcode, size):
    sender, receiver = chain.ends(direction)
    data = payload(1024).hex().encode() * (size // 2048)
    memory = chain.hop.process.memory("VmRSS")
    with Background(sender.send, opcode, data):
        [(received_opcode, received)] = receive(receiver, 1)
    assert received_opcode == opcode
    same_bytes(received, data)
    assert chain.hop.process.memory("VmHWM") - memory < 8 * 1024, "KiB"
    chain.close()


def test_both_directions_at_once(chain):
    data = {"up": payload(4 * MIB, 1), "down": payload(4 * MIB, 2)}
    senders = [Background(chain.ends(way)[0].send_fragmented, data[way], 50_000) for way in data]
    readers = {way: Background(receive, chain.ends(way)[1], 1) for way in data}
    for way, reader in readers.items():
        [(opcode, received)] = reader.result()
        assert opcode == BINARY
        same_bytes(received, data[way])
    for sender in senders:
        sender.result()
    chain.close()


def test_fragments_go_on_as_they_come(chain, direction):
    sender, receiver = chain.ends(direction)
    sender.send(TEXT, b"first", fin=False)
    frame = receiver.read_frame()
    assert (frame.opcode, frame.payload, frame.fin) == (TEXT, b"first", False)
    sender.send(CONTINUATION, b"last")
    assert receive_rest(receiver) == b"last"
    chain.close()


def test_a_frame_goes_on_before_it_is_complete(chain, direction):
    sender, receiver = chain.ends(direction)
    wire = binary(b"x" * 1000).encoded(sender.is_client)
    sender.send_bytes(wire[:-10])
    frame = receiver.read_frame()
    assert frame.opcode == BINARY and not frame.fin and frame.payload
    sender.send_bytes(wire[-10:])
    assert frame.payload + receive_rest(receiver) == b"x" * 1000
    chain.close()


def receive_rest(peer):
    """The bytes of the continuations up to the last."""
    parts = []
    while True:
        frame = peer.read_frame()
        assert frame.opcode == CONTINUATION
        parts.append(frame.payload)
        if frame.fin:
            return b"".join(parts)


@pytest.mark.parametrize("inside", [False, True])
def test_pings_are_answered_by_the_hop_and_go_no_further(chain, direction, inside):
    sender, receiver = chain.ends(direction)
    if inside:
        sender.send(TEXT, b"a", fin=False)
    send(sender, [ping("one"), pong("unasked"), ping("two")])
    answers = Answers(sender)
    answers.read_until(lambda now: len(now.pongs) == 2)
    assert answers.pongs == [b"one", b"two"]
    send(sender, [last("b")] if inside else [text("ab")])
    assert receive(receiver, 1) == [(TEXT, b"ab")]
    assert receiver.stream.is_idle()
    chain.close()


class TestClosing:
    @pytest.mark.parametrize("code,passed_on", [(None, 1000), (1000, 1000), (1001, 1000)])
    def test_an_orderly_close_goes_on(self, chain, direction, code, passed_on):
        """It is a new Close: the reason and what a hop can't vouch for stay behind."""
        closer, other = chain.ends(direction)
        send(closer, [text("last words"), close(code)])
        assert receive(other, 1) == [(TEXT, b"last words")]
        assert other.read_frame().code == passed_on
        other.send_close(passed_on)
        assert closer.read_frame().code == (1005 if code is None else code)
        self.end_of(chain, closer, other)

    @pytest.mark.parametrize("code", [1002, 1003, 1008, 1011, 3000, 4999])
    def test_a_close_of_failure_is_a_failure_further_on(self, chain, direction, code):
        closer, other = chain.ends(direction)
        send(closer, [text("last words")])
        assert receive(other, 1) == [(TEXT, b"last words")]
        send(closer, [close(code, b"why")])
        assert other.read_frame().code == INTERNAL_ERROR
        assert closer.read_frame().code == code
        chain.failed(f"peer closed with {code}")

    def test_what_the_other_end_still_says_arrives(self, chain, direction):
        """The Close of one end does not cut what the other one has sent before its own."""
        closer, other = chain.ends(direction)
        closer.send_close()
        assert other.read_frame().code == 1000
        send(other, [text("still"), close(1000)])
        frame = closer.read_frame()
        if frame.opcode == TEXT:
            assert frame.payload == b"still"
            frame = closer.read_frame()
        assert (frame.opcode, frame.code) == (CLOSE, 1000)
        self.end_of(chain, closer, other)

    def test_tcp_that_ends_without_a_close(self, chain, direction):
        closer, other = chain.ends(direction)
        send(closer, [text("cut", fin=False)])
        assert other.read_frame().payload == b"cut"
        closer.end()
        assert other.read_frame().code == INTERNAL_ERROR
        chain.failed("without a Close frame")

    def test_reset(self, chain, direction):
        closer, other = chain.ends(direction)
        send(closer, [text("before")])
        assert receive(other, 1) == [(TEXT, b"before")]
        closer.reset()
        assert other.read_frame().code == INTERNAL_ERROR
        chain.failed("reset")

    @staticmethod
    def end_of(chain, *peers):
        chain.client.expect_end()
        chain.server.end()
        chain.server.expect_end()
        for peer in peers:
            peer.close()


VIOLATIONS = {
    "reserved bits": ([text("x", rsv=4)], 1002),
    "reserved opcode 3": ([frame(3, "x")], 1002),
    "continuation frame outside a message": ([last("x")], 1002),
    "length 5 not in its shortest form": ([binary("hello", form=16)], 1002),
    "close frame of one byte": ([frame(CLOSE, b"\x03")], 1002),
    "code 1006": ([close(1006)], 1002),
    "reason is not UTF-8": ([close(1000, b"\xff")], 1007),
}


class TestViolations:
    @pytest.mark.parametrize("name", VIOLATIONS)
    def test_the_one_who_did_it_is_told(self, chain, direction, name):
        """And the other end is told of a failure, not that it did something wrong itself."""
        culprit, other = chain.ends(direction)
        send(culprit, [text("before")])
        assert receive(other, 1) == [(TEXT, b"before")]
        frames, code = VIOLATIONS[name]
        send(culprit, frames)
        assert culprit.read_frame().code == code
        assert other.read_frame().code == INTERNAL_ERROR
        chain.failed(f"closed with {code}")

    @pytest.mark.parametrize("name", ["an encoded surrogate", "an overlong slash", "an impossible byte"])
    def test_text_fails_with_its_first_bad_byte(self, chain, direction, name):
        culprit, other = chain.ends(direction)
        data = b"good" + INVALID[name]
        send(culprit, [text(b"good", fin=False)])
        assert other.read_frame().payload == b"good"
        wire = last(data[4:] + b"x" * 100).encoded(culprit.is_client)
        culprit.send_bytes(wire[:-100])
        assert culprit.read_frame().code == 1007
        answers = Answers(other)
        answers.partial = (TEXT, [b"good"])
        answers.read_to_close()
        assert answers.close.code == INTERNAL_ERROR
        assert not answers.messages, "a text that is not UTF-8 was completed"
        chain.failed("closed with 1007")

    def test_a_text_that_ends_inside_a_character(self, chain, direction):
        culprit, other = chain.ends(direction)
        send(culprit, [text(b"caf\xc3")])
        assert culprit.read_frame().code == 1007
        answers = Answers(other)
        answers.read_to_close()
        assert answers.close.code == INTERNAL_ERROR and not answers.messages
        chain.failed("ends inside a UTF-8 character")


class TestHalfClose:
    """An empty binary message is an end only to those who agreed on it."""

    def test_an_empty_message_towards_a_peer_with_half_close_is_no_end(self, hop):
        chain = Chain(hop, server_half_close=True)
        send(chain.client, [binary(), text(), binary("after")])
        first, second = chain.server.read_frame(), chain.server.read_frame()
        assert [(f.opcode, f.payload, f.fin) for f in (first, second)] == [
            (BINARY, b"", False),
            (CONTINUATION, b"", True),
        ]
        assert receive(chain.server, 2) == messages([text(), binary("after")])
        self.end(chain)

    def test_an_empty_message_from_a_peer_with_half_close_is_its_end(self, hop):
        chain = Chain(hop, server_half_close=True)
        send(chain.server, [text(), *[binary(fin=False), last()], binary()])
        assert receive(chain.client, 2) == messages([text(), binary()])
        assert chain.client.read_frame().code == 1000
        chain.client.send_close()
        frame = chain.server.read_frame()
        assert (frame.opcode, frame.payload, frame.fin) == (BINARY, b"", True)
        assert chain.server.read_frame().code == 1000
        chain.server.send_close()
        self.ends(chain)

    def test_both_directions_end_by_themselves(self, hop):
        chain = Chain(hop, client_half_close=True, server_half_close=True)
        send(chain.client, [text("up"), binary()])
        assert receive(chain.server, 2) == messages([text("up"), binary()])
        send(chain.server, [text("down"), binary()])
        assert receive(chain.client, 2) == messages([text("down"), binary()])
        assert chain.server.read_frame().code == 1000
        chain.client.send_close()
        chain.server.send_close()
        assert chain.client.read_frame().code == 1000
        self.ends(chain)

    def test_data_behind_the_end(self, hop):
        chain = Chain(hop, client_half_close=True, server_half_close=True)
        send(chain.client, [binary(), text("more")])
        assert chain.client.read_frame().code == 1002
        answers = Answers(chain.server)
        answers.read_to_close()
        assert answers.close.code == INTERNAL_ERROR
        assert (TEXT, b"more") not in answers.messages
        chain.failed("after the end of its direction")

    def end(self, chain):
        chain.client.send_close()
        marker = chain.server.read_frame()
        assert (marker.opcode, marker.payload, marker.fin) == (BINARY, b"", True)
        send(chain.server, [binary()])
        assert chain.server.read_frame().code == 1000
        chain.server.send_close()
        assert chain.client.read_frame().code == 1000
        self.ends(chain)

    def ends(self, chain):
        chain.client.expect_end()
        chain.server.end()
        chain.server.expect_end()
        chain.client.close()
        chain.server.close()
