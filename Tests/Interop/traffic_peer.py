# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""The client or the service of a link: sends a stream that never ends, and checks the one that it gets.

It runs in a thread, or in a process of its own that can be killed and stopped. Either way it is told what to do, and
says how far it is, by the fields of a `Board` in shared memory.
"""

import ctypes
import mmap
import os
import random
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

#: What a peer has seen of the link's end.
NOTHING, END, RESET = "nothing", "end", "reset"

#: Seconds after which a change of the board is noticed at the latest.
TICK = 0.01

#: About 16 MB/s: it moves all the time, and leaves the processors time for other links.
PIECE = 32 * 1024
PAUSE = 0.002

READ = 256 * 1024
PERIOD = 1_000_003

#: More than will ever be sent.
ENDLESS = 1 << 60


class Board(ctypes.Structure):
    _fields_ = [
        # Orders: how many bytes to send in all; whether to end the stream then; whether to send and read now.
        ("goal", ctypes.c_int64),
        ("ends", ctypes.c_int64),
        ("writes", ctypes.c_int64),
        ("reads", ctypes.c_int64),
        ("resets", ctypes.c_int64),
        # Results. `wrong` counts the reads that did not give the bytes that the other one has sent there.
        ("sent", ctypes.c_int64),
        ("received", ctypes.c_int64),
        ("wrong", ctypes.c_int64),
        ("has_seen_end", ctypes.c_int64),
        ("has_seen_reset", ctypes.c_int64),
    ]


class Stream:
    """Bytes without pattern that both ends know, by offset."""

    def __init__(self, name):
        block = random.Random(name).randbytes(PERIOD)
        self._bytes = memoryview(block + block[:READ])

    def at(self, offset, count):
        offset %= PERIOD
        return self._bytes[offset : offset + count]


class Peer:
    """`descriptors` are those to read from and to write to; a socket is both. The peer closes them."""

    def __init__(self, name, other, descriptors, in_process):
        memory = os.memfd_create("board")
        os.ftruncate(memory, ctypes.sizeof(Board))
        self.board = _map(memory)
        self.board.reads = self.board.writes = 1
        self.has_pipes = descriptors[0] != descriptors[1]
        self.process = None
        arguments = (name, other, memory, *descriptors)
        if in_process:
            self.process = subprocess.Popen(
                [sys.executable, "-I", "-S", __file__, *map(str, arguments)], pass_fds={memory, *descriptors}
            )
            for descriptor in {memory, *descriptors}:
                os.close(descriptor)
        else:
            self._thread = threading.Thread(target=_run, args=arguments, daemon=True)
            self._thread.start()

    @property
    def saw(self):
        """How the link has ended as far as this peer knows. A pipe knows no reset."""
        if self.board.has_seen_reset and not self.has_pipes:
            return RESET
        return END if self.board.has_seen_end else NOTHING

    def signal(self, number):
        os.kill(self.process.pid, number)
        if number in (signal.SIGKILL, signal.SIGTERM):
            self.process.wait()

    def stop(self):
        if self.process:
            self.process.kill()
            self.process.wait()
        else:
            self.board.resets = 1
            self._thread.join()


def _map(memory):
    return Board.from_buffer(mmap.mmap(memory, ctypes.sizeof(Board)))


def _run(name, other, memory, source, sink):
    """Does what the board says until both directions have ended."""
    board = _map(memory)
    os.close(memory)
    sends, expects = Stream(name), Stream(other)
    for descriptor in {source, sink}:
        os.set_blocking(descriptor, False)
    source_open = sink_open = True
    try:
        while (source_open or sink_open) and not board.resets:
            reads = bool(source_open and board.reads)
            writes = bool(sink_open and board.writes)
            if writes and board.ends and board.sent >= board.goal:
                _end(source, sink)
                sink_open = False
                continue
            writes = writes and board.sent < board.goal
            events = _wait(source if source_open else None, reads, sink if sink_open else None, writes)
            if reads and events.get(source, 0) & ~select.POLLOUT:
                try:
                    data = os.read(source, READ)
                    board.wrong += data != expects.at(board.received, len(data))
                    board.received += len(data)
                    board.has_seen_end |= not data
                    source_open = bool(data)
                except BlockingIOError:
                    pass
                except OSError:
                    board.has_seen_reset = 1
                    source_open = sink_open = False
            elif sink_open and events.get(sink, 0) & select.POLLERR:
                board.has_seen_reset = 1
                sink_open = False
                source_open = source_open and source != sink
            if sink_open and writes and events.get(sink, 0) & select.POLLOUT:
                try:
                    board.sent += os.write(sink, sends.at(board.sent, min(PIECE, board.goal - board.sent)))
                    time.sleep(PAUSE)
                except BlockingIOError:
                    pass
                except OSError:
                    # What came before can still be read.
                    board.has_seen_reset = 1
                    sink_open = False
        if board.resets and source == sink:
            with socket.socket(fileno=os.dup(source)) as sock:
                if sock.family == socket.AF_INET:
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    finally:
        for descriptor in {source, sink} if sink_open or source == sink else {source}:
            os.close(descriptor)


def _end(source, sink):
    if source == sink:
        with socket.socket(fileno=os.dup(sink)) as sock:
            sock.shutdown(socket.SHUT_WR)
    else:
        os.close(sink)


def _wait(source, reads, sink, writes):
    masks = {}
    if source is not None:
        masks[source] = select.POLLIN if reads else 0
    if sink is not None:
        masks[sink] = masks.get(sink, 0) | (select.POLLOUT if writes else 0)
    poll = select.poll()
    for descriptor, mask in masks.items():
        poll.register(descriptor, mask)
    events = dict(poll.poll(TICK * 1000))
    if events and not any(mask & (select.POLLIN | select.POLLOUT) for mask in events.values()):
        time.sleep(TICK)
    return events


if __name__ == "__main__":
    _run(*sys.argv[1:3], *map(int, sys.argv[3:]))
