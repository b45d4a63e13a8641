# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""Pairs of relays in a chain: a TCP port, whose connections go through both to a TCP service."""

import os
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from certificates import Certificates
from processes import Program, listening

#: Who relays. socat has no WebSocket and no TLS here, stunnel TLS without WebSocket.
PEERS = {"ws": ["strait", "websocat", "socat"], "wss": ["strait", "websocat", "stunnel"]}


@dataclass
class Chain:
    #: Where clients connect.
    port: int
    dialer: Program
    listener: Program

    def cpu_seconds(self):
        return self.dialer.cpu_seconds() + self.listener.cpu_seconds()


class Relays:
    """Starts relays. What it needs beside them is in `directory`."""

    def __init__(self, strait, websocat, directory):
        self.strait = strait
        self.websocat = websocat
        self.directory = Path(directory)
        self.certs = Certificates(self.directory)
        self.archive = self.directory / "server.p12"
        subprocess.run(
            ["openssl", "pkcs12", "-export", "-inkey", self.certs.server.key, "-in", self.certs.server.cert]
            + ["-out", self.archive, "-passout", "pass:bench"],
            check=True,
        )
        # websocat has no option for the authority; its OpenSSL reads this.
        self.env = dict(os.environ, SSL_CERT_FILE=str(self.certs.ca.cert))
        self._started = 0

    def _listening(self, command_for_port, wrapper=()):
        self._started += 1
        return listening(
            lambda port: [*wrapper, *command_for_port(port)], self.directory / f"relay-{self._started}.log", self.env
        )

    def listener(self, peer, scheme, service, wrapper=()):
        """The side in front of the service on that port: the program and its port."""
        return self._listening(lambda port: getattr(self, f"_{peer}_listener")(scheme, port, service), wrapper)

    def dialer(self, peer, scheme, remote, wrapper=()):
        """The side that clients connect to: the program and its port."""
        return self._listening(lambda port: getattr(self, f"_{peer}_dialer")(scheme, port, remote), wrapper)

    @contextmanager
    def chain(self, peer, scheme, service, wrappers=((), ())):
        """`wrappers`: commands to put before the dialing and the listening side."""
        started = []
        try:
            listener, between = self.listener(peer, scheme, service, wrappers[1])
            started.append(listener)
            dialer, port = self.dialer(peer, scheme, between, wrappers[0])
            started.append(dialer)
            yield Chain(port, dialer, listener)
        finally:
            for program in reversed(started):
                program.stop()

    def _strait_listener(self, scheme, port, service):
        tls = ["--cert", self.certs.server.cert, "--key", self.certs.server.key] if scheme == "wss" else []
        return [self.strait, *tls, f"{scheme}-listen:127.0.0.1:{port}", f"tcp:127.0.0.1:{service}"]

    def _strait_dialer(self, scheme, port, remote):
        tls = ["--cacert", self.certs.ca.cert] if scheme == "wss" else []
        return [self.strait, *tls, f"tcp-listen:127.0.0.1:{port}", f"{scheme}://127.0.0.1:{remote}/"]

    def _websocat_listener(self, scheme, port, service):
        tls = ["--pkcs12-der", self.archive, "--pkcs12-passwd", "bench"] if scheme == "wss" else []
        return [self.websocat, "-b", "-E", *tls, f"{scheme}-l:127.0.0.1:{port}", f"tcp:127.0.0.1:{service}"]

    def _websocat_dialer(self, scheme, port, remote):
        return [self.websocat, "-b", "-E", f"tcp-l:127.0.0.1:{port}", f"{scheme}://127.0.0.1:{remote}/"]

    def _socat_listener(self, _, port, service):
        listen = f"TCP-LISTEN:{port},bind=127.0.0.1,fork,reuseaddr,nodelay,backlog=4096"
        return ["socat", "-b", "131072", listen, f"TCP:127.0.0.1:{service},nodelay"]

    _socat_dialer = _socat_listener

    def _stunnel_listener(self, _, port, service):
        return self._stunnel(port, service, f"cert = {self.certs.server.cert}\nkey = {self.certs.server.key}\n")

    def _stunnel_dialer(self, _, port, remote):
        verify = f"CAfile = {self.certs.ca.cert}\nverifyChain = yes\ncheckIP = 127.0.0.1\n"
        return self._stunnel(port, remote, f"client = yes\n{verify}")

    def _stunnel(self, port, to, settings):
        path = self.directory / f"stunnel-{port}.conf"
        path.write_text(
            "foreground = yes\npid =\nsyslog = no\ndebug = err\n"
            "socket = l:TCP_NODELAY=1\nsocket = r:TCP_NODELAY=1\n"
            # What Strait and OpenSSL settle on by themselves.
            "ciphersuites = TLS_AES_256_GCM_SHA384\n"
            f"[relay]\naccept = 127.0.0.1:{port}\nconnect = 127.0.0.1:{to}\n{settings}"
        )
        return ["stunnel", path]
