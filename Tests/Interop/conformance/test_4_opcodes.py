# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""Autobahn section 4, reserved opcodes (RFC 6455 §5.2): 3 to 7 and 11 to 15, with and without payload, anywhere."""

import pytest

from script import Refused, frame, ping, play, played, text

#: Name, the frames before, what is echoed of them.
PLACES = [
    ("first", [], []),
    ("after a text", [text("Hello")], [text("Hello")]),
    ("inside a message", [text("Hello", fin=False)], [text("Hello", fin=False)]),
]

CASES = [
    Refused(f"4.{group}.{index}", f"opcode {opcode} {place}, {len(data)} bytes, fin {fin}",
            [*before, frame(opcode, data, fin=fin), ping("after")], f"reserved opcode {opcode}", "§5.2", expects)
    for group, opcodes in [(1, range(3, 8)), (2, range(11, 16))]
    for index, opcode in enumerate(opcodes, 1)
    for place, before, expects in PLACES
    for data in (b"", b"Hello, world!")
    for fin in (True, False)
]  # fmt: skip


@pytest.mark.parametrize(**played([case for case in CASES if "fin True" in case.name]))
def test_case(side, case, delivery):
    play(case, side.open(), delivery)


@pytest.mark.parametrize("case", [case for case in CASES if "fin False" in case.name], ids=str)
def test_fragment(listening, case):
    play(case, listening.open())
