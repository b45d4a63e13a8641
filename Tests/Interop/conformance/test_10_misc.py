# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""Autobahn section 10, and what it has no section for: masks by role, forms of the length, what is left unsaid."""

import time

import pytest

from raw_peer import BINARY, CLOSE, TEXT, encode
from script import (
    Answers,
    Case,
    Frame,
    Refused,
    binary,
    close,
    fragments,
    frame,
    last,
    more,
    ping,
    play,
    played,
    pong,
    text,
)
from streams import END

KEY = b"\x37\xfa\x21\x3d"


class TestMessages:
    def test_64_kib_in_fragments_of_1300(self, side):
        """10.1.1"""
        data = b"*" * 65536
        play(Case("10.1.1", "", fragments(data, 1300), [text(data)]), side.open())

    def test_a_message_while_the_answer_is_read_late(self, side):
        """Strait takes no more than it can give: both directions go on once the peer reads."""
        frames = [binary(bytes(65536))] * 200
        play(Case("10.2", "", frames, frames), side.open())


class TestMask:
    """A client masks each frame, a server none (RFC 6455 §5.1)."""

    FRAMES = {
        "text": (text("Hello"), []),
        "empty binary": (binary(), []),
        "first fragment": (text("Hello", fin=False), []),
        "ping": (ping("Hello"), []),
        "empty ping": (ping(), []),
        "pong": (pong("Hello"), []),
        "close": (close(1000), []),
        "empty close": (close(), []),
        "126 bytes": (binary(bytes(126)), []),
        "65536 bytes": (binary(bytes(65536)), []),
        "continuation": (last("lo"), [text("Hel", fin=False)]),
        "second message": (text("x"), [text("Hello")]),
    }

    @pytest.mark.parametrize("delivery", ["at once", "frame by frame", 1])
    @pytest.mark.parametrize("name", FRAMES)
    def test_the_wrong_way_round(self, side, name, delivery):
        wrong, before = self.FRAMES[name]
        if delivery == 1 and len(wrong.data) > 1000:
            delivery = 7001
        link = side.open()
        wrong = Frame(wrong.opcode, wrong.data, {**wrong.wrong, "mask": None if link.peer.is_client else KEY})
        rule = "an unmasked frame" if link.peer.is_client else "a masked frame"
        play(Refused("10.3", name, [*before, wrong], rule, "§5.1", before), link, delivery)


START = text("a", fin=False)
SHORTEST = "not in its shortest form"
TOP_BIT = "frame length of more than 63 bits"

LENGTHS = [
    *[Refused("10.4", f"{size} bytes in {form} bits", [binary(bytes(size), form=form)],
              f"frame length {size} {SHORTEST}", "§5.2")
      for size, form in [(0, 16), (1, 16), (125, 16), (0, 64), (125, 64), (126, 64), (65535, 64)]],
    Refused("10.4", "5 bytes in 16 bits, behind a text", [text("a"), text("hello", form=16)], SHORTEST, "§5.2",
            [text("a")]),
    Refused("10.4", "a fragment", [START, more("b", form=64)], SHORTEST, "§5.2", [START]),
    Refused("10.4", "an empty last fragment", [START, last(form=16)], SHORTEST, "§5.2", [START]),
    *[Refused("10.5", f"length {length:#x}", [binary(length=length, form=64)], TOP_BIT, "§5.2")
      for length in (1 << 63, (1 << 64) - 1, 1 << 63 | 5)],
    Refused("10.5", "top bit on a continuation", [START, last(length=1 << 63, form=64)], TOP_BIT, "§5.2", [START]),
    *[Refused("10.6", f"{name} in {form} bits", [make("x", form=form)], f"{name} frame", "§5.5")
      for name, make in [("ping", ping), ("pong", pong)] for form in (16, 64)],
    Refused("10.6", "close in 16 bits", [close(1000, form=16)], "close frame", "§5.5"),
]  # fmt: skip

BOTH_SIDES = [
    Case("10.4", f"{size} bytes in {form} bits", [binary(bytes(size))], [binary(bytes(size))])
    for size, form in [(125, 7), (126, 16), (65535, 16), (65536, 64)]
]


@pytest.mark.parametrize(**played(LENGTHS + BOTH_SIDES))
def test_length(side, case, delivery):
    play(case, side.open(), delivery)


SEVERAL = [
    # The first rule that is broken counts, and is named once.
    Refused("10.7", "two violations", [text("x", rsv=1), frame(3)], "RSV3", "§5.2"),
    Refused("10.7", "a violation, then a right close", [frame(3), close(1000)], "reserved opcode 3", "§5.2"),
    Refused("10.7", "a violation, then a wrong close", [frame(11), close(999)], "reserved opcode 11", "§5.2"),
    Refused("10.7", "a violation, then a ping", [last("x"), ping("x")], "outside a message", "§5.4"),
    Refused("10.7", "a violation, then a megabyte", [frame(3), binary(bytes(1 << 20))], "reserved opcode 3", "§5.2"),
    Refused("10.7", "a violation, then an endless frame", [frame(3), binary("x", length=1 << 50)], "opcode 3", "§5.2"),
]


