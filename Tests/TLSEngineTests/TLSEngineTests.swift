// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import COpenSSL
import NIOCore
import Testing

@testable import TLSEngine

@Suite("Engine: handshake and records")
struct TLSEngineTests {
    static let versions = [TLS1_2_VERSION, TLS1_3_VERSION]

    @Test(arguments: Self.versions)
    func agreesOnVersionCipherAndProtocol(version: Int32) throws {
        let certificates = TestCertificates.shared
        let pair = try EnginePair(
            client: certificates.client(maxVersion: version),
            server: certificates.server()
        )
        try pair.connect()
        let client = try #require(pair.client.completed)
        #expect(client.version == (version == TLS1_3_VERSION ? "TLSv1.3" : "TLSv1.2"))
        #expect(!client.cipher.isEmpty)
        #expect(client.applicationProtocol == "http/1.1")
        #expect(client.peerCertificate?.subject == "CN=server.test")
        #expect(client.peerCertificate?.issuer == "CN=ca,O=Strait tests")
        #expect(!client.resumed)
        let server = try #require(pair.server.completed)
        #expect(server.peerCertificate?.subject == nil)
        #expect(server.cipher == client.cipher)
    }

    @Test(arguments: Self.versions, [0, 1, 2, 16_383, 16_384, 16_385, 100_000, 1 << 20])
    func carriesPayloadsBothWays(version: Int32, count: Int) throws {
        let pair = try EnginePair(
            client: TestCertificates.shared.client(maxVersion: version),
            server: TestCertificates.shared.server()
        )
        try pair.connect()
        let payload = pattern(count)
        try pair.client.engine.write(payload)
        try pair.server.engine.write(payload)
        try pair.carry()
        #expect(pair.server.plaintext == payload)
        #expect(pair.client.plaintext == payload)
    }

    @Test(arguments: Self.versions, [1, 2, 3, 4, 5, 6, 7, 16, 29, 1000, 16_406, 65_536])
    func takesCiphertextInAnySplit(version: Int32, piece: Int) throws {
        let pair = try EnginePair(
            client: TestCertificates.shared.client(maxVersion: version),
            server: TestCertificates.shared.server()
        )
        try pair.connect(piece: piece)
        let payload = pattern(40_000)
        try pair.client.engine.write(payload)
        try pair.server.engine.write(payload)
        try pair.client.engine.endOutput()
        try pair.carry(piece: piece)
        #expect(pair.server.plaintext == payload)
        #expect(pair.client.plaintext == payload)
        #expect(pair.server.hasInputEnded)
        #expect(!pair.client.hasInputEnded)
    }

    @Test
    func givesManyRecordsFromOneWriteInOneBuffer() throws {
        let pair = try EnginePair()
        try pair.connect()
        pair.client.engine.reserveOutgoing(plaintextBytes: 65_536)
        try pair.client.engine.write(pattern(65_536))
        let outgoing = pair.client.engine.takeOutgoing()
        #expect(outgoing.readableBytes == 65_536 + 4 * 22)
        #expect(pair.client.engine.takeOutgoing().readableBytes == 0)
    }

    @Test
    func knowsHowMuchPlaintextCanCome() throws {
        let pair = try EnginePair()
        try pair.connect()
        try pair.client.engine.write(pattern(30_000))
        var bytes = pair.client.engine.takeOutgoing()
        while let piece = bytes.readSlice(length: min(7000, bytes.readableBytes)), piece.readableBytes > 0 {
            pair.server.engine.receive(piece)
            let bound = pair.server.engine.plaintextBound
            let before = pair.server.plaintext.readableBytes
            _ = try pair.server.engine.read(into: &pair.server.plaintext)
            #expect(pair.server.plaintext.readableBytes - before <= bound)
        }
        #expect(pair.server.plaintext == pattern(30_000))
    }

    @Test(arguments: Self.versions)
    func endsEachDirectionByItself(version: Int32) throws {
        let pair = try EnginePair(
            client: TestCertificates.shared.client(maxVersion: version),
            server: TestCertificates.shared.server()
        )
        try pair.connect()
        try pair.client.engine.write(ByteBuffer(string: "request"))
        try pair.client.engine.endOutput()
        try pair.carry()
        #expect(pair.server.hasInputEnded)
        #expect(String(buffer: pair.server.plaintext) == "request")
        #expect(!pair.client.hasInputEnded)

        let answer = pattern(100_000)
        try pair.server.engine.write(answer)
        try pair.server.engine.endOutput()
        try pair.carry()
        #expect(pair.client.plaintext == answer)
        #expect(pair.client.hasInputEnded)
    }

    @Test
    func answersKeyUpdates() throws {
        let pair = try EnginePair()
        try pair.connect()
        for round in 1...3 {
            #expect(pair.client.engine.requestKeyUpdate())
            try pair.client.engine.write(pattern(1000))
            try pair.server.engine.write(pattern(1000))
            try pair.carry()
            #expect(pair.server.plaintext.readableBytes == 1000 * round)
            #expect(pair.client.plaintext.readableBytes == 1000 * round)
        }
    }

