# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""What stands behind the relays, and who connects to them: processes of their own, that share no lock."""

import multiprocessing
import selectors
import socket
import time
from contextlib import ExitStack, contextmanager

from processes import NotMeasured
from waiting import SOON

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
    if isinstance(value, NotMeasured):
        raise value
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
    """`count` processes that call `visit(*arguments)` again and again: calls in a second, and calls in all."""
    start = fork.Event()

    def visitor(pipe):
        try:
            visit(*arguments)
            pipe.send("ready")
            start.wait()
            calls, begin = 0, time.monotonic()
            while (now := time.monotonic()) < begin + seconds:
                visit(*arguments)
                calls += 1
            pipe.send((calls / (now - begin), calls + 1))
        except Exception as error:
            pipe.send(NotMeasured(f"a client: {type(error).__name__}: {error}"))

    with ExitStack() as stack:
        pipes = [stack.enter_context(running(visitor)) for _ in range(count)]
        for pipe in pipes:
            answer(pipe, SOON)
        start.set()
        rates, totals = zip(*(answer(pipe, seconds + SOON) for pipe in pipes))
        return sum(rates), sum(totals)
