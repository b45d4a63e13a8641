# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""Autobahn section 1, framing (RFC 6455 §5.2): messages of each length form, text as text and binary as binary."""

import pytest

from script import Case, binary, play, played, text

SIZES = [0, 1, 125, 126, 127, 128, 65535, 65536, 65537]

TEXTS = [Case(f"1.1.{index}", f"text of {size} bytes", [text(b"*" * size)], [text(b"*" * size)])
         for index, size in enumerate(SIZES, 1)]  # fmt: skip

BINARIES = [Case(f"1.2.{index}", f"binary of {size} bytes", [binary(b"\xfe" * size)], [binary(b"\xfe" * size)])
            for index, size in enumerate(SIZES, 1)]  # fmt: skip

SEQUENCES = [
    Case("1.3.1", "text and binary in turn", [text("a"), binary("b"), text("c")], [text("a"), binary("b"), text("c")]),
    Case("1.3.2", "empty ones between others", [text("a"), text(), binary(), binary("b"), text(), text("c")],
         [text("a"), text(), binary(), binary("b"), text(), text("c")]),
    Case("1.3.3", "1000 in one segment", [text(str(n)) for n in range(1000)], [text(str(n)) for n in range(1000)]),
    Case("1.3.4", "300 empty ones in one segment", [binary()] * 300, [binary()] * 300),
    Case("1.3.5", "every byte value", [binary(bytes(range(256)))], [binary(bytes(range(256)))]),
]  # fmt: skip


@pytest.mark.parametrize(**played(TEXTS + BINARIES + SEQUENCES))
def test_case(side, case, delivery):
    play(case, side.open(), delivery)


@pytest.mark.parametrize("key", [bytes(4), b"\xff" * 4, b"\x00\x00\x00\x01", b"\x80\x00\x00\x00"], ids=bytes.hex)
@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 63, 64, 65, 1001])
def test_every_mask_key_is_taken(listening, key, size):
    data = bytes(range(256)) * 4
    play(Case("1.4", "mask", [binary(data[:size], mask=key)], [binary(data[:size])]), listening.open())


@pytest.mark.parametrize("size,segment", [(3000, 1), (65536, 997), (65536, 1460)])
@pytest.mark.parametrize("start", [text, binary])
def test_a_frame_in_segments(side, start, size, segment):
    """1.1.8, 1.2.8"""
    data = b"*" * size
    play(Case("1.1.8", "segments", [start(data)], [start(data)]), side.open(), segment)
