# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""The PROXY protocol: taken from HAProxy, given to nginx, and refused from anybody who is not listed."""

import socket
import struct

import pytest

from other_programs import program
from raw_peer import BINARY, connect_raw, read_head, upgrade_request
from streams import connect
from waiting import SOON

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
LINE = b"PROXY TCP4 192.0.2.1 198.51.100.2 12345 443\r\n"
IPV6 = SIGNATURE + struct.pack("!BBH", 0x21, 0x21, 36) + bytes.fromhex("20010db8" + "00" * 11 + "01") * 2 + b"\0\7\0\10"
LOCAL = SIGNATURE + struct.pack("!BBH", 0x20, 0, 0)


def tcp_balancer(programs, upstream_port, option):
    """HAProxy that knows nothing of HTTP."""

    def command(port):
        directory = programs.scratch("haproxy")
        (directory / "haproxy.cfg").write_text(
            f"""
defaults
    mode tcp
    timeout connect 10s
    timeout client 60s
    timeout server 60s
listen front
    bind 127.0.0.1:{port}
    server strait 127.0.0.1:{upstream_port} {option}
"""
        )
        return program("haproxy"), "-q", "-db", "-f", directory / "haproxy.cfg"

    return programs.listen(command)


@pytest.mark.parametrize("option", ["send-proxy", "send-proxy-v2"])
@pytest.mark.parametrize("tls", [False, True], ids=["ws", "wss"])
def test_haproxy_says_where_a_client_comes_from_and_the_service_is_told(strait, programs, service, certs, option, tls):
    secure = ["--cert", certs.server.cert, "--key", certs.server.key] if tls else []
    scheme = "wss" if tls else "ws"
    far = strait("--accept-proxy", "127.0.0.0/8", "--send-proxy", "v1", *secure, f"{scheme}-listen:0", service.address)
    port = tcp_balancer(programs, far.port, option)
    trust = ["--cacert", certs.ca.cert] if tls else []
    near = strait(*trust, "tcp-listen:0", f"{scheme}://127.0.0.1:{port}/")
    client = connect(("127.0.0.1", near.port))
    behind = service.accept()
    head = behind.read_exactly(len(b"PROXY TCP4 127.0.0.1 127.0.0.1 "))
    assert head == b"PROXY TCP4 127.0.0.1 127.0.0.1 "
    ports = b""
    while not ports.endswith(b"\r\n"):
        ports += behind.read_exactly(1)
    # The near Strait's connection to HAProxy, which is what HAProxy passes on.
    assert ports.split()[1] == b"%d" % port
    assert int(ports.split()[0]) not in (far.port, near.port)
    client.send(b"to the service")
    assert behind.read_exactly(14) == b"to the service"
    behind.send(b"and back")
    assert client.read_exactly(8) == b"and back"
    client.end()
    assert behind.read_to_end() == b""
    behind.close()
    client.close()
    assert not far.lines and not near.lines


