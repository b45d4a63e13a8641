# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""A `strait serve` as its administrator sees it, and what systemd does for it."""

import socket
import urllib.error
import urllib.request

from prometheus_client.parser import text_string_to_metric_families

from raw_peer import BINARY, connect_raw
from streams import connect
from waiting import SOON


class Node:
    """A `strait serve` with a monitoring port."""

    def __init__(self, strait, *arguments, listen="ws://127.0.0.1:0", routes=("/echo=echo:",), **how):
        words = [word for route in routes for word in ("--route", route)]
        self.strait = strait(
            "serve", "--listen", listen, "--metrics", "127.0.0.1:0", *words, *arguments, **how
        )
        self.monitor = self.strait.line(r"metrics at (http://127\.0\.0\.1:\d+)/metrics").group(1)

    @property
    def port(self):
        return self.strait.port

    @property
    def monitor_port(self):
        return int(self.monitor.rpartition(":")[2])

    def get(self, path):
        """Status and body."""
        try:
            with urllib.request.urlopen(self.monitor + path, timeout=SOON) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def metric(self, name, **labels):
        families = text_string_to_metric_families(self.get("/metrics")[1])
        return sum(
            sample.value
            for family in families
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )

    def link(self, path="/echo", *headers):
        return connect_raw(connect(("127.0.0.1", self.port)), path, *headers)


def echo(peer, text=b"hello"):
    peer.send(BINARY, text)
    assert peer.read_data(len(text)) == text


class Manager:
    """What systemd does for a service: it listens, starts it, and hears from it."""

    def __init__(self, directory):
        self.path = str(directory / "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.socket.settimeout(SOON)

    def hears(self, text):
        while True:
            message = self.socket.recv(4096).decode().split("\n")
            if text in message:
                return message

    @staticmethod
    def hands_over(*sockets):
        """A wrapper that has them as descriptors from 3 on, for the process that it becomes."""
        moves = "".join(f"exec {3 + index}<&{one.fileno()}; " for index, one in enumerate(sockets))
        names = ":".join("web" for _ in sockets)
        script = f'{moves}LISTEN_FDS={len(sockets)} LISTEN_FDNAMES={names} LISTEN_PID=$$ exec "$@"'
        # Not sh: that of Debian knows no descriptors over 9.
        return ["bash", "-c", script, "bash"]


def refuses(address):
    """Nobody listens there any more."""
    try:
        connect(address).close()
        return False
    except ConnectionResetError:
        return False  # it came between the last accept(2) and close(2), so ask again
    except (ConnectionRefusedError, FileNotFoundError):
        return True
