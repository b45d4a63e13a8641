// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import NIOCore

@testable import Endpoints

extension FuzzTarget {
    /// What comes in front of a connection from a balancer.
    static let proxyHeaders = FuzzTarget(name: "proxy-headers") { ProxyHeaderTarget.run }
}

enum ProxyHeaderTarget {
    static func run(_ bytes: [UInt8]) throws -> FuzzTarget.Verdict {
        let whole = Self.outcome(bytes, cut: bytes.count)
        for cut in [1, 7, 16, 100] {
            try promise(Self.outcome(bytes, cut: cut) == whole, "the same, cut every \(cut) bytes")
        }
        switch whole {
        case .waiting:
            try promise(bytes.count < ProxyHeaderParser.longest2, "no more than the longest header is held")
            return .accepted
        case .header(let header, let rest):
            try promise(bytes.count - rest <= ProxyHeaderParser.longest2, "no header is longer than the limit")
            try Self.check(header)
            return .accepted
        case .refused(let error):
            try promiseOneLine("\(error)")
            return .refused
        }
    }

    private enum Outcome: Equatable {
        case waiting
        /// `rest`: how many bytes follow it.
        case header(ProxyHeader, rest: Int)
        case refused(ProxyHeaderError)
    }

    private static func outcome(_ bytes: [UInt8], cut: Int) -> Outcome {
        var received = ByteBuffer()
        var unsent = bytes[...]
        while !unsent.isEmpty {
            received.writeBytes(unsent.prefix(max(1, cut)))
            unsent = unsent.dropFirst(max(1, cut))
            do throws(ProxyHeaderError) {
                guard let header = try ProxyHeaderParser.next(in: &received) else { continue }
                return .header(header, rest: received.readableBytes + unsent.count)
            } catch {
                return .refused(error)
            }
        }
        return .waiting
    }

    /// What was read is written to what is read as the same.
    private static func check(_ header: ProxyHeader) throws {
        for version in ProxyHeader.Version.allCases {
            var written = header.encoded(version)
            let again = try? ProxyHeaderParser.next(in: &written)
            let expected = header == .local && version == .v1 ? .unknown : header
            try promise(again == expected && written.readableBytes == 0, "\(header) is written in \(version) as itself")
        }
    }
}
