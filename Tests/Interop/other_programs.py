# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""nginx, HAProxy, stunnel, sshd and others, each on a free port of loopback and with a configuration of its own.

A function that takes the `programs` fixture returns the port, and what it starts ends with the test. It makes no
difference whether the distribution's own service runs.
"""

import asyncio
import getpass
import os
import pwd
import shutil
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import websockets.asyncio.server

from streams import is_listening, free_port
from waiting import SOON, Background, until

SEARCH = os.environ["PATH"] + os.pathsep + os.pathsep.join(["/usr/sbin", "/sbin"])


def program(name):
    path = shutil.which(name, path=SEARCH)
    assert path, f"{name} is not installed; `make test` installs it"
    return path


class Programs:
    """Starts programs that a test talks to, and ends them."""

    def __init__(self, directory, env):
        self.directory = directory
        self.env = env
        self._started = []

    def scratch(self, name):
        """A new directory."""
        path = self.directory / f"{name}-{len(self._started)}"
        path.mkdir()
        return path

    def start(self, *command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, **others):
        log = self.directory / f"{Path(command[0]).name}-{len(self._started)}.log"
        with log.open("wb") as stderr:
            process = subprocess.Popen(
                [str(word) for word in command], env=self.env, stdin=stdin, stdout=stdout, stderr=stderr, **others
            )
        process.log = log
        self._started.append(process)
        return process

    def listen(self, command_for_port):
        """Starts `command_for_port(port)` with a free port, and waits until it listens.

        The port may be taken between its choice and its use, so a program that ends at once gets another."""
        for _ in range(3):
            port = free_port()
            process = self.start(*command_for_port(port))
            until(lambda: process.poll() is not None or is_listening(port), f"{process.args[0]} listens")
            if process.poll() is None:
                return port
        raise AssertionError(f"{process.args} does not start:\n{process.log.read_text()}")

    def stop(self):
        for process in reversed(self._started):
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(SOON)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe:
                    pipe.close()


def nginx(
    programs, upstream_port, certificate=None, clients=None, read_timeout="60s", upgrades=True, drops_extensions=False
):
    """A reverse proxy as its documentation has it for WebSocket; with a certificate it listens with TLS, and with
    `clients` it wants certificates of that authority. Without `upgrades` it is as it comes."""

    def command(port):
        directory = programs.scratch("nginx")
        tls = f"ssl_certificate {certificate.cert}; ssl_certificate_key {certificate.key};" if certificate else ""
        if clients:
            tls += f" ssl_client_certificate {clients.cert}; ssl_verify_client on;"
        temporary = "".join(
            f"    {kind}_temp_path {directory};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        headers = 'proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade";' if upgrades else ""
        if drops_extensions:
            headers += ' proxy_set_header Sec-WebSocket-Extensions "";'
        (directory / "nginx.conf").write_text(
            f"daemon off;\npid {directory}/pid;\nerror_log stderr;\n"
            + (f"user {getpass.getuser()};\n" if os.geteuid() == 0 else "")
            + f"""
events {{ }}
http {{
    access_log off;
{temporary}
    server {{
        listen 127.0.0.1:{port} {"ssl" if certificate else ""};
        {tls}
        location / {{
            proxy_pass http://127.0.0.1:{upstream_port};
            proxy_http_version 1.1;
            {headers}
            proxy_set_header Host $host;
            proxy_read_timeout {read_timeout};
        }}
    }}
}}
"""
        )
        return program("nginx"), "-e", "stderr", "-p", directory, "-c", directory / "nginx.conf"

    return programs.listen(command)


def haproxy(programs, upstream_port, certificate=None):
    """A reverse proxy in HTTP mode."""

    def command(port):
        directory = programs.scratch("haproxy")
        tls = ""
        if certificate:
            both = directory / "both.pem"
            both.write_text(certificate.cert.read_text() + certificate.key.read_text())
            tls = f"ssl crt {both}"
        (directory / "haproxy.cfg").write_text(
            f"""
defaults
    mode http
    timeout connect 10s
    timeout client 60s
    timeout server 60s
    timeout tunnel 60s
frontend front
    bind 127.0.0.1:{port} {tls}
    default_backend back
backend back
    server strait 127.0.0.1:{upstream_port}
