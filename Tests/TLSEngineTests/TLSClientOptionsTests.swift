// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import COpenSSL
import Foundation
import Testing

@testable import TLSEngine

@Suite("What a client may ask for")
struct TLSClientOptionsTests {
    let certificates = TestCertificates.shared

    // MARK: Pins

    private func goodPin() throws -> String {
        let digest = try String(contentsOfFile: self.certificates.path("good.pin"), encoding: .utf8)
        return "sha256//" + digest.trimmingCharacters(in: .newlines)
    }

    private static let otherPin = "sha256//" + String(repeating: "A", count: 43) + "="

    @Test
    func aPinnedKeyIsTaken() throws {
        let pin = try self.goodPin()
        let files = ["good.pub", "good-pub.der"].map(self.certificates.path)
        for text in [pin, "\(Self.otherPin);\(pin)", "\(pin);\(Self.otherPin)"] + files {
            let pair = try self.pair(TLSClientConfiguration(pins: TLSPublicKeyPins(text)))
            try pair.connect()
            #expect(pair.client.completed != nil)
        }
    }

    /// As with curl, `--insecure` does not turn pins off.
    @Test(arguments: [true, false], [TLS1_2_VERSION, TLS1_3_VERSION])
    func anotherKeyIsRefusedBeforeAnythingIsSaid(verifies: Bool, version: Int32) throws {
        let identity = TLSIdentity(
            certificateFile: self.certificates.path("client.pem"),
            keyFile: self.certificates.path("client.key")
        )
        let configuration = try TLSClientConfiguration(
            verifiesPeer: verifies,
            pins: TLSPublicKeyPins(Self.otherPin),
            identity: identity
        )
        let server = try self.certificates.server(maxVersion: version, asksForCertificate: "ca")
        let pair = try self.pair(configuration, server: server)
        let error = #expect(throws: TLSError.self) { try pair.connect() }
        guard case .wrongPublicKey(let mismatch)? = error else {
            Issue.record("\(error as Any)")
            return
        }
        #expect(try mismatch.pin == self.goodPin())
        #expect(mismatch.certificate.subject == "CN=server.test")
        #expect("\(mismatch)".contains("--pinnedpubkey"))
        #expect(throws: TLSError.self) { try pair.carry() }
        #expect(pair.server.completed == nil)
        #expect(SSL_get0_peer_certificate(pair.server.engine.ssl) == nil)
    }

    @Test
    func aPinnedKeyIsNoExcuseForABadCertificate() throws {
        let pin = try TLSPublicKeyPins(self.goodPin())
        let configuration = TLSClientConfiguration(caFile: self.certificates.path("other-ca.pem"), pins: pin)
        let pair = try self.pair(configuration)
        let error = #expect(throws: TLSError.self) { try pair.connect() }
        guard case .verificationFailed(let failure)? = error else {
            Issue.record("\(error as Any)")
            return
        }
        #expect(failure.reason == "unable to get local issuer certificate")
        #expect(failure.description.contains("intermediate"))
    }

    @Test
    func aPinnedKeyIsEnoughWithoutVerification() throws {
        let pin = try TLSPublicKeyPins(self.goodPin())
        let caFile = self.certificates.path("other-ca.pem")
        let pair = try self.pair(TLSClientConfiguration(verifiesPeer: false, caFile: caFile, pins: pin), name: "other")
        try pair.connect()
        #expect(pair.client.completed != nil)
    }

    @Test
    func aPinHoldsForAResumedSessionToo() throws {
        let configuration = try TLSClientConfiguration(
            caFile: self.certificates.path("ca.pem"),
            pins: TLSPublicKeyPins(self.goodPin())
        )
        let client = try TLSContext(client: configuration)
        let server = try self.certificates.server()
        var resumed: [Bool?] = []
        for _ in 1...2 {
            let pair = try EnginePair(client: client, server: server)
            try pair.connect()
            try pair.client.engine.endOutput()
            try pair.carry()
            resumed.append(pair.client.completed?.resumed)
        }
        #expect(resumed == [false, true])
    }

    @Test(arguments: [
        "sha256//", "sha256//AAAA", "sha256//" + String(repeating: "A", count: 44),
        "sha256//" + String(repeating: "A", count: 42) + "-=", otherPin + ";sha1//AAAA", otherPin + otherPin,
    ])
    func refusesWhatIsNoPin(text: String) {
        let error = #expect(throws: TLSError.self) { _ = try TLSPublicKeyPins(text) }
        #expect(error?.description.contains("--pinnedpubkey") == true)
    }

