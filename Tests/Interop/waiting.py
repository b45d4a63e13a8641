# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""Waiting for things that must happen, and running one side of a conversation while the test plays the other."""

import hashlib
import random
import threading
import time

#: Seconds within which everything that the tests wait for must have happened. It is a deadline, not a measurement:
#: on a free machine each takes milliseconds.
SOON = 20.0

MIB = 1024 * 1024


def until(condition, what, within=SOON):
    """Returns the first true value of `condition()`. For state that nothing announces; events are awaited instead."""
    deadline = time.monotonic() + within
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within:g} s: {what}")
        time.sleep(0.005)


class Background:
    """A function that runs in a thread; what it raises is raised by `result()`, or at the end of a `with`."""

    def __init__(self, function, *args, **kwargs):
        self._value = self._error = None
        self._thread = threading.Thread(target=self._run, args=(function, args, kwargs), daemon=True)
        self._thread.start()

    def _run(self, function, args, kwargs):
        try:
            self._value = function(*args, **kwargs)
        except BaseException as error:
            self._error = error

    def is_running(self):
        return self._thread.is_alive()

    def result(self, within=60.0):
        self._thread.join(within)
        assert not self._thread.is_alive(), f"still running after {within:g} s"
        if self._error is not None:
            raise self._error
        return self._value

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if kind is None:
            self.result()


def payload(size, seed=0):
    """`size` bytes without pattern, the same for the same seed."""
    return random.Random(seed * 1_000_003 + size).randbytes(size)


def same_bytes(received, sent, what="bytes"):
    """Asserts equality with a message that fits a screen, also for megabytes."""
    if received == sent:
        return
    agree = next((i for i, (a, b) in enumerate(zip(received, sent)) if a != b), min(len(received), len(sent)))
    digests = [hashlib.sha256(side).hexdigest()[:16] for side in (received, sent)]
    raise AssertionError(
        f"{what}: {len(received)} received (sha256 {digests[0]}…), {len(sent)} expected (sha256 {digests[1]}…), "
        f"equal up to byte {agree}"
    )
