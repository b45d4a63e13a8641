# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""Conformance cases as data, and how they are played.

    Case("2.2", "ping with a payload", [ping("hi")], [pong("hi")])
    Refused("3.1", "RSV3 on a text", [text("hi", rsv=1)], "reserved bits", "§5.2")

A case says which frames the peer sends, and which messages and pongs Strait, in front of `echo:`, must answer. It is
played in each role and each delivery. The numbers are those of the Autobahn test suite, where it has the case.

Fragments are passed on as they come, so answers are compared message by message, whatever frames they arrive in; and
pongs overtake data, so they are compared by themselves.
"""

import os
from dataclasses import dataclass, field

from raw_peer import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, close_payload, encode
from waiting import Background, same_bytes

# Frames


@dataclass
class Frame:
    """A frame to be sent, right or wrong; `wrong` are arguments of `encode`."""

    opcode: int
    data: bytes = b""
    wrong: dict = field(default_factory=dict)

    @property
    def is_final(self):
        return self.wrong.get("fin", True)

    def encoded(self, is_client):
        return encode(self.opcode, self.data, **{"mask": os.urandom(4) if is_client else None, **self.wrong})


def frame(opcode, data=b"", **wrong):
    return Frame(opcode, data.encode() if isinstance(data, str) else data, wrong)


def text(data=b"", **wrong):
    return frame(TEXT, data, **wrong)


def binary(data=b"", **wrong):
    return frame(BINARY, data, **wrong)


def more(data=b"", **wrong):
    """A continuation, not the last."""
    return frame(CONTINUATION, data, **{"fin": False, **wrong})


def last(data=b"", **wrong):
    """The last frame of a fragmented message."""
    return frame(CONTINUATION, data, **wrong)


def ping(data=b"", **wrong):
    return frame(PING, data, **wrong)


def pong(data=b"", **wrong):
    return frame(PONG, data, **wrong)


def close(code=None, reason=b"", **wrong):
    return frame(CLOSE, close_payload(code, reason), **wrong)


def fragments(data, size, start=text):
    """A message in frames of `size` bytes."""
    data = data.encode() if isinstance(data, str) else data
    parts = [data[offset : offset + size] for offset in range(0, max(len(data), 1), size)]
    if len(parts) == 1:
        return [start(parts[0])]
    return [start(parts[0], fin=False), *map(more, parts[1:-1]), last(parts[-1])]


# Cases


@dataclass
class Case:
    """What is sent and what must come back.

    Without a Close among `sends`, the peer closes with 1000 once all answers are in. `close` is the code in Strait's
    Close, 1005 for none.
    """

    number: str
    name: str
    sends: list
    expects: list = field(default_factory=list)
    close: int = 1000
    #: What the line on stderr says if the end counts as a failure all the same.
    failure: str = None
    #: Frames that were sent with the handshake.
    early: list = field(default_factory=list)

    def __str__(self):
        return f"{self.number} {self.name}"

    @property
    def closes(self):
        return any(frame.opcode == CLOSE for frame in self.early + self.sends)

    @property
    def messages(self):
        return [(frame.opcode, frame.data) for frame in self.expects if frame.opcode in (TEXT, BINARY)]

    @property
    def pongs(self):
        return [frame.data for frame in self.expects if frame.opcode == PONG]

    @property
    def size(self):
        return sum(len(frame.data) for frame in self.sends)


@dataclass
class Refused:
    """What is sent, and the rule that it breaks, as the line on stderr must name it.

    `expects` is what comes back before the Close: all of it if each frame was answered before the next was sent. The
    message that breaks the rule may be echoed up to the bad byte.
    """

    number: str
    name: str
    sends: list
    rule: str
    section: str
    expects: list = field(default_factory=list)
    close: int = 1002

    __str__ = Case.__str__
    messages = Case.messages
    pongs = Case.pongs
    size = Case.size


def refused_text(number, name, sends, **others):
    """A text that is not UTF-8."""
    return Refused(number, name, sends, "text message", "§8.1", close=1007, **others)


# Playing


# How the frames reach Strait: one of these, or a number of bytes for segments of that size.
AT_ONCE = "at once"
#: Each is answered before the next is sent.
FRAME_BY_FRAME = "frame by frame"
BYTE_BY_BYTE = 1

#: More than this is not sent byte by byte.
SMALL = 400


def played(cases):
    """(case, delivery) for each delivery that makes sense, as arguments of `pytest.mark.parametrize`."""
    pairs = []
    for case in cases:
        pairs.append((case, AT_ONCE, str(case)))
        if len(case.sends) > 1:
            pairs.append((case, FRAME_BY_FRAME, f"{case}, frame by frame"))
        if case.size <= SMALL:
            pairs.append((case, BYTE_BY_BYTE, f"{case}, byte by byte"))
    return {
        "argnames": "case,delivery",
        "argvalues": [(case, delivery) for case, delivery, _ in pairs],
        "ids": [name for _, _, name in pairs],
    }


class Answers:
    """What has come from Strait, with the order of fragments checked."""

    def __init__(self, peer):
        self.peer = peer
        self.messages = []
        #: (opcode, bytes) of a message whose end is still to come.
        self.partial = None
        self.pongs = []
        self.close = None
        self.count = 0

    def read_frame(self):
        assert self.close is None, "asked for more after the Close"
        frame = self.peer.read_frame()
        if frame.opcode == CLOSE:
            self.close = frame
        elif frame.opcode == PONG:
            self.pongs.append(frame.payload)
        elif frame.opcode == PING:
            raise AssertionError("strait sent a Ping although there was no silence")
        else:
            self._add(frame)

    def _add(self, frame):
        self.count += len(frame.payload)
        if frame.opcode == CONTINUATION:
            assert self.partial, "a continuation outside a message"
        else:
            assert not self.partial, "a new message inside a fragmented one"
            self.partial = (frame.opcode, [])
        self.partial[1].append(frame.payload)
        if frame.fin:
            self.messages.append(self._joined())
            self.partial = None

    def _joined(self):
        return self.partial[0], b"".join(self.partial[1])

    def read_until(self, condition):
        while self.close is None and not condition(self):
            self.read_frame()

    def read_to_close(self):
        self.read_until(lambda _: False)

    def read_to_end(self):
        """To the Close, or to the end or reset of TCP."""
        try:
            self.read_to_close()
        except ConnectionResetError:
            pass
        except AssertionError as error:
            if "end of stream" not in str(error):
                raise

    @property
    def begun(self):
        """The messages, and the one that has only begun."""
        return self.messages + ([self._joined()] if self.partial else [])


def send(peer, frames, delivery, answers):
    """Sends the frames; stops when a Close has come."""
    encoded = [frame.encoded(peer.is_client) for frame in frames]
    if delivery == FRAME_BY_FRAME:
        send_one_by_one(peer, frames, encoded, answers)
    elif delivery == AT_ONCE:
        peer.send_bytes(b"".join(encoded))
    else:
        wire = b"".join(encoded)
        for offset in range(0, len(wire), delivery):
            peer.send_bytes(wire[offset : offset + delivery])


def send_one_by_one(peer, frames, encoded, answers):
    """Reads the answers between the frames."""
    count, pings, has_closed = 0, 0, False
    for frame, wire in zip(frames, encoded):
        if not has_closed:
            answers.read_until(lambda now: now.count >= count and len(now.pongs) >= pings)
            if answers.close is not None:
                return
        peer.send_bytes(wire)
        has_closed = has_closed or frame.opcode == CLOSE
        count += len(frame.data) if frame.opcode in (CONTINUATION, TEXT, BINARY) else 0
        pings += frame.opcode == PING


def _send(peer, frames, delivery, answers):
    """Strait may end the connection while bytes that nobody reads any more are still being sent."""
    try:
        send(peer, frames, delivery, answers)
    except (BrokenPipeError, ConnectionResetError):
        pass


def play(case, link, delivery=AT_ONCE):
    """Plays a case over a fresh link (sides.py) and ends it."""
    answers = Answers(link.peer)
    if delivery == FRAME_BY_FRAME:
        _send(link.peer, case.sends, delivery, answers)
        sender = None
    else:
        sender = Background(_send, link.peer, case.sends, delivery, answers)
    if isinstance(case, Refused):
        _finish_refused(case, link, answers, sender)
    else:
        _finish_case(case, link, answers, sender)


def _finish_case(case, link, answers, sender):
    if not case.closes:
        wanted = len(case.messages), len(case.pongs)
        answers.read_until(lambda now: len(now.messages) >= wanted[0] and len(now.pongs) >= wanted[1])
        assert answers.close is None, f"Close {answers.close.code} {answers.close.reason!r}"
        if sender:
            sender.result()
        link.peer.send_close()
    answers.read_to_close()
    _same_messages(answers.messages, case.messages)
    assert answers.pongs == case.pongs
    assert answers.close.code == case.close
    assert answers.close.reason == "", "a reply has no reason of its own"
    if sender:
        sender.result()
    link.ended(case.close, case.failure)


def _finish_refused(case, link, answers, sender):
    answers.read_to_close()
    begun, expected = answers.begun, case.messages
    if sender:
        sender.result()
        assert answers.pongs == case.pongs[: len(answers.pongs)]
    else:
        whole = [message for message, frame in zip(expected, _data(case.expects)) if frame.is_final]
        assert answers.messages == whole, "not all that came before the violation was echoed"
        assert answers.pongs == case.pongs
    assert len(begun) <= len(expected), f"{begun} was echoed"
    for (opcode, data), (expected_opcode, expected_data) in zip(begun, expected):
        assert opcode == expected_opcode and expected_data.startswith(data)
    assert answers.messages == expected[: len(answers.messages)]
    assert answers.close.code == case.close
    link.refused(case.close, case.rule, f"(RFC 6455 {case.section})")


def _data(frames):
    return [frame for frame in frames if frame.opcode in (TEXT, BINARY)]


def _same_messages(received, expected):
    assert [opcode for opcode, _ in received] == [opcode for opcode, _ in expected]
    for (_, data), (_, expected_data) in zip(received, expected):
        same_bytes(data, expected_data, "message")
