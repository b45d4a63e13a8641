# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""Tests of the built strait against real programs, and against peers that do what real ones do when things go wrong.

    make test                                                   everything but what takes minutes
    make test-long                                              what takes minutes
    STRAIT=.build/release/strait .build/venv/bin/pytest Tests/Interop/test_ssh.py -k sftp

Fixtures:
    strait      starts it: `strait("ws-listen:0", "echo:").url`, `strait.run("-", url, input=b"…").succeeded()`.
                At the end of the test all are stopped, none may have crashed, and no descendant may be left.
    service     a TCP listener whose connections the test accepts: `service.address`, `service.accept()`.
    raw_server  a WebSocket server that is played frame by frame (raw_peer.py).
    programs    nginx, HAProxy, stunnel, sshd … (other_programs.py).
    certs       a throw-away authority and its certificates.

Everything listens on loopback, on ports that the system chose, and ends with its test.
"""

import os
import shutil
import signal
import tempfile
from pathlib import Path

import pytest

from certificates import Certificates
from other_programs import Programs
from raw_peer import RawServer
from strait_process import StraitFactory
from streams import Listener


# nohup(1) and a shell's `&` have programs ignore these, and what strait is told to ignore it ignores.
signal.signal(signal.SIGHUP, signal.SIG_DFL)
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def binary():
    given = os.environ.get("STRAIT") or shutil.which("strait")
    if not given or not os.access(given, os.X_OK):
        pytest.exit("set STRAIT to the strait that shall be tested", returncode=2)
    return Path(given).resolve()


@pytest.fixture(scope="session")
def clean_env():
    """Nothing of the user's that changes what programs do: proxies, certificate stores, languages."""
    env = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "USER") if name in os.environ}
    return dict(env, LC_ALL="C.UTF-8", SHELL="/bin/sh")


@pytest.fixture
def strait(binary, clean_env):
    factory = StraitFactory(binary, clean_env)
    yield factory
    factory.stop()


@pytest.fixture
def programs(tmp_path, clean_env):
    started = Programs(tmp_path, clean_env)
    yield started
    started.stop()


@pytest.fixture(scope="session")
def certs(tmp_path_factory):
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def service():
    listener = Listener()
    yield listener
    listener.close()


@pytest.fixture
def raw_server():
    server = RawServer()
    yield server
    server.close()


@pytest.fixture
def short_path():
    """A directory whose path is short enough for Unix sockets (107 bytes with the name)."""
    with tempfile.TemporaryDirectory(prefix="strait-") as directory:
        yield Path(directory)


@pytest.fixture(scope="session")
def project():
    """The top of the source tree."""
    return Path(__file__).resolve().parents[2]
