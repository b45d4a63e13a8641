# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""TLS of `strait serve` as OpenSSL's client and Python's see it: certificates by name, renewal, OCSP."""

import os
import re
import shutil
import signal
import socket
import subprocess

import pytest

from certificates import openssl
from raw_peer import BINARY, connect_raw
from waiting import SOON, until


def serve(strait, *arguments):
    return strait("serve", "--listen", "wss://127.0.0.1:0", "--route", "/echo=echo:", *arguments)


def pair(certificate):
    return "--cert", certificate.cert, "--key", certificate.key


def asked(server, certs, name, *more):
    """What openssl's client says of a handshake in which it asks for this name."""
    command = ["openssl", "s_client", "-connect", f"127.0.0.1:{server.port}", "-CAfile", certs.ca.cert, *more]
    command += ["-servername", name] if name else ["-noservername"]
    return subprocess.run(command, input="", capture_output=True, text=True, timeout=SOON).stdout


def subject(server, certs, name):
    return re.search(r"subject=CN = (\S+)", asked(server, certs, name)).group(1)


def revocation(certs, certificate, state="V"):
    """An OCSP response about it, from its authority."""
    directory = certs.directory
    serial = subprocess.run(
        ["openssl", "x509", "-in", certificate.cert, "-noout", "-serial"], capture_output=True, text=True
    ).stdout.strip().partition("=")[2]
    index = directory / "ocsp-index"
    revoked = "250101000000Z" if state == "R" else ""
    index.write_text(f"{state}\t400101000000Z\t{revoked}\t{serial}\tunknown\t/CN=any\n")
    request, response = directory / "ocsp-request", certificate.cert.with_suffix(f".{state}.ocsp")
    openssl("ocsp", "-issuer", certs.ca.cert, "-cert", certificate.cert, "-reqout", request)
    openssl(
        "ocsp", "-index", index, "-CA", certs.ca.cert, "-rsigner", certs.ca.cert, "-rkey", certs.ca.key,
        "-reqin", request, "-respout", response, "-ndays", "2",
    )
    return response


def test_each_name_has_its_certificate_and_its_ocsp_response(strait, certs):
    server = serve(
        strait, *pair(certs.server), *pair(certs.wrong_name),
        "--ocsp", revocation(certs, certs.wrong_name), "--ocsp", revocation(certs, certs.server),
    )
    for name, expected in [("localhost", "server"), ("other.example", "wrong-name"), ("x", "server"), (None, "server")]:
        said = asked(server, certs, name, "-status")
        assert f"subject=CN = {expected}\n" in said
        assert "OCSP Response Status: successful" in said and "Cert Status: good" in said
    assert "OCSP" not in asked(server, certs, "localhost")


@pytest.mark.parametrize("tls", ["-tls1_2", "-tls1_3"])
def test_both_versions_choose_by_name(strait, certs, tls):
    server = serve(strait, *pair(certs.server), *pair(certs.wrong_name))
    assert "subject=CN = wrong-name" in asked(server, certs, "OTHER.example", tls)


def test_a_renewed_certificate_is_taken_and_links_go_on(strait, certs, tmp_path):
    site = [tmp_path / "site.pem", tmp_path / "site.key"]

    def put(certificate):
        for path, new in zip(site, (certificate.cert, certificate.key)):
            shutil.copy(new, tmp_path / "new")
            os.rename(tmp_path / "new", path)

    put(certs.server)
    server = serve(strait, "--cert", site[0], "--key", site[1])
    raw = socket.create_connection(("127.0.0.1", server.port))
    peer = connect_raw(certs.client_context().wrap_socket(raw, server_hostname="localhost"), "/echo")
    assert subject(server, certs, None) == "server"
    put(certs.wrong_name)
    until(lambda: subject(server, certs, None) == "wrong-name", "the new one is shown")
    site[1].write_text("nonsense")
    server.line("site.key.*the old certificate stays")
    assert subject(server, certs, None) == "wrong-name"
    put(certs.server)
    server.signal(signal.SIGHUP)
    until(lambda: subject(server, certs, None) == "server", "it is read again")
    peer.send(BINARY, b"still here")
    assert peer.read_data(10) == b"still here"


def test_a_reload_with_a_wrong_certificate_changes_nothing(strait, certs, tmp_path):
    both = tmp_path / "both.pem"
    good = certs.server.cert.read_bytes() + certs.server.key.read_bytes()
    both.write_bytes(good)
    server = serve(strait, "--cert", both)
    assert subject(server, certs, None) == "server"
    both.write_bytes(certs.server.cert.read_bytes() + certs.wrong_name.key.read_bytes())
    server.signal(signal.SIGHUP)
    server.line("configuration refused, the old one stays: .*both.pem")
    assert subject(server, certs, None) == "server"


@pytest.mark.parametrize(
    "arguments, needle",
    [
        (lambda certs: ["--cert", certs.server.cert, *pair(certs.wrong_name)], "keys for 2 certificates"),
        (lambda certs: [*pair(certs.server), "--ocsp", revocation(certs, certs.wrong_name)], "none of the certificates"),
        (lambda certs: [*pair(certs.server), "--ocsp", revocation(certs, certs.server, "R")], "revoked"),
    ],
)
def test_what_can_not_be_is_refused(strait, certs, arguments, needle):
    result = strait.run("serve", "--listen", "wss://127.0.0.1:0", "--route", "/=echo:", *arguments(certs))
    assert result.code == 64 and needle in result.lines[-1], result.lines
