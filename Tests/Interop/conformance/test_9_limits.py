# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""Autobahn section 9, limits and performance: large messages, many fragments, small segments, many round trips."""

import pytest

from raw_peer import BINARY, CONTINUATION, TEXT, encode
from script import Answers, Case, binary, fragments, play, text
from waiting import MIB, Background, payload, same_bytes

KIB = 1024
STARTS = [text, binary]

#: Both kinds carry the same bytes, which are UTF-8 of all lengths.
DATA = ("Hello κόσμε € \U0001f600 " * 600_000).encode()


def data_of(size):
    """UTF-8 of `size` bytes."""
    data = DATA[:size].decode(errors="ignore").encode()
    return data + b"x" * (size - len(data))


def echo(side, start, size, fragment=None, segment="at once"):
    data = data_of(size)
    play(Case("9", "", fragments(data, fragment or size, start), [start(data)]), side.open(), segment)


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("size", [64 * KIB, 256 * KIB, MIB, 4 * MIB, 8 * MIB, 16 * MIB])
def test_one_frame(side, start, size):
    """9.1, 9.2"""
    echo(side, start, size)


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize(
    "fragment",
    [pytest.param(64, marks=pytest.mark.long), pytest.param(256, marks=pytest.mark.long), KIB, 4 * KIB, 16 * KIB,
     64 * KIB, 256 * KIB, MIB],
)  # fmt: skip
def test_4_mib_in_fragments(side, start, fragment):
    """9.3, 9.4"""
    echo(side, start, 4 * MIB, fragment)


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("fragment", [pytest.param(64, marks=pytest.mark.long), 4 * KIB, 64 * KIB])
def test_16_mib_in_fragments(side, start, fragment):
    echo(side, start, 16 * MIB, fragment)


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("segment", [64, 128, 256, 512, KIB, 2 * KIB])
def test_1_mib_in_segments(side, start, segment):
    """9.5, 9.6"""
    echo(side, start, MIB, segment=segment)


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("segment", [pytest.param(64, marks=pytest.mark.long), 4 * KIB, 64 * KIB])
def test_16_mib_in_segments(side, start, segment):
    echo(side, start, 16 * MIB, segment=segment)


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("size", [0, 16, 64, 256, KIB, 4 * KIB])
def test_1000_round_trips(side, start, size):
    """9.7, 9.8"""
    link = side.open()
    data = data_of(size)
    answers = Answers(link.peer)
    wire = start(data).encoded(link.peer.is_client)
    for count in range(1, 1001):
        link.peer.send_bytes(wire)
        answers.read_until(lambda now: len(now.messages) == count)
    assert answers.messages == [(start().opcode, data)] * 1000
    play(Case("9.7", "end", []), link)


@pytest.mark.parametrize("size", [0, 1, 125, 126, 4096])
def test_10000_messages_without_waiting(side, size):
    link = side.open()
    data = bytes(size)
    block = b"".join(binary(data).encoded(link.peer.is_client) for _ in range(100))
    answers = Answers(link.peer)
    with Background(lambda: [link.peer.send_bytes(block) for _ in range(100)]):
        answers.read_until(lambda now: len(now.messages) == 10_000)
    assert answers.messages == [(BINARY, data)] * 10_000
    play(Case("9.7", "end", []), link)


def test_16_mib_in_one_frame_take_no_memory(side):
    link = side.open()
    answers = Answers(link.peer)
    link.peer.send(TEXT, b"before")
    answers.read_until(lambda now: now.messages)
    before = link.process.memory("VmRSS")
    data = payload(16 * MIB)
    with Background(link.peer.send, BINARY, data):
        answers.read_until(lambda now: len(now.messages) == 2)
    same_bytes(answers.messages[1][1], data)
    assert link.process.memory("VmHWM") - before < 8 * 1024, "KiB"
    play(Case("9.2", "end", []), link)


@pytest.mark.parametrize("length", [1 << 31, 1 << 32, (1 << 63) - 1])
def test_a_frame_longer_than_any_memory(side, length):
    """What there is of it is passed on; then the peer breaks off."""
    link = side.open()
    peer = link.peer
    peer.send_bytes(encode(BINARY, b"beginning", length=length, mask=bytes(4) if peer.is_client else None))
    received = b""
    while len(received) < len(b"beginning"):
        frame = peer.read_frame()
        assert frame.opcode == (CONTINUATION if received else BINARY) and not frame.fin
        received += frame.payload
    assert received == b"beginning"
    peer.reset()
    link.failed(74, "reset")