@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize("family", ["127.0.0.1", "[::1]"])
def test_nginx_takes_what_strait_sends(strait, programs, version, family):
    def command(port):
        directory = programs.scratch("nginx")
        temporary = "".join(
            f"    {kind}_temp_path {directory};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (directory / "nginx.conf").write_text(
            f"daemon off;\npid {directory}/pid;\nerror_log stderr;\nevents {{ }}\nhttp {{\naccess_log off;\n{temporary}"
            f"server {{ listen 127.0.0.1:{port} proxy_protocol;\n"
            'location / { return 200 "$proxy_protocol_addr $proxy_protocol_port $proxy_protocol_server_port"; } } }\n'
        )
        return program("nginx"), "-e", "stderr", "-p", directory, "-c", directory / "nginx.conf"

    port = programs.listen(command)
    listener = strait("--send-proxy", version, f"tcp-listen:{family}:0", f"tcp:127.0.0.1:{port}")
    client = connect((family.strip("[]"), listener.port))
    own = client.socket.getsockname()
    client.send(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert client.read_to_end().split(b"\r\n\r\n")[1].decode() == f"{own[0]} {own[1]} {listener.port}"
    client.close()


@pytest.mark.parametrize(
    "header, source", [(LINE, "192.0.2.1:12345"), (IPV6, "[2001:db8::1]:7"), (LOCAL, r"127.0.0.1:\d+")]
)
def test_lines_name_the_client_and_not_the_proxy(strait, header, source):
    listener = strait("--accept-proxy", "127.0.0.1", "ws-listen:0/path", "echo:")
    client = connect(("127.0.0.1", listener.port))
    # In one segment, so that the request is there before anybody asks for it.
    client.send(header + upgrade_request("/other").encode())
    head, _ = read_head(client.socket)
    assert head.status == 404
    client.close()
    source = source.replace("[", r"\[").replace("]", r"\]") if "[" in source else source
    listener.line(rf"from {source}: refused with HTTP 404")


@pytest.mark.parametrize("listen", ["ws-listen:0", "tcp-listen:0"])
def test_a_listed_network_has_to_send_a_header(strait, service, listen):
    listener = strait("--accept-proxy", "127.0.0.1", listen, service.address)
    client = connect(("127.0.0.1", listener.port))
    client.send(b"GET / HTTP/1.1\r\n")
    assert client.until_broken()[0] == b""
    listener.line("refused: no PROXY header")
    with pytest.raises(TimeoutError):
        service.socket.settimeout(0.1)
        service.accept()
    service.socket.settimeout(SOON)


@pytest.mark.parametrize("listen", ["ws-listen:0", "tcp-listen:0"])
@pytest.mark.parametrize("header", [LINE, IPV6, LOCAL])
def test_anybody_else_who_sends_one_is_refused(strait, listen, header):
    listener = strait("--accept-proxy", "192.0.2.0/24", "--accept-proxy", "unix", listen, "echo:")
    client = connect(("127.0.0.1", listener.port))
    for byte in header:
        client.send(bytes([byte]))
        if not client.is_idle():
            break
    assert client.until_broken()[0] == b""
    listener.line(r"from 127.0.0.1:\d+: refused: a PROXY header from a network that --accept-proxy does not name")


def test_without_the_option_a_header_is_no_request(strait):
    listener = strait("ws-listen:0", "echo:")
    client = connect(("127.0.0.1", listener.port))
    client.send(LINE + upgrade_request("/").encode())
    head, _ = read_head(client.socket)
    assert head.status == 400


def test_anybody_else_without_one_comes_in(strait):
    listener = strait("--accept-proxy", "192.0.2.0/24", "ws-listen:0", "echo:")
    peer = connect_raw(connect(("127.0.0.1", listener.port)), "/")
    peer.send(BINARY, b"hello")
    assert peer.read_data(5) == b"hello"
    listener = strait("--accept-proxy", "192.0.2.0/24", "tcp-listen:0", "echo:")
    client = connect(("127.0.0.1", listener.port))
    client.send(b"P")
    client.end()
    assert client.read_to_end() == b"P"


def test_a_header_is_waited_for_as_long_as_a_handshake(strait):
    listener = strait("--accept-proxy", "127.0.0.1", "--handshake-timeout", "200ms", "ws-listen:0", "echo:")
    client = connect(("127.0.0.1", listener.port))
    client.send(LINE[:10])
    assert client.until_broken()[0] == b""
    listener.line("no PROXY header in time")


def test_a_unix_socket_is_trusted_by_its_name(strait, short_path):
    path = short_path / "s"
    listener = strait("--accept-proxy", "unix", f"ws-unix-listen:{path}", "echo:")
    listener.url
    client = connect(str(path))
    client.send(LINE + upgrade_request("/").replace("Upgrade: websocket", "Upgrade: h2c").encode())
    assert read_head(client.socket)[0].status == 426
    listener.line(r"from 192.0.2.1:12345: refused")


@pytest.mark.parametrize(
    "arguments, needle",
    [
        (["--accept-proxy", "10.0.0.1/8", "ws-listen:0", "echo:"], "use 10.0.0.0/8"),
        (["--accept-proxy", "10.0.0.0/8", "-", "ws://127.0.0.1/"], "needs an address that listens"),
        (["--send-proxy", "v3", "tcp-listen:0", "tcp:127.0.0.1:1"], "v3"),
        (["--send-proxy", "v1", "tcp-listen:0", "ws://127.0.0.1:1/"], "needs"),
        (["--send-proxy", "v1", "-", "tcp:127.0.0.1:1"], "needs"),
    ],
)
def test_what_can_not_be_meant_is_refused(strait, arguments, needle):
    result = strait.run(*arguments)
    assert result.code == 64 and needle in result.lines[0], result.lines
