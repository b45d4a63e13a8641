// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Testing

@testable import Endpoints

@Suite("SOCKS 5, RFC 1928 and RFC 1929")
struct SOCKSHandshakeTests {
    private static let name = SOCKSHandshake.Target.name(HostAndPort("host.example", 443))
    private static let request: [UInt8] = [5, 1, 0, 3, 12] + Array("host.example".utf8) + [1, 187]
    private static let credentials = ProxyCredentials(user: "me", password: "pw!")
    private static let login: [UInt8] = [1, 2] + Array("me".utf8) + [3] + Array("pw!".utf8)

    /// Bytes sent, whether it came to a connection, and what is left.
    private struct Outcome: Equatable {
        var sent: [UInt8] = []
        var isEstablished = false
        var failure: SOCKSFailure?
        var rest: [UInt8] = []
    }

    private static func play(
        to target: SOCKSHandshake.Target = Self.name,
        credentials: ProxyCredentials? = nil,
        _ pieces: [[UInt8]]
    ) -> Outcome {
        var handshake = SOCKSHandshake(to: target, credentials: credentials)
        var outcome = Outcome()
        var bytes = ByteBuffer()
        do throws(SOCKSFailure) {
            outcome.sent += Array(try handshake.start().readableBytesView)
            for piece in pieces {
                bytes.writeBytes(piece)
                while !outcome.isEstablished {
                    let step = try handshake.received(&bytes)
                    if step == .wait { break }
                    if case .send(let answer) = step { outcome.sent += Array(answer.readableBytesView) }
                    if step == .established { outcome.isEstablished = true }
                }
            }
        } catch {
            outcome.failure = error
        }
        outcome.rest = Array(bytes.readableBytesView)
        return outcome
    }

    @Test(
        arguments: [
            [0, 0, 0, 1, 127, 0, 0, 1, 0, 80], [0, 0, 0, 3, 1, 0x68, 0, 80], [0, 0, 0, 3, 0, 0, 80],
            [0, 0, 0, 4] + Array(repeating: 0, count: 18),
        ] as [[UInt8]]
    )
    func everySplitOfTheAnswersLeadsToTheSame(reply: [UInt8]) {
        let banner = Array("SSH-2.0".utf8)
        let answers: [UInt8] = [5, 2, 1, 0, 5] + reply.dropFirst() + banner
        let expected = Outcome(sent: [5, 2, 0, 2] + Self.login + Self.request, isEstablished: true, rest: banner)
        for cut in 0...answers.count {
            let pieces = [Array(answers[..<cut]), Array(answers[cut...])]
            #expect(Self.play(credentials: Self.credentials, pieces) == expected)
        }
        #expect(Self.play(credentials: Self.credentials, answers.map { [$0] }) == expected)
    }

    @Test func withoutCredentialsOnlyNobodyIsOffered() {
        let outcome = Self.play([[5, 0]])
        #expect(outcome.sent == [5, 1, 0] + Self.request)
    }

    @Test func aProxyMayTakeNobodyInPlaceOfCredentials() {
        let outcome = Self.play(credentials: Self.credentials, [[5, 0]])
        #expect(outcome.sent == [5, 2, 0, 2] + Self.request)
    }

    @Test func addressesAreSentAsSuch() throws {
        let ipv4 = try SocketAddress(ipAddress: "192.0.2.7", port: 258)
        #expect(Self.play(to: .address(ipv4), [[5, 0]]).sent == [5, 1, 0, 5, 1, 0, 1, 192, 0, 2, 7, 1, 2])
        let ipv6 = try SocketAddress(ipAddress: "2001:db8::7", port: 258)
        let bytes: [UInt8] = [0x20, 1, 0x0D, 0xB8] + Array(repeating: 0, count: 11) + [7]
        #expect(Self.play(to: .address(ipv6), [[5, 0]]).sent == [5, 1, 0, 5, 1, 0, 4] + bytes + [1, 2])
    }

    @Test(
        arguments: [
            ([4], .notSOCKS(firstByte: 4)), (Array("HT".utf8), .notSOCKS(firstByte: 0x48)),
            ([5, 255], .noAcceptableMethod(hadCredentials: false)), ([5, 2], .unexpectedMethod(2)),
            ([5, 1], .unexpectedMethod(1)), ([5, 0, 5, 5], .refused(reply: 5)), ([5, 0, 4], .malformed),
            ([5, 0, 5, 0, 0, 2], .malformed), ([5, 0, 5, 0, 0, 0], .malformed),
        ] as [([UInt8], SOCKSFailure)]
    )
    func failures(bytes: [UInt8], failure: SOCKSFailure) {
        #expect(Self.play([bytes]).failure == failure)
    }

    @Test(arguments: [1, 255] as [UInt8])
    func wrongCredentials(status: UInt8) {
        let bytes: [UInt8] = [5, 2, 1, status]
        #expect(Self.play(credentials: Self.credentials, [bytes]).failure == .credentialsRefused)
        let none = Self.play(credentials: Self.credentials, [[5, 255]]).failure
        #expect(none == .noAcceptableMethod(hadCredentials: true))
    }

    @Test func aFailureStays() {
        var handshake = SOCKSHandshake(to: Self.name, credentials: nil)
        _ = try? handshake.start()
        var bytes = ByteBuffer(bytes: [5, 255])
        for _ in 0..<2 {
            #expect(throws: SOCKSFailure.noAcceptableMethod(hadCredentials: false)) {
                try handshake.received(&bytes)
            }
        }
    }

    @Test func longestName() {
        let name = { SOCKSHandshake.Target.name(HostAndPort(String(repeating: "n", count: $0), 1)) }
        #expect(Self.play(to: name(255), [[5, 0]]).failure == nil)
        #expect(Self.play(to: name(255), [[5, 0]]).sent.count == 3 + 5 + 255 + 2)
        #expect(Self.play(to: name(256), []).failure == .nameTooLong(bytes: 256))
    }
}
