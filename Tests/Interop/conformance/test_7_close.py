# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""Autobahn section 7, the closing handshake (RFC 6455 §5.5.1, §7)."""

import struct

import pytest

from raw_peer import CLOSE
from script import Case, Refused, binary, close, frame, last, ping, play, played, text

VALID = [1000, 1001, 1002, 1003, *range(1007, 1015), 3000, 3999, 4000, 4999]
INVALID = [0, 1, 999, 1004, 1005, 1006, *range(1015, 1020), 1100, 1999, 2000, 2999, 5000, 9999, 32768, 65535]
LONGEST_REASON = "*" * 123

#: Nothing that follows a Close counts, right or wrong.
BEHIND_CLOSE = [
    ("7.1.2", "a second close", [close(1000)]),
    ("7.1.2", "a second close with another code", [close(1002)]),
    ("7.1.3", "a ping", [ping("ping")]),
    ("7.1.4", "a text", [text("Hello")]),
    ("7.1.7", "a text that is not UTF-8", [text(b"\xff")]),
    ("7.1.8", "a reserved opcode", [frame(3, "x")]),
    ("7.1.9", "reserved bits", [text("x", rsv=7)]),
    ("7.1.10", "a frame that does not end", [binary("x", length=1 << 40)]),
    ("7.1.11", "a close of one byte", [frame(CLOSE, b"\x03")]),
    ("7.1.12", "a megabyte", [binary(bytes(1 << 20))]),
]

CASES = [
    Case("7.1.1", "text, then close", [text("Hello"), close(1000)], [text("Hello")]),
    *[Case(number, f"{name} behind a close", [close(1000), *frames]) for number, name, frames in BEHIND_CLOSE],
    Case("7.1.5", "close between 2 fragments", [text("frag1", fin=False), close(1000), last("frag2")],
         failure="in the middle of a message"),
    Case("7.1.6", "256 KiB, text, close, ping", [text("*" * (256 * 1024)), text("Hello"), close(1000), ping("x")],
         [text("*" * (256 * 1024)), text("Hello")]),
    Case("7.3.1", "close without a code", [close()], close=1005),
    Case("7.3.3", "close with a code only", [close(1000)]),
    Case("7.3.4", "close with a reason", [close(1000, b"Hello World!")]),
    Case("7.3.5", "the longest reason", [close(1000, LONGEST_REASON.encode())]),
    Case("7.3.7", "a reason in UTF-8", [close(1000, "κόσμε \U0010ffff".encode())]),
    Case("7.3.8", "a reason with line ends and NUL", [close(4000, b"a\r\nb\0c\x1b[31m")], close=4000),
    *[Case("7.7", f"code {code}", [close(code)], close=code) for code in VALID],
    *[Case("7.7", f"code {code} with a reason", [close(code, b"reason")], close=code) for code in VALID],
]  # fmt: skip

CODE = "which must not be sent"
REASON = "close frame whose reason is not UTF-8"


def refused_reason(number, name, reason):
    sends = [close(1000, reason)]
    return Refused(number, name, sends, REASON, "§5.5.1", close=1007)


REFUSED = [
    Refused("7.3.2", "close of one byte", [frame(CLOSE, b"a")], "close frame of one byte", "§5.5.1"),
    Refused("7.3.9", "close of one byte inside a message", [text("a", fin=False), frame(CLOSE, b"\x03")],
            "close frame of one byte", "§5.5.1", [text("a", fin=False)]),
    Refused("7.3.6", "a reason of 124 bytes", [close(1000, b"*" * 124)], "close frame of more than 125 bytes", "§5.5"),
    refused_reason("7.5.1", "an encoded surrogate", b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80edited"),
    refused_reason("7.5.2", "an impossible byte", b"\xff"),
    refused_reason("7.5.3", "a reason that ends inside a character", b"caf\xc3"),
    refused_reason("7.5.4", "a lonely continuation byte", b"\x80"),
    refused_reason("7.5.5", "the longest reason with a cut character", b"*" * 122 + b"\xe2"),
    refused_reason("7.5.6", "overlong", b"\xc0\xaf"),
    *[Refused("7.9", f"code {code}", [close(code)], CODE, "§7.4") for code in INVALID],
    *[Refused("7.9", f"code {code} with a reason", [close(code, b"reason")], CODE, "§7.4") for code in INVALID],
    Refused("7.9", "code 999 behind a text", [text("Hello"), close(999)], CODE, "§7.4", [text("Hello")]),
]  # fmt: skip


@pytest.mark.parametrize(**played(CASES + REFUSED))
def test_case(side, case, delivery):
    play(case, side.open(), delivery)


@pytest.mark.parametrize("code", VALID)
def test_the_reason_of_a_failed_peer_is_shown(dialing, code):
    link = dialing.open()
    link.peer.send_close(code, "schön \0".encode())
    assert link.peer.read_frame().payload == struct.pack("!H", code)
    if code in (1000, 1001):
        return link.ended(code)
    link.peer.close()
    line = dialing.exit(link.process, 74, f"peer closed with {code}")
    assert "schön" in line and "\0" not in line