"""
        )
        return program("haproxy"), "-q", "-db", "-f", directory / "haproxy.cfg"

    return programs.listen(command)


def haproxy_tcp(programs, upstream_port, certificate):
    """TLS for any server that has none."""

    def command(port):
        directory = programs.scratch("haproxy")
        both = directory / "both.pem"
        both.write_text(certificate.cert.read_text() + certificate.key.read_text())
        (directory / "haproxy.cfg").write_text(
            f"defaults\n    mode tcp\n    timeout connect 10s\n    timeout client 60s\n    timeout server 60s\n"
            f"listen tls\n    bind 127.0.0.1:{port} ssl crt {both}\n    server upstream 127.0.0.1:{upstream_port}\n"
        )
        return program("haproxy"), "-q", "-db", "-f", directory / "haproxy.cfg"

    return programs.listen(command)


def _stunnel(programs, upstream_port, settings):
    def command(port):
        directory = programs.scratch("stunnel")
        (directory / "stunnel.conf").write_text(
            f"foreground = yes\npid =\n[ws]\naccept = 127.0.0.1:{port}\nconnect = 127.0.0.1:{upstream_port}\n{settings}"
        )
        return program("stunnel"), directory / "stunnel.conf"

    return programs.listen(command)


def stunnel(programs, certificate, upstream_port, settings=""):
    """TLS for a server that has none."""
    return _stunnel(programs, upstream_port, f"cert = {certificate.cert}\nkey = {certificate.key}\n{settings}")


def openssl_server(programs, certificate, *settings):
    """`openssl s_server`, which knows TLS and nothing else."""
    return programs.listen(
        lambda port: (
            *("openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-quiet"),
            *("-cert", certificate.cert, "-key", certificate.key, *settings),
        )
    )


def stunnel_client(programs, authority, upstream_port):
    """TLS for a client that has none. It verifies the server."""
    return _stunnel(
        programs, upstream_port, f"client = yes\nCAfile = {authority.cert}\nverifyChain = yes\ncheckHost = localhost\n"
    )


def websocat():
    """The path of the websocat that was installed beside pytest."""
    return shutil.which("websocat", path=str(Path(sys.executable).parent)) or program("websocat")


async def echo(connection):
    """For `websockets_server`: returns every message."""
    async for message in connection:
        await connection.send(message)


@contextmanager
def websockets_server(handler=echo, tls=None, **settings):
    """A server of Python's websockets; the value is its port.

    asyncio, since the other half of that library reads and writes a TLS socket from two threads, which now and then
    loses bytes in Python's own ssl."""
    loop = asyncio.new_event_loop()

    async def start():
        return await websockets.asyncio.server.serve(handler, "127.0.0.1", 0, ssl=tls, **{"max_size": None, **settings})

    async def stop():
        server.close()
        await server.wait_closed()

    with Background(loop.run_forever):
        server = asyncio.run_coroutine_threadsafe(start(), loop).result(SOON)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            asyncio.run_coroutine_threadsafe(stop(), loop).result(SOON)
            loop.call_soon_threadsafe(loop.stop)
    loop.close()


@dataclass
class SSHServer:
    port: int
    #: `ssh`, `scp`, `sftp` options that leave the user's own configuration out.
    options: list
    user: str
    #: What sshd says.
    log: Path


def ssh_server(programs):
    """sshd, and a client's configuration that may log in to it and knows its host key."""
    directory = programs.scratch("ssh")
    for name in ("host", "user"):
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", directory / name], check=True, timeout=SOON
        )
    (directory / "authorized").write_text((directory / "user.pub").read_text())
    (directory / "known").write_text(f"test-host {(directory / 'host.pub').read_text()}")
    if os.geteuid() == 0:
        os.makedirs("/run/sshd", mode=0o755, exist_ok=True)

    log = directory / "sshd.log"

    def command(port):
        (directory / "sshd_config").write_text(
            f"ListenAddress 127.0.0.1\nPort {port}\nHostKey {directory}/host\nPidFile none\nUsePAM {_needs_pam()}\n"
            f"AuthorizedKeysFile {directory}/authorized\nStrictModes no\nPermitRootLogin prohibit-password\n"
            "PasswordAuthentication no\nKbdInteractiveAuthentication no\nPrintMotd no\n"
            "Subsystem sftp internal-sftp\nMaxStartups 100\n"
        )
        return program("sshd"), "-D", "-E", log, "-f", directory / "sshd_config"

    port = programs.listen(command)
    settings = {
        "IdentityFile": directory / "user",
        "IdentitiesOnly": "yes",
        "UserKnownHostsFile": directory / "known",
        "GlobalKnownHostsFile": "/dev/null",
        "HostKeyAlias": "test-host",
        "StrictHostKeyChecking": "yes",
        "BatchMode": "yes",
        "LogLevel": "ERROR",
        "ExitOnForwardFailure": "yes",
    }
    options = ["-F", "none"] + [word for name, value in settings.items() for word in ("-o", f"{name}={value}")]
    return SSHServer(port, options, getpass.getuser(), log)


def postgresql(programs, short_path):
    """A database with a user `strait` who needs no password. Returns the directory of its socket."""
    tools = max(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3])).parent
    data = short_path / "data"
    data.mkdir()
    as_user = []
    if os.geteuid() == 0:  # which PostgreSQL refuses
        user = pwd.getpwnam("nobody")
        as_user = ["setpriv", "--reuid", str(user.pw_uid), "--regid", str(user.pw_gid), "--clear-groups"]
        short_path.chmod(0o755)
        os.chown(data, user.pw_uid, user.pw_gid)
    settings = ["--auth=trust", "--username=strait", "--no-locale", "--encoding=UTF8", "--no-sync", "--no-instructions"]
    subprocess.run(
        [*as_user, tools / "initdb", *settings, data], check=True, timeout=SOON, env=programs.env, cwd="/",
        stdout=subprocess.DEVNULL,
    )
    process = programs.start(
        *as_user, tools / "postgres", "-D", data, "-k", data, "-c", "listen_addresses=", "-F", cwd="/"
    )
    until(lambda: (data / ".s.PGSQL.5432").exists() or process.poll() is not None, "PostgreSQL listens")
    assert process.poll() is None, process.log.read_text()
    return data


def _needs_pam():
    """Without PAM, sshd refuses an account whose password is locked; with it, containers often lack what PAM wants."""
    try:
        shadow = Path("/etc/shadow").read_text()
    except OSError:
        return "no"
    return "yes" if f"\n{getpass.getuser()}:!" in f"\n{shadow}" else "no"
