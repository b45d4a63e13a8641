# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""A throw-away certificate authority and what it has signed."""

import ssl
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


@dataclass
class Certificate:
    cert: Path
    key: Path

    def server_context(self, **limits):
        """For a TLS server in Python that shows this certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.cert, self.key)
        for name, value in limits.items():
            setattr(context, name, value)
        return context


class Certificates:
    def __init__(self, directory):
        self.directory = directory
        self.ca = Certificate(directory / "ca.pem", directory / "ca.key")
        self._key(self.ca.key)
        openssl(
            *("req", "-x509", "-key", self.ca.key, "-out", self.ca.cert, "-days", 2, "-subj", "/CN=Test authority"),
            *("-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign"),
        )
        #: Good for localhost, 127.0.0.1 and ::1.
        self.server = self._signed("server", "DNS:localhost,IP:127.0.0.1,IP:::1")
        self.wrong_name = self._signed("wrong-name", "DNS:other.example")
        self.expired = self._signed("expired", "DNS:localhost,IP:127.0.0.1", "20200101000000Z", "20200102000000Z")

    @cached_property
    def future(self):
        return self._signed("future", "DNS:localhost,IP:127.0.0.1", "20900101000000Z", "20910101000000Z")

    @cached_property
    def self_signed(self):
        return self._authority("self-signed", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1")

    @cached_property
    def client(self):
        """For a client to show."""
        return self._signed("client", "DNS:client", usage="clientAuth")

    @cached_property
    def stranger(self):
        """A client's, signed by nobody that a server trusts."""
        return self._authority("stranger")

    def pkcs12(self, certificate, password):
        path = certificate.cert.with_suffix(".p12")
        openssl(
            *("pkcs12", "-export", "-in", certificate.cert, "-inkey", certificate.key, "-out", path),
            *("-passout", f"pass:{password}"),
        )
        return path

    def encrypted_key(self, certificate, password):
        path = certificate.cert.with_suffix(".encrypted")
        openssl("pkey", "-in", certificate.key, "-aes128", "-passout", f"pass:{password}", "-out", path)
        return path

    def pin(self, certificate):
        """What `--pinnedpubkey` takes for its key, made as curl's manual does."""
        commands = (
            f"openssl x509 -in {certificate.cert} -noout -pubkey | openssl pkey -pubin -outform der"
            " | openssl dgst -sha256 -binary | openssl enc -base64"
        )
        return "sha256//" + subprocess.run(commands, shell=True, check=True, capture_output=True, text=True).stdout.strip()

    def _authority(self, name, *more):
        made = Certificate(self.directory / f"{name}.pem", self.directory / f"{name}.key")
        self._key(made.key)
        openssl("req", "-x509", "-key", made.key, "-out", made.cert, "-days", 2, "-subj", f"/CN={name}", *more)
        return made

    @staticmethod
    def _key(path):
        openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", path)

    def _signed(self, name, names, start=None, end=None, usage="serverAuth"):
        made = Certificate(self.directory / f"{name}.pem", self.directory / f"{name}.key")
        request = self.directory / f"{name}.csr"
        self._key(made.key)
        openssl("req", "-new", "-key", made.key, "-out", request, "-subj", f"/CN={name}")
        # `openssl ca`, since only it can sign for a time that is past.
        work = self.directory / f"{name}-ca"
        work.mkdir()
        (work / "index").touch()
        (work / "config").write_text(
            f"[ca]\ndefault_ca = this\n[this]\ndatabase = {work}/index\nnew_certs_dir = {work}\nrand_serial = yes\n"
            f"default_md = sha256\npolicy = any\nx509_extensions = extensions\n[any]\ncommonName = supplied\n"
            f"[extensions]\nsubjectAltName = {names}\nbasicConstraints = CA:FALSE\nextendedKeyUsage = {usage}\n"
            f"authorityKeyIdentifier = keyid\nsubjectKeyIdentifier = hash\n"
        )
        dates = ("-startdate", start, "-enddate", end) if start else ("-days", 2)
        openssl(
            *("ca", "-batch", "-notext", "-config", work / "config", "-cert", self.ca.cert, "-keyfile", self.ca.key),
            *("-in", request, "-out", made.cert, *dates),
        )
        return made

    def client_context(self):
        """For a TLS client in Python that trusts the authority."""
        return ssl.create_default_context(cafile=self.ca.cert)
