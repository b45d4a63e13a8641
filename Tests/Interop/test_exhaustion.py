# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""Out of descriptors, on accepting, dialing and starting programs: clients wait, it is said once, and it passes."""

import os
from pathlib import Path

import pytest

from raw_peer import read_head, upgrade_request
from streams import connect
from waiting import until

#: Enough for the listener and a few links.
LIMIT = 48
CLIENTS = 60

limited = ["prlimit", f"--nofile={LIMIT}"]
SAID = "new clients wait until links end: .*ulimit -n"


def cpu_ticks(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


class TestAccept:
    def start(self, strait):
        listener = strait("tcp-listen:0", "echo:", wrapper=limited)
        clients = [connect(("127.0.0.1", listener.port)) for _ in range(CLIENTS)]
        for client in clients:
            client.send(b"x")
        listener.line(SAID)
        return listener, clients

    def test_clients_wait_until_links_end(self, strait):
        listener, clients = self.start(strait)
        served = [client for client in clients if not client.is_idle()]
        waiting = [client for client in clients if client not in served]
        assert served and waiting
        for client in served:
            assert client.read_exactly(1) == b"x"
            client.close()
        # As many as there were served have room now; the rest follows them.
        while waiting:
            until(lambda: any(not client.is_idle() for client in waiting), "a client that waited is served")
            for client in [client for client in waiting if not client.is_idle()]:
                assert client.read_exactly(1) == b"x"
                client.close()
                waiting.remove(client)

    def test_it_is_said_once(self, strait):
        listener, clients = self.start(strait)
        for client in clients:
            client.close()
        again = connect(("127.0.0.1", listener.port))
        again.send(b"y")
        assert again.read_exactly(1) == b"y"
        assert len([line for line in listener.lines if "new clients wait" in line]) == 1

    def test_it_costs_no_core(self, strait):
        listener, clients = self.start(strait)
        before = cpu_ticks(listener.pid)
        served = until(lambda: next((client for client in clients if not client.is_idle()), None), "one is served")
        assert served.read_exactly(1) == b"x"
        for _ in range(200):
            served.send(b"z")
            served.read_exactly(1)
        # 200 round trips take some milliseconds of CPU; asking in vain would take all there is.
        assert cpu_ticks(listener.pid) - before <= 0.5 * os.sysconf("SC_CLK_TCK")


@pytest.mark.parametrize("target", ["tcp", "exec:cat"])
def test_what_can_not_be_dialed_is_answered_503(strait, target):
    remote = f"tcp:127.0.0.1:{strait('tcp-listen:0', 'echo:').port}" if target == "tcp" else target
    listener = strait("ws-listen:0", remote, wrapper=limited)
    clients = [connect(("127.0.0.1", listener.port)) for _ in range(CLIENTS)]
    for client in clients:
        client.send(upgrade_request().encode())
    listener.line(SAID)
    refused = 0
    while not refused:
        answered = [client for client in clients if not client.is_idle()]
        for client in answered:
            head = read_head(client.socket)[0]
            assert head.status in (101, 503)
            if head.status == 503:
                assert head.headers["retry-after"]
                refused += 1
            clients.remove(client)
            client.close()
    for client in clients:
        client.close()
    assert len([line for line in listener.lines if "new clients wait" in line]) == 1
    until(lambda: serves(listener), "it serves again")


def serves(listener):
    client = connect(("127.0.0.1", listener.port))
    client.send(upgrade_request().encode())
    served = read_head(client.socket)[0].status == 101
    client.close()
    return served


def test_a_dialing_strait_says_what_is_missing(strait):
    echo = strait("tcp-listen:0", "echo:")
    for limit in range(4, 40):
        result = strait.run("-", f"tcp:127.0.0.1:{echo.port}", wrapper=["prlimit", f"--nofile={limit}"])
        if result.code == 0:
            return
        result.failed_with(69, "too many open files", "ulimit -n")
    pytest.fail("it does not run with 39 descriptors either")


class TestLog:
    """What happens to log lines is nobody's trouble but theirs."""

    @pytest.mark.parametrize("kind", ["full disk", "closed pipe", "full pipe"])
    def test_link_lives_on(self, strait, kind):
        if kind == "full disk":
            stderr = os.open("/dev/full", os.O_WRONLY)
        else:
            reader, stderr = os.pipe()
            if kind == "closed pipe":
                os.close(reader)
            else:
                os.set_blocking(stderr, False)
                while True:
                    try:
                        os.write(stderr, bytes(4096))
                    except BlockingIOError:
                        break
                os.set_blocking(stderr, True)
        data = os.urandom(1_000_000)
        wrapper = ["sh", "-c", f'exec "$0" "$@" 2>/dev/fd/{stderr}']
        result = strait.run("-v", "-", "echo:", input=data, wrapper=wrapper, pass_fds=[stderr])
        assert result.stdout == data and result.code == 0
