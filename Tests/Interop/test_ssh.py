# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""OpenSSH through strait, as ProxyCommand and through a forwarded port: exit statuses, bulk data, scp, sftp, -L.

sshd is real, with throw-away keys; a listening strait stands in front of it.
"""

import hashlib
import subprocess
from types import SimpleNamespace

import pytest

from other_programs import ssh_server
from streams import connect, free_port, is_listening
from waiting import MIB, Background, payload, same_bytes, until


@pytest.fixture(params=["ws", "wss"])
def scheme(request):
    return request.param


@pytest.fixture(params=["ProxyCommand", "port-forward"])
def how(request):
    return request.param


@pytest.fixture
def ssh(strait, programs, certs, scheme, how):
    """`ssh.run("ssh", …)` reaches the test's sshd through strait; `ssh.host` names it."""
    server = ssh_server(programs)
    target = f"tcp:127.0.0.1:{server.port}"
    if scheme == "ws":
        listener = strait("ws-listen:0/ssh", target)
        client, url = [], listener.url
    else:
        listener = strait("--cert", certs.server.cert, "--key", certs.server.key, "wss-listen:0/ssh", target)
        client, url = ["--cacert", str(certs.ca.cert)], f"wss://localhost:{listener.port}/ssh"
    if how == "ProxyCommand":
        route = ["-o", f"ProxyCommand={' '.join([str(strait.binary), *client, url])}", "-o", "HostName=unused.invalid"]
    else:
        forward = strait(*client, "tcp-listen:0", url)
        route = ["-o", f"Port={forward.port}", "-o", "HostName=127.0.0.1"]
    options = [*map(str, server.options), *route, "-o", f"User={server.user}"]
    ours = set(strait.remaining())

    def run(tool, *arguments, **others):
        return subprocess.run(
            [tool, *options, *map(str, arguments)], env=strait.env, timeout=60, capture_output=True, **others
        )

    yield SimpleNamespace(run=run, host="strait-test", options=options, env=strait.env, log=server.log)

    until(lambda: set(strait.remaining()) <= ours, "no strait of a finished ssh is left")
    assert listener.is_running()
    assert not listener.lines, listener.lines


def test_exit_status(ssh):
    result = ssh.run("ssh", ssh.host, "echo out; echo err >&2; exit 7", stdin=subprocess.DEVNULL)
    assert (result.returncode, result.stdout, result.stderr) == (7, b"out\n", b"err\n")


def test_100_mb_up_and_down(ssh, tmp_path):
    sent, received = tmp_path / "sent", tmp_path / "received"
    sent.write_bytes(payload(100_000_000))
    with sent.open("rb") as stdin, received.open("wb") as stdout:
        process = subprocess.run(
            ["ssh", *ssh.options, ssh.host, "cat"], env=ssh.env, stdin=stdin, stdout=stdout, timeout=100
        )
    assert process.returncode == 0
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (sent, received)]
    assert digests[0] == digests[1]


def test_upload_then_answer(ssh):
    """The far side answers after it has read everything, and ends by itself."""
    data = payload(20 * MIB)
    result = ssh.run("ssh", ssh.host, "sha256sum", input=data)
    assert result.stdout.split()[0].decode() == hashlib.sha256(data).hexdigest()
    assert result.returncode == 0


@pytest.mark.parametrize("direction", ["up", "down"])
def test_scp(ssh, tmp_path, direction):
    here, there = tmp_path / "here", tmp_path / "there"
    source, target = (here, f"{ssh.host}:{there}") if direction == "up" else (f"{ssh.host}:{there}", here)
    (here if direction == "up" else there).write_bytes(payload(10 * MIB))
    result = ssh.run("scp", "-q", source, target)
    assert result.returncode == 0, result.stderr
    same_bytes(here.read_bytes(), there.read_bytes())


def test_sftp(ssh, tmp_path):
    (tmp_path / "up").write_bytes(payload(10 * MIB))
    batch = f"put {tmp_path}/up {tmp_path}/stored\nget {tmp_path}/stored {tmp_path}/down\nbye\n"
    result = ssh.run("sftp", "-q", "-b", "-", ssh.host, input=batch.encode())
    assert result.returncode == 0, result.stderr
    same_bytes((tmp_path / "down").read_bytes(), payload(10 * MIB))


def test_local_forward(ssh, service):
    """`ssh -N -L`, a transfer both ways through it, and an end by signal."""
    port = free_port()
    process = subprocess.Popen(
        ["ssh", *ssh.options, "-N", "-L", f"127.0.0.1:{port}:127.0.0.1:{service.port}", ssh.host], env=ssh.env
    )
    try:
        until(lambda: is_listening(port) or process.poll() is not None, "ssh listens")
        assert process.poll() is None
        client, behind = connect(("127.0.0.1", port)), service.accept()
        data = payload(20 * MIB)
        echo = Background(lambda: (behind.send(behind.read_to_end()), behind.end()))
        with client.post(data, then=client.end):
            same_bytes(client.read_to_end(), data)
        echo.result()
    finally:
        process.terminate()
        process.wait(20)


def test_sshd_hears_every_goodbye(ssh):
    """ssh writes it, closes both pipes and sends SIGHUP at once; none of the three may overtake the goodbye."""
    for _ in range(20):
        assert ssh.run("ssh", ssh.host, "true", stdin=subprocess.DEVNULL).returncode == 0
    until(lambda: ssh.log.read_text().count("Disconnected from user") == 20, "sshd has ended all sessions")
    assert ssh.log.read_text().count("disconnected by user") == 20


def test_several_sessions_at_once(ssh):
    sessions = [Background(ssh.run, "ssh", ssh.host, "cat", input=payload(MIB, seed)) for seed in range(4)]
    for seed, session in enumerate(sessions):
        same_bytes(session.result().stdout, payload(MIB, seed))
