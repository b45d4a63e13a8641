# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""Autobahn section 3, reserved bits (RFC 6455 §5.2): each combination, on each kind of frame."""

import pytest

from script import Refused, binary, close, last, more, ping, play, played, pong, text

#: What can carry the bits: name, the frames before it, the frame, what is echoed before it.
PLACES = [
    ("text", [], text, []),
    ("empty text", [], lambda _, **bits: text(**bits), []),
    ("first fragment", [], lambda data, **bits: text(data, fin=False, **bits), []),
    ("binary", [], binary, []),
    ("second message", [text("Hello")], text, [text("Hello")]),
    ("middle fragment", [text("a", fin=False)], more, [text("a", fin=False)]),
    ("last fragment", [binary("a", fin=False)], last, [binary("a", fin=False)]),
    ("ping", [], ping, []),
    ("ping inside a message", [text("a", fin=False)], ping, [text("a", fin=False)]),
    ("pong", [], pong, []),
    ("close", [], lambda _, **bits: close(1000, **bits), []),
]


def _names(bits):
    return ", ".join(name for bit, name in [(4, "RSV1"), (2, "RSV2"), (1, "RSV3")] if bits & bit)


CASES = [
    Refused(f"3.{bits}", f"{_names(bits)} on {place}", [*before, frame("x", rsv=bits), ping("after")],
            f"reserved bits that no extension was agreed for: {_names(bits)}", "§5.2", expects)
    for place, before, frame, expects in PLACES
    for bits in range(1, 8)
]  # fmt: skip


@pytest.mark.parametrize(**played(CASES))
def test_case(side, case, delivery):
    play(case, side.open(), delivery)
