# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""Autobahn section 2, pings and pongs (RFC 6455 §5.5.2, §5.5.3)."""

import pytest

from raw_peer import PING, TEXT
from script import Answers, Case, Refused, binary, last, more, ping, play, played, pong, text
from waiting import MIB

BYTES = b"\x00\xff\xfe\xfd\xfc\xfb\x00\xff"
TEN_PINGS = [ping(f"payload-{index}") for index in range(10)]
TEN_PONGS = [pong(f"payload-{index}") for index in range(10)]

CASES = [
    Case("2.1", "ping without payload", [ping()], [pong()]),
    Case("2.2", "ping with text", [ping("Hello, world!")], [pong("Hello, world!")]),
    Case("2.3", "ping with bytes that are not text", [ping(BYTES)], [pong(BYTES)]),
    Case("2.4", "ping of 125 bytes", [ping(b"\xfe" * 125)], [pong(b"\xfe" * 125)]),
    Case("2.7", "unsolicited pong without payload", [pong()]),
    Case("2.8", "unsolicited pong with payload", [pong("unsolicited pong payload")]),
    Case("2.9", "unsolicited pong, then ping", [pong("unsolicited"), ping("ping")], [pong("ping")]),
    Case("2.10", "10 pings", TEN_PINGS, TEN_PONGS),
    Case("2.12", "unsolicited pong of 125 bytes", [pong(bytes(125)), text("after")], [text("after")]),
    Case("2.13", "unsolicited pongs inside a message", [text("a", fin=False), pong("x"), more("b"), pong(), last("c")],
         [text("abc")]),
    Case("2.14", "pings around a message", [ping("1"), binary("data"), ping("2")],
         [pong("1"), binary("data"), pong("2")]),
    Case("2.15", "pings between empty fragments",
         [binary(fin=False), ping("1"), more(), ping("2"), last(), ping("3")],
         [pong("1"), pong("2"), pong("3"), binary()]),
    Case("2.16", "pongs that answer nothing, 100", [pong(f"{n}") for n in range(100)] + [ping("end")], [pong("end")]),
]  # fmt: skip

REFUSED = [
    Refused("2.5", "ping of 126 bytes", [ping(b"\xfe" * 126)], "ping frame of more than 125 bytes", "§5.5"),
    Refused("2.17", "pong of 126 bytes", [pong(b"\xfe" * 126)], "pong frame of more than 125 bytes", "§5.5"),
    Refused("2.18", "ping of 65536 bytes, announced", [ping(length=65536)],
            "ping frame of more than 125 bytes", "§5.5"),
    Refused("2.19", "ping of 126 bytes inside a message", [text("a", fin=False), ping(bytes(126))],
            "ping frame of more than 125 bytes", "§5.5", [text("a", fin=False)]),
    Refused("2.20", "ping of 5 bytes in the long form", [ping(b"hello", form=16)], "ping frame", "§5.5"),
]  # fmt: skip


@pytest.mark.parametrize(**played(CASES + REFUSED))
def test_case(side, case, delivery):
    play(case, side.open(), delivery)


def _flood(link, frame, mebibytes):
    block = b"".join(frame(b"%0125d" % index).encoded(link.peer.is_client) for index in range(1000))
    for _ in range(mebibytes * MIB // len(block)):
        link.peer.send_bytes(block)


@pytest.mark.parametrize("frame,mebibytes", [(ping, 32), (pong, 16)])
def test_a_flood_without_reading(side, frame, mebibytes):
    """Memory stays bounded, the last Ping is answered, and the link is alive after it.

    A Pong for each is not owed: the most recent Ping may stand for all (§5.5.3).
    """
    link = side.open()
    peer, answers = link.peer, Answers(link.peer)
    peer.send(TEXT, b"before")
    answers.read_until(lambda now: now.messages)
    memory = link.process.memory("VmRSS")
    _flood(link, frame, mebibytes)
    peer.send(PING, b"last")
    peer.send(TEXT, b"after")
    answers.read_until(lambda now: len(now.messages) == 2 and now.pongs[-1:] == [b"last"])
    assert answers.messages == [(TEXT, b"before"), (TEXT, b"after")]
    assert link.process.memory("VmHWM") - memory < 8 * 1024, "KiB"
    peer.send_close()
    answers.read_to_close()
    link.ended()