@pytest.mark.parametrize(**played(SEVERAL))
def test_after_a_violation_nothing_counts(side, case, delivery):
    play(case, side.open(), delivery)


#: What is wrong already in a frame's first bytes is refused with them: (bytes, what the line names).
FIRST_BYTES = {
    "reserved opcode": (b"\x83", "reserved opcode 3"),
    "reserved bits": (b"\xc1", "reserved bits"),
    "continuation of nothing": (b"\x80", "outside a message"),
    "fragmented ping": (b"\x09", "fragmented ping"),
    "long ping": (b"\x89\x7e", "more than 125 bytes"),
    "length in 64 bits of a ping": (b"\x89\x7f", "more than 125 bytes"),
    "top bit": (b"\x82\x7f\x80", "more than 63 bits"),
}


@pytest.mark.parametrize("name", FIRST_BYTES)
def test_a_header_is_refused_before_its_payload(side, name):
    """With the header at the latest; what follows is not waited for."""
    first, rule = FIRST_BYTES[name]
    link = side.open()
    mask = 0x80 if link.peer.is_client else 0
    header = first + bytes(10 - len(first)) if len(first) == 3 else first[:2]
    header = bytearray(header if len(header) > 1 else header + b"\x05")
    header[1] |= mask
    extended = {0x7E: b"\x10\x00", 0x7F: bytes(3) + b"\x01" + bytes(4)}.get(header[1] & 0x7F, b"")
    if len(first) < 3:
        header += extended
    link.peer.send_bytes(bytes(header) + (KEY if mask else b""))
    answers = Answers(link.peer)
    answers.read_to_close()
    assert answers.close.code == 1002 and not answers.begun
    link.refused(1002, rule)


class TestClosingByStrait:
    def test_the_reason_fits_and_says_nothing_more(self, side):
        """A Close of strait's own has a code and, if any, a reason in UTF-8 of at most 123 bytes."""
        link = side.open()
        link.peer.send(TEXT, b"\xff")
        frame = link.peer.read_frame()
        assert frame.opcode == CLOSE and len(frame.payload) <= 125
        assert frame.code == 1007
        frame.payload[2:].decode()
        link.refused(1007, "not UTF-8")

    @pytest.mark.parametrize("does_answer", [True, False])
    def test_after_a_violation_nothing_is_waited_for(self, side, does_answer):
        """No frame counts any more, the answering Close included (RFC 6455 §7.1.7): a listener ends TCP at once, and a
        dialer gives the server a second to do so."""
        link = side.open()
        peer = link.peer
        peer.send(TEXT, b"\xff")
        assert peer.read_frame().code == 1007
        since = time.monotonic()
        if does_answer:
            peer.send_close(1007)
        assert peer.stream.until_broken() == (b"", END)
        assert time.monotonic() - since < 4
        peer.close()
        link.failed(76, "not UTF-8")

    def test_the_end_of_tcp_without_a_close(self, side):
        link = side.open()
        link.peer.send(TEXT, b"Hello")
        assert link.peer.read_frame().payload == b"Hello"
        link.peer.end()
        assert link.peer.until_broken()[0] == b""
        link.peer.close()
        link.failed(74, "without a Close frame", "(RFC 6455 §7.1.5)")

    @pytest.mark.parametrize("cut", ["in a header", "in a payload", "in a message", "in a ping"])
    def test_the_end_of_tcp_inside_something(self, side, cut):
        """It is no end, and what was cut is not completed."""
        link = side.open()
        wire = {
            "in a header": binary(bytes(1000)).encoded(link.peer.is_client)[:3],
            "in a payload": binary(b"x" * 1000).encoded(link.peer.is_client)[:-1],
            "in a message": text("x", fin=False).encoded(link.peer.is_client),
            "in a ping": ping("Hello").encoded(link.peer.is_client)[:-1],
        }[cut]
        link.peer.send_bytes(wire)
        link.peer.end()
        answers = Answers(link.peer)
        answers.read_to_end()
        assert not answers.messages and not answers.pongs
        link.peer.close()
        link.failed(74, "without a Close frame")

    def test_a_reset(self, side):
        link = side.open()
        link.peer.send_bytes(encode(BINARY, b"x", mask=KEY if link.peer.is_client else None))
        assert link.peer.read_frame().payload == b"x"
        link.peer.reset()
        link.failed(74, "reset")