    @Test(arguments: ["good.pem", "good.key", "empty.pem", "gone.pub"])
    func refusesAFileThatIsNoPublicKey(file: String) {
        let path = self.certificates.path(file)
        let error = #expect(throws: TLSError.self) { _ = try TLSPublicKeyPins(path) }
        #expect(error?.description.hasPrefix(path) == true)
    }

    // MARK: Client certificates

    @Test(arguments: [TLS1_2_VERSION, TLS1_3_VERSION])
    func saysThatTheServerWantsACertificate(version: Int32) throws {
        let server = try self.certificates.server(maxVersion: version, asksForCertificate: "ca")
        let refusal = try self.refusal(by: server, identity: nil)
        #expect(refusal.certificate == nil)
        #expect(refusal.request.authorities == ["CN=ca,O=Strait tests"])
        #expect("\(refusal)".hasPrefix("the server wants a client certificate: it sent the alert "))
        #expect("\(refusal)".contains("takes those of CN=ca,O=Strait tests (give one with --cert and --key)"))
    }

    @Test(arguments: [TLS1_2_VERSION, TLS1_3_VERSION])
    func saysThatTheServerRefusedTheCertificate(version: Int32) throws {
        let server = try self.certificates.server(maxVersion: version, asksForCertificate: "other-ca")
        let files = ["client.pem", "client.key"].map(self.certificates.path)
        let identity = TLSIdentity(certificateFile: files[0], keyFile: files[1])
        let refusal = try self.refusal(by: server, identity: identity)
        #expect(refusal.alert == "unknown_ca (48)")
        #expect(refusal.certificate?.subject == "CN=client.test")
        #expect(refusal.request.authorities == ["CN=other-ca,O=Strait tests"])
        #expect("\(refusal)".hasPrefix("the server refused the client certificate: "))
    }

    @Test
    func tellsWhatTheServerAskedFor() throws {
        let asking = try self.certificates.server(asksForCertificate: "ca")
        SSL_CTX_set_verify(asking.pointer, SSL_VERIFY_PEER, nil)
        let pair = try self.pair(TLSClientConfiguration(), server: asking)
        try pair.connect()
        #expect(pair.client.completed?.certificateRequest?.authorities == ["CN=ca,O=Strait tests"])
        let other = try self.pair(TLSClientConfiguration())
        try other.connect()
        #expect(other.client.completed != nil)
        #expect(other.client.completed?.certificateRequest == nil)
    }

    private func refusal(by server: TLSContext, identity: TLSIdentity?) throws -> TLSClientCertificateRefusal {
        let pair = try self.pair(TLSClientConfiguration(identity: identity), server: server)
        // The server's own error comes first; what it said to the client is still on the wire.
        #expect(throws: TLSError.self) { try pair.connect() }
        let error = #expect(throws: TLSError.self) { try pair.carry() }
        guard case .clientCertificateRefused(let refusal)? = error else { throw error ?? .truncated }
        #expect("\(refusal)".unicodeScalars.allSatisfy { $0.isASCII && $0.value >= 0x20 })
        return refusal
    }

    // MARK: Trust

    @Test(arguments: ["hashed", "unhashed:hashed", "gone", "unhashed", "hashed:gone"])
    func trustsADirectoryOnlyIfItIsHashed(directory: String) throws {
        let paths = directory.split(separator: ":").map { self.certificates.path(String($0)) }
        let configuration = TLSClientConfiguration(caDirectory: paths.joined(separator: ":"))
        guard directory == "hashed" else {
            let error = #expect(throws: TLSError.self) { _ = try TLSContext(client: configuration) }
            #expect(error?.description.contains("(") == true)
            return
        }
        let pair = try EnginePair(client: TLSContext(client: configuration), server: self.certificates.server())
        try pair.connect()
        #expect(pair.client.completed != nil)
    }

    // MARK: Name

