# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""A reset stays a reset through two straits and what stands between them, and a cut is never a clean end."""

import signal

import pytest

from chains import make_chain
from streams import RESET, connect
from waiting import MIB, Background, payload, same_bytes, until

via = pytest.mark.parametrize("via", ["direct", "tls", "nginx", "haproxy"])


@via
def test_service_resets(strait, programs, certs, service, via):
    chain = make_chain(strait, programs, certs, service, via)
    chain.service.send(b"before the reset")
    assert chain.client.read_exactly(16) == b"before the reset"
    chain.service.reset()
    assert chain.client.until_broken() == (b"", RESET)
    assert chain.dialer.is_running() and chain.listener.is_running()


@via
def test_client_resets(strait, programs, certs, service, via):
    chain = make_chain(strait, programs, certs, service, via)
    chain.client.send(b"before the reset")
    assert chain.service.read_exactly(16) == b"before the reset"
    chain.client.reset()
    assert chain.service.until_broken() == (b"", RESET)
    assert chain.dialer.is_running() and chain.listener.is_running()


@via
def test_service_resets_and_stdout_is_the_client(strait, programs, certs, service, via):
    chain = make_chain(strait, programs, certs, service, via, "stdio")
    chain.service.send(b"before the reset")
    assert chain.client.read_exactly(16) == b"before the reset"
    chain.service.reset()
    chain.dialer.finish().failed_with(74)


@pytest.mark.parametrize("direction", ["client", "service"])
def test_reset_after_the_other_direction_has_ended(strait, programs, certs, service, direction):
    """Half of the link has ended in order; the other half still may not look as if it had."""
    chain = make_chain(strait, programs, certs, service)
    resets, sees = (chain.client, chain.service) if direction == "client" else (chain.service, chain.client)
    sees.end()
    assert resets.read_to_end() == b""
    resets.send(b"before the reset")
    assert sees.read_exactly(16) == b"before the reset"
    resets.reset()
    assert sees.until_broken() == (b"", RESET)


def test_reset_while_bytes_flow(strait, programs, certs, service):
    chain = make_chain(strait, programs, certs, service)

    def flood():
        try:
            while True:
                chain.client.send(bytes(65536))
        except (ConnectionResetError, BrokenPipeError):
            return RESET

    client = Background(flood)
    chain.service.read_exactly(MIB)
    chain.service.reset()
    assert client.result() == RESET


def test_listening_strait_is_killed(strait, programs, certs, service):
    chain = make_chain(strait, programs, certs, service)
    chain.service.send(b"before the cut")
    assert chain.client.read_exactly(14) == b"before the cut"
    chain.listener.signal(signal.SIGKILL)
    assert chain.client.until_broken() == (b"", RESET)
    assert chain.dialer.is_running()


def test_dialing_strait_is_killed(strait, programs, certs, service):
    chain = make_chain(strait, programs, certs, service, kind="stdio")
    chain.client.send(b"before the cut")
    assert chain.service.read_exactly(14) == b"before the cut"
    chain.dialer.signal(signal.SIGKILL)
    assert chain.service.until_broken() == (b"", RESET)
    assert chain.listener.is_running()


def test_reset_is_logged_and_the_listeners_go_on(strait, programs, certs, service):
    chain = make_chain(strait, programs, certs, service)
    chain.service.reset()
    assert chain.client.until_broken() == (b"", RESET)
    for side in (chain.dialer, chain.listener):
        until(lambda: len(side.lines) == 1, f"one line on stderr for the broken link: {side.lines}")
    client, behind = connect(("127.0.0.1", chain.dialer.port)), service.accept()
    client.send(payload(1000))
    same_bytes(behind.read_exactly(1000), payload(1000))


def test_no_descriptor_is_left(strait, programs, certs, service):
    """Whichever way links end, the straits have as many descriptors after the tenth as after the first few."""
    chain = make_chain(strait, programs, certs, service)
    chain.client.close()
    chain.service.close()
    counts = []
    for round in range(12):
        client, behind = connect(("127.0.0.1", chain.dialer.port)), service.accept()
        client.send(b"x")
        behind.read_exactly(1)
        first, second = (client, behind) if round % 2 else (behind, client)
        if round % 4 < 2:
            first.reset()
            second.until_broken()
        else:
            first.end()
            second.read_to_end()
            second.end()
            first.read_to_end()
        client.close()
        behind.close()
        if round == 3:
            counts = [chain.dialer.descriptors(), chain.listener.descriptors()]
    until(
        lambda: [chain.dialer.descriptors(), chain.listener.descriptors()] <= counts,
        f"no more than {counts} descriptors",
    )
