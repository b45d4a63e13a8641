# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""TLS towards servers: whom it trusts, what it shows, what it asks for; and the one line when that does not do.

Servers are `openssl s_server`, stunnel and nginx, and Python's where a test looks at what arrives.
"""

import os
import ssl
import subprocess

import pytest

from other_programs import nginx, openssl_server, stunnel, websockets_server
from raw_peer import RawServer
from waiting import Background

VERSIONS = ["-tls1_2", "-tls1_3"]


@pytest.fixture
def echo_port():
    with websockets_server(compression=None) as port:
        yield port


@pytest.fixture
def secure_url(certs):
    """An echo service behind TLS."""
    with websockets_server(tls=certs.server.server_context(), compression=None) as port:
        yield f"wss://localhost:{port}/"


def carries(strait, *arguments, **others):
    """The link comes about, and bytes go both ways."""
    dialer = strait("--linger", "0", *arguments, **others)
    dialer.stream.send(b"through TLS")
    echoed = dialer.stream.read_exactly(11)
    dialer.stream.end()
    assert (echoed, dialer.finish().succeeded()) == (b"through TLS", b"")


class TestServerCertificate77:
    """Each line names the certificate, what is wrong, and the dates or names seen."""

    CASES = {
        "expired": ("expired", "localhost", ["certificate has expired", "2020-01-01", "2020-01-02", "have it renewed"]),
        "not yet valid": ("future", "localhost", ["not yet valid", "2090-01-01", "2091-01-01", "clock"]),
        "self-signed": ("self_signed", "localhost", ["signed certificate", "issuer CN=self-signed", "--cacert"]),
        "wrong host": ("wrong_name", "localhost", ["hostname mismatch", "names other.example", "wanted localhost"]),
        "wrong address": ("wrong_name", "127.0.0.1", ["IP address mismatch", "wanted 127.0.0.1"]),
    }

    @pytest.mark.parametrize("version", VERSIONS)
    @pytest.mark.parametrize("name", CASES)
    def test_is_refused(self, strait, programs, certs, name, version):
        certificate, host, needles = self.CASES[name]
        shown = getattr(certs, certificate)
        port = openssl_server(programs, shown, version)
        result = strait.run("--cacert", certs.ca.cert, "-", f"wss://{host}:{port}/")
        subject = "CN=" + shown.cert.stem
        result.failed_with(77, f"wss://{host}:{port}/", f"subject {subject}", "--insecure", *needles)

    def test_unknown_authority(self, strait, programs, certs):
        port = openssl_server(programs, certs.server)
        result = strait.run("--cacert", certs.self_signed.cert, "-", f"wss://localhost:{port}/")
        result.failed_with(77, "unable to get local issuer certificate", "issuer CN=Test authority", "--cacert")

    def test_the_system_does_not_know_it(self, strait, programs, certs):
        port = openssl_server(programs, certs.server)
        strait.run("-", f"wss://localhost:{port}/").failed_with(77, "issuer CN=Test authority", "--cacert")


class TestTrust:
    def test_directory(self, strait, certs, secure_url, tmp_path):
        (tmp_path / "ca.pem").write_text(certs.ca.cert.read_text())
        strait.run("--capath", tmp_path, "-", secure_url).failed_with(64, str(tmp_path), "openssl rehash")
        subprocess.run(["openssl", "rehash", tmp_path], check=True)
        carries(strait, "--capath", tmp_path, "-", secure_url)
        carries(strait, "-", secure_url, env={"SSL_CERT_DIR": str(tmp_path)})

    def test_file_of_the_environment(self, strait, certs, secure_url):
        carries(strait, "-", secure_url, env={"SSL_CERT_FILE": str(certs.ca.cert)})
        empty = {"SSL_CERT_FILE": "/dev/null", "SSL_CERT_DIR": "/nonexistent"}
        strait.run("-", secure_url, env=empty).failed_with(77, "--cacert")

    @pytest.mark.parametrize("option", ["--cacert", "--capath", "--cert", "--pinnedpubkey"])
    def test_missing_file(self, strait, secure_url, option):
        strait.run(option, "/nonexistent/x", "-", secure_url).failed_with(64, "/nonexistent/x", "No such file")


class TestPin:
    def test_right(self, strait, certs, secure_url, tmp_path):
        key = tmp_path / "key.pub"
        key.write_text(
            subprocess.run(
                ["openssl", "x509", "-in", certs.server.cert, "-noout", "-pubkey"], capture_output=True, text=True
            ).stdout
        )
        for pin in (certs.pin(certs.server), f"{certs.pin(certs.expired)};{certs.pin(certs.server)}", key):
            carries(strait, "--cacert", certs.ca.cert, "--pinnedpubkey", pin, "-", secure_url)

    @pytest.mark.parametrize("insecure", [[], ["-k"]])
    def test_wrong(self, strait, certs, secure_url, insecure):
        """As with curl, -k leaves the pin in force."""
        wrong = certs.pin(certs.expired)
        result = strait.run(*insecure, "--cacert", certs.ca.cert, "--pinnedpubkey", wrong, "-", secure_url)
        if insecure:
            assert "--insecure" in result.lines.pop(0)
        result.failed_with(77, "not a pinned one", certs.pin(certs.server), "subject CN=server", "--pinnedpubkey")

    def test_curl_agrees(self, certs, secure_url):
        for pin, status in ((certs.pin(certs.server), 0), (certs.pin(certs.expired), 90)):
            url = secure_url.replace("wss", "https")
            command = ["curl", "-s", "--cacert", certs.ca.cert, "--pinnedpubkey", pin, url]
            assert subprocess.run(command, capture_output=True).returncode == status

    def test_is_no_pin(self, strait, secure_url):
        strait.run("--pinnedpubkey", "sha256//abc", "-", secure_url).failed_with(64, "--pinnedpubkey", "sha256//abc")


class TestClientCertificate:
    @pytest.fixture
    def demanding(self, programs, certs, echo_port):
        """An echo service behind stunnel, which wants a certificate of the authority."""
        port = stunnel(programs, certs.server, echo_port, f"CAfile = {certs.ca.cert}\nverifyChain = yes\n")
        return f"wss://localhost:{port}/"

    def test_pem(self, strait, certs, demanding):
        known = ["--cacert", certs.ca.cert]
        carries(strait, *known, "--cert", certs.client.cert, "--key", certs.client.key, "-", demanding)
        key = certs.encrypted_key(certs.client, "open:sesame")
        carries(strait, *known, "-E", f"{certs.client.cert}:open:sesame", "--key", key, "-", demanding)
        carries(
            *(strait, *known, "-E", certs.client.cert, "--key", key, "-", demanding),
            env={"STRAIT_PASS": "open:sesame"},
        )

    def test_pkcs12(self, strait, certs, demanding, tmp_path):
        known = ["--cacert", certs.ca.cert]
        store = certs.pkcs12(certs.client, "secret")
        carries(strait, *known, "--cert", f"{store}:secret", "-", demanding)
        phrase = tmp_path / "phrase"
        phrase.write_text("secret\n")
        carries(strait, *known, "--cert", store, "--cert-type", "P12", "--pass-file", phrase, "-", demanding)

    def test_wrong_pass_phrase_64(self, strait, certs, demanding):
        store = certs.pkcs12(certs.client, "secret")
        result = strait.run("--cert", f"{store}:guess", "-", demanding)
        assert "guess" not in result.failed_with(64, str(store), "wrong pass phrase", "--pass-file")
        strait.run("--cert", store, "-", demanding).failed_with(64, str(store), "encrypted", "--pass-file")
        key = certs.encrypted_key(certs.client, "secret")
        pair = ["--cert", certs.client.cert, "--key", key]
        strait.run(*pair, "--pass", "guess", "-", demanding).failed_with(64, str(key), "wrong pass phrase")
        strait.run(*pair, "-", demanding).failed_with(64, str(key), "encrypted", "--pass-file")

    @pytest.mark.parametrize("version", VERSIONS)
    def test_missing_77(self, strait, programs, certs, version):
        port = openssl_server(
            *(programs, certs.server, version, "-CAfile", certs.ca.cert, "-Verify", 1, "-verify_return_error")
        )
        result = strait.run("--cacert", certs.ca.cert, "-", f"wss://localhost:{port}/")
        result.failed_with(77, "the server wants a client certificate", "CN=Test authority", "--cert and --key")

    @pytest.mark.parametrize("version", VERSIONS)
    def test_untrusted_77(self, strait, programs, certs, version):
        port = openssl_server(
            *(programs, certs.server, version, "-CAfile", certs.ca.cert, "-Verify", 1, "-verify_return_error")
        )
        shown = ["--cert", certs.stranger.cert, "--key", certs.stranger.key]
        result = strait.run("--cacert", certs.ca.cert, *shown, "-", f"wss://localhost:{port}/")
        result.failed_with(77, "refused the client certificate", "subject CN=stranger", "takes those of CN=Test authority")

    def test_stunnel_77(self, strait, certs, demanding):
        """In TLS 1.3 its alert comes after our handshake is complete and the request is sent."""
        known = ["--cacert", certs.ca.cert]
        strait.run(*known, "-", demanding).failed_with(77, "wants a client certificate", "certificate_required")
        shown = ["--cert", certs.stranger.cert, "--key", certs.stranger.key]
        strait.run(*known, *shown, "-", demanding).failed_with(77, "refused the client certificate", "CN=stranger")

    def test_nginx_77(self, strait, programs, certs, echo_port):
        """It answers over HTTP."""
        url = f"wss://localhost:{nginx(programs, echo_port, certs.server, clients=certs.ca)}/"
        known = ["--cacert", certs.ca.cert]
        carries(strait, *known, "--cert", certs.client.cert, "--key", certs.client.key, "-", url)
        strait.run(*known, "-", url).failed_with(77, "HTTP 400", "No required SSL certificate", "--cert and --key")
        shown = ["--cert", certs.stranger.cert, "--key", certs.stranger.key]
        strait.run(*known, *shown, "-", url).failed_with(77, "HTTP 400", "--cert and --key")


class TestVersionsAndCiphers:
    def server(self, certs, **limits):
        return RawServer(tls=certs.server.server_context(**limits))

    def agreed(self, strait, certs, *options, **limits):
        """(version, cipher) as the server sees them."""
        server = self.server(certs, **limits)
        with Background(server.accept) as accepted:
            dialer = strait("--cacert", certs.ca.cert, *options, "-", server.url())
            peer = accepted.result()
        sock = peer.stream.socket
        agreed = sock.version(), sock.cipher()[0]
        dialer.stream.end()
        peer.send_close()
        peer.close()
        dialer.wait()
        server.close()
        return agreed

    def test_are_chosen(self, strait, certs):
        assert self.agreed(strait, certs)[0] == "TLSv1.3"
        assert self.agreed(strait, certs, "--tls-max", "1.2")[0] == "TLSv1.2"
        chosen = "TLS_CHACHA20_POLY1305_SHA256"
        assert self.agreed(strait, certs, "--tls13-ciphers", chosen) == ("TLSv1.3", chosen)
        chosen = "ECDHE-ECDSA-AES256-GCM-SHA384"
        assert self.agreed(strait, certs, "--tls-max", "1.2", "--ciphers", chosen) == ("TLSv1.2", chosen)

    def test_no_common_version_76(self, strait, programs, certs):
        port = openssl_server(programs, certs.server, "-tls1_3")
        result = strait.run("-k", "--tls-max", "1.2", "-", f"wss://localhost:{port}/")
        result.lines.pop(0)
        result.failed_with(76, "protocol_version", "--tls-max")

    def test_no_such_cipher_64(self, strait):
        strait.run("--ciphers", "none-such", "-", "wss://localhost:1/").failed_with(64, "none-such", "--ciphers")


def test_sni_apart_from_host(strait, certs):
    context = certs.wrong_name.server_context()
    asked = []
    context.sni_callback = lambda sock, name, _: asked.append(name)
    server = RawServer(tls=context)
    with Background(server.accept) as accepted:
        strait("--cacert", certs.ca.cert, "--sni", "other.example", "-", server.url())
        peer = accepted.result()
    assert asked == ["other.example"]
    assert peer.head.headers["host"] == f"127.0.0.1:{server.listener.port}"
    peer.send_close()
    peer.close()
    server.close()


def test_keys_for_wireshark(strait, certs, secure_url, tmp_path):
    log = tmp_path / "keys"
    carries(strait, "--cacert", certs.ca.cert, "-", secure_url, env={"SSLKEYLOGFILE": str(log)})
    labels = {line.split()[0] for line in log.read_text().splitlines()}
    assert {"CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0"} <= labels
    assert log.stat().st_mode & 0o777 == 0o600
    strait.run("-", secure_url, env={"SSLKEYLOGFILE": "/nonexistent/keys"}).failed_with(64, "SSLKEYLOGFILE")


def test_a_plain_websocket_does_without_tls(strait, echo_port, tmp_path):
    """Nothing of TLS is set up for ws: not even files that are not there are missed, nor the store read."""
    log = tmp_path / "keys"
    options = ["--cacert", "/nonexistent/ca", "--capath", "/nonexistent/dir", "--cert", "/nonexistent/cert"]
    carries(strait, *options, "-", f"ws://127.0.0.1:{echo_port}/", env={"SSLKEYLOGFILE": str(log)})
    assert not log.exists()
