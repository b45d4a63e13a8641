// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import COpenSSL
import NIOCore
import Testing

@testable import TLSEngine

@Suite("Verification of the peer")
struct TLSVerificationTests {
    @Test(arguments: [
        "server.test", "SERVER.test", "server.test.", "a.wild.test", "127.0.0.1", "::1", "[::1]", "0:0::1",
    ])
    func acceptsTheNamesInTheCertificate(name: String) throws {
        let pair = try EnginePair(name: name)
        try pair.connect()
        #expect(pair.client.completed != nil)
        #expect(pair.server.completed != nil)
    }

    @Test(arguments: ["other.test", "wild.test", "a.b.wild.test", "xserver.test", "localhost"])
    func refusesAnotherName(name: String) throws {
        let failure = try self.failure(name: name)
        #expect(failure.code == Int(X509_V_ERR_HOSTNAME_MISMATCH))
        #expect(failure.reason == "hostname mismatch")
        #expect(failure.wantedName == name)
        #expect(failure.certificate?.names == ["server.test", "*.wild.test", "127.0.0.1", "0:0:0:0:0:0:0:1"])
    }

    @Test(arguments: ["127.0.0.2", "::2", "0.0.0.0"])
    func refusesAnotherAddress(name: String) throws {
        #expect(try self.failure(name: name).reason == "IP address mismatch")
    }

    @Test(arguments: [("expired", "certificate has expired"), ("future", "certificate is not yet valid")])
    func refusesACertificateOutOfItsTime(certificate: String, reason: String) throws {
        let failure = try self.failure(server: certificate)
        #expect(failure.reason == reason)
        #expect(failure.depth == 0)
        #expect(failure.certificate?.subject == "CN=server.test")
        #expect(failure.certificate?.issuer == "CN=ca,O=Strait tests")
        if certificate == "expired" {
            #expect(failure.certificate?.notBefore == "2020-01-01 00:00:00Z")
            #expect(failure.certificate?.notAfter == "2020-02-01 00:00:00Z")
        }
    }

    @Test
    func refusesASelfSignedCertificate() throws {
        let failure = try self.failure(server: "self")
        #expect(failure.reason.replacing("self signed", with: "self-signed") == "self-signed certificate")
        let text = TLSError.verificationFailed(failure).description
        #expect(text.hasSuffix(" (give its CA with --cacert, or skip the check with --insecure)"))
    }

    @Test
    func refusesAnUnknownIssuer() throws {
        #expect(try self.failure(trusting: "other-ca").reason == "unable to get local issuer certificate")
    }

    @Test
    func trustsACertificateGivenAsItsOwnCA() throws {
        for name in ["self", "good"] {
            let pair = try EnginePair(
                client: TestCertificates.shared.client(trusting: name),
                server: TestCertificates.shared.server(name)
            )
            try pair.connect()
            #expect(pair.client.completed != nil)
        }
    }

    @Test
    func tellsTheServerWhy() throws {
        let pair = try EnginePair(
            client: TestCertificates.shared.client(trusting: "other-ca"),
            server: TestCertificates.shared.server()
        )
        #expect(throws: TLSError.self) { try pair.connect() }
        #expect(throws: TLSError.handshakeFailed(reason: "the peer sent the alert unknown_ca (48)")) {
            try pair.carry()
        }
    }

    @Test(arguments: ["expired", "self", "good"])
    func acceptsAnyPeerWhenToldTo(server: String) throws {
        let pair = try EnginePair(
            client: TestCertificates.shared.client(trusting: "other-ca", verifies: false),
            server: TestCertificates.shared.server(server),
            name: "other.test"
        )
        try pair.connect()
        #expect(pair.client.completed != nil)
    }

    @Test
    func namesNoMoreThanALineHolds() throws {
        let failure = try self.failure(server: "many")
        #expect(failure.certificate?.names.count == 8)
        #expect(failure.certificate?.moreNames == 4)
    }

    @Test
    func escapesWhatACertificateSays() {
        #expect(printable("CN=plain") == "CN=plain")
        #expect(printable("a\u{1B}[2Jb\n") == "a\\u{1b}[2Jb\\u{a}")
        #expect(printable("\u{202E}cte") == "\\u{202e}cte")
    }

    private func failure(
        server: String = "good",
        trusting: String = "ca",
        name: String = "server.test"
    ) throws -> TLSVerificationFailure {
        let pair = try EnginePair(
            client: TestCertificates.shared.client(trusting: trusting),
            server: TestCertificates.shared.server(server),
            name: name
        )
        let error = #expect(throws: TLSError.self) { try pair.connect() }
        guard case .verificationFailed(let failure) = error else {
            Issue.record("\(error as Any) is no failure to verify")
            throw error ?? .truncated
        }
        #expect("\(failure)".unicodeScalars.allSatisfy { $0.isASCII && $0.value >= 0x20 })
        return failure
    }
}