    @Test(arguments: Self.versions)
    func refusesACorruptedRecord(version: Int32) throws {
        let pair = try EnginePair(
            client: TestCertificates.shared.client(maxVersion: version),
            server: TestCertificates.shared.server()
        )
        try pair.connect()
        try pair.client.engine.write(pattern(100))
        var bytes = pair.client.engine.takeOutgoing()
        bytes.setInteger(bytes.getInteger(at: 50, as: UInt8.self).map { $0 ^ 1 } ?? 0, at: 50)
        let expected = TLSError.protocolError(reason: "decryption failed or bad record mac")
        #expect(throws: expected) { try pair.server.receive(bytes) }
        #expect(throws: expected) { try pair.server.engine.write(pattern(1)) }

        let alert = pair.server.engine.takeOutgoing()
        #expect(alert.readableBytes > 0)
        #expect(throws: TLSError.protocolError(reason: "the peer sent the alert bad_record_mac (20)")) {
            try pair.client.receive(alert)
        }
    }

    @Test(arguments: Self.versions)
    func resumesASession(version: Int32) throws {
        let client = try TestCertificates.shared.client(maxVersion: version)
        let server = try TestCertificates.shared.server()
        var resumed: [Bool] = []
        for _ in 1...3 {
            let pair = try EnginePair(client: client, server: server)
            try pair.connect()
            try pair.client.engine.endOutput()
            try pair.carry()
            resumed.append(try #require(pair.client.completed).resumed)
            #expect(pair.client.completed?.peerCertificate?.subject == "CN=server.test")
            #expect(pair.server.completed?.resumed == resumed.last)
        }
        #expect(resumed == [false, true, true])

        let other = try EnginePair(client: client, server: server, name: "a.wild.test")
        try other.connect()
        #expect(other.client.completed?.resumed == false)
    }

    @Test(arguments: [
        (["http/1.1"], ["http/1.1"], "http/1.1"), (["h2", "http/1.1"], ["http/1.1"], "http/1.1"),
        (["h2", "http/1.1"], ["http/1.1", "h2"], "http/1.1"), ([], ["http/1.1"], nil), (["http/1.1"], [], nil),
    ])
    func negotiatesTheProtocol(client: [String], server: [String], agreed: String?) throws {
        let pair = try EnginePair(
            client: TestCertificates.shared.client(protocols: client),
            server: TestCertificates.shared.server(protocols: server)
        )
        try pair.connect()
        #expect(pair.client.completed?.applicationProtocol == agreed)
        #expect(pair.server.completed?.applicationProtocol == agreed)
    }

    @Test
    func refusesAClientWithoutACommonProtocol() throws {
        let pair = try EnginePair(
            client: TestCertificates.shared.client(protocols: ["h2"]),
            server: TestCertificates.shared.server(protocols: ["http/1.1"])
        )
        #expect(throws: TLSError.handshakeFailed(reason: "no application protocol")) { try pair.connect() }
        let reason = "the peer sent the alert no_application_protocol (120)"
        #expect(throws: TLSError.handshakeFailed(reason: reason)) { try pair.carry() }
    }

    @Test(arguments: [
        "HTTP/1.1 400 Bad Request\r\n\r\n", "SSH-2.0-OpenSSH_9.2p1\r\n", "\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}",
    ])
    func saysThatAServerDoesNotSpeakTLS(greeting: String) throws {
        let pair = try EnginePair()
        _ = try pair.client.engine.handshake()
        let error = #expect(throws: TLSError.self) { try pair.client.receive(ByteBuffer(string: greeting)) }
        #expect(error?.description.contains("the peer does not seem to speak TLS") == true, "\(error as Any)")
    }

    @Test
    func saysThatAClientSpeaksPlainHTTP() throws {
        let pair = try EnginePair()
        let error = #expect(throws: TLSError.self) {
            try pair.server.receive(ByteBuffer(string: "GET /chat HTTP/1.1\r\nHost: server.test\r\n\r\n"))
        }
        #expect(error?.description.contains("plain HTTP") == true, "\(error as Any)")
    }

    @Test
    func refusesNamesThatCannotBe() throws {
        let context = try TestCertificates.shared.client()
        for name in ["", "server.test\u{0}.evil.test", "a b", "new\nline", String(repeating: "a", count: 300)] {
            #expect(throws: TLSError.self) { _ = try TLSEngine(context: context, peerName: name) }
        }
    }

    /// Whatever arrives ends in plaintext or in an error.
    @Test(arguments: [UInt64(1), 2, 3, 4])
    func survivesMutatedCiphertext(seed: UInt64) throws {
        var generator = SeededGenerator(state: seed)
        let client = try TestCertificates.shared.client(maxVersion: seed % 2 == 0 ? TLS1_2_VERSION : TLS1_3_VERSION)
        let server = try TestCertificates.shared.server()
        for _ in 0..<150 {
            let pair = try EnginePair(client: client, server: server)
            do {
                _ = try pair.client.engine.handshake()
                for _ in 0..<6 {
                    for (from, to) in [(pair.client, pair.server), (pair.server, pair.client)] {
                        if from.completed != nil {
                            try from.engine.write(pattern(Int.random(in: 0...3000, using: &generator)))
                        }
                        var bytes = from.engine.takeOutgoing()
                        for _ in 0..<Int.random(in: 0...2, using: &generator) where bytes.readableBytes > 0 {
                            let index = Int.random(in: 0..<bytes.readableBytes, using: &generator)
                            bytes.setInteger(UInt8.random(in: .min ... .max, using: &generator), at: index)
                        }
                        if Int.random(in: 0..<10, using: &generator) == 0 {
                            bytes.moveWriterIndex(to: bytes.readableBytes / 2)
                        }
                        try to.receive(bytes)
                    }
                }
            } catch let error as TLSError {
                #expect(!error.description.isEmpty)
            }
        }
    }
}

extension TLSEngine {
    /// Has both sides change their keys with the next bytes (RFC 8446 §4.6.3).
    fileprivate func requestKeyUpdate() -> Bool {
        SSL_key_update(self.ssl, SSL_KEY_UPDATE_REQUESTED) == 1
    }
}

/// SplitMix64, so that a failure can be repeated.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var z = self.state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
