# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""squid, tinyproxy, dante and microsocks on free ports of loopback, and a proxy that a test plays itself.

The functions take the `programs` fixture and return the port, see other_programs.py.
"""

import os
import socket
import threading

from other_programs import program
from raw_peer import read_head
from streams import Listener, connect
from waiting import Background

USER, PASSWORD = "alice", "sesame"


def squid(programs):
    """Basic authentication. Its helper is a line of sed, since a file could not be read by the user squid becomes."""

    def command(port):
        config = programs.scratch("squid") / "squid.conf"
        config.write_text(
            f"http_port 127.0.0.1:{port}\nvisible_hostname localhost\ncache deny all\naccess_log none\n"
            "cache_log /dev/null\ncache_store_log none\npid_filename none\nnetdb_filename none\ncoredump_dir none\n"
            "pinger_enable off\nshutdown_lifetime 0 seconds\n"
            f"auth_param basic program /bin/sed -u s/^{USER}.{PASSWORD}$/OK/;t;s/.*/ERR/\n"
            "auth_param basic realm test\nauth_param basic children 1\n"
            "acl users proxy_auth REQUIRED\nacl forbidden dst 127.0.0.7\n"
            "http_access deny forbidden\nhttp_access allow users\nhttp_access deny all\n"
        )
        return program("squid"), "-N", "-f", config

    return programs.listen(command)


def tinyproxy(programs, authenticates=False):
    def command(port):
        config = programs.scratch("tinyproxy") / "tinyproxy.conf"
        login = f"BasicAuth {USER} {PASSWORD}\n" if authenticates else ""
        config.write_text(f"Port {port}\nListen 127.0.0.1\nTimeout 60\nMaxClients 20\n{login}")
        return program("tinyproxy"), "-d", "-c", config

    return programs.listen(command)


def dante(programs):
    """SOCKS for everybody, to loopback but for one address."""

    def command(port):
        directory = programs.scratch("dante")
        users = "user.privileged: root\nuser.unprivileged: nobody\n" if os.geteuid() == 0 else ""
        (directory / "danted.conf").write_text(
            f"logoutput: stderr\ninternal: 127.0.0.1 port = {port}\nexternal: 127.0.0.1\n"
            f"clientmethod: none\nsocksmethod: none\n{users}"
            "client pass { from: 127.0.0.0/8 to: 0.0.0.0/0 }\n"
            "socks block { from: 127.0.0.0/8 to: 127.0.0.7/32 }\n"
            "socks pass { from: 127.0.0.0/8 to: 127.0.0.0/8 }\n"
        )
        return program("danted"), "-f", directory / "danted.conf", "-p", directory / "danted.pid"

    return programs.listen(command)


def microsocks(programs):
    """SOCKS with user and password, which dante takes from the system's own accounts only."""
    return programs.listen(
        lambda port: (program("microsocks"), "-i", "127.0.0.1", "-p", port, "-u", USER, "-P", PASSWORD)
    )


class PlayedProxy:
    """A proxy that `play(socket)` is, for one connection after the other, each in a thread of its own."""

    def __init__(self, play):
        self.listener = Listener()
        self.port = self.listener.port
        self._play = play
        self._connections = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                sock = self.listener.socket.accept()[0]
            except OSError:
                return
            sock.settimeout(20)
            self._connections.append((sock, Background(self._play, sock)))

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self.listener.close()
        for sock, played in self._connections:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            if kind is None:
                played.result()
            sock.close()


def pipe(left, right):
    """Carries bytes both ways, ends included, until both sides have ended."""

    def carry(source, sink):
        try:
            while part := source.recv(65536):
                sink.sendall(part)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    back = Background(carry, right, left)
    carry(left, right)
    back.result()
    right.close()


def connect_proxy(requests, first_answer=b"HTTP/1.1 200 Connection established\r\n\r\n"):
    """Plays an HTTP proxy that keeps the heads of requests in a list."""

    def play(sock):
        request, rest = read_head(sock)
        requests.append(request)
        assert not rest, "bytes behind CONNECT, before its answer"
        host, _, port = request.target.rpartition(":")
        target = connect((host.strip("[]"), int(port))).socket
        sock.sendall(first_answer)
        pipe(sock, target)

    return PlayedProxy(play)
