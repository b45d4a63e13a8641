# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""A child ends with its link, in order or not, whatever it thinks of signals."""

import os
import signal

import pytest

from raw_peer import BINARY, connect_raw
from streams import connect
from waiting import until

STUBBORN = "sh:trap '' HUP TERM; echo $$; while :; do sleep 1; done"


def is_gone(pid):
    try:
        os.kill(pid, 0)
        return False
    except ProcessLookupError:
        return True


def link_with_child(strait, command):
    listener = strait("ws-listen:0", command)
    peer = connect_raw(connect(("127.0.0.1", listener.port)))
    return listener, peer, int(peer.read_frame().payload)


@pytest.mark.parametrize("end", ["reset", "end", "close"])
def test_a_child_that_ignores_signals_is_killed_after_its_time(strait, end):
    """5 s to end by itself, then SIGTERM, 2 s later SIGKILL; after a failure SIGTERM comes at once."""
    listener, peer, pid = link_with_child(strait, STUBBORN)
    if end == "close":
        peer.send_close()
        peer.read_to_close()
    getattr(peer, "end" if end == "close" else end)()
    until(lambda: is_gone(pid), "the child is gone", within=30)
    assert listener.is_running()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_child_that_ignores_signals_ends_with_strait(strait, number):
    listener, peer, pid = link_with_child(strait, STUBBORN)
    listener.signal(number)
    assert listener.wait().code == 128 + number
    until(lambda: is_gone(pid), "the child is gone")


def test_a_child_that_is_killed_is_a_failure_for_its_peer(strait):
    listener, peer, pid = link_with_child(strait, "sh:echo $$; exec cat")
    peer.send(BINARY, b"still there")
    assert peer.read_data(11) == b"still there"
    os.kill(pid, signal.SIGKILL)
    rest, close = peer.read_to_close()
    assert (rest, close.code) == (b"", 1011)
    listener.line("the child was killed by signal 9")
    assert len(listener.lines) == 1, listener.lines


def test_a_child_that_is_told_to_end_is_no_news(strait):
    """Its link has broken, and one line says so."""
    listener, peer, pid = link_with_child(strait, "sh:echo $$; exec cat")
    peer.reset()
    until(lambda: is_gone(pid), "the child is gone")
    listener.line("reset by peer")
    assert len(listener.lines) == 1, listener.lines


def test_a_file_that_may_not_be_executed_is_told_from_one_that_is_missing(strait, tmp_path):
    script = tmp_path / "script"
    script.write_text("#!/bin/sh\n")
    strait.run(f"exec:{script}", "discard:").failed_with(69, str(script), "may be executed")
    strait.run(f"exec:{script}x", "discard:").failed_with(69, "no such program")


def test_a_child_that_ends_by_itself_is_an_end(strait):
    listener, peer, _ = link_with_child(strait, "sh:echo $$; exec true")
    rest, close = peer.read_to_close()
    assert (rest, close.code) == (b"", 1000)
    peer.send_close()


def test_credentials_of_the_environment_are_not_the_childs(strait):
    secrets = {"STRAIT_USER": "me:hunter2", "STRAIT_BEARER": "hunter2", "STRAIT_PASS": "hunter2"}
    for name, value in secrets.items():
        result = strait.run("-", "sh:env", env={name: value, "OTHER": "seen"})
        assert b"OTHER=seen" in result.stdout
        assert b"hunter2" not in result.stdout