    @Test
    func asksForAndExpectsTheNameGiven() throws {
        let pair = try self.pair(TLSClientConfiguration(serverName: "a.wild.test"), name: "10.0.0.1")
        try pair.connect()
        let asked = SSL_get_servername(pair.server.engine.ssl, TLSEXT_NAMETYPE_host_name).map { String(cString: $0) }
        #expect(asked == "a.wild.test")
        let wrong = try self.pair(TLSClientConfiguration(serverName: "other.test"), name: "server.test")
        let error = #expect(throws: TLSError.self) { try wrong.connect() }
        #expect(error?.description.contains("wanted other.test") == true)
    }

    // MARK: Versions and ciphers

    @Test
    func speaksTheVersionsAskedForOnly() throws {
        let newest = try self.pair(TLSClientConfiguration(parameters: TLSParameters(maximumVersion: .tls12)))
        try newest.connect()
        #expect(newest.client.completed?.version == "TLSv1.2")
        let oldest = try self.pair(TLSClientConfiguration(parameters: TLSParameters(minimumVersion: .tls13)))
        try oldest.connect()
        #expect(oldest.client.completed?.version == "TLSv1.3")
        let parameters = TLSParameters(minimumVersion: .tls13)
        let server = try self.certificates.server(maxVersion: TLS1_2_VERSION)
        let neither = try self.pair(TLSClientConfiguration(parameters: parameters), server: server)
        #expect(throws: TLSError.self) { try neither.connect() }
        let error = #expect(throws: TLSError.self) { try neither.carry() }
        #expect(error?.description.contains("--tlsv1.3") == true)
    }

    @Test
    func offersTheCiphersAskedForOnly() throws {
        let old = TLSParameters(maximumVersion: .tls12, ciphers: "ECDHE-ECDSA-AES256-GCM-SHA384")
        let new = TLSParameters(cipherSuites: "TLS_CHACHA20_POLY1305_SHA256")
        for (parameters, cipher) in [(old, old.ciphers), (new, new.cipherSuites)] {
            let pair = try self.pair(TLSClientConfiguration(parameters: parameters))
            try pair.connect()
            #expect(pair.client.completed?.cipher == cipher)
        }
    }

    @Test(arguments: [
        (TLSParameters(ciphers: "none-such"), "--ciphers"), (TLSParameters(ciphers: ""), "--ciphers"),
        (TLSParameters(cipherSuites: "TLS_NONE"), "--tls13-ciphers"),
    ])
    func refusesCiphersThatThereAreNot(parameters: TLSParameters, option: String) {
        let error = #expect(throws: TLSError.self) {
            _ = try TLSContext(client: TLSClientConfiguration(parameters: parameters))
        }
        #expect(error?.description.contains(option) == true)
    }

    /// Whoever asks for ciphers without certificates gets no connection that only looks verified.
    @Test
    func refusesAPeerWithoutCertificate() throws {
        let parameters = TLSParameters(maximumVersion: .tls12, ciphers: "aNULL:@SECLEVEL=0")
        let server = try self.certificates.server(parameters: parameters)
        let pair = try self.pair(TLSClientConfiguration(parameters: parameters), server: server)
        let error = #expect(throws: TLSError.self) { try pair.connect() }
        #expect(error == .handshakeFailed(reason: "the peer showed no certificate; check --ciphers"))
    }

    // MARK: Key log

    @Test
    func writesTheKeysDownForTheOwnerOnly() throws {
        let path = self.certificates.path("keys-\(UInt32.random(in: .min ... .max))")
        for _ in 0..<2 {
            let parameters = TLSParameters(keyLogFile: path)
            try self.pair(TLSClientConfiguration(parameters: parameters)).connect()
        }
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        #expect(lines.filter { $0.hasPrefix("CLIENT_TRAFFIC_SECRET_0 ") }.count == 2)
        let permissions = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(permissions == 0o600)
        let error = #expect(throws: TLSError.self) {
            _ = try TLSContext(client: TLSClientConfiguration(parameters: TLSParameters(keyLogFile: "/gone/keys")))
        }
        #expect(error?.description.contains("SSLKEYLOGFILE") == true)
    }

    // MARK: -

    /// Trusts the test's authority unless told otherwise.
    private func pair(
        _ configuration: TLSClientConfiguration,
        server: TLSContext? = nil,
        name: String = "server.test"
    ) throws -> EnginePair {
        var configuration = configuration
        configuration.caFile = configuration.caFile ?? self.certificates.path("ca.pem")
        return try EnginePair(
            client: TLSContext(client: configuration),
            server: server ?? self.certificates.server(),
            name: name
        )
    }
}
