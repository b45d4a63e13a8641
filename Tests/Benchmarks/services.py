# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""What stands behind the relays, and who connects to them. Each is a process of its own, so that it has its own core."""

import multiprocessing
import selectors
import socket
import time
from contextlib import contextmanager

from processes import NotMeasured

fork = multiprocessing.get_context("fork")

CHUNK = 256 * 1024


@contextmanager
def running(function, *arguments):
    """Another process with `function(pipe, *arguments)`; the value is our end of the pipe."""
    ours, theirs = fork.Pipe()
    process = fork.Process(target=function, args=(theirs, *arguments), daemon=True)
    process.start()
    theirs.close()
    try:
        yield ours
    finally:
        process.terminate()
        process.join()


def answer(pipe, within):
    """The next thing that comes through the pipe."""
    if not pipe.poll(within):
        raise NotMeasured(f"nothing within {within:g} s")
    value = pipe.recv()
    if isinstance(value, Exception):
        raise NotMeasured(str(value))
    return value


def listening_socket():
    return socket.create_server(("127.0.0.1", 0), backlog=4096)


@contextmanager
def echo():
    """Returns every byte; the value is the port."""
    with listening_socket() as server, running(_echo, server):
        yield server.getsockname()[1]


def _echo(_, server):
    selector = selectors.DefaultSelector()
    selector.register(server, selectors.EVENT_READ)
    while True:
        for key, _ in selector.select():
            if key.fileobj is server:
                accepted = server.accept()[0]
                accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                selector.register(accepted, selectors.EVENT_READ)
                continue
            try:
                data = key.fileobj.recv(CHUNK)
                key.fileobj.sendall(data)
            except OSError:
                data = b""
            if not data:
                selector.unregister(key.fileobj)
                key.fileobj.close()


def crowd(count, visit, seconds, *arguments):
    """`count` processes that call `visit(*arguments)` again and again; how many calls ended in a second."""
    start = fork.Event()

    def visitor(pipe):
        try:
            visit(*arguments)
            pipe.send("ready")
            start.wait()
            calls, end = 0, time.monotonic() + seconds
            while time.monotonic() < end:
                visit(*arguments)
                calls += 1
            pipe.send(calls / (time.monotonic() - end + seconds))
        except Exception as error:
            pipe.send(error)

    def enter(entered):
        if len(entered) == count:
            [answer(pipe, 20) for pipe in entered]
            start.set()
            return sum(answer(pipe, seconds + 20) for pipe in entered)
        with running(visitor) as pipe:
            return enter([*entered, pipe])

    return enter([])
