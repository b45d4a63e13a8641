# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""Autobahn section 6, UTF-8 (RFC 6455 §8.1): text is taken whole or in pieces, and fails with its first bad byte."""

import pytest

from raw_peer import CONTINUATION, TEXT
from script import Answers, Case, binary, fragments, last, more, ping, play, played, pong, refused_text, text
from utf8_sequences import INVALID, KOSME, UNICODE, VALID, first_bad_byte

CASES = [
    Case("6.1.1", "empty text", [text()], [text()]),
    Case("6.1.2", "3 empty fragments", [text(fin=False), more(), last()], [text()]),
    Case("6.1.3", "an empty fragment on each side", [text(fin=False), more("middle"), last()], [text("middle")]),
    Case("6.2.1", "letters", [text(UNICODE)], [text(UNICODE)]),
    Case("6.2.2", "cut between characters", fragments(UNICODE, 8), [text(UNICODE)]),
    Case("6.2.3", "fragments of 1 byte", fragments(UNICODE, 1), [text(UNICODE)]),
    Case("6.2.4", "fragments of 1 byte, kosme", fragments(KOSME, 1), [text(KOSME)]),
    Case("6.2.5", "empty fragments and pings inside a character",
         [text(KOSME[:1], fin=False), more(), ping("p"), more(KOSME[1:4]), pong(), more(), last(KOSME[4:])],
         [pong("p"), text(KOSME)]),
    Case("6.24", "bytes that are not UTF-8 are fine in a binary",
         [binary(b"\xff\xc0\x80"), *fragments(b"\xed\xa0\x80", 1, binary)],
         [binary(b"\xff\xc0\x80"), binary(b"\xed\xa0\x80")]),
    Case("6.24", "a text behind a binary with half a character",
         [binary(b"\xe2\x82"), text("€"), binary(b"\xe2"), text("€")],
         [binary(b"\xe2\x82"), text("€"), binary(b"\xe2"), text("€")]),
    Case("6.24", "64 KiB of characters of 3 bytes", [text("€" * 21846)], [text("€" * 21846)]),
]  # fmt: skip

def prefix_of_kosme(cut):
    """6.6: complete up to some bytes, and a text that ends inside a character up to others."""
    name, sends = f"{cut} bytes of kosme", [text(KOSME[:cut])]
    if cut in (2, 5, 7, 9, 11):  # ends of characters
        return Case(f"6.6.{cut}", name, sends, sends)
    return refused_text(f"6.6.{cut}", name, sends, expects=[text(KOSME[:cut], fin=False)])


PREFIXES = [prefix_of_kosme(cut) for cut in range(1, len(KOSME) + 1)]

REFUSED = [
    refused_text("6.14", "a whole message behind half a character", [text(b"caf\xc3"), text(b"\xa9")],
                 expects=[text(b"caf\xc3", fin=False)]),
    refused_text("6.3.2", "fragments of 1 byte", fragments(KOSME + b"\xed\xa0\x80edited", 1),
                 expects=[text(KOSME + b"\xed", fin=False)]),
    refused_text("6.14", "an empty last fragment inside a character", [text(b"\xe2\x82", fin=False), last()],
                 expects=[text(b"\xe2\x82", fin=False)]),
    refused_text("6.14", "good text before", [text("good"), text(b"\xff")], expects=[text("good")]),
    refused_text("6.14", "a bad byte behind a ping", [text(b"\xe2", fin=False), ping("p"), last(b"\x28\xa1")],
                 expects=[text(b"\xe2", fin=False), pong("p")]),
]  # fmt: skip


@pytest.mark.parametrize(**played(CASES + PREFIXES + REFUSED))
def test_case(side, case, delivery):
    play(case, side.open(), delivery)


class TestValid:
    def test_whole(self, side):
        frames = [text(data) for data in VALID.values()]
        play(Case("6.5", "all", frames, frames), side.open())

    def test_byte_by_byte(self, side):
        frames = [text(data) for data in VALID.values()]
        play(Case("6.5", "all", frames, frames), side.open(), 1)

    def test_cut_at_every_byte_across_frames(self, side):
        sends, expected = [], []
        for data in VALID.values():
            for cut in range(len(data) + 1):
                sends += [text(data[:cut], fin=False), last(data[cut:])]
                expected.append(text(data))
        play(Case("6.5", "cut", sends, expected), side.open())

    def test_each_byte_in_a_frame(self, side):
        sends = [frame for data in VALID.values() for frame in fragments(data, 1)]
        play(Case("6.5", "bytes", sends, [text(data) for data in VALID.values()]), side.open())

    def test_cut_at_every_byte_across_segments(self, side):
        """The second segment is sent when the first has come back."""
        link = side.open()
        for data in VALID.values():
            if len(data) > 20:
                continue
            for cut in range(1, len(data)):
                answers = Answers(link.peer)
                wire = text(data).encoded(link.peer.is_client)
                link.peer.send_bytes(wire[: cut - len(data)])
                answers.read_until(lambda now: now.count == cut)
                link.peer.send_bytes(wire[cut - len(data) :])
                answers.read_until(lambda now: now.messages)
                assert answers.messages == [(TEXT, data)]
        play(Case("6.5", "end", []), link)


INVALID_CASES = [
    refused_text("6", name, sends, expects=[text(data, fin=False)])
    for title, data in INVALID.items()
    for name, sends in [(title, [text(data)]), (f"{title}, each byte in a frame", fragments(data, 1))]
]


@pytest.mark.parametrize(**played(INVALID_CASES))
def test_invalid(side, case, delivery):
    play(case, side.open(), delivery)


@pytest.mark.parametrize("name", INVALID)
class TestInvalid:
    def test_cut_at_every_byte_across_frames(self, listening, name):
        data = INVALID[name]
        for cut in range(min(len(data), 40) + 1):
            sends = [text(data[:cut], fin=False), last(data[cut:])]
            play(refused_text("6", name, sends, expects=[text(data, fin=False)]), listening.open())

    def test_fails_with_the_first_bad_byte(self, side, name):
        """6.4: not before it, and without waiting for the rest of a frame of which nothing more is sent."""
        data, bad = INVALID[name], first_bad_byte(INVALID[name])
        link = side.open()
        answers = Answers(link.peer)
        peer = link.peer
        cut = len(data) if bad is None else bad
        peer.send(TEXT, data[:cut], fin=False)
        peer.send_bytes(ping("so far").encoded(peer.is_client))
        answers.read_until(lambda now: now.pongs and now.count == cut)
        assert answers.close is None, "closed before the first bad byte"
        if bad is None:
            peer.send(CONTINUATION, b"")
        else:
            wire = last(data[bad:] + bytes(1000)).encoded(peer.is_client)
            peer.send_bytes(wire[: bad - len(data) - 999])
        answers.read_to_close()
        assert answers.count == cut, "the bad byte was echoed"
        assert answers.close.code == 1007
        link.refused(1007, "text message", "(RFC 6455 §8.1)")
