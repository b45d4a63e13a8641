// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

@testable import Endpoints

extension FuzzTarget {
    /// An argument of the command line.
    static let addresses = FuzzTarget(name: "addresses") { AddressTarget.run }
}

enum AddressTarget {
    static func run(_ bytes: [UInt8]) throws -> FuzzTarget.Verdict {
        let text = String(decoding: bytes, as: UTF8.self)
        do {
            let address = try Address(text)
            try Self.check(address)
            return .accepted
        } catch let error as AddressError {
            try promiseOneLine("\(error)")
            try Self.promiseNoSecret(in: "\(error)", of: text)
            return .refused
        }
    }

    /// What parses prints to something that parses, to the same: to what one would connect to, less secrets.
    private static func check(_ address: Address) throws {
        let printed = "\(address)"
        let expected: Address?
        switch address {
        case .standardStreams, .exec: expected = nil
        case .echo, .discard, .shell, .tcp, .unix: expected = address
        case .webSocketOverUnix: expected = address
        case .webSocket(var url):
            if url.credentials?.contains("hunter2") == true, !url.target.contains("hunter2"),
                url.hostAndPort.host == "h"
            {
                try promise(!printed.contains("hunter2"), "no password is shown: \(printed)")
            }
            url.credentials = nil
            url.target = String(url.target.prefix { $0 != "?" })
            expected = .webSocket(url)
        case .webSocketListen(let isSecure, let host, let path):
            let url = WebSocketURL(isSecure: isSecure, hostAndPort: host, target: path ?? "/")
            // A port that the kernel chooses is known, and printed, only later.
            expected = host.port == 0 ? nil : .webSocket(url)
        case .webSocketUnixListen(let path): expected = .webSocketOverUnix(path: path, target: "/")
        // No text is one.
        case .webSocketInherited: expected = nil
        case .tcpListen(let host): expected = host.port == 0 ? nil : .tcp(host)
        case .unixListen(let path): expected = .unix(path: path)
        }
        guard let expected else { return }
        let again = try? Address(printed)
        try promise(again == expected, "\(printed.debugDescription) is \(expected), not \(again as Any)")
    }

    /// The inputs' password is `hunter2`; whatever is wrong with an address, its message shows nothing of what stands
    /// before an @. An address without fault has its credentials apart, and its path may hold an @.
    private static func promiseNoSecret(in message: String, of text: String) throws {
        guard let scheme = text.split(separator: ":", omittingEmptySubsequences: false).first?.lowercased(),
            ["ws", "wss", "ws-listen", "wss-listen", "tcp", "tcp-listen", "http", "https"].contains(scheme),
            let at = text.utf8.lastIndex(of: UInt8(ascii: "@")), text.utf8[..<at].contains("hunter2".utf8),
            !text.utf8[at...].contains("hunter2".utf8)
        else { return }
        try promise(!message.utf8[...].contains("hunter2".utf8), "no password is shown: \(message)")
    }
}
